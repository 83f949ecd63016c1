/** The plan in the words of the outcome: which calls were left out or are covered in part, and why. */
import type { PlannedCall } from '../plan/coverage.ts';
import type { CoverageNote } from './outcome.ts';

export interface CoverageNotes {
  readonly full: number;
  readonly excluded: readonly CoverageNote[];
  readonly partial: readonly CoverageNote[];
}

export function toCoverageNotes(calls: readonly PlannedCall[]): CoverageNotes {
  return {
    full: calls.filter(({ coverage }) => coverage.status === 'full').length,
    excluded: calls.filter(({ included }) => !included).flatMap(toNote),
    partial: calls.filter(({ included, coverage }) => included && coverage.status === 'partial').flatMap(toNote),
  };
}

function toNote({ call, coverage }: PlannedCall): CoverageNote[] {
  if (coverage.status === 'full') return [];
  const covered = coverage.status === 'partial' ? coverage.coveredMs / coverage.horizonMs : null;
  return [
    { call_id: call.id, caller: call.caller, mint: call.mint, ts_ms: call.ts_ms, reason: coverage.reason, covered_fraction: covered },
  ];
}
