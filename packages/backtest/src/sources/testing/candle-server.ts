/**
 * For tests: a conforming candle server. `GET /api/candles?symbol&timeframe&from&to&limit` with ETags, a page limit and error codes, and
 * failures to be injected: each entry of `failures` spoils one answer, in order.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { parseInterval, toIntervalLabel } from '@quantbot/core';

export type CandleRow = readonly [timestampS: number, open: number, high: number, low: number, close: number, volume: number];

type ServerFailure =
  | { readonly kind: 'status'; readonly status: number; readonly message?: string; readonly retryAfter?: string }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'cut' };

export interface CandleServer {
  readonly url: string;
  /** Symbol and timeframe, as in `BTC-USDT 1h`, → candles in order of time. */
  readonly series: Map<string, readonly CandleRow[]>;
  readonly failures: ServerFailure[];
  /** Queries that arrived, with the status that each was answered with. */
  readonly requests: { readonly query: URLSearchParams; readonly authorization: string | undefined; status: number }[];
  pageLimit: number;
  rowsAs: 'arrays' | 'objects';
  timesAs: 's' | 'ms' | 'iso';
  order: 'oldest first' | 'newest first' | 'newest page';
  /** Answers 404 when a range has no candles. */
  isEmptyUnknown: boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

export function toRows(count: number, options: { startS?: number; stepS?: number } = {}): CandleRow[] {
  const { startS = Date.UTC(2024, 0, 1) / 1000, stepS = 3600 } = options;
  return Array.from({ length: count }, (_, row) => [startS + row * stepS, 10 + row, 12 + row, 9 + row, 11 + row, row % 5] as const);
}

export async function startCandleServer(): Promise<CandleServer> {
  const listener = createServer((request, response) => {
    answer(server, request, response).catch(() => response.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const server: CandleServer = {
    url: `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}`,
    series: new Map(),
    failures: [],
    requests: [],
    pageLimit: 1000,
    rowsAs: 'arrays',
    timesAs: 's',
    order: 'oldest first',
    isEmptyUnknown: false,
    async [Symbol.asyncDispose]() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
  return server;
}

async function answer(server: CandleServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', server.url);
  const record = { query: url.searchParams, authorization: request.headers.authorization, status: 0 };
  server.requests.push(record);
  response.on('finish', () => (record.status = response.statusCode));
  const failure = server.failures.shift();
  if (failure !== undefined && (await fail(failure, response))) return;
  if (url.pathname !== '/api/candles') {
    refuse(response, 404, 'there is nothing here');
    return;
  }
  answerCandles(server, url.searchParams, { request, response });
}

/** True when the answer is spoilt; a slow one still comes. */
async function fail(failure: ServerFailure, response: ServerResponse): Promise<boolean> {
  switch (failure.kind) {
    case 'slow':
      await wait(failure.ms, undefined, { ref: false });
      return response.destroyed;
    case 'cut':
      response.destroy();
      return true;
    case 'truncated':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' }).write('{"candles":[[1704067200,1,');
      setImmediate(() => response.destroy());
      return true;
    case 'text':
      response.writeHead(200).end(failure.text);
      return true;
    case 'status':
      if (failure.retryAfter !== undefined) response.setHeader('retry-after', failure.retryAfter);
      refuse(response, failure.status, failure.message ?? 'injected failure');
      return true;
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code: status, message } }));
}

function answerCandles(
  server: CandleServer,
  query: URLSearchParams,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): void {
  const asked = readQuery(query);
  if (asked === undefined) {
    refuse(response, 400, 'expected symbol, timeframe, from and to, from before to');
    return;
  }
  const series = server.series.get(asked.series);
  const rows = series?.filter(([timeS]) => timeS >= asked.fromS && timeS < asked.toS);
  if (rows === undefined || (rows.length === 0 && server.isEmptyUnknown)) {
    refuse(response, 404, `no candles of ${asked.series}`);
    return;
  }
  const limit = Math.min(server.pageLimit, Number(query.get('limit') ?? server.pageLimit));
  const body = JSON.stringify({ candles: pickPage(server, rows, limit) });
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

function readQuery(query: URLSearchParams): { series: string; fromS: number; toS: number } | undefined {
  const [fromS, toS] = [readTime(query.get('from')), readTime(query.get('to'))];
  const timeframe = query.get('timeframe') ?? '';
  if (fromS === undefined || toS === undefined || fromS >= toS || !/^\d+[smhdw]$/.test(timeframe)) return undefined;
  return { series: `${query.get('symbol') ?? ''} ${toIntervalLabel(parseInterval(timeframe))}`, fromS, toS };
}

function readTime(text: string | null): number | undefined {
  const seconds = Number(text ?? Number.NaN);
  const found = Number.isNaN(seconds) ? Date.parse(text ?? '') / 1000 : seconds >= 1e11 ? seconds / 1000 : seconds;
  return Number.isNaN(found) ? undefined : found;
}

function pickPage(server: CandleServer, rows: readonly CandleRow[], limit: number): readonly unknown[] {
  const page = server.order === 'newest page' ? rows.slice(-limit) : rows.slice(0, limit);
  const ordered = server.order === 'newest first' ? page.toReversed() : page;
  return ordered.map(([timeS, open, high, low, close, volume]) => {
    const time = server.timesAs === 's' ? timeS : server.timesAs === 'ms' ? timeS * 1000 : new Date(timeS * 1000).toISOString();
    return server.rowsAs === 'arrays' ? [time, open, high, low, close, volume] : { time, open, high, low, close, volume: String(volume) };
  });
}
