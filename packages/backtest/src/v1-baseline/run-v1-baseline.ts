/** The V1 baseline job: choose calls → plan → slice → engine → outcome. Nothing here depends on the clock or on the number of workers. */
import { AppError, toIntervalLabel, type Call } from '@quantbot/core';
import { planCalls, type CallPlan } from '../plan/plan-calls.ts';
import { sliceCalls } from '../slice/slice-calls.ts';
import { chooseCalls } from './choose-calls.ts';
import { toCoverageNotes } from './coverage-notes.ts';
import { searchV1Baseline } from './search-v1-baseline.ts';
import type { V1BaselineData, V1BaselineOutcome } from './outcome.ts';
import type { V1BaselineRequest, V1BaselineRoom } from './request.ts';

export interface V1BaselineRun {
  readonly outcome: V1BaselineOutcome;
  /** The calls that were simulated, for names beside call ids. */
  readonly calls: readonly Call[];
  /** Where the time went. */
  readonly timingsMs: Readonly<Record<string, number>>;
}

export async function runV1Baseline(room: V1BaselineRoom, request: V1BaselineRequest): Promise<V1BaselineRun> {
  const startedMs = room.nowMs();
  room.onStage('plan');
  const calls = await chooseCalls(room.catalogue, request);
  const plan = await planCalls(room.catalogue, {
    calls,
    interval: request.interval,
    maxHoldHrs: Math.max(...request.grid.max_hold_hrs),
    allowPartial: request.allowPartial,
  });
  const { used, belowMinCalls } = applyMinCalls(plan, request.minCalls);
  refuseNothingToDo(plan, used, request.minCalls);
  const plannedMs = room.nowMs();

  room.onStage('slice');
  const slice = await sliceCalls({ catalogue: room.catalogue, slicesDir: room.slicesDir }, plan, used);
  const slicedMs = room.nowMs();

  room.onStage('search');
  const search = await searchV1Baseline(room, request, slice);
  const searchedMs = room.nowMs();

  const data = toData({ request, plan, used, belowMinCalls, sliceId: slice.id, candles: slice.manifest.files[0]?.rows ?? 0 });
  const outcome: V1BaselineOutcome = {
    kind: 'v1_baseline',
    schema_version: 1,
    quantbot_version: room.version,
    engine_source_hash: search.sourceHash,
    mode: request.mode,
    param_grid: request.grid,
    simulator_config: request.simulatorConfig,
    extreme_limits: request.extremeLimits,
    filters: { filter_collapsed: request.filterCollapsed, filter_extreme: request.filterExtreme, caller_groups: request.callerGroups },
    data,
    ...search.results,
  };
  const timingsMs = {
    plan: plannedMs - startedMs,
    slice: slicedMs - plannedMs,
    search: searchedMs - slicedMs,
    engine_load: search.loadMs,
    engine_compute: search.computeMs,
  };
  return { outcome, calls: used, timingsMs };
}

interface UsedCalls {
  readonly used: readonly Call[];
  readonly belowMinCalls: V1BaselineData['callers_below_min_calls'];
}

function applyMinCalls(plan: CallPlan, minCalls: number): UsedCalls {
  const included = plan.calls.filter(({ included: isIn }) => isIn).map(({ call }) => call);
  const byCaller = Map.groupBy(included, ({ caller }) => caller);
  const below = [...byCaller].filter(([, own]) => own.length < minCalls).map(([caller, own]) => ({ caller, calls: own.length }));
  const left = new Set(below.map(({ caller }) => caller));
  return { used: included.filter(({ caller }) => !left.has(caller)), belowMinCalls: below };
}

function refuseNothingToDo(plan: CallPlan, used: readonly Call[], minCalls: number): void {
  if (used.length > 0) return;
  const reasons = Map.groupBy(plan.calls, ({ coverage }) => (coverage.status === 'full' ? 'full' : coverage.reason));
  const counts = [...reasons].map(([reason, own]) => `${String(own.length)} ${reason}`).join(', ');
  if (plan.calls.some(({ included }) => included)) {
    throw new AppError(
      'NO_CALLS',
      `no caller has ${String(minCalls)} or more usable calls; lower --min-calls (calls by coverage: ${counts})`,
    );
  }
  throw new AppError(
    'NO_CANDLES',
    `none of the ${String(plan.calls.length)} calls has ${toIntervalLabel(plan.intervalS)} candles to be simulated on (${counts}); import candles of their instruments, see \`quantbot data coverage\``,
  );
}

interface DataFacts extends UsedCalls {
  readonly request: V1BaselineRequest;
  readonly plan: CallPlan;
  readonly sliceId: string;
  readonly candles: number;
}

function toData({ request, plan, used, belowMinCalls, sliceId, candles }: DataFacts): V1BaselineData {
  const notes = toCoverageNotes(plan);
  const times = plan.calls.map(({ call }) => call.ts_ms);
  return {
    slice_id: sliceId,
    interval: toIntervalLabel(plan.intervalS),
    interval_s: plan.intervalS,
    from_ms: request.fromMs ?? null,
    to_ms: request.toMs ?? null,
    first_call_ms: times[0] ?? 0,
    last_call_ms: times.at(-1) ?? 0,
    calls_found: plan.calls.length,
    calls_full: notes.full,
    calls_partial: plan.calls.filter(({ coverage }) => coverage.status === 'partial').length,
    calls_excluded: notes.excluded.length,
    calls_used: used.length,
    instruments_used: new Set(used.map(({ mint }) => mint)).size,
    candles_used: candles,
    min_calls: request.minCalls,
    callers_below_min_calls: belowMinCalls,
    excluded: notes.excluded,
    partial: notes.partial,
  };
}
