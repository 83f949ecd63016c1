/** Who may do what, and what nobody may do: roles, guessing, other pages, paths, broken requests. */
import { symlink, writeFile } from 'node:fs/promises';
import { request as rawRequest } from 'node:http';
import { join } from 'node:path';
import { API_ROUTES, ROLES, type Role, type RouteContract } from '@quantbot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeys, openServerRoom, type ServerTestRoom } from './server-room.ts';

const ROUTES = Object.values<RouteContract>(API_ROUTES);

/** An address that leads to the route, whatever it answers there. */
function toAddress({ path }: RouteContract): string {
  return path.replace(':number', '0').replaceAll(/:[a-z]+/g, 'nothing');
}

describe('with authentication', () => {
  let room: ServerTestRoom;
  let keys: Readonly<Record<Role, string>>;
  beforeAll(async () => {
    room = await openServerRoom({ auth: 'keys', token_ttl_s: 60 });
    keys = await createKeys(room);
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
  });

  it.each(ROUTES.map((route) => [route.id, route] as const))(
    'lets only those roles call %s that its contract names',
    async (_id, route) => {
      const call = async (key?: string): Promise<number> => {
        const options = { ...(key !== undefined && { key }), ...(route.body !== undefined && { body: {} }) };
        return (await room.call(route.method, toAddress(route), options)).status;
      };
      expect(await call()).not.toBe(403);
      expect((await call()) === 401).toBe(route.role !== 'public');
      for (const role of ROLES) {
        const mayCall = route.role === 'public' || ROLES.indexOf(role) >= ROLES.indexOf(route.role);
        const status = await call(keys[role]);
        expect([role, status === 401, status === 403]).toEqual([role, false, !mayCall]);
        expect(status).toBeLessThan(500);
      }
    },
  );

  it('exchanges a key for a token that ends with the key', async () => {
    const { status, body } = await room.call('POST', '/api/auth/token', { body: { api_key: keys.run } });
    expect([status, body['role']]).toEqual([201, 'run']);
    expect((await room.get('/api/auth/me', { key: String(body['token']) })).body).toEqual({ id: 'key-run', role: 'run' });
    const forged = String(body['token']).replace(/\.[^.]*$/, '.AAAA');
    expect((await room.get('/api/auth/me', { key: forged })).status).toBe(401);
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${String(body['token']).split('.')[1] ?? ''}.`;
    expect((await room.get('/api/auth/me', { key: none })).status).toBe(401);
  });

  it('never writes a key or a token into its log', async () => {
    await room.get('/api/jobs', { key: keys.admin });
    await room.get('/api/jobs?ticket=canary-ticket', { key: keys.admin });
    for (const secret of [...Object.values(keys), 'canary-ticket']) expect(room.log()).not.toContain(secret);
  });

  it('stops listening to an address that guesses, even if a guess is right in the end', async () => {
    await using guessed = await openServerRoom({ auth: 'keys' });
    const right = await createKeys(guessed);
    for (let guess = 0; guess < 10; guess += 1) await guessed.get('/api/jobs', { key: `qb_wrong-${String(guess)}` });
    expect(await guessed.get('/api/jobs', { key: right.admin })).toMatchObject({ status: 429, body: { error: { code: 'RATE_LIMITED' } } });
    expect((await guessed.get('/health')).status).toBe(200);
  });

  it('refuses to be reached from other machines without it', async () => {
    await expect(openServerRoom({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

describe('without authentication, on this machine alone', () => {
  let room: ServerTestRoom;
  beforeAll(async () => {
    room = await openServerRoom({ max_body_bytes: 4_096, cors_origins: ['https://desk.example'] });
    await writeFile(join(room.workspace.root, 'secret.txt'), 'canary');
    await symlink(join(room.workspace.root, 'secret.txt'), join(room.workspace.runsDir, 'link'));
    await symlink(room.workspace.root, join(room.workspace.runsDir, 'up'));
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
  });

  /** fetch tidies paths up; an attacker does not. */
  function getRaw(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = rawRequest(room.url, { path, headers, method }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, text });
        });
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  it('never leaves the folder of runs, whatever a path says', async () => {
    const ups = [
      '..',
      '%2e%2e',
      '..%2f..',
      '..%5c..',
      '%252e%252e',
      '....//',
      '.%00.',
      '..%c0%af..',
      '..;',
      '%2e%2e%2f',
      '%u002e%u002e',
      '.',
      '~',
      '%00',
      '-rf',
      'link',
      'up',
      'C:',
      '%ef%bc%8e%ef%bc%8e',
    ];
    const ends = [
      'secret.txt',
      'quantbot.yaml',
      'studies.db',
      'etc/passwd',
      '%2fetc%2fpasswd',
      'link',
      '',
      '..%2fsecret.txt',
      'secret.txt%00.html',
      'up%2fsecret.txt',
    ];
    for (const up of ups) {
      for (const end of ends) {
        for (const path of [
          `/api/reports/${up}/${end}`,
          `/api/reports/up/${up}/${end}`,
          `/api/reports/${end}/${up}`,
          `/docs/static/${up}/${up}/${end}`,
          `/api/strategies/${up}${end}`,
        ]) {
          const { status, text } = await getRaw(path);
          expect([path, status >= 400 && status < 500]).toEqual([path, true]);
          expect(text).not.toContain('canary');
          expect(text).not.toContain('version: 1');
        }
      }
    }
  });

  it('answers only to its own names, so that no page can rebind a name to it', async () => {
    expect((await getRaw('/api/system', { host: 'evil.example' })).status).toBe(403);
    expect((await getRaw('/api/system', { host: `localhost:${new URL(room.url).port}` })).status).toBe(200);
  });

  it('lets pages of other origins change nothing, except those that are listed', async () => {
    const evil = { origin: 'https://evil.example' };
    expect((await room.call('POST', '/api/jobs/nothing/cancel', { headers: evil })).status).toBe(403);
    expect((await room.call('POST', '/api/jobs/nothing/cancel', { headers: { origin: 'null' } })).status).toBe(403);
    expect((await room.call('POST', '/api/jobs/nothing/cancel', { headers: { origin: room.url } })).status).toBe(404);
    const allowed = await room.get('/api/system', { headers: { origin: 'https://desk.example' } });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://desk.example');
    expect((await room.get('/api/system', { headers: evil })).headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each([
    ['no JSON', '{"a":', 400],
    ['a prototype', '{"__proto__": {"x": 1}, "api_key": "12345678"}', 400],
    ['a constructor', '{"constructor": {"prototype": {"x": 1}}}', 400],
    ['a list', '[]', 400],
    ['null', 'null', 400],
    ['a text', '"a"', 400],
    ['nothing', '', 400],
    ['a deep nest', '['.repeat(2_000), 400],
    ['too much', `{"api_key": "${'a'.repeat(5_000)}"}`, 413],
  ])('refuses a body that is %s, without a trace of its inside', async (_what, body, status) => {
    for (const path of ['/api/auth/token', '/api/backtest/run', '/api/optimization/run-parallel']) {
      const answer = await room.call('POST', path, { body });
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({ error: { request_id: expect.any(String) as string } });
      expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:\d|at [A-Z]\w+ \(/);
    }
  });

  it('refuses other content types and unknown query fields', async () => {
    const text = await fetch(`${room.url}/api/backtest/run`, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } });
    expect(text.status).toBe(400);
    expect((await room.get('/api/jobs?colour=red')).status).toBe(400);
    expect((await room.get('/api/jobs?limit=1001')).status).toBe(400);
    expect((await room.get('/api/jobs?offset=-1')).status).toBe(400);
    expect((await room.get('/api/jobs?states=queued,moon')).status).toBe(400);
  });

  it('sends the headers that browsers need to be careful', async () => {
    const { headers } = await room.get('/api/system');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('slows down who asks too often', async () => {
    await using busy = await openServerRoom({ rate_limit_per_s: 5 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => busy.get('/api/system')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(5);
    expect(refused[0]?.body).toMatchObject({ error: { code: 'RATE_LIMITED' } });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
