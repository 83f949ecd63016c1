/** The things a reader can look at: the group, all calls together, or one caller. Each has settings, a result and perhaps a grid. */
import type { BestPlateau, CapitalSimulationResult, GridOverview, V1BaselineParams } from '@quantbot/core';
import type { CallerOutcome, V1BaselineOutcome } from '../v1-baseline/outcome.ts';

interface ScopeGrid {
  readonly finalCapital: readonly number[];
  readonly tradesExecuted: readonly number[];
}

export interface ReportScope {
  readonly kind: 'group' | 'all' | 'caller';
  /** Name in the files: the caller, or `group` or `all calls`. */
  readonly name: string;
  readonly params: V1BaselineParams;
  readonly finalCapital: number;
  readonly totalReturn: number;
  readonly tradesExecuted: number;
  readonly tradesSkipped: number;
  /** Null when the engine was not asked for trades. */
  readonly result: CapitalSimulationResult | null;
  /** Null for the group, which trades one set of parameters and is not searched, and for a grid too large to be listed. */
  readonly grid: ScopeGrid | null;
  /** Stands for the grid when that is too large. */
  readonly overview: GridOverview | null;
  /** Null for the group. */
  readonly plateau: BestPlateau | null;
}

/** In order of interest: the group or the whole first, then the callers in order of first appearance. */
export function toReportScopes(outcome: V1BaselineOutcome): readonly ReportScope[] {
  return [...toGroupScope(outcome), ...toWholeScope(outcome), ...(outcome.per_caller ?? []).map(toCallerScope)];
}

function toGroupScope(outcome: V1BaselineOutcome): readonly ReportScope[] {
  const params = outcome.grouped?.grouped_params;
  const result = outcome.grouped?.grouped_result;
  if (!params || !result) return [];
  return [
    {
      kind: 'group',
      name: 'group',
      params,
      finalCapital: result.final_capital,
      totalReturn: result.total_return,
      tradesExecuted: result.trades_executed,
      tradesSkipped: result.trades_skipped,
      result,
      grid: null,
      overview: null,
      plateau: null,
    },
  ];
}

function toWholeScope({ optimize }: V1BaselineOutcome): readonly ReportScope[] {
  return optimize === null ? [] : [{ ...toSearchedScope(optimize), kind: 'all', name: 'all calls' }];
}

function toCallerScope(caller: CallerOutcome): ReportScope {
  return { ...toSearchedScope(caller), kind: 'caller', name: caller.caller };
}

type Searched = Pick<
  CallerOutcome,
  | 'best_params'
  | 'best_final_capital'
  | 'best_total_return'
  | 'trades_executed'
  | 'trades_skipped'
  | 'best_result'
  | 'grid_final_capital'
  | 'grid_trades_executed'
  | 'grid_overview'
  | 'best_plateau'
>;

function toSearchedScope(searched: Searched): Omit<ReportScope, 'kind' | 'name'> {
  return {
    params: searched.best_params,
    finalCapital: searched.best_final_capital,
    totalReturn: searched.best_total_return,
    tradesExecuted: searched.trades_executed,
    tradesSkipped: searched.trades_skipped,
    result: searched.best_result,
    grid: toScopeGrid(searched),
    overview: searched.grid_overview,
    plateau: searched.best_plateau,
  };
}

function toScopeGrid({ grid_final_capital: finalCapital, grid_trades_executed: tradesExecuted }: Searched): ScopeGrid | null {
  return finalCapital === null || tradesExecuted === null ? null : { finalCapital, tradesExecuted };
}
