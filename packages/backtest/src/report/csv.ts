/** The result as one CSV document, for `--format csv`: a row per caller and one for the group, or a row per combination. */
import type { V1BaselineParams } from '@quantbot/core';
import type { CallerOutcome, V1BaselineOutcome } from '../v1-baseline/outcome.ts';
import { toCsvDocument, type CsvCell } from './csv-document.ts';

export const CALLER_COLUMNS = [
  'kind',
  'caller',
  'calls',
  'trades_executed',
  'trades_skipped',
  'tp_mult',
  'sl_mult',
  'max_hold_hrs',
  'final_capital',
  'total_return',
  'max_drawdown',
  'ambiguous_exits',
  'collapsed_capital',
  'requires_extreme_params',
  'no_trades',
  'in_group',
] as const;

/** One document. Deterministic: it depends on the outcome alone. */
export function renderV1BaselineCsv(outcome: V1BaselineOutcome): string {
  if (outcome.optimize !== null) return renderCombinations(outcome.optimize);
  const callers = (outcome.per_caller ?? []).map((caller) => toCallerRow(outcome, caller));
  return toCsvDocument(CALLER_COLUMNS, [...callers, ...toGroupRows(outcome)]);
}

/** Cells in the order of CALLER_COLUMNS. Best parameters of a caller without trades are empty. */
export function toCallerRow(outcome: V1BaselineOutcome, caller: CallerOutcome): readonly CsvCell[] {
  return [
    'caller',
    caller.caller,
    caller.calls,
    caller.trades_executed,
    caller.trades_skipped,
    ...toParamCells(caller.no_trades ? null : caller.best_params),
    caller.best_final_capital,
    caller.best_total_return,
    caller.best_result?.max_drawdown ?? null,
    caller.best_result?.ambiguous_exits ?? null,
    caller.collapsed_capital,
    caller.requires_extreme_params,
    caller.no_trades,
    outcome.grouped === null ? null : outcome.grouped.selected_callers.includes(caller.caller),
  ];
}

function toGroupRows({ grouped }: V1BaselineOutcome): readonly (readonly CsvCell[])[] {
  const result = grouped?.grouped_result;
  if (!grouped || !result) return [];
  return [
    [
      'group',
      null,
      result.trades_executed + result.trades_skipped,
      result.trades_executed,
      result.trades_skipped,
      ...toParamCells(grouped.grouped_params),
      result.final_capital,
      result.total_return,
      result.max_drawdown,
      result.ambiguous_exits,
      null,
      null,
      result.trades_executed === 0,
      null,
    ],
  ];
}

function toParamCells(params: V1BaselineParams | null): readonly CsvCell[] {
  return params === null ? [null, null, null] : [params.tp_mult, params.sl_mult, params.max_hold_hrs];
}

function renderCombinations({ all_results: ranked }: NonNullable<V1BaselineOutcome['optimize']>): string {
  return toCsvDocument(
    ['rank', 'tp_mult', 'sl_mult', 'max_hold_hrs', 'final_capital', 'total_return', 'trades_executed', 'trades_skipped'],
    ranked.map(({ params, result }, index) => [
      index + 1,
      ...toParamCells(params),
      result.final_capital,
      result.total_return,
      result.trades_executed,
      result.trades_skipped,
    ]),
  );
}
