/** What a key that may submit work cannot do with it: run other code, touch the work of others, or take more than its share. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Role } from '@quantbot/core';
import { openStores } from '@quantbot/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { createKeys, CROSSOVER, openServerRoom, type Answer, type ServerTestRoom } from './server-room.ts';

const STUDY = { name: 'sly', sampler: 'grid', parameters: { a: [1, 2] } };

describe('a key that may submit work', () => {
  let room: ServerTestRoom;
  let keys: Readonly<Record<Role, string>>;
  let elsewhere: string;
  beforeAll(async () => {
    room = await openServerRoom({ auth: 'keys', max_candles: 1_000 });
    keys = await createKeys(room);
    elsewhere = await mkdtemp(join(tmpdir(), 'quantbot-elsewhere-'));
    await writeFile(join(elsewhere, 'code.py'), 'raise SystemExit(9)\n');
    await symlink(join(elsewhere, 'code.py'), join(room.workspace.strategiesDir, 'link.py'));
    await mkdir(join(room.workspace.strategiesDir, 'signals'), { recursive: true });
    await writeFile(join(room.workspace.strategiesDir, 'notes.csv'), 'print(1)\n');
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
    await rm(elsewhere, { recursive: true });
  });

  const submit = (config: unknown): Promise<Answer> =>
    room.call('POST', '/api/optimization/run-parallel', { key: keys.run, body: { config } });

  it.each([
    ['a path that leaves the workspace', '../code.py'],
    ['a path from the root', '/etc/code.py'],
    ['a link in strategies/ that leads elsewhere', 'strategies/link.py'],
    ['a file that is no Python', 'strategies/notes.csv'],
    ['a folder', 'strategies/signals'],
    ['strategies/ itself', 'strategies'],
  ])('cannot have a study run %s', async (_what, path) => {
    const { status, body } = await submit({ ...STUDY, strategy: { name: 'code', files: [path] } });
    expect([status, body]).toMatchObject([
      400,
      { error: { code: 'INVALID_STUDY', message: expect.stringContaining('strategies/') as string } },
    ]);
  });

  it('cannot have a study read signals from anywhere but beside the strategies', async () => {
    const strategy = { name: 'rules', config: { signal_files: [join(elsewhere, 'code.py')] } };
    expect(await submit({ ...STUDY, strategy })).toMatchObject({ status: 400, body: { error: { code: 'INVALID_STUDY' } } });
  });

  it('cannot ask for more candles with a study file than with fields', async () => {
    const strategy = { name: 'ma_crossover_strategy' };
    for (const data of [{ symbol: 'EURUSD', timeframe: '1h' }, { symbol: 'EURUSD' }]) {
      const answer = await submit({ ...STUDY, strategy, data, parameters: { fast: [3, 5] } });
      expect(answer).toMatchObject({ status: 422, body: { error: { code: 'LIMIT_EXCEEDED', details: { asked: 1_440, limit: 1_000 } } } });
    }
  });
});

const BACKTEST = { strategy_name: 'ma_crossover_strategy', symbol: 'EURUSD', timeframe: '1h' };

describe('the work of somebody else', () => {
  it('is stopped by admins and by the key that submitted it, and by nobody else', async () => {
    await using room = await openServerRoom({ auth: 'keys', max_concurrent: 1 });
    const keys = await createKeys(room);
    const submit = async (key: string): Promise<string> =>
      String((await room.call('POST', '/api/backtest/run', { key, body: BACKTEST })).body['backtest_id']);
    const cancel = async (key: string, path: string): Promise<number> => (await room.call('POST', path, { key })).status;
    const [ofAdmin, own] = [await submit(keys.admin), await submit(keys.run)];
    for (const path of [`/api/backtest/${ofAdmin}/cancel`, `/api/jobs/${ofAdmin}/cancel`]) expect(await cancel(keys.run, path)).toBe(403);
    expect(await cancel(keys.run, `/api/jobs/${own}/cancel`)).toBe(202);
    expect(await cancel(keys.admin, `/api/jobs/${ofAdmin}/cancel`)).toBe(202);
  });
});

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

describe('the share of one key', () => {
  it('is so many submissions a minute, while stopping and reading go on', async () => {
    await using room = await openServerRoom({ auth: 'keys', max_submissions_per_min: 2 });
    const keys = await createKeys(room);
    const submit = (key: string): Promise<Answer> => room.call('POST', '/api/backtest/run', { key, body: BACKTEST });
    const answers = [await submit(keys.run), await submit(keys.run), await submit(keys.run), await submit(keys.run)];
    // A minute may have begun anew in between, once.
    expect(answers.map(({ status }) => status).filter((status) => status === 429).length).toBeGreaterThan(0);
    expect((await submit(keys.admin)).status).toBe(202);
    expect((await room.get('/api/jobs', { key: keys.run })).status).toBe(200);
    const id = String(answers[0]?.body['backtest_id']);
    expect((await room.call('POST', `/api/jobs/${id}/cancel`, { key: keys.run })).status).toBe(202);
  });

  it('is so many requests a second, from whichever addresses they come', async () => {
    await using room = await openServerRoom({ auth: 'keys', rate_limit_per_s: 10, trusted_proxies: ['127.0.0.1'] });
    const keys = await createKeys(room);
    const ask = (index: number): Promise<Answer> =>
      room.get('/api/auth/me', { key: keys.read, headers: { 'x-forwarded-for': `198.51.100.${String(index)}` } });
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => ask(index)));
    expect(answers.map(({ status }) => status)).toContain(429);
  });

  it('is so many sockets, which close when the key is revoked', async () => {
    await using room = await openServerRoom({ auth: 'keys', max_sockets_per_key: 1 });
    const keys = await createKeys(room);
    const connect = (key: string): WebSocket => room.connect('/ws', { headers: { authorization: `Bearer ${key}` } });
    const first = connect(keys.run);
    await once(first, 'open');
    expect(await closeCode(connect(keys.run))).toBe(1013);
    const other = connect(keys.read);
    await once(other, 'open');
    const stores = await openStores({ kind: 'sqlite', path: room.workspace.studiesPath });
    await stores.keys.revokeKey('key-run', Date.now());
    await stores.close();
    expect(await closeCode(first)).toBe(1008);
    expect(other.readyState).toBe(other.OPEN);
    other.terminate();
  }, 30_000);
});

describe('a client that pings on and on and reads no answer', () => {
  it('is let go before the answers fill the memory', async () => {
    await using room = await openServerRoom();
    const socket = room.connect('/ws');
    await once(socket, 'open');
    socket.pause();
    socket.on('error', () => undefined);
    const gone = once(socket, 'close');
    const flood = async (): Promise<void> => {
      const payload = Buffer.alloc(125);
      while (socket.readyState === socket.OPEN) {
        for (let ping = 0; ping < 1_000; ping += 1) socket.ping(payload);
        await new Promise((resolve) => setImmediate(resolve));
        if ((await room.get('/api/system')).body['websocket_clients'] === 0) socket.terminate();
      }
    };
    await Promise.all([flood(), gone]);
    expect((await room.get('/api/system')).body['websocket_clients']).toBe(0);
  }, 30_000);
});

describe('an address behind a proxy', () => {
  const guess = async (room: ServerTestRoom, address: string): Promise<number> =>
    (await room.get('/api/jobs', { key: 'qb_wrong-key', headers: { 'x-forwarded-for': address } })).status;

  it('is believed of proxies that are listed, so that one who guesses locks out nobody else', async () => {
    await using room = await openServerRoom({ auth: 'keys', trusted_proxies: ['127.0.0.1', '::1'] });
    for (let attempt = 0; attempt < 10; attempt += 1) await guess(room, '198.51.100.1');
    expect([await guess(room, '198.51.100.1'), await guess(room, '198.51.100.2')]).toEqual([429, 401]);
  });

  it('is believed of nobody else, so that one who guesses gains nothing by inventing some', async () => {
    await using room = await openServerRoom({ auth: 'keys' });
    for (let attempt = 0; attempt < 10; attempt += 1) await guess(room, `198.51.100.${String(attempt)}`);
    expect(await guess(room, '198.51.100.99')).toBe(429);
  });
});

describe('an uploaded file', () => {
  it('may not unpack to more than the disk is meant to hold', async () => {
    await using room = await openServerRoom({ max_upload_bytes: 10_240 });
    const form = new FormData();
    form.append('file', new Blob([gzipSync(Buffer.alloc(1_000_000))]), 'EURUSD_1h.csv.gz');
    const answer = await fetch(`${room.url}/api/data/upload`, { method: 'POST', body: form });
    expect([answer.status, await answer.json()]).toMatchObject([413, { error: { message: expect.stringContaining('unpacks') as string } }]);
  });
});

describe('a file of the workspace that is no study', () => {
  it('is not looked into, so that complaints tell nothing of it', async () => {
    await using room = await openServerRoom();
    await writeFile(join(room.workspace.root, 'token'), 'canary: 1\n');
    const answer = await room.call('POST', '/api/optimization/run-parallel', { body: { config_path: 'token' } });
    expect([answer.status, JSON.stringify(answer.body).includes('canary')]).toEqual([404, false]);
  });
});

describe('an answer about a strategy', () => {
  it('names files as the workspace does, never where it lies, and reads none outside of it', async () => {
    await using room = await openServerRoom();
    await writeFile(join(room.workspace.strategiesDir, 'broken.yaml'), 'name: broken\nentry: [\n');
    await writeFile(join(room.workspace.strategiesDir, 'broken.py'), 'import nothing_of_this_name\n');
    const answers = [
      await room.get('/api/strategies/broken/description'),
      await room.call('POST', '/api/backtest/run', { body: { ...BACKTEST, strategy_name: 'broken' } }),
      await room.call('POST', '/api/backtest/run', { body: { ...BACKTEST, strategy_name: 'broken.py' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 400]);
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain(room.workspace.root);
    const source = `${CROSSOVER}costs: {type: swap, cache: ../../etc/costs.json}\n`;
    const saved = await room.call('PUT', '/api/strategies/costly', { body: { source } });
    expect(saved).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('a file of the workspace') as string } },
    });
  });
});
