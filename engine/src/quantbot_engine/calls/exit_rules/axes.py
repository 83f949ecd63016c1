"""The further axes of a grid: their checks, their distinct levels, and where each grid position lies in them."""

import itertools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import UNSET

from quantbot_engine.calls.exit_rules.arrays import FurtherLevels
from quantbot_engine.calls.exits import to_hold_ms
from quantbot_engine.errors import EngineError
from quantbot_engine.jit import Float1D
from quantbot_engine.protocol import (
    BreakEvenStop,
    ErrorCode,
    LadderRung,
    TargetStep,
    TrailingStop,
    V1BaselineGrid,
    V1BaselineParams,
)

Ladder = list[LadderRung]
Decay = list[TargetStep]

# Fractions such as 0.1 + 0.2 + 0.7 do not add up to 1 exactly.
SUM_TOLERANCE: Final = 1e-9
# Row of a table that stands for "without this exit".
OFF: Final = -1


@dataclass(frozen=True, slots=True)
class FurtherAxes:
    """Values of each axis in the order of the request; None is off. An axis of a grid without it is `[None]`."""

    activations: list[float]
    trails: list[float | None]
    break_evens: list[float | None]
    ladders: list[Ladder | None]
    decays: list[Decay | None]

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """Number of values of each axis, outermost first."""
        counts = (self.activations, self.trails, self.break_evens, self.ladders, self.decays)
        return (len(counts[0]), len(counts[1]), len(counts[2]), len(counts[3]), len(counts[4]))

    @property
    def is_off(self) -> bool:
        """Whether every combination has V1's three exits alone."""
        return not any(
            value is not None for axis in (self.trails, self.break_evens, self.ladders, self.decays) for value in axis
        )


def to_further_axes(grid: V1BaselineGrid) -> FurtherAxes:
    """Return the further axes of a grid; INVALID_REQUEST names what cannot be combined."""
    if grid.trail_activation_mults is not UNSET and grid.trail_pcts is UNSET:
        raise _invalid("trail_activation_mults", "expected trail_pcts beside it, found none")
    axes = FurtherAxes(
        activations=[1.0] if grid.trail_activation_mults is UNSET else list(grid.trail_activation_mults),
        trails=[None] if grid.trail_pcts is UNSET else list(grid.trail_pcts),
        break_evens=[None] if grid.break_even_mults is UNSET else list(grid.break_even_mults),
        ladders=[None] if grid.ladders is UNSET else list(grid.ladders),
        decays=[None] if grid.target_decays is UNSET else list(grid.target_decays),
    )
    for ladder in axes.ladders:
        if ladder is not None:
            _check_ladder(ladder, grid.tp_mults)
    for decay in axes.decays:
        if decay is not None:
            _check_decay(decay)
    return axes


def to_single_grid(params: V1BaselineParams) -> V1BaselineGrid:
    """Return a grid of one combination."""
    trailing, break_even = params.trailing, params.break_even
    return V1BaselineGrid(
        tp_mults=[params.tp_mult],
        sl_mults=[params.sl_mult],
        max_hold_hrs=[params.max_hold_hrs],
        trail_activation_mults=UNSET if trailing is UNSET else [trailing.activation_mult],
        trail_pcts=UNSET if trailing is UNSET else [trailing.trail_pct],
        break_even_mults=UNSET if break_even is UNSET else [break_even.trigger_mult],
        ladders=UNSET if params.ladder is UNSET else [params.ladder],
        target_decays=UNSET if params.target_decay is UNSET else [params.target_decay],
    )


def to_params(base: V1BaselineParams, axes: FurtherAxes, positions: tuple[int, int, int, int, int]) -> V1BaselineParams:
    """Return target, stop and holding time with the further exits at these positions of the axes."""
    activation, trail = axes.activations[positions[0]], axes.trails[positions[1]]
    trigger = axes.break_evens[positions[2]]
    ladder, decay = axes.ladders[positions[3]], axes.decays[positions[4]]
    return V1BaselineParams(
        tp_mult=base.tp_mult,
        sl_mult=base.sl_mult,
        max_hold_hrs=base.max_hold_hrs,
        trailing=UNSET if trail is None else TrailingStop(activation_mult=activation, trail_pct=trail),
        break_even=UNSET if trigger is None else BreakEvenStop(trigger_mult=trigger),
        ladder=UNSET if ladder is None else ladder,
        target_decay=UNSET if decay is None else decay,
    )


