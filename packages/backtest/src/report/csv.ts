/** The result as one CSV document, for `--format csv`: a row per caller and one for the group, or a row per combination. */
import type { BestPlateau, V1BaselineGrid } from '@quantbot/core';
import type { CallerOutcome, V1BaselineOutcome } from '../v1-baseline/outcome.ts';
import { toCsvDocument, type CsvCell } from './csv-document.ts';
import { toParamCells, toParamColumns } from './param-columns.ts';

/** `plateau_*`: the best neighbourhood of the grid, its mean final capital last. */
export function toCallerColumns(grid: V1BaselineGrid): readonly string[] {
  return [
    ...['kind', 'caller', 'calls', 'trades_executed', 'trades_skipped'],
    ...toParamColumns(grid),
    ...['final_capital', 'total_return', 'max_drawdown', 'ambiguous_exits'],
    ...['collapsed_capital', 'requires_extreme_params', 'no_trades', 'in_group'],
    ...toParamColumns(grid).map((column) => `plateau_${column}`),
    'plateau_score',
  ];
}

/** One document. Deterministic: it depends on the outcome alone. */
export function renderV1BaselineCsv(outcome: V1BaselineOutcome): string {
  if (outcome.ranking !== null) return renderRankingCsv(outcome.ranking, outcome.param_grid);
  if (outcome.optimize !== null) return renderCombinations(outcome.optimize, outcome.param_grid);
  const callers = (outcome.per_caller ?? []).map((caller) => toCallerRow(outcome, caller));
  return toCsvDocument(toCallerColumns(outcome.param_grid), [...callers, ...toGroupRows(outcome)]);
}

/** Cells in the order of `toCallerColumns`. Best parameters of a caller without trades are empty. */
export function toCallerRow(outcome: V1BaselineOutcome, caller: CallerOutcome): readonly CsvCell[] {
  return [
    'caller',
    caller.caller,
    caller.calls,
    caller.trades_executed,
    caller.trades_skipped,
    ...toParamCells(outcome.param_grid, caller.no_trades ? null : caller.best_params),
    caller.best_final_capital,
    caller.best_total_return,
    caller.best_result?.max_drawdown ?? null,
    caller.best_result?.ambiguous_exits ?? null,
    caller.collapsed_capital,
    caller.requires_extreme_params,
    caller.no_trades,
    outcome.grouped === null ? null : outcome.grouped.selected_callers.includes(caller.caller),
    ...toPlateauCells(outcome.param_grid, caller.no_trades ? null : caller.best_plateau),
  ];
}

function toPlateauCells(grid: V1BaselineGrid, plateau: BestPlateau | null): readonly CsvCell[] {
  return [...toParamCells(grid, plateau?.params ?? null), plateau?.score ?? null];
}

function toGroupRows({ grouped, param_grid: grid }: V1BaselineOutcome): readonly (readonly CsvCell[])[] {
  const result = grouped?.grouped_result;
  if (!grouped || !result) return [];
  return [
    [
      'group',
      null,
      result.trades_executed + result.trades_skipped,
      result.trades_executed,
      result.trades_skipped,
      ...toParamCells(grid, grouped.grouped_params),
      result.final_capital,
      result.total_return,
      result.max_drawdown,
      result.ambiguous_exits,
      null,
      null,
      result.trades_executed === 0,
      null,
      ...toPlateauCells(grid, null),
    ],
  ];
}

function renderCombinations({ all_results: ranked }: NonNullable<V1BaselineOutcome['optimize']>, grid: V1BaselineGrid): string {
  return toCsvDocument(
    ['rank', ...toParamColumns(grid), 'final_capital', 'total_return', 'trades_executed', 'trades_skipped'],
    ranked.map(({ params, result }, index) => [
      index + 1,
      ...toParamCells(grid, params),
      result.final_capital,
      result.total_return,
      result.trades_executed,
      result.trades_skipped,
    ]),
  );
}

/** The first column says on every row that these are not results of an account. */
export function renderRankingCsv({ basis, ranked, trades }: NonNullable<V1BaselineOutcome['ranking']>, grid: V1BaselineGrid): string {
  const figures = ['expectancy', 'win_rate', 'profit_factor', 'sharpe_per_trade', 'gross_profit', 'gross_loss', 'mean_hold_hrs'] as const;
  return toCsvDocument(
    ['basis', 'rank', ...toParamColumns(grid), 'trades', ...figures],
    ranked.map((row, index) => [basis, index + 1, ...toParamCells(grid, row.params), trades, ...figures.map((figure) => row[figure])]),
  );
}
