/** How much of one call's horizon a series covers, and which candles of the series the call can touch. Time decides, never candle counts. */
import type { CandleColumns } from '@quantbot/core';
import type { CallCoverage } from './coverage.ts';

/** Below this share of the horizon a series that has holes counts as partial. Thin markets skip a few candles without being incomplete. */
const MIN_COVERED_FRACTION = 0.9;

export interface SeriesInTime {
  readonly candles: CandleColumns;
  readonly intervalS: number;
  /** End of the last candle of all data at this interval, in Unix milliseconds. */
  readonly dataEndMs: number;
}

/** First index whose candle opens at or after `timeMs`; the number of candles if there is none. */
function findFirstAtOrAfter(timestamp: BigInt64Array, timeMs: number): number {
  let low = 0;
  let high = timestamp.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Number(timestamp[middle]) * 1000 < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface CandleRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** From the entry candle to the first candle after it that opens at or after the deadline: no candle outside can change the call. */
export function toCandleRange(timestamp: BigInt64Array, tsMs: number, holdMs: number): CandleRange {
  const start = findFirstAtOrAfter(timestamp, tsMs);
  if (start === timestamp.length) return { start, end: start };
  const deadlineMs = Number(timestamp[start]) * 1000 + holdMs;
  const exit = Math.max(findFirstAtOrAfter(timestamp, deadlineMs), start + 1);
  return { start, end: Math.min(exit + 1, timestamp.length) };
}

/** The horizon begins with the call and lasts `holdMs`. */
export function coverCall(tsMs: number, holdMs: number, series: SeriesInTime): CallCoverage {
  const { timestamp } = series.candles;
  if (timestamp.length === 0) return { status: 'missing', reason: 'no_candles' };
  const start = findFirstAtOrAfter(timestamp, tsMs);
  if (start === timestamp.length) return { status: 'missing', reason: 'no_entry' };
  const intervalMs = series.intervalS * 1000;
  const endMs = tsMs + holdMs;
  const coveredMs = Math.min(holdMs, (findFirstAtOrAfter(timestamp, endMs) - start) * intervalMs);
  const endsEarly = Number(timestamp[timestamp.length - 1]) * 1000 + intervalMs < endMs;
  if (!endsEarly && coveredMs >= MIN_COVERED_FRACTION * holdMs) return { status: 'full' };
  const reason = endsEarly && endMs > series.dataEndMs ? 'too_new' : 'missing_range';
  return { status: 'partial', reason, coveredMs, horizonMs: holdMs };
}
