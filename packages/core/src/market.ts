/** Candles, series and intervals: the words every stage of the pipeline shares (docs/assumptions.md, market data). */
import { AppError } from './errors.ts';

/** Columns of one series, one entry per candle, in order of time. `timestamp` is the opening time in Unix seconds. */
export interface CandleColumns {
  readonly timestamp: BigInt64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export const PRICE_COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** `5m` → 300. Accepts a whole number and one of s, m, h, d, w. */
export function parseInterval(label: string): number {
  const match = /^([1-9]\d{0,5})([smhdw])$/.exec(label);
  const unit = match?.[2] as keyof typeof UNIT_SECONDS | undefined;
  if (unit === undefined) {
    throw new AppError('USAGE', `expected an interval such as 1m, 5m, 1h or 1d, found "${label}"`);
  }
  return Number(match?.[1]) * UNIT_SECONDS[unit];
}

/** 300 → `5m`: the largest unit that divides the interval. */
export function toIntervalLabel(intervalS: number): string {
  for (const unit of ['w', 'd', 'h', 'm'] as const) {
    if (intervalS % UNIT_SECONDS[unit] === 0) return `${String(intervalS / UNIT_SECONDS[unit])}${unit}`;
  }
  return `${String(intervalS)}s`;
}
