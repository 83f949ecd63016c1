/** Parameters as columns of CSV files. Those of further exits come only with a search that has any. */
import type { V1BaselineGrid, V1BaselineParams } from '@quantbot/core';
import type { CsvCell } from './csv-document.ts';
import { hasFurtherExits } from './grid.ts';

const LEVELS = ['tp_mult', 'sl_mult', 'max_hold_hrs'];
const FURTHER = ['trail_activation_mult', 'trail_pct', 'break_even_mult', 'ladder', 'target_decay'];

export function toParamColumns(grid: V1BaselineGrid): readonly string[] {
  return hasFurtherExits(grid) ? [...LEVELS, ...FURTHER] : LEVELS;
}

/** Cells in the order of the columns, all empty for null. Ladders and targets with time as their flags write them: `2:0.5,4:0.25`. */
export function toParamCells(grid: V1BaselineGrid, params: V1BaselineParams | null): readonly CsvCell[] {
  if (params === null) return toParamColumns(grid).map(() => null);
  const levels = [params.tp_mult, params.sl_mult, params.max_hold_hrs];
  return hasFurtherExits(grid) ? [...levels, ...toFurtherCells(params)] : levels;
}

function toFurtherCells({ trailing, break_even, ladder, target_decay }: V1BaselineParams): readonly CsvCell[] {
  return [
    trailing?.activation_mult ?? null,
    trailing?.trail_pct ?? null,
    break_even?.trigger_mult ?? null,
    toText(ladder?.map(({ mult, fraction }) => [mult, fraction])),
    toText(target_decay?.map(({ after_hrs, tp_mult }) => [after_hrs, tp_mult])),
  ];
}

function toText(pairs: readonly (readonly number[])[] | undefined): string | null {
  return pairs?.map((pair) => pair.join(':')).join(',') ?? null;
}
