/** Candles of an exchange through ccxt, page after page by the time of the last candle. ccxt keeps to the exchange's rate limit. */
import { AppError, toIntervalLabel, type CandleRequest, type CandleSource, type ErrorCode, type SourceCandle } from '@quantbot/core';
import { createClock, requireGoingOn, type Clock } from '../http/clock.ts';
import { messageOf } from '../http/message-of.ts';
import { CcxtCandlesSchema, namesOfError, openExchange, type CcxtExchange } from './ccxt-shape.ts';
import { loadCcxt } from './load-ccxt.ts';

const DEFAULT_PAGE_LIMIT = 500;
const FIRST_PAUSE_MS = 1_000;

export interface ExchangeSourceOptions {
  /** ccxt's name of the exchange, such as `binance`. */
  readonly exchange: string;
  /** Where to look for ccxt first. */
  readonly workspaceRoot: string;
  readonly nowMs: () => number;
  readonly clock?: Clock;
  readonly pageLimit?: number;
  /** How often one page is tried. */
  readonly attempts?: number;
}

interface Venue {
  readonly id: string;
  readonly exchange: CcxtExchange;
  readonly clock: Clock;
  readonly pageLimit: number;
  readonly attempts: number;
}

/** SETUP_INCOMPLETE when ccxt is not installed, USAGE for an exchange that it does not know. */
export async function openExchangeSource(options: ExchangeSourceOptions): Promise<CandleSource> {
  const exchange = openExchange(await loadCcxt(options.workspaceRoot), options.exchange);
  const venue: Venue = {
    id: options.exchange,
    exchange,
    clock: options.clock ?? createClock(options.nowMs),
    pageLimit: options.pageLimit ?? DEFAULT_PAGE_LIMIT,
    attempts: options.attempts ?? 5,
  };
  return {
    name: `${options.exchange} (ccxt)`,
    readPages: (request, signal) => readPages(venue, request, signal),
    async close() {
      await exchange.close?.();
    },
  };
}

async function* readPages(venue: Venue, request: CandleRequest, signal: AbortSignal): AsyncGenerator<readonly SourceCandle[]> {
  const { intervalS, toS } = request;
  await requireMarket(venue, request, signal);
  let fromS = request.fromS;
  while (fromS < toS) {
    const page = (await readPage(venue, request, { fromS, signal })).filter(({ timestampS }) => timestampS >= fromS && timestampS < toS);
    const last = page.at(-1);
    if (last !== undefined) yield page;
    // An exchange may answer a window without trades with nothing: what comes after it is still to be asked for.
    fromS = last === undefined ? fromS + venue.pageLimit * intervalS : last.timestampS + intervalS;
  }
}

async function requireMarket(venue: Venue, { symbol, intervalS }: CandleRequest, signal: AbortSignal): Promise<void> {
  const { exchange, id } = venue;
  const timeframe = toIntervalLabel(intervalS);
  if (exchange.has !== undefined && exchange.has['fetchOHLCV'] === false) throw new AppError('USAGE', `--exchange: ${id} gives no candles`);
  if (exchange.timeframes !== undefined && !(timeframe in exchange.timeframes)) {
    throw new AppError('USAGE', `--timeframe: ${id} has no ${timeframe} candles; it has ${Object.keys(exchange.timeframes).join(', ')}`);
  }
  await tryAgain(venue, signal, () => exchange.loadMarkets());
  if (exchange.markets !== undefined && !(symbol in exchange.markets)) {
    throw new AppError('NOT_FOUND', `${id} has no market ${symbol}; ccxt writes symbols as BTC/USDT, and derivatives as BTC/USDT:USDT`);
  }
}

async function readPage(
  venue: Venue,
  request: CandleRequest,
  asked: { fromS: number; signal: AbortSignal },
): Promise<readonly SourceCandle[]> {
  const answer = await tryAgain(venue, asked.signal, () =>
    venue.exchange.fetchOHLCV(request.symbol, toIntervalLabel(request.intervalS), asked.fromS * 1000, venue.pageLimit),
  );
  const rows = CcxtCandlesSchema.safeParse(answer);
  if (!rows.success)
    throw new AppError('SOURCE_UNREACHABLE', `${venue.id}: expected candles as [ms, open, high, low, close, volume], found something else`);
  return rows.data.map(([ms, open, high, low, close, volume]) => ({
    timestampS: ms / 1000,
    open: open ?? null,
    high: high ?? null,
    low: low ?? null,
    close: close ?? null,
    volume: volume ?? null,
  }));
}

async function tryAgain<T>(venue: Venue, signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    requireGoingOn(signal);
    try {
      return await action();
    } catch (error) {
      const names = namesOfError(error);
      if (!names.includes('NetworkError') || attempt >= venue.attempts) throw toExchangeError(venue.id, error, names);
    }
    await venue.clock.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
  }
}

const CODES: readonly (readonly [name: string, code: ErrorCode])[] = [
  ['BadSymbol', 'NOT_FOUND'],
  ['PermissionDenied', 'FORBIDDEN'],
  ['AuthenticationError', 'UNAUTHENTICATED'],
  ['BadRequest', 'INVALID_REQUEST'],
  ['NotSupported', 'INVALID_REQUEST'],
  ['RateLimitExceeded', 'RATE_LIMITED'],
  ['DDoSProtection', 'RATE_LIMITED'],
];

function toExchangeError(id: string, error: unknown, names: readonly string[]): unknown {
  if (!names.includes('BaseError') && !names.includes('NetworkError') && !names.includes('ExchangeError')) return error;
  const code = CODES.find(([name]) => names.includes(name))?.[1] ?? 'SOURCE_UNREACHABLE';
  const said = messageOf(error)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .slice(0, 300);
  return new AppError(code, `${id} (ccxt): ${said}`, { cause: error });
}
