"""What the kernels of this folder hand each other, beside the tables of V1 in `calls/arrays.py`."""

from typing import NamedTuple

import numpy as np

from quantbot_engine.calls.arrays import LevelTable, allocate_level_table
from quantbot_engine.jit import Flag1D, Float1D, Float2D, Index2D, Int1D, Int2D

# `Legs.final` of a call: what closes the rest of a position.
BY_STOP = 0
BY_TARGET = 1
BY_TIME = 2


class FurtherLevels(NamedTuple):
    """Distinct values to look for. `keep` is 1 - trail, falling; the others rise.

    `decay_after_ms`, `decay_mult`: shape (decays, steps), times from entry on; a step that does not exist never comes.
    """

    activation_mult: Float1D
    keep: Float1D
    trigger_mult: Float1D
    decay_after_ms: Int2D
    decay_mult: Float2D
    rung_mult: Float1D


class DecayTable(NamedTuple):
    """First meetings of the targets of each decay, from its first step on, shape (decays, calls).

    `limit_s`: `release_s` of the candle from which on the base target is no longer in force.
    `level_mult`: the multiple in force where the target is met.
    """

    met: LevelTable
    limit_s: Int2D
    level_mult: Float2D


class FurtherTables(NamedTuple):
    """The exits of all calls at the further levels. `trailing` has a row per activation and trail, trails innermost."""

    trailing: LevelTable
    break_even: LevelTable
    rung: LevelTable
    decay: DecayTable


class Targets(NamedTuple):
    """Targets as they are in force: one row per target and decay; `level_mult` is the multiple that is met."""

    met: LevelTable
    level_mult: Float2D


class Ladder(NamedTuple):
    """One ladder: rows of the rungs in their table, multiples, and fractions of the size. `is_all`: they sum to 1."""

    row: Int1D
    mult: Float1D
    fraction: Float1D
    is_all: bool


class Legs(NamedTuple):
    """How each call would be left, part by part; shape (calls, rungs + 1).

    `parts` (their number), `final` and `ambiguous` have the shape (calls,).
    `rung` is -1 for the leg that closes the rest, by what `final` says.
    """

    parts: Int1D
    final: Flag1D
    ambiguous: Flag1D
    release_s: Int2D
    price: Float2D
    multiple: Float2D
    fraction: Float2D
    bucket: Index2D
    rung: Index2D


class LegScratch(NamedTuple):
    """Working memory of a walk over legs, flat: a leg is number call * (rungs + 1) + place; `tail` (calls + 1,)."""

    size: Float1D
    outcome: Flag1D
    leg_size: Float1D
    proceeds: Float1D
    follower: Int1D
    tail: Int1D


def allocate_further_tables(levels: FurtherLevels, calls: int) -> FurtherTables:
    """Return tables in which no level is met."""
    decays = levels.decay_after_ms.shape[0]
    return FurtherTables(
        trailing=allocate_level_table(levels.activation_mult.size * levels.keep.size, calls),
        break_even=allocate_level_table(levels.trigger_mult.size, calls),
        rung=allocate_level_table(levels.rung_mult.size, calls),
        decay=DecayTable(
            met=allocate_level_table(decays, calls),
            limit_s=np.zeros((decays, calls), dtype=np.int64),
            level_mult=np.zeros((decays, calls)),
        ),
    )


def allocate_legs(calls: int, rungs: int) -> Legs:
    """Return room for the legs of every call."""
    shape = (calls, rungs + 1)
    return Legs(
        parts=np.zeros(calls, dtype=np.int64),
        final=np.zeros(calls, dtype=np.uint8),
        ambiguous=np.zeros(calls, dtype=np.uint8),
        release_s=np.zeros(shape, dtype=np.int64),
        price=np.zeros(shape),
        multiple=np.zeros(shape),
        fraction=np.zeros(shape),
        bucket=np.zeros(shape, dtype=np.int32),
        rung=np.zeros(shape, dtype=np.int32),
    )


def allocate_leg_scratch(calls: int, rungs: int) -> LegScratch:
    """Return the working memory for walks over the legs of this many calls."""
    legs = calls * (rungs + 1)
    return LegScratch(
        size=np.zeros(calls),
        outcome=np.zeros(calls, dtype=np.uint8),
        leg_size=np.zeros(legs),
        proceeds=np.zeros(legs),
        follower=np.zeros(legs, dtype=np.int64),
        tail=np.full(calls + 1, -1, dtype=np.int64),
    )
