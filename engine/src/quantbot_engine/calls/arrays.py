"""What the kernels of this folder hand each other: named tuples of contiguous arrays, one entry per call in order."""

from typing import Final, NamedTuple

import numpy as np

from quantbot_engine.jit import Flag1D, Flag2D, Float1D, Float2D, Index1D, Index2D, Int1D, Int2D

# Release time of a level that is never met: later than every candle.
NEVER: Final = 2**62

# `CallArrays.entry_row` of a call without a path.
NO_ENTRY: Final = -1
NO_CANDLES: Final = -2

# `Scratch.outcome` after a walk.
TRADED: Final = 0
SKIPPED_NO_CANDLES: Final = 1
SKIPPED_NO_ENTRY: Final = 2
SKIPPED_MAX_POSITIONS: Final = 3
SKIPPED_CAPITAL: Final = 4

# `Scratch.met`: which level of a pair is met first, and whether only `intrabar` could tell.
MET_STOP: Final = 0
MET_TARGET: Final = 1
MET_AMBIGUOUS: Final = 2

GAP_FILL_CODES: Final = {"worse": 0, "open": 1, "level": 2}


class CandleArrays(NamedTuple):
    """Candle columns of all series; timestamps in Unix seconds."""

    timestamp: Int1D
    open: Float1D
    high: Float1D
    low: Float1D
    close: Float1D


class CallArrays(NamedTuple):
    """Per call: time, the row of the entry candle (or NO_ENTRY, NO_CANDLES), the end of its series, its interval."""

    ts_ms: Int1D
    entry_row: Int1D
    end_row: Int1D
    interval_s: Int1D


class Levels(NamedTuple):
    """Distinct values to look for: targets rising, stops falling, holding times (ms) rising."""

    target_mult: Float1D
    stop_mult: Float1D
    hold_ms: Int1D


class LevelTable(NamedTuple):
    """First meeting of each level with each call, shape (levels, calls).

    `release_s`: end of that candle in Unix seconds, NEVER if it is not met. Within one call it orders the candles too.
    `price`, `multiple`: fill price, and fill price over entry price.
    `flag`: of a target or stop: the candle opened at or beyond it; of a holding time: the deadline came in the data.
    `bucket`: the first call at or after `release_s`; the number of calls if there is none.
    """

    release_s: Int2D
    price: Float2D
    multiple: Float2D
    flag: Flag2D
    bucket: Index2D


class Tables(NamedTuple):
    """The exits of all calls at all levels."""

    target: LevelTable
    stop: LevelTable
    hold: LevelTable


class Paths(NamedTuple):
    """What a walk reads: the calls' entry rows (NO_ENTRY and NO_CANDLES among them) and exits at all levels."""

    entry_row: Int1D
    tables: Tables


class Grid(NamedTuple):
    """Grid positions → rows of the tables, and the stop multiples that sizing needs, in grid order."""

    target_row: Int1D
    stop_row: Int1D
    hold_row: Int1D
    stop_mult: Float1D


class GridResults(NamedTuple):
    """Final capital and number of trades of every combination, in grid order: target, then stop, then holding time."""

    final_capital: Float1D
    trades_executed: Int1D


class CapitalRules(NamedTuple):
    """Capital, sizing, costs (docs/assumptions.md). Money in the account's currency, costs in basis points a side."""

    initial_capital: float
    max_allocation: float
    max_risk: float
    max_positions: int
    min_size: float
    cost_bps: float
    target_first: bool


class Scratch(NamedTuple):
    """Working memory of one thread, shape (calls,), `tail` (calls + 1,).

    After a walk `size` and `outcome` tell what happened to each call, `met` which level of the pair came first.
    """

    release_s: Int1D
    multiple: Float1D
    bucket: Index1D
    met: Flag1D
    size: Float1D
    proceeds: Float1D
    open_release_s: Int1D
    next_in_bucket: Index1D
    tail: Index1D
    outcome: Flag1D


def allocate_level_table(levels: int, calls: int) -> LevelTable:
    """Return a table in which no level is met."""
    return LevelTable(
        release_s=np.full((levels, calls), NEVER, dtype=np.int64),
        price=np.zeros((levels, calls)),
        multiple=np.ones((levels, calls)),
        flag=np.zeros((levels, calls), dtype=np.uint8),
        bucket=np.zeros((levels, calls), dtype=np.int32),
    )


def allocate_scratch(calls: int) -> Scratch:
    """Return the working memory for walks over this many calls."""
    return Scratch(
        release_s=np.zeros(calls, dtype=np.int64),
        multiple=np.zeros(calls),
        bucket=np.zeros(calls, dtype=np.int32),
        met=np.zeros(calls, dtype=np.uint8),
        size=np.zeros(calls),
        proceeds=np.zeros(calls),
        open_release_s=np.zeros(calls, dtype=np.int64),
        next_in_bucket=np.zeros(calls, dtype=np.int32),
        tail=np.full(calls + 1, -1, dtype=np.int32),
        outcome=np.zeros(calls, dtype=np.uint8),
    )
