/** The V1 baseline job: choose calls → plan and slice → engine → outcome. Nothing here depends on the clock or on the number of workers. */
import { toIntervalLabel, type Call } from '@quantbot/core';
import { prepareSlice, type PreparedSlice } from '../slice/prepare-slice.ts';
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
  const prepared = await prepareSlice(room, {
    calls,
    interval: request.interval,
    maxHoldHrs: Math.max(...request.grid.max_hold_hrs),
    allowPartial: request.allowPartial,
    minCalls: request.minCalls,
  });
  const preparedMs = room.nowMs();

  room.onStage('search');
  const search = await searchV1Baseline(room, request, prepared.slice);
  const searchedMs = room.nowMs();

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
    data: toData(request, prepared),
    ...search.results,
  };
  const timingsMs = {
    prepare: preparedMs - startedMs,
    search: searchedMs - preparedMs,
    engine_load: search.loadMs,
    engine_compute: search.computeMs,
  };
  return { outcome, calls: prepared.used, timingsMs };
}

function toData(request: V1BaselineRequest, prepared: PreparedSlice): V1BaselineData {
  const { planned, used } = prepared;
  const notes = toCoverageNotes(planned);
  const times = planned.map(({ call }) => call.ts_ms);
  return {
    slice_id: prepared.slice.id,
    interval: toIntervalLabel(prepared.intervalS),
    interval_s: prepared.intervalS,
    from_ms: request.fromMs ?? null,
    to_ms: request.toMs ?? null,
    first_call_ms: times[0] ?? 0,
    last_call_ms: times.at(-1) ?? 0,
    calls_found: planned.length,
    calls_full: notes.full,
    calls_partial: planned.filter(({ coverage }) => coverage.status === 'partial').length,
    calls_excluded: notes.excluded.length,
    calls_used: used.length,
    instruments_used: new Set(used.map(({ mint }) => mint)).size,
    candles_used: prepared.candles,
    min_calls: request.minCalls,
    callers_below_min_calls: prepared.belowMinCalls,
    excluded: notes.excluded,
    partial: notes.partial,
  };
}