def _check_ladder(ladder: Ladder, targets: list[float]) -> None:
    text = ", ".join(f"{rung.mult:g}:{rung.fraction:g}" for rung in ladder)
    if not ladder:
        raise _invalid("ladders", "expected at least one rung in each ladder (null for none), found an empty one")
    if any(later.mult <= earlier.mult for earlier, later in itertools.pairwise(ladder)):
        raise _invalid("ladders", f"expected rungs with rising mult, found {text}")
    if sum(rung.fraction for rung in ladder) > 1 + SUM_TOLERANCE:
        raise _invalid("ladders", f"expected fractions that add up to at most 1, found {text}")
    too_low = [target for target in targets if target <= ladder[-1].mult]
    if too_low:
        listed = ", ".join(f"{target:g}" for target in too_low[:5])
        raise _invalid(
            "ladders",
            f"expected every rung below the target, found ladder {text} with tp_mult {listed};"
            " leave out these targets or lower the rung",
        )


def _check_decay(decay: Decay) -> None:
    text = ", ".join(f"{step.after_hrs:g}:{step.tp_mult:g}" for step in decay)
    if not decay:
        raise _invalid("target_decays", "expected at least one step in each (null for none), found an empty list")
    if any(later.after_hrs <= earlier.after_hrs for earlier, later in itertools.pairwise(decay)):
        raise _invalid("target_decays", f"expected steps with rising after_hrs, found {text}")


def _invalid(field: str, problem: str) -> EngineError:
    return EngineError(ErrorCode.INVALID_REQUEST, f"param_grid.{field}: {problem}", field=f"param_grid.{field}")


@dataclass(frozen=True, slots=True)
class FurtherGrid:
    """A grid's further axes as the tables hold them: distinct sorted levels, and the row of each position (OFF)."""

    axes: FurtherAxes
    levels: FurtherLevels
    activation_row: list[int]
    trail_row: list[int]
    break_even_row: list[int]
    decay_row: list[int]
    rung_rows: list[list[int]]


def to_further_grid(axes: FurtherAxes) -> FurtherGrid:
    """Return levels and rows of the further axes."""
    activations, activation_row = np.unique(np.array(axes.activations, dtype=np.float64), return_inverse=True)
    keeps, trail_row = _rows([None if trail is None else -(1.0 - trail) for trail in axes.trails])
    triggers, break_even_row = _rows(axes.break_evens)
    rungs = np.unique(np.array([rung.mult for ladder in axes.ladders for rung in ladder or []], dtype=np.float64))
    decays = [decay for decay in axes.decays if decay is not None]
    steps = max([len(decay) for decay in decays], default=1)
    after_ms = np.full((len(decays), steps), np.iinfo(np.int64).max // 4, dtype=np.int64)
    step_mult = np.full((len(decays), steps), math.inf)
    for row, decay in enumerate(decays):
        after_ms[row, : len(decay)] = [to_hold_ms(step.after_hrs) for step in decay]
        step_mult[row, : len(decay)] = [step.tp_mult for step in decay]
    decay_numbers = iter(range(len(decays)))
    return FurtherGrid(
        axes=axes,
        levels=FurtherLevels(
            activation_mult=activations,
            keep=-keeps,
            trigger_mult=triggers,
            decay_after_ms=after_ms,
            decay_mult=step_mult,
            rung_mult=rungs,
        ),
        activation_row=activation_row.tolist(),
        trail_row=trail_row,
        break_even_row=break_even_row,
        decay_row=[OFF if decay is None else next(decay_numbers) for decay in axes.decays],
        rung_rows=[np.searchsorted(rungs, [rung.mult for rung in ladder or []]).tolist() for ladder in axes.ladders],
    )


def to_single_further_grid(params: V1BaselineParams) -> FurtherGrid:
    """Return the further exits of one combination as a grid."""
    return to_further_grid(to_further_axes(to_single_grid(params)))


def _rows(values: list[float | None]) -> tuple[Float1D, list[int]]:
    distinct = np.unique(np.array([value for value in values if value is not None], dtype=np.float64))
    return distinct, [OFF if value is None else int(np.searchsorted(distinct, value)) for value in values]
