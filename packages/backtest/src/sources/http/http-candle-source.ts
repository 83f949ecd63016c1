/** Candles from a server: `GET BASE/api/candles?symbol&timeframe&from&to`, page after page, each from where the last one ended. */
import { AppError, toIntervalLabel, type CandleRequest, type CandleSource, type ColumnMapping, type SourceCandle } from '@quantbot/core';
import { askPatiently, type HttpRules } from './ask-patiently.ts';
import { readCandleRows, RowShapeError } from './candle-rows.ts';
import { createClock, type Clock } from './clock.ts';
import type { EtagMemory, KnownPage } from './etag-memory.ts';
import { parseSourceUrl } from './source-url.ts';

const PATH = '/api/candles';
const DEFAULT_RULES = { attempts: 5, timeoutMs: 30_000, maxBytes: 64 * 1024 * 1024 };

export type TimeFormat = 's' | 'ms' | 'iso';

export interface HttpCandleOptions {
  /** Address of the server; a path of its own is used as it is, else `/api/candles`. */
  readonly url: string;
  readonly nowMs: () => number;
  readonly clock?: Clock;
  /** Value of the Authorization header. */
  readonly authorization?: string;
  readonly mapping?: ColumnMapping;
  /** Sent as `limit`. */
  readonly pageLimit?: number;
  /** How `from` and `to` are written. Default: Unix seconds. */
  readonly timeFormat?: TimeFormat;
  readonly etags?: EtagMemory;
  readonly attempts?: number;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

interface Server {
  readonly url: URL;
  readonly rules: HttpRules;
  readonly options: HttpCandleOptions;
}

interface Range {
  readonly fromS: number;
  readonly toS: number;
}

type Page =
  | { readonly kind: 'candles'; readonly candles: readonly SourceCandle[] }
  | { readonly kind: 'unchanged'; readonly lastS: number }
  | { readonly kind: 'none' };

export function createHttpCandleSource(options: HttpCandleOptions): CandleSource {
  const parsed = parseSourceUrl('--url', options.url);
  if (parsed.url.pathname === '/') parsed.url.pathname = PATH;
  const place = `${parsed.url.origin}${parsed.url.pathname}`;
  const authorization = options.authorization ?? parsed.authorization;
  const rules: HttpRules = {
    ...DEFAULT_RULES,
    ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    ...(authorization === undefined ? {} : { authorization }),
    clock: options.clock ?? createClock(options.nowMs),
    place,
  };
  return {
    name: place,
    readPages: (request, signal) => readPages({ url: parsed.url, rules, options }, request, signal),
    ...(options.etags === undefined ? {} : { onStored: options.etags.save }),
    close: () => Promise.resolve(),
  };
}

async function* readPages(server: Server, request: CandleRequest, signal: AbortSignal): AsyncGenerator<readonly SourceCandle[]> {
  let fromS = request.fromS;
  while (fromS < request.toS) {
    const page = await readPage(server, { request, range: { fromS, toS: request.toS }, mayBeUnchanged: true }, signal);
    if (page.kind === 'none') return;
    if (page.kind === 'unchanged') {
      fromS = page.lastS + request.intervalS;
      continue;
    }
    const [first, last] = [page.candles[0], page.candles.at(-1)];
    if (first === undefined || last === undefined) return;
    if (first.timestampS >= fromS + request.intervalS)
      await requireNothingBefore(server, { request, range: { fromS, toS: first.timestampS }, mayBeUnchanged: false }, signal);
    yield page.candles;
    fromS = last.timestampS + request.intervalS;
  }
}

interface PageRequest {
  readonly request: CandleRequest;
  readonly range: Range;
  readonly mayBeUnchanged: boolean;
}

/** A server with a limit may give the newest candles of a range instead of its first. Taken as they are, the rest would be a silent hole. */
async function requireNothingBefore(server: Server, asked: PageRequest, signal: AbortSignal): Promise<void> {
  const before = await readPage(server, asked, signal);
  if (before.kind !== 'candles') return;
  throw new AppError(
    'SOURCE_UNREACHABLE',
    `${server.rules.place} gave the newest candles of a range before its first ones, so that pages cannot follow one another. ` +
      'Ask for shorter ranges with --from and --to',
  );
}

async function readPage(server: Server, asked: PageRequest, signal: AbortSignal): Promise<Page> {
  const { request, range } = asked;
  const url = toPageUrl(server, request, range);
  const known = asked.mayBeUnchanged ? findStoredPage(server, url, request) : undefined;
  const answer = await askPage(
    server,
    { url, isFirst: asked.mayBeUnchanged && range.fromS === request.fromS, ...(known !== undefined && { etag: known.etag }) },
    signal,
  );
  if (answer === undefined) return { kind: 'none' };
  if (answer.kind === 'unchanged') {
    if (known !== undefined) return { kind: 'unchanged', lastS: known.last_s };
    throw new AppError('SOURCE_UNREACHABLE', `${server.rules.place} answered 304 (not modified) to a question that did not ask for it`);
  }
  const candles = readRows(server, answer.body).filter(({ timestampS }) => timestampS >= range.fromS && timestampS < range.toS);
  if (candles.length === 0) return { kind: 'none' };
  if (asked.mayBeUnchanged && answer.etag !== undefined)
    notePage(server, { url, etag: answer.etag, candles, intervalS: request.intervalS });
  return { kind: 'candles', candles };
}

/** A page is asked for only if it changed, when all of it is in the catalogue. */
function findStoredPage({ options }: Server, url: URL, { stored }: CandleRequest): KnownPage | undefined {
  const known = options.etags?.find(url);
  if (known === undefined || stored === undefined) return undefined;
  return stored.firstS <= known.first_s && known.last_s <= stored.lastS ? known : undefined;
}

interface NotedPage {
  readonly url: URL;
  readonly etag: string;
  readonly candles: readonly SourceCandle[];
  readonly intervalS: number;
}

function notePage({ options, rules }: Server, { url, etag, candles, intervalS }: NotedPage): void {
  const [first, last] = [candles[0], candles.at(-1)];
  if (first === undefined || last === undefined) return;
  // A candle that still grows will be another one the next time.
  const isFinished = (last.timestampS + intervalS) * 1000 <= rules.clock.nowMs();
  if (isFinished) options.etags?.note(url, { etag, first_s: first.timestampS, last_s: last.timestampS });
}

/** Undefined when the server says after the first page that there is nothing more. */
async function askPage(
  server: Server,
  asked: { url: URL; etag?: string; isFirst: boolean },
  signal: AbortSignal,
): Promise<{ kind: 'unchanged' } | { kind: 'body'; body: unknown; etag?: string } | undefined> {
  try {
    return await askPatiently(server.rules, { url: asked.url, signal, ...(asked.etag === undefined ? {} : { etag: asked.etag }) });
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND' && !asked.isFirst) return undefined;
    throw error;
  }
}

function readRows(server: Server, body: unknown): readonly SourceCandle[] {
  try {
    return readCandleRows(body, server.options.mapping ?? {});
  } catch (error) {
    if (!(error instanceof RowShapeError)) throw error;
    throw new AppError('SOURCE_UNREACHABLE', `${server.rules.place}: ${error.message}`, { cause: error });
  }
}

function toPageUrl({ url, options }: Server, request: CandleRequest, { fromS, toS }: Range): URL {
  const page = new URL(url);
  page.searchParams.set('symbol', request.symbol);
  page.searchParams.set('timeframe', toIntervalLabel(request.intervalS));
  page.searchParams.set('from', formatTime(fromS, options.timeFormat ?? 's'));
  page.searchParams.set('to', formatTime(toS, options.timeFormat ?? 's'));
  if (options.pageLimit !== undefined) page.searchParams.set('limit', String(options.pageLimit));
  return page;
}

function formatTime(seconds: number, format: TimeFormat): string {
  switch (format) {
    case 's':
      return String(seconds);
    case 'ms':
      return String(seconds * 1000);
    case 'iso':
      return new Date(seconds * 1000).toISOString();
  }
}
