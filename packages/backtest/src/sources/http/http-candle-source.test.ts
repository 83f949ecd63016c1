import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CandleRequest } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { startCandleServer, toRows, type CandleServer } from '../testing/candle-server.ts';
import { collectPages, failureOf } from '../testing/fetch-failure.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { openEtagMemory, type EtagMemory, type KnownPage } from './etag-memory.ts';
import { createHttpCandleSource, type HttpCandleOptions } from './http-candle-source.ts';

const START_S = Date.UTC(2024, 0, 1) / 1000;
const HOUR_S = 3600;
const ASKED: CandleRequest = { symbol: 'EURUSD', intervalS: HOUR_S, fromS: START_S, toS: START_S + 100 * HOUR_S };

async function openServer(rows = toRows(100)): Promise<CandleServer> {
  const server = await startCandleServer();
  server.series.set('EURUSD 1h', rows);
  return server;
}

function open(server: CandleServer, options: Partial<HttpCandleOptions> = {}) {
  const clock = createManualClock();
  return { clock, source: createHttpCandleSource({ url: server.url, nowMs: clock.nowMs, clock, ...options }) };
}

async function times(server: CandleServer, options: Partial<HttpCandleOptions> = {}): Promise<number[]> {
  return (await collectPages(open(server, options).source, ASKED)).flat().map(({ timestampS }) => timestampS);
}

const ALL = toRows(100).map(([timeS]) => timeS);

describe('candles from a candle server', () => {
  it('come page after page, each from where the last one ended', async () => {
    await using server = await openServer();
    server.pageLimit = 30;
    const pages = await collectPages(open(server).source, ASKED);
    expect(pages.map((page) => page.length)).toEqual([30, 30, 30, 10]);
    expect(pages.flat()[31]).toEqual({ timestampS: START_S + 31 * HOUR_S, open: 41, high: 43, low: 40, close: 42, volume: 1 });
    expect(server.requests[0]?.query.toString()).toBe(`symbol=EURUSD&timeframe=1h&from=${String(START_S)}&to=${String(ASKED.toS)}`);
  });

  it.each([
    ['arrays', 's', 's'],
    ['objects', 'ms', 'ms'],
    ['objects', 'iso', 'iso'],
  ] as const)('may be %s with times as %s', async (rowsAs, timesAs, timeFormat) => {
    await using server = await openServer();
    Object.assign(server, { rowsAs, timesAs });
    expect(await times(server, { timeFormat })).toEqual(ALL);
  });

  it('may have a hole at the border of two pages', async () => {
    await using server = await openServer(toRows(100).filter((_, row) => row < 30 || row > 48));
    server.pageLimit = 30;
    expect(await times(server)).toHaveLength(81);
  });

  it('may begin later than asked, on a server that knows no empty range', async () => {
    await using server = await openServer(toRows(100).slice(40));
    server.isEmptyUnknown = true;
    expect(await times(server)).toHaveLength(60);
  });

  it('may come newest first', async () => {
    await using server = await openServer();
    server.order = 'newest first';
    expect(await times(server)).toEqual(ALL);
  });

  it('are refused when a page limit cut off the oldest ones, since a hole would go unnoticed', async () => {
    await using server = await openServer();
    Object.assign(server, { order: 'newest page', pageLimit: 30 });
    const failure = await failureOf(times(server));
    expect(failure).toMatchObject({ code: 'SOURCE_UNREACHABLE', message: expect.stringContaining('newest candles of a range') as string });
  });

  it('of fields with names of their own are found by a mapping', async () => {
    await using server = await openServer();
    server.failures.push({ kind: 'text', text: JSON.stringify({ data: [{ bucket: START_S, o: 1, h: 2, l: 1, last: 2 }] }) });
    const pages = await collectPages(open(server, { mapping: { time: 'bucket', close: 'last' } }).source, {
      ...ASKED,
      toS: START_S + HOUR_S,
    });
    expect(pages.flat()).toMatchObject([{ timestampS: START_S, open: 1, close: 2 }]);
  });
});

