/** An invented market for the tests of the report: hourly candles that wander, and positions taken in it one after the other. */
import type { BacktestResult, CandleColumns } from '@quantbot/core';

export const HOUR_S = 3600;
export const FIRST_OPEN_S = Date.UTC(2023, 10, 15) / 1000;
const FEE_BPS = 10;

export type Random = () => number;

/** The same seed gives the same numbers from 0 to 1. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function walkCandles(count: number, firstPrice: number, random: Random): CandleColumns {
  const columns = emptyColumns(count);
  let price = firstPrice;
  for (let row = 0; row < count; row += 1) {
    const open = price;
    price = open * Math.exp((random() - 0.497) * 0.02);
    columns.timestamp[row] = BigInt(FIRST_OPEN_S + row * HOUR_S);
    columns.open[row] = open;
    columns.close[row] = price;
    columns.high[row] = Math.max(open, price) * (1 + random() * 0.004);
    columns.low[row] = Math.min(open, price) * (1 - random() * 0.004);
    columns.volume[row] = Math.round(random() * 10_000);
  }
  return columns;
}

export function emptyColumns(count: number): CandleColumns {
  const prices = (): Float64Array => new Float64Array(count);
  return { timestamp: new BigInt64Array(count), open: prices(), high: prices(), low: prices(), close: prices(), volume: prices() };
}

export interface Trade {
  readonly symbol: number;
  readonly direction: 1 | -1;
  readonly entryRow: number;
  readonly exitRow: number;
  readonly units: number;
  readonly entryPx: number;
  readonly exitPx: number;
  readonly pnl: number;
  readonly costs: number;
  readonly mae: number;
  readonly mfe: number;
  readonly reason: string;
}

export interface TradingPlan {
  readonly markets: readonly CandleColumns[];
  readonly trades: number;
  readonly capital: number;
  /** Every trade goes the wrong way. */
  readonly onlyLosses: boolean;
  readonly random: Random;
}

const REASONS = ['signal', 'stop_loss', 'take_profit', 'trailing_stop', 'time_exit'];

/** One position at a time, each in a stretch of its own, half of the equity in it. */
export function tradeThrough({ markets, trades, capital, onlyLosses, random }: TradingPlan): readonly Trade[] {
  const candles = markets[0]?.timestamp.length ?? 0;
  const stretch = Math.floor((candles - 1) / Math.max(1, trades));
  let equity = capital;
  return Array.from({ length: trades }, (_, number) => {
    const symbol = number % markets.length;
    const market = markets[symbol] ?? emptyColumns(0);
    const entryRow = number * stretch + 1;
    const exitRow = Math.min(candles - 1, entryRow + Math.max(1, Math.floor(stretch * (0.2 + 0.6 * random()))));
    const [entryPx, exitPx] = [market.open[entryRow] ?? 1, market.open[exitRow] ?? 1];
    const losing = exitPx > entryPx ? -1 : 1;
    const direction = onlyLosses ? losing : random() < 0.62 ? (-losing as 1 | -1) : losing;
    const units = (equity * 0.5) / entryPx;
    const costs = (units * (entryPx + exitPx) * FEE_BPS) / 10_000;
    const pnl = direction * units * (exitPx - entryPx) - costs;
    equity += pnl;
    const held = (column: Float64Array): Float64Array => column.subarray(entryRow, exitRow);
    const [low, high] = [Math.min(entryPx, ...held(market.low)), Math.max(entryPx, ...held(market.high))];
    const seen = [low, high].map((px) => direction * (px / entryPx - 1));
    const isLast = number === trades - 1;
    const reason = isLast ? 'end_of_data' : (REASONS[Math.floor(random() * REASONS.length)] ?? 'signal');
    return {
      symbol,
      direction,
      entryRow,
      exitRow,
      units,
      entryPx,
      exitPx,
      pnl,
      costs,
      mae: Math.min(...seen),
      mfe: Math.max(...seen),
      reason,
    };
  });
}

/** Equity at the close of every candle, the initial capital first. */
export function markEquity(markets: readonly CandleColumns[], trades: readonly Trade[], capital: number): readonly number[] {
  const candles = markets[0]?.timestamp.length ?? 0;
  const equity = [capital];
  let [balance, next] = [capital, 0];
  for (let row = 0; row < candles; row += 1) {
    while (next < trades.length && (trades[next]?.exitRow ?? Infinity) <= row) {
      balance += trades[next]?.pnl ?? 0;
      next += 1;
    }
    equity.push(balance + toOpenProfit(markets, trades[next], row));
  }
  return equity;
}

function toOpenProfit(markets: readonly CandleColumns[], trade: Trade | undefined, row: number): number {
  if (trade === undefined || trade.entryRow > row) return 0;
  const close = markets[trade.symbol]?.close[row] ?? trade.entryPx;
  return trade.direction * trade.units * (close - trade.entryPx) - trade.costs / 2;
}

export function toTradeColumns(trades: readonly Trade[]): Pick<BacktestResult, 'trades' | 'fills'> {
  const toMs = (row: number): number => (FIRST_OPEN_S + row * HOUR_S) * 1000;
  const column = <T>(read: (trade: Trade) => T): T[] => trades.map(read);
  const both = <T>(entry: (trade: Trade) => T, exit: (trade: Trade) => T): T[] => trades.flatMap((trade) => [entry(trade), exit(trade)]);
  return {
    trades: {
      symbol: column(({ symbol }) => symbol),
      direction: column(({ direction }) => direction),
      entry_ts_ms: column(({ entryRow }) => toMs(entryRow)),
      exit_ts_ms: column(({ exitRow }) => toMs(exitRow)),
      units: column(({ units }) => units),
      entry_px: column(({ entryPx }) => entryPx),
      exit_px: column(({ exitPx }) => exitPx),
      pnl: column(({ pnl }) => pnl),
      net_return: column(({ pnl, units, entryPx }) => pnl / (units * entryPx)),
      costs: column(({ costs }) => costs),
      mae: column(({ mae }) => mae),
      mfe: column(({ mfe }) => mfe),
      reason: column(({ reason }) => reason),
    },
    fills: {
      trade: trades.flatMap((_, row) => [row, row]),
      symbol: both(
        ({ symbol }) => symbol,
        ({ symbol }) => symbol,
      ),
      side: both(
        ({ direction }) => direction,
        ({ direction }) => -direction,
      ),
      ts_ms: both(
        ({ entryRow }) => toMs(entryRow),
        ({ exitRow }) => toMs(exitRow),
      ),
      units: both(
        ({ units }) => units,
        ({ units }) => units,
      ),
      px: both(
        ({ entryPx }) => entryPx,
        ({ exitPx }) => exitPx,
      ),
      fee: both(
        ({ costs }) => costs / 2,
        ({ costs }) => costs / 2,
      ),
      reason: both(
        () => 'entry',
        ({ reason }) => reason,
      ),
    },
  };
}
