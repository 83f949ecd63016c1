/**
 * From chosen calls to a slice: planned and cut in one pass over their candles, and not at all when the same question was asked of the
 * same data before. What was asked and what came of it lies beside the slices; slices never change, so it can never be out of date.
 */
import { AppError, toIntervalLabel, type Call, type MarketDataCatalogue, type SliceRef } from '@quantbot/core';
import { chooseSeries, type SeriesChoice } from '../plan/choose-series.ts';
import type { PlannedCall } from '../plan/coverage.ts';
import { createCallPlanner, toPlannedCalls, type CallPlanner } from '../plan/plan-calls.ts';
import type { SliceRequest } from './slice-request.ts';
import { findKeptPlan, keepPlan, toPlanKey } from './kept-plan.ts';
import { writeSlice, type SliceSeriesInput } from './write-slice.ts';

export interface SliceRoom {
  readonly catalogue: MarketDataCatalogue;
  readonly slicesDir: string;
}

export interface PreparedSlice {
  readonly slice: SliceRef;
  readonly candles: number;
  readonly intervalS: number;
  /** All calls asked for, in order. */
  readonly planned: readonly PlannedCall[];
  /** Those in the slice, in order. */
  readonly used: readonly Call[];
  readonly belowMinCalls: readonly { readonly caller: string; readonly calls: number }[];
}

/** Throws NO_CANDLES or NO_CALLS, with the counts, when nothing is left to simulate; DISK_FULL. */
export async function prepareSlice(room: SliceRoom, request: SliceRequest): Promise<PreparedSlice> {
  const choice = await chooseSeries(room.catalogue, request.calls, request.interval);
  const key = toPlanKey(request, choice);
  const kept = await findKeptPlan(room.slicesDir, key);
  if (kept?.coverage.length === request.calls.length) {
    const { coverage } = kept;
    const planned = toPlannedCalls(request, (_call, index) => coverage[index] ?? { status: 'missing', reason: 'no_candles' });
    return { slice: kept.slice, candles: kept.candles, intervalS: choice.intervalS, planned, ...chooseUsed(planned, request, choice) };
  }
  const planner = createCallPlanner(request, choice);
  const written = await writeSlice(room.slicesDir, {
    series: readSeries(room.catalogue, choice, planner),
    calls: () => chooseUsed(planner.finish(), request, choice).used.map((call) => ({ call, series: call.mint })),
  });
  const planned = planner.finish();
  const slice = { path: written.path, id: written.id };
  const candles = written.manifest.files[0]?.rows ?? 0;
  await keepPlan(room.slicesDir, key, { slice, candles, coverage: planned.map(({ coverage }) => coverage) });
  return { slice, candles, intervalS: choice.intervalS, planned, ...chooseUsed(planned, request, choice) };
}

async function* readSeries(
  catalogue: MarketDataCatalogue,
  { series, intervalS }: SeriesChoice,
  planner: CallPlanner,
): AsyncIterable<SliceSeriesInput> {
  const keys = series.map(({ instrument }) => ({ instrument, intervalS }));
  for await (const { key, candles } of catalogue.readCandles(keys)) {
    const cut = planner.planSeries(key.instrument, candles);
    if (cut !== undefined) yield { name: key.instrument, intervalS, candles: cut };
  }
}

function chooseUsed(
  planned: readonly PlannedCall[],
  { minCalls }: SliceRequest,
  { intervalS }: SeriesChoice,
): Pick<PreparedSlice, 'used' | 'belowMinCalls'> {
  const included = planned.filter(({ included: isIn }) => isIn).map(({ call }) => call);
  const byCaller = Map.groupBy(included, ({ caller }) => caller);
  const belowMinCalls = [...byCaller].filter(([, own]) => own.length < minCalls).map(([caller, own]) => ({ caller, calls: own.length }));
  const left = new Set(belowMinCalls.map(({ caller }) => caller));
  const used = included.filter(({ caller }) => !left.has(caller));
  if (used.length === 0) refuseNothing(planned, minCalls, intervalS);
  return { used, belowMinCalls };
}

function refuseNothing(planned: readonly PlannedCall[], minCalls: number, intervalS: number): never {
  const reasons = Map.groupBy(planned, ({ coverage }) => (coverage.status === 'full' ? 'full' : coverage.reason));
  const counts = [...reasons].map(([reason, own]) => `${String(own.length)} ${reason}`).join(', ');
  if (planned.some(({ included }) => included)) {
    throw new AppError(
      'NO_CALLS',
      `no caller has ${String(minCalls)} or more usable calls; lower --min-calls (calls by coverage: ${counts})`,
    );
  }
  throw new AppError(
    'NO_CANDLES',
    `none of the ${String(planned.length)} calls has ${toIntervalLabel(intervalS)} candles to be simulated on (${counts}); import candles of their instruments, see \`quantbot data coverage\``,
  );
}
