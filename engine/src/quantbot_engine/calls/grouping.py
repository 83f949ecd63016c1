"""The parameters of a group: the mean of what was best for each of its callers."""

from collections.abc import Sequence
from statistics import fmean
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from quantbot_engine.protocol import BreakEvenStop, LadderRung, TargetStep, TrailingStop, V1BaselineParams

Steps = TypeVar("Steps", list[LadderRung], list[TargetStep])


def to_group_params(params: Sequence[V1BaselineParams]) -> V1BaselineParams:
    """Return unweighted means of numbers; a trailing or break-even stop only if all have one.

    Ladders and decays have no mean: the most frequent one is taken, off included; of equally frequent ones the first.
    A ladder whose top rung is not below the mean target is left out.
    """
    trailing = [best.trailing for best in params if best.trailing is not UNSET]
    break_even = [best.break_even for best in params if best.break_even is not UNSET]
    tp_mult = fmean(best.tp_mult for best in params)
    ladder = _most_frequent([best.ladder for best in params])
    return V1BaselineParams(
        tp_mult=tp_mult,
        sl_mult=fmean(best.sl_mult for best in params),
        max_hold_hrs=fmean(best.max_hold_hrs for best in params),
        trailing=_mean_trailing(trailing) if len(trailing) == len(params) else UNSET,
        break_even=_mean_break_even(break_even) if len(break_even) == len(params) else UNSET,
        ladder=UNSET if ladder is UNSET or ladder[-1].mult >= tp_mult else ladder,
        target_decay=_most_frequent([best.target_decay for best in params]),
    )


def _mean_trailing(stops: Sequence[TrailingStop]) -> TrailingStop:
    return TrailingStop(
        activation_mult=fmean(stop.activation_mult for stop in stops), trail_pct=fmean(stop.trail_pct for stop in stops)
    )


def _mean_break_even(stops: Sequence[BreakEvenStop]) -> BreakEvenStop:
    return BreakEvenStop(trigger_mult=fmean(stop.trigger_mult for stop in stops))


def _most_frequent(found: "Sequence[Steps | UnsetType]") -> "Steps | UnsetType":
    texts = ["" if steps is UNSET else msgspec.json.encode(steps) for steps in found]
    return max(found, key=lambda steps: texts.count(texts[found.index(steps)]))
