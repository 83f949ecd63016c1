/** The combinations of a grid in grid order: target outermost, then stop, then holding time. */
import type { V1BaselineGrid, V1BaselineParams } from '@quantbot/core';

export function toGridCombinations(grid: V1BaselineGrid): readonly V1BaselineParams[] {
  return grid.tp_mults.flatMap((tp_mult) =>
    grid.sl_mults.flatMap((sl_mult) => grid.max_hold_hrs.map((max_hold_hrs) => ({ tp_mult, sl_mult, max_hold_hrs }))),
  );
}

/** The engine's definition of total return, for grid cells, which carry only the final capital. Fraction. */
export function toTotalReturn(finalCapital: number, initialCapital: number): number {
  return finalCapital / initialCapital - 1;
}
