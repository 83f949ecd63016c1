/** The finished V1 baseline job as one plain document: what --json prints, reports draw and result.json keeps. */
import type {
  CapitalSimulatorConfig,
  ExtremeLimits,
  V1BaselineGrid,
  V1BaselineGroupedResult,
  V1BaselineOptimizationResult,
  V1BaselinePerCallerResult,
  V1BaselineRanking,
} from '@quantbot/core';
import type { CoverageReason } from '../plan/coverage.ts';

export const V1_BASELINE_MODES = ['per-caller', 'grouped', 'both', 'optimize', 'rank'] as const;
export type V1BaselineMode = (typeof V1_BASELINE_MODES)[number];

/** A call that the plan left out, or kept although its data ends early or has holes. Fractions in [0, 1]. */
export interface CoverageNote {
  readonly call_id: string;
  readonly caller: string;
  readonly mint: string;
  readonly ts_ms: number;
  readonly reason: CoverageReason;
  /** Share of the horizon that has candles; null for a call without an entry candle. */
  readonly covered_fraction: number | null;
}

export interface V1BaselineData {
  readonly slice_id: string;
  readonly interval: string;
  readonly interval_s: number;
  /** Requested range, half-open, or null where it was open. */
  readonly from_ms: number | null;
  readonly to_ms: number | null;
  readonly first_call_ms: number;
  readonly last_call_ms: number;
  readonly calls_found: number;
  readonly calls_full: number;
  readonly calls_partial: number;
  readonly calls_excluded: number;
  readonly calls_used: number;
  readonly instruments_used: number;
  readonly candles_used: number;
  readonly min_calls: number;
  /** Callers left out because they have fewer than `min_calls` usable calls. */
  readonly callers_below_min_calls: readonly { readonly caller: string; readonly calls: number }[];
  readonly excluded: readonly CoverageNote[];
  readonly partial: readonly CoverageNote[];
}

/** Per caller without the trades of `best_result` being optional: the engine was asked for trades. */
export type CallerOutcome = V1BaselinePerCallerResult;

export type GroupOutcome = Pick<V1BaselineGroupedResult, 'selected_callers' | 'excluded_callers' | 'grouped_params' | 'grouped_result'>;

/** Deterministic: depends on data, parameters and version only, never on time, place or the number of workers. */
export interface V1BaselineOutcome {
  readonly kind: 'v1_baseline';
  readonly schema_version: 1;
  readonly quantbot_version: string;
  readonly engine_source_hash: string;
  readonly mode: V1BaselineMode;
  readonly param_grid: V1BaselineGrid;
  readonly simulator_config: CapitalSimulatorConfig;
  readonly extreme_limits: ExtremeLimits;
  readonly filters: { readonly filter_collapsed: boolean; readonly filter_extreme: boolean; readonly caller_groups: readonly string[] };
  readonly data: V1BaselineData;
  /** mode `optimize`: all calls together, one search. */
  readonly optimize: V1BaselineOptimizationResult | null;
  /** mode `rank`: every trade on its own, capital ignored. Never to be read as what an account would have made. */
  readonly ranking: V1BaselineRanking | null;
  /** modes `per-caller` and `both`, and the basis of `grouped`; in order of first appearance. */
  readonly per_caller: readonly CallerOutcome[] | null;
  /** modes `grouped` and `both`. */
  readonly grouped: GroupOutcome | null;
}
