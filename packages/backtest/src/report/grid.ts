/** The combinations of a grid in grid order: target outermost, then stop, holding time, and the further exits. */
import type { V1BaselineGrid, V1BaselineParams } from '@quantbot/core';
import { formatDecay, formatLadder, formatMultiple, formatShare } from './page/format.js';

type Further = Pick<V1BaselineParams, 'trailing' | 'break_even' | 'ladder' | 'target_decay'>;

export function toGridCombinations(grid: V1BaselineGrid): readonly V1BaselineParams[] {
  const further = toFurtherCombinations(grid);
  return grid.tp_mults.flatMap((tp_mult) =>
    grid.sl_mults.flatMap((sl_mult) =>
      grid.max_hold_hrs.flatMap((max_hold_hrs) => further.map((exits) => ({ tp_mult, sl_mult, max_hold_hrs, ...exits }))),
    ),
  );
}

/** Whether any combination has an exit beside target, stop and holding time. */
export function hasFurtherExits(grid: V1BaselineGrid): boolean {
  const axes: readonly (readonly unknown[] | undefined)[] = [grid.trail_pcts, grid.break_even_mults, grid.ladders, grid.target_decays];
  return axes.some((axis) => axis?.some((value) => value !== null) === true);
}

/** The further exits in grid order: activation, trail, break-even, ladder, target decay innermost. */
function toFurtherCombinations(grid: V1BaselineGrid): readonly Further[] {
  const trails = (grid.trail_activation_mults ?? [1]).flatMap((activation_mult) =>
    (grid.trail_pcts ?? [null]).map((trail_pct) => (trail_pct === null ? {} : { trailing: { activation_mult, trail_pct } })),
  );
  const breakEvens = (grid.break_even_mults ?? [null]).map((trigger_mult) =>
    trigger_mult === null ? {} : { break_even: { trigger_mult } },
  );
  const ladders = (grid.ladders ?? [null]).map((ladder) => (ladder === null ? {} : { ladder }));
  const decays = (grid.target_decays ?? [null]).map((steps) => (steps === null ? {} : { target_decay: steps }));
  return trails.flatMap((trail) =>
    breakEvens.flatMap((breakEven) =>
      ladders.flatMap((ladder) => decays.map((decay) => ({ ...trail, ...breakEven, ...ladder, ...decay }))),
    ),
  );
}

export interface FurtherChoice {
  readonly label: string;
  readonly options: readonly string[];
}

/** The further axes as choices of a reader, in grid order; an axis that is not searched has one option. */
export function toFurtherChoices(grid: V1BaselineGrid): readonly FurtherChoice[] {
  const withOff = <Value>(axis: readonly (Value | null)[] | undefined, format: (value: Value) => string): readonly string[] =>
    (axis ?? [null]).map((value) => (value === null ? 'off' : format(value)));
  return [
    { label: 'Trail from', options: withOff(grid.trail_activation_mults ?? [1], formatMultiple) },
    { label: 'Trail', options: withOff(grid.trail_pcts, formatShare) },
    { label: 'Break-even from', options: withOff(grid.break_even_mults, formatMultiple) },
    { label: 'Ladder', options: withOff(grid.ladders, formatLadder) },
    { label: 'Target with time', options: withOff(grid.target_decays, formatDecay) },
  ];
}

/** The engine's definition of total return, for grid cells, which carry only the final capital. Fraction. */
export function toTotalReturn(finalCapital: number, initialCapital: number): number {
  return finalCapital / initialCapital - 1;
}
