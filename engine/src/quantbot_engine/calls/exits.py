"""The exits of a set of calls at all levels of a grid: computed once per request, shared by all that searches it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quantbot_engine.calls.arrays import (
    GAP_FILL_CODES,
    CallArrays,
    CandleArrays,
    Grid,
    Levels,
    LevelTable,
    Tables,
    allocate_level_table,
)
from quantbot_engine.calls.first_meetings import find_entries, find_first_meetings
from quantbot_engine.calls.release_buckets import fill_release_buckets
from quantbot_engine.protocol import GapFill, V1BaselineGrid
from quantbot_engine.search.blocks import run_blocks
from quantbot_engine.slices.call_rules import take_calls
from quantbot_engine.slices.market import CallTable, IntColumn, Market

MS_PER_HOUR = 3_600_000
# Longer than any data; keeps entry time + holding time inside 64 bits.
LONGEST_HOLD_MS = 2**61


@dataclass(frozen=True, slots=True)
class CallExits:
    """Calls in order of time, with the first meetings of every level. Arrays have one column per call."""

    market: Market
    calls: CallTable
    arrays: CallArrays
    tables: Tables


@dataclass(frozen=True, slots=True)
class Axes:
    """A grid as the tables hold it: distinct sorted levels, and where each grid position lies in them."""

    levels: Levels
    grid: Grid
    params: V1BaselineGrid

    @property
    def pairs(self) -> int:
        """Number of (target, stop) pairs."""
        return int(self.grid.target_row.size * self.grid.stop_row.size)

    @property
    def combinations(self) -> int:
        """Number of combinations of the grid."""
        return self.pairs * int(self.grid.hold_row.size)


def to_axes(params: V1BaselineGrid) -> Axes:
    """Return the axes of a grid, which may repeat values and have them in any order."""
    targets, target_row = np.unique(np.array(params.tp_mults, dtype=np.float64), return_inverse=True)
    falling, stop_row = np.unique(-np.array(params.sl_mults, dtype=np.float64), return_inverse=True)
    holds, hold_row = np.unique([to_hold_ms(hours) for hours in params.max_hold_hrs], return_inverse=True)
    levels = Levels(target_mult=targets, stop_mult=-falling, hold_ms=holds.astype(np.int64))
    grid = Grid(
        target_row=target_row.astype(np.int64),
        stop_row=stop_row.astype(np.int64),
        hold_row=hold_row.astype(np.int64),
        stop_mult=np.array(params.sl_mults, dtype=np.float64),
    )
    return Axes(levels=levels, grid=grid, params=params)


def to_hold_ms(hours: float) -> int:
    """Return a holding time in whole milliseconds, rounded down."""
    return math.floor(min(hours * MS_PER_HOUR, float(LONGEST_HOLD_MS)))


def find_exits(
    market: Market,
    calls: CallTable,
    levels: Levels,
    gap_fill: GapFill,
    workers: int = 1,
    report_done: Callable[[int], None] = lambda _: None,
) -> CallExits:
    """Read the candles of each call once and return the first meetings of all levels."""
    candles = to_candle_arrays(market)
    arrays = _find_entries(market, calls, candles)
    counts = (levels.target_mult.size, levels.stop_mult.size, levels.hold_ms.size)
    tables = Tables(*(allocate_level_table(count, len(calls)) for count in counts))
    code = GAP_FILL_CODES[gap_fill.value]

    def find_block(first: int, end: int) -> None:
        find_first_meetings(candles, arrays, levels, code, tables, (first, end))

    run_blocks(find_block, len(calls), workers, report_done)
    fill_release_buckets(arrays.ts_ms, tables)
    return CallExits(market=market, calls=calls, arrays=arrays, tables=tables)


def take_exits(exits: CallExits, positions: IntColumn) -> CallExits:
    """Return the exits of a part of the calls, as if the others did not exist."""
    arrays = CallArrays(*(column[positions] for column in exits.arrays))
    tables = Tables(
        *(LevelTable._make(np.ascontiguousarray(cells[:, positions]) for cells in table) for table in exits.tables)
    )
    fill_release_buckets(arrays.ts_ms, tables)
    return CallExits(market=exits.market, calls=take_calls(exits.calls, positions), arrays=arrays, tables=tables)


def to_candle_arrays(market: Market) -> CandleArrays:
    """Return the candle columns in the form that kernels take."""
    columns = market.candles
    return CandleArrays(columns.timestamp, columns.open, columns.high, columns.low, columns.close)


def to_single_grid(tp_mult: float, sl_mult: float, max_hold_hrs: float) -> V1BaselineGrid:
    """Return a grid of one combination."""
    return V1BaselineGrid(tp_mults=[tp_mult], sl_mults=[sl_mult], max_hold_hrs=[max_hold_hrs])


def _find_entries(market: Market, calls: CallTable, candles: CandleArrays) -> CallArrays:
    arrays = CallArrays(
        ts_ms=calls.ts_ms,
        entry_row=np.zeros(len(calls), dtype=np.int64),
        end_row=np.zeros(len(calls), dtype=np.int64),
        interval_s=_intervals_of(market, calls.series),
    )
    find_entries(candles, arrays, market.series.offset, market.series.rows, calls.series)
    return arrays


def _intervals_of(market: Market, series: IntColumn) -> IntColumn:
    """Return the interval of each call's series; 0 for a call without one."""
    if market.series.interval_s.size == 0:
        return np.zeros(series.size, dtype=np.int64)
    return np.where(series >= 0, market.series.interval_s[series], 0)


def find_grid_position(axes: Axes, position: int) -> tuple[int, int, int]:
    """Return the positions on the target, stop and hold axes of a combination in grid order."""
    pair, hold = divmod(position, axes.grid.hold_row.size)
    target, stop = divmod(pair, axes.grid.stop_row.size)
    return target, stop, hold
