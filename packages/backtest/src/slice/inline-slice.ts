/** Calls and candles given in memory, each call with a series of its own, in the shape that a slice is written from. */
import type { Call, Candle, CandleColumns } from '@quantbot/core';
import type { SliceInput } from './write-slice.ts';

export function toInlineSlice(calls: readonly Call[], candlesByCallId: Readonly<Record<string, readonly Candle[]>>): SliceInput {
  const seriesByName = new Map(Object.entries(candlesByCallId));
  const named = calls.filter(({ id }) => seriesByName.has(id));
  const names = new Set(named.map(({ id }) => id));
  return {
    series: [...names].map((name) => ({ name, intervalS: null, candles: toColumns(seriesByName.get(name) ?? []) })),
    calls: () => calls.map((call) => ({ call, series: names.has(call.id) ? call.id : undefined })),
  };
}

function toColumns(candles: readonly Candle[]): CandleColumns {
  return {
    timestamp: BigInt64Array.from(candles, ({ timestamp }) => BigInt(timestamp)),
    open: Float64Array.from(candles, ({ open }) => open),
    high: Float64Array.from(candles, ({ high }) => high),
    low: Float64Array.from(candles, ({ low }) => low),
    close: Float64Array.from(candles, ({ close }) => close),
    volume: Float64Array.from(candles, ({ volume }) => volume),
  };
}
