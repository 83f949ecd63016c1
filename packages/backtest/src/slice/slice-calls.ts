/** The candles that planned calls can touch, read from the catalogue once and written as a slice. */
import type { Call, CandleColumns, MarketDataCatalogue } from '@quantbot/core';
import type { CandleRange } from '../plan/cover-call.ts';
import type { CallPlan } from '../plan/plan-calls.ts';
import { writeSlice, type SliceInput, type SliceSeriesInput, type WrittenSlice } from './write-slice.ts';

export interface SliceRoom {
  readonly catalogue: MarketDataCatalogue;
  readonly slicesDir: string;
}

/** `calls` are those of the plan that are to be simulated, in order. */
export function sliceCalls(room: SliceRoom, plan: CallPlan, calls: readonly Call[]): Promise<WrittenSlice> {
  return writeSlice(room.slicesDir, toSliceInput(room.catalogue, plan, calls));
}

function toSliceInput(catalogue: MarketDataCatalogue, plan: CallPlan, used: readonly Call[]): SliceInput {
  const instruments = new Set(used.map(({ mint }) => mint));
  const rangeByInstrument = new Map(
    plan.series.filter(({ instrument }) => instruments.has(instrument)).map(({ instrument, range }) => [instrument, range]),
  );
  return {
    series: readSeries(catalogue, plan.intervalS, rangeByInstrument),
    calls: () => used.map((call) => ({ call, series: call.mint })),
  };
}

async function* readSeries(
  catalogue: MarketDataCatalogue,
  intervalS: number,
  ranges: ReadonlyMap<string, CandleRange>,
): AsyncIterable<SliceSeriesInput> {
  const keys = [...ranges.keys()].map((instrument) => ({ instrument, intervalS }));
  for await (const { key, candles } of catalogue.readCandles(keys)) {
    const range = ranges.get(key.instrument);
    if (range !== undefined) yield { name: key.instrument, intervalS, candles: cutCandles(candles, range) };
  }
}

function cutCandles(candles: CandleColumns, { start, end }: CandleRange): CandleColumns {
  return {
    timestamp: candles.timestamp.subarray(start, end),
    open: candles.open.subarray(start, end),
    high: candles.high.subarray(start, end),
    low: candles.low.subarray(start, end),
    close: candles.close.subarray(start, end),
    volume: candles.volume.subarray(start, end),
  };
}