describe('a candle server in trouble', () => {
  it.each([
    ['is busy', { kind: 'status', status: 429, retryAfter: '7' }, 7_000],
    ['fails for a moment', { kind: 'status', status: 503 }, 1_000],
    ['cuts the connection', { kind: 'cut' }, 1_000],
    ['sends half an answer', { kind: 'truncated' }, 1_000],
    ['sends no JSON', { kind: 'text', text: '<html>' }, 1_000],
    ['is too slow', { kind: 'slow', ms: 5_000 }, 1_000],
  ] as const)('is asked again after a pause when it %s', async (_what, failure, pauseMs) => {
    await using server = await openServer();
    server.failures.push(failure);
    const { source, clock } = open(server, { timeoutMs: failure.kind === 'slow' ? 50 : 30_000 });
    expect((await collectPages(source, ASKED)).flat()).toHaveLength(100);
    expect(clock.waitsMs).toEqual([pauseMs]);
  });

  it('is given up after some tries, each pause longer than the one before', async () => {
    await using server = await openServer();
    server.failures.push(...Array.from({ length: 4 }, () => ({ kind: 'status', status: 500, message: 'disk on fire' }) as const));
    const { source, clock } = open(server, { attempts: 4 });
    const failure = await failureOf(collectPages(source, ASKED));
    expect(failure).toMatchObject({ code: 'SOURCE_UNREACHABLE', exitCode: 75 });
    expect(failure.message).toContain('answered 500, "disk on fire" (tried 4 times)');
    expect(clock.waitsMs).toEqual([1_000, 2_000, 4_000]);
  });

  it.each([
    [400, 'INVALID_REQUEST'],
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
  ] as const)('is not asked again after %s, and its words are passed on', async (status, code) => {
    await using server = await openServer();
    server.failures.push({ kind: 'status', status, message: 'no \u001b[31msuch\nthing' });
    const failure = await failureOf(times(server));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(`answered ${String(status)}, "no [31msuch thing"`);
    expect(server.requests).toHaveLength(1);
  });

  it('that asks for a pause of hours is left alone', async () => {
    await using server = await openServer();
    server.failures.push({ kind: 'status', status: 429, retryAfter: '7200' });
    expect(await failureOf(times(server))).toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringContaining('120 minutes') as string,
    });
  });

  it('with an answer beyond all measure is not read to its end', async () => {
    await using server = await openServer();
    expect((await failureOf(times(server, { maxBytes: 1024 }))).message).toContain('the answer is larger than');
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['{"status":"ok"}', 'found the keys status'],
    ['[[1704067200,1]]', 'candle 1 of the answer: expected [time, open, high, low, close, volume]'],
    ['[{"time":1704067200,"o":1}]', 'has no high, low, close; its fields are time, o'],
    ['[["soon",1,2,1,2,0]]', 'expected a time, found "soon"'],
  ])('that answers %s is told what was expected', async (text, message) => {
    await using server = await openServer();
    server.failures.push({ kind: 'text', text });
    expect(await failureOf(times(server))).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is left at once on Ctrl-C', async () => {
    await using server = await openServer();
    server.failures.push({ kind: 'slow', ms: 60_000 });
    const controller = new AbortController();
    const reading = failureOf(collectPages(open(server).source, ASKED, controller.signal));
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect((await reading).code).toBe('CANCELLED');
  });
});

describe('a range that did not change', () => {
  const stored = { firstS: START_S, lastS: START_S + 99 * HOUR_S };

  it('is answered without a body, as long as the catalogue has it', async () => {
    await using server = await openServer();
    server.pageLimit = 40;
    const folder = await mkdtemp(join(tmpdir(), 'quantbot-etags-'));
    const path = join(folder, 'etags.json');
    const first = open(server, { etags: await openEtagMemory(path) }).source;
    await collectPages(first, ASKED);
    await first.onStored?.();
    const again = open(server, { etags: await openEtagMemory(path) }).source;
    expect(await collectPages(again, { ...ASKED, stored })).toEqual([]);
    expect(server.requests.map(({ status }) => status)).toEqual([200, 200, 200, 304, 304, 304]);
    expect((await collectPages(again, ASKED)).flat()).toHaveLength(100);
    await rm(folder, { recursive: true });
  });

  it('is read again from where it did change', async () => {
    await using server = await openServer();
    server.pageLimit = 40;
    const pages = new Map<string, KnownPage>();
    const held: EtagMemory = {
      find: (url) => pages.get(url.href),
      note: (url, page) => void pages.set(url.href, page),
      save: () => Promise.resolve(),
    };
    await collectPages(open(server, { etags: held }).source, ASKED);
    const rows = toRows(100);
    server.series.set(
      'EURUSD 1h',
      rows.map((row, index) => (index === 50 ? ([row[0], 1, 2, 1, 2, 3] as const) : row)),
    );
    const changed = await collectPages(open(server, { etags: held }).source, { ...ASKED, stored });
    expect(changed.map((page) => [page[0]?.timestampS, page.length])).toEqual([[START_S + 40 * HOUR_S, 40]]);
  });

  it('is not taken for unchanged while its last candle still grows', async () => {
    await using server = await openServer();
    const clock = createManualClock((START_S + 99.5 * HOUR_S) * 1000);
    const noted: URL[] = [];
    const etags = { find: () => undefined, note: (url: URL) => void noted.push(url), save: async () => undefined };
    await collectPages(open(server, { clock, etags }).source, ASKED);
    expect(noted).toEqual([]);
  });
});

describe('the address of a candle server', () => {
  it('may hold a password, which goes to the server and nowhere else', async () => {
    await using server = await openServer();
    const folder = await mkdtemp(join(tmpdir(), 'quantbot-etags-'));
    const path = join(folder, 'etags.json');
    const url = `${server.url.replace('http://', 'http://ann:s3cret@')}/api/candles?key=k3y`;
    const { source } = open(server, { url, etags: await openEtagMemory(path) });
    await collectPages(source, ASKED);
    await source.onStored?.();
    expect(server.requests[0]?.authorization).toBe(`Basic ${Buffer.from('ann:s3cret').toString('base64')}`);
    expect(server.requests[0]?.query.get('key')).toBe('k3y');
    server.failures.push({ kind: 'status', status: 400 });
    const said = [
      source.name,
      (await failureOf(collectPages(source, { ...ASKED, symbol: 'X' }))).message,
      await readFile(path, 'utf8'),
    ].join('\n');
    expect(said).not.toMatch(/s3cret|k3y/);
    await rm(folder, { recursive: true });
  });

  it.each(['file:///etc/passwd', 'ftp://user:s3cret@host', 'localhost:80'])('%s is refused without being repeated', async (url) => {
    const clock = createManualClock();
    const opening = Promise.resolve().then(() => createHttpCandleSource({ url, nowMs: clock.nowMs }));
    const failure = await failureOf(opening);
    expect(failure).toMatchObject({ code: 'USAGE', message: '--url: expected an address that begins with http:// or https://' });
  });
});
