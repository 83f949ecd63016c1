/** Decides which of the chosen calls can be simulated, and says of every other call why not: one series at a time, each read once. */
import type { Call, CandleColumns } from '@quantbot/core';
import type { SeriesChoice } from './choose-series.ts';
import { coverCall, toCandleRange, type CandleRange } from './cover-call.ts';
import type { CallCoverage, PlannedCall } from './coverage.ts';

export interface PlanRequest {
  readonly calls: readonly Call[];
  readonly maxHoldHrs: number;
  /** Keep calls whose candles end early or have holes. */
  readonly allowPartial: boolean;
}

export interface CallPlanner {
  /** Plans the calls on a series; returns the part of its candles that they can touch, undefined if none of them is included. */
  planSeries(instrument: string, candles: CandleColumns): CandleColumns | undefined;
  /** In the order of the calls asked for. A call whose series was never seen has no candles. */
  finish(): readonly PlannedCall[];
}

const MS_PER_HOUR = 3_600_000;

export function createCallPlanner(request: PlanRequest, { intervalS, dataEndMs }: Omit<SeriesChoice, 'series'>): CallPlanner {
  const callsByInstrument = Map.groupBy(request.calls, ({ mint }) => mint);
  const holdMs = Math.floor(request.maxHoldHrs * MS_PER_HOUR);
  const coverageById = new Map<string, CallCoverage>();
  return {
    planSeries(instrument, candles) {
      let hull: CandleRange | undefined;
      for (const call of callsByInstrument.get(instrument) ?? []) {
        const coverage = coverCall(call.ts_ms, holdMs, { candles, intervalS, dataEndMs });
        coverageById.set(call.id, coverage);
        if (isIncluded(coverage, request.allowPartial)) hull = widen(hull, toCandleRange(candles.timestamp, call.ts_ms, holdMs));
      }
      return hull && cutCandles(candles, hull);
    },
    finish: () => toPlannedCalls(request, (call) => coverageById.get(call.id) ?? { status: 'missing', reason: 'no_candles' }),
  };
}

export function toPlannedCalls(
  { calls, allowPartial }: PlanRequest,
  toCoverage: (call: Call, index: number) => CallCoverage,
): readonly PlannedCall[] {
  return calls.map((call, index) => {
    const coverage = toCoverage(call, index);
    return { call, coverage, included: isIncluded(coverage, allowPartial) };
  });
}

function isIncluded(coverage: CallCoverage, allowPartial: boolean): boolean {
  return coverage.status === 'full' || (coverage.status === 'partial' && allowPartial);
}

function widen(hull: CandleRange | undefined, range: CandleRange): CandleRange {
  return hull === undefined ? range : { start: Math.min(hull.start, range.start), end: Math.max(hull.end, range.end) };
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
