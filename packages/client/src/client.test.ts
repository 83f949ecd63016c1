/** The client against real HTTP servers that behave badly in known ways; against the real one: apps/cli/test. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@quantbot/core';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { createClient, type Client, type ClientOptions } from './index.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Each request gets the next answer, the last one again and again. */
async function serve(...answers: Answer[]): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    (answers[asked.length - 1] ?? answers.at(-1))?.(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

function refuse(status: number, code: string, headers?: Readonly<Record<string, string>>): Answer {
  return json(status, { error: { code, message: 'why', details: { field: 'x' }, request_id: 'r-1' } }, headers);
}

const HEALTHY = json(200, { status: 'ok', version: '0.1.0', uptime_s: 1 });
const SUBMITTED = json(202, { backtest_id: 'b-1', status: 'queued' });
const BACKTEST = { body: { strategy_name: 'mine', symbol: 'EURUSD', timeframe: '1h' } };

async function fail(call: Promise<unknown>): Promise<AppError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

async function connect(answers: Answer[], options: Partial<ClientOptions> = {}): Promise<{ client: Client; asked: IncomingMessage[] }> {
  const { url, asked } = await serve(...answers);
  return { client: createClient({ baseUrl: url, ...options }), asked };
}

describe('a call', () => {
  it('has the types of its contract', async () => {
    const { client } = await connect([HEALTHY]);
    expectTypeOf(client.getHealth).returns.resolves.toEqualTypeOf<{ status: 'ok'; version: string; uptime_s: number }>();
    expectTypeOf(client.listTrials).parameter(0).toHaveProperty('params').toEqualTypeOf<{ readonly id: string }>();
    expectTypeOf(client.getReportFile).returns.resolves.toEqualTypeOf<Response>();
    // @ts-expect-error -- a backtest needs a body
    expect(async () => client.runBacktest()).toBeTypeOf('function');
    // @ts-expect-error -- WebSockets are watched
    expect(client.openLive).toBeUndefined();
  });

  it('writes parameters, numbers and lists into the address, and sends the key as a header', async () => {
    const { client, asked } = await connect([json(200, { items: [], total: 0, offset: 0, limit: 7 })], { apiKey: 'qb_secret_key' });
    const query = { limit: 7, states: ['complete', 'failed'], sort: 'objective:sharpe_ratio@all' } as const;
    expect(await client.listTrials({ params: { id: 's-1' }, query })).toMatchObject({ total: 0 });
    expect(decodeURIComponent(asked[0]?.url ?? '')).toBe(
      '/api/studies/s-1/trials?limit=7&states=complete,failed&sort=objective:sharpe_ratio@all',
    );
    expect(asked[0]?.headers.authorization).toBe('Bearer qb_secret_key');
  });

  it('keeps the path that a proxy adds', async () => {
    const { url, asked } = await serve(HEALTHY);
    await createClient({ baseUrl: `${url}/quantbot/` }).getHealth();
    expect(asked[0]?.url).toBe('/quantbot/health');
  });

  it.each(['..', 'a/b', '../../etc/passwd', ''])('does not let `%s` become another address', async (id) => {
    const { client, asked } = await connect([HEALTHY]);
    expect(await fail(client.getStudy({ params: { id } }))).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(asked).toEqual([]);
  });

  it('uploads a file as a form', async () => {
    let body = '';
    const { client } = await connect([
      (request, response) => {
        request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
        request.on('end', () => {
          json(201, { imports: [] })(request, response);
        });
      },
    ]);
    const file = { name: 'EURUSD_1h.csv', content: new Blob(['timestamp,open\n']) };
    expect(await client.uploadData({ query: { kind: 'candles' }, file })).toEqual({ imports: [] });
    expect(body).toMatch(/filename="EURUSD_1h\.csv"[\s\S]*timestamp,open/);
  });
});

describe('a refusal', () => {
  it('is the error of the server: code, message, details, status and request id', async () => {
    const { client } = await connect([refuse(404, 'STUDY_NOT_FOUND')]);
    const error = await fail(client.getStudy({ params: { id: 'gone' } }));
    expect(error).toMatchObject({
      code: 'STUDY_NOT_FOUND',
      message: 'why',
      details: { field: 'x', http_status: 404, request_id: 'r-1' },
    });
  });

  it.each([
    ['a page of something else', json(200, { hello: 'world' }), /is it a quantbot server/],
    ['text that is no JSON', ((_request, response) => response.end('<html>')) satisfies Answer, /is it a quantbot server/],
    [
      'a redirect, which would take the key elsewhere',
      ((_q, response) => response.writeHead(302, { location: '/x' }).end()) satisfies Answer,
      /302/,
    ],
    ['a code of a newer version', refuse(400, 'SOMETHING_NEW'), /SOMETHING_NEW/],
  ])('is SERVER_UNREACHABLE for %s', async (_what, answer, message) => {
    const { client, asked } = await connect([answer]);
    const error = await fail(client.getHealth());
    expect(error.code).toBe('SERVER_UNREACHABLE');
    expect(error.message).toMatch(message);
    expect(asked).toHaveLength(1);
  });

  it.each(['not an address', 'ftp://example.org', 'http://user:secret@localhost', 'http://localhost?key=1'])(
    'comes at once, and without repeating it, for the address `%s`',
    (baseUrl) => {
      expect(() => createClient({ baseUrl })).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
      expect(() => createClient({ baseUrl })).not.toThrow(/secret/);
    },
  );
});

describe('another attempt', () => {
  it('is made for reads when the server was away or busy', async () => {
    const { client, asked } = await connect([(_request, response) => response.destroy(), refuse(503, 'STORE_UNREACHABLE'), HEALTHY]);
    expect(await client.getHealth()).toMatchObject({ status: 'ok' });
    expect(asked).toHaveLength(3);
  });

  it('is never made for what might have been done', async () => {
    const { client, asked } = await connect([(_request, response) => response.destroy(), SUBMITTED]);
    expect(await fail(client.runBacktest(BACKTEST))).toMatchObject({ code: 'SERVER_UNREACHABLE' });
    expect(asked).toHaveLength(1);
  });

  it('waits as long as the server asks when it was too many requests, whatever was sent', async () => {
    const { client, asked } = await connect([refuse(429, 'RATE_LIMITED', { 'retry-after': '1' }), SUBMITTED]);
    const startedMs = performance.now();
    expect(await client.runBacktest(BACKTEST)).toMatchObject({ backtest_id: 'b-1' });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(990);
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['asks for more patience than a caller has', refuse(429, 'RATE_LIMITED', { 'retry-after': '3600' }), 'RATE_LIMITED'],
    ['says that its queue is full', refuse(429, 'QUEUE_FULL', { 'retry-after': '1' }), 'QUEUE_FULL'],
  ])('is not made where the server %s', async (_what, answer, code) => {
    const { client, asked } = await connect([answer]);
    expect(await fail(client.runBacktest(BACKTEST))).toMatchObject({ code });
    expect(asked).toHaveLength(1);
  });

  it('ends after the attempts that were asked for', async () => {
    const { client, asked } = await connect([refuse(503, 'STORE_UNREACHABLE')], { retries: 1 });
    expect(await fail(client.getHealth())).toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(asked).toHaveLength(2);
  });
});

describe('a limit in time', () => {
  const silent: Answer = () => undefined;
  const stalling: Answer = (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{');

  it.each([
    ['does not answer', silent],
    ['stops in the middle of its answer', stalling],
  ])('ends a call to a server that %s', async (_what, answer) => {
    const { client } = await connect([answer], { timeoutMs: 100, retries: 0 });
    const error = await fail(client.getHealth());
    expect(error).toMatchObject({ code: 'SERVER_UNREACHABLE' });
    expect(error.message).toContain('did not answer within 0.1 s');
  });

  it('can be the own signal of the caller, before, between and during attempts', async () => {
    const { client, asked } = await connect([refuse(503, 'STORE_UNREACHABLE', { 'retry-after': '20' }), silent]);
    expect(await fail(client.getHealth({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'CANCELLED' });
    expect(asked).toHaveLength(0);
    expect(await fail(client.getHealth({ signal: AbortSignal.timeout(100) }))).toMatchObject({ code: 'CANCELLED' });
    expect(await fail(client.getHealth({ signal: AbortSignal.timeout(100) }))).toMatchObject({ code: 'CANCELLED' });
    expect(asked).toHaveLength(2);
  });
});
