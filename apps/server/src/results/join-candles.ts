/** Candles for a chart: neighbours are joined until there are few enough to draw. Highs and lows are kept, nothing is averaged. */
import type { CandleColumns } from '@quantbot/core';

export interface JoinRequest {
  /** Openings in [fromS, toS). */
  readonly fromS: number;
  readonly toS: number;
  /** Shortest length that is wanted. */
  readonly intervalS: number;
  readonly limit: number;
}

export interface JoinedCandles {
  readonly interval_s: number;
  /** Before joining. */
  readonly candles_total: number;
  readonly time: number[];
  readonly open: number[];
  readonly high: number[];
  readonly low: number[];
  readonly close: number[];
  readonly volume: number[];
}

export function joinCandles(candles: CandleColumns, { fromS, toS, intervalS, limit }: JoinRequest): JoinedCandles {
  const first = candles.timestamp.findIndex((time) => Number(time) >= fromS);
  const from = first < 0 ? candles.timestamp.length : first;
  const after = candles.timestamp.findIndex((time) => Number(time) >= toS);
  const to = after < 0 ? candles.timestamp.length : after;
  const spanS = from < to ? Number(candles.timestamp[to - 1]) - Number(candles.timestamp[from]) : 0;
  // One bucket more than the span has, since buckets begin at multiples of their length.
  const stepS = intervalS * Math.max(1, Math.ceil(spanS / intervalS / Math.max(1, limit - 1)));
  const joined: JoinedCandles = {
    interval_s: stepS,
    candles_total: Math.max(0, to - from),
    time: [],
    open: [],
    high: [],
    low: [],
    close: [],
    volume: [],
  };
  for (let position = from; position < to; position += 1) addCandle(joined, candles, position);
  return joined;
}

function addCandle(joined: JoinedCandles, candles: CandleColumns, position: number): void {
  const { time, open, high, low, close, volume, interval_s: stepS } = joined;
  const bucket = Math.floor(Number(candles.timestamp[position]) / stepS) * stepS;
  const last = time.length - 1;
  const at = (column: Float64Array): number => column[position] ?? 0;
  if (time[last] !== bucket) {
    time.push(bucket);
    open.push(at(candles.open));
    high.push(at(candles.high));
    low.push(at(candles.low));
    close.push(at(candles.close));
    volume.push(at(candles.volume));
    return;
  }
  high[last] = Math.max(high[last] ?? 0, at(candles.high));
  low[last] = Math.min(low[last] ?? 0, at(candles.low));
  close[last] = at(candles.close);
  volume[last] = (volume[last] ?? 0) + at(candles.volume);
}
