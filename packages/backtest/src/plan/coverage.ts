/** Words of the plan: how much of a call's horizon (entry until the longest holding time) the catalogue covers. */
import type { Call } from '@quantbot/core';

/**
 * - `no_candles`: the instrument has no candles at this interval
 * - `no_entry`: its candles end before the call
 * - `too_new`: the horizon reaches beyond the end of all data at this interval
 * - `missing_range`: candles are missing inside the horizon although the data as a whole goes on
 */
export const COVERAGE_REASONS = ['no_candles', 'no_entry', 'too_new', 'missing_range'] as const;
export type CoverageReason = (typeof COVERAGE_REASONS)[number];

export type CallCoverage =
  | { readonly status: 'full' }
  | { readonly status: 'partial'; readonly reason: 'too_new' | 'missing_range'; readonly coveredMs: number; readonly horizonMs: number }
  | { readonly status: 'missing'; readonly reason: 'no_candles' | 'no_entry' };

export interface PlannedCall {
  readonly call: Call;
  readonly coverage: CallCoverage;
  /** Whether the call goes into the slice: full, or partial if partial calls are allowed. */
  readonly included: boolean;
}
