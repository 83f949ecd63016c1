"""The exits of a set of calls at all levels of all axes of a grid: the tables of V1 and those of the further exits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quantbot_engine.calls.arrays import GAP_FILL_CODES, LevelTable
from quantbot_engine.calls.exit_rules.arrays import DecayTable, FurtherTables, allocate_further_tables
from quantbot_engine.calls.exit_rules.axes import FurtherGrid, to_further_axes, to_further_grid, to_params
from quantbot_engine.calls.exits import Axes, CallExits, find_exits, take_exits, to_axes, to_candle_arrays
from quantbot_engine.jit import Int1D
from quantbot_engine.protocol import GapFill, V1BaselineGrid, V1BaselineParams
from quantbot_engine.search.blocks import run_blocks
from quantbot_engine.slices.market import CallTable, IntColumn, Market

# Target, stop, holding time, activation, trail, break-even, ladder, decay: positions on the axes of a grid.
Positions = tuple[int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class SearchAxes:
    """All axes of a grid; grid order: target outermost, decay innermost."""

    base: Axes
    further: FurtherGrid

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis, outermost first."""
        grid = self.base.grid
        return (grid.target_row.size, grid.stop_row.size, grid.hold_row.size, *self.further.axes.shape)

    @property
    def combinations(self) -> int:
        """Number of combinations of the grid."""
        return int(np.prod(self.shape, dtype=object))

    @property
    def is_v1(self) -> bool:
        """Whether every combination has V1's three exits alone, one value an axis for the others."""
        return self.further.axes.is_off and self.combinations == self.base.combinations

    def find_positions(self, position: int) -> Positions:
        """Return the positions on the axes of a combination in grid order."""
        found = [int(index) for index in np.unravel_index(position, self.shape)]
        return (found[0], found[1], found[2], found[3], found[4], found[5], found[6], found[7])

    def find_base_position(self, position: int) -> int:
        """Return the position of a combination's target, stop and holding time in the grid of these three alone."""
        return position // int(np.prod(self.further.axes.shape, dtype=object))

    def to_params(self, position: int) -> V1BaselineParams:
        """Return the parameters at a position of the grid."""
        target, stop, hold, *further = self.find_positions(position)
        grid = self.base.params
        base = V1BaselineParams(
            tp_mult=grid.tp_mults[target], sl_mult=grid.sl_mults[stop], max_hold_hrs=grid.max_hold_hrs[hold]
        )
        activation, trail, break_even, ladder, decay = further
        return to_params(base, self.further.axes, (activation, trail, break_even, ladder, decay))


@dataclass(frozen=True, slots=True)
class SearchExits:
    """The exits of calls in order of time; `further` is empty tables in a search of V1's exits alone."""

    base: CallExits
    further: FurtherTables


def to_search_axes(grid: V1BaselineGrid) -> SearchAxes:
    """Return the axes of a grid; INVALID_REQUEST names what cannot be combined."""
    return SearchAxes(base=to_axes(grid), further=to_further_grid(to_further_axes(grid)))


def find_search_exits(
    market: Market,
    calls: CallTable,
    axes: SearchAxes,
    gap_fill: GapFill,
    workers: int = 1,
    report_done: Callable[[int], None] = lambda _: None,
) -> SearchExits:
    """Read the candles of each call and return the first meetings of all levels."""
    base = find_exits(market, calls, axes.base.levels, gap_fill, workers, report_done)
    levels = axes.further.levels
    tables = allocate_further_tables(levels, len(calls))
    if axes.further.axes.is_off:
        return SearchExits(base, tables)
    # Kernels that V1's exits never need are loaded with the first search that does, as in `simulation.py`.
    from quantbot_engine.calls.exit_rules.meetings import find_further_meetings

    candles = to_candle_arrays(market)
    options = (GAP_FILL_CODES[gap_fill.value], int(axes.base.levels.hold_ms[-1]))

    def find_block(first: int, end: int) -> None:
        find_further_meetings(candles, base.arrays, levels, options, tables, (first, end))

    run_blocks(find_block, len(calls), workers)
    _fill_buckets(base.arrays.ts_ms, tables, axes.further)
    return SearchExits(base, tables)


def take_search_exits(exits: SearchExits, axes: SearchAxes, positions: IntColumn) -> SearchExits:
    """Return the exits of a part of the calls, as if the others did not exist."""
    further = exits.further
    tables = FurtherTables(
        trailing=_take(further.trailing, positions),
        break_even=_take(further.break_even, positions),
        rung=_take(further.rung, positions),
        decay=DecayTable(
            _take(further.decay.met, positions),
            np.ascontiguousarray(further.decay.limit_s[:, positions]),
            np.ascontiguousarray(further.decay.level_mult[:, positions]),
        ),
    )
    base = take_exits(exits.base, positions)
    if not axes.further.axes.is_off:
        _fill_buckets(base.arrays.ts_ms, tables, axes.further)
    return SearchExits(base, tables)


def _take(table: LevelTable, positions: IntColumn) -> LevelTable:
    return LevelTable._make(np.ascontiguousarray(cells[:, positions]) for cells in table)


def _fill_buckets(ts_ms: Int1D, tables: FurtherTables, grid: FurtherGrid) -> None:
    from quantbot_engine.calls.exit_rules.meetings import fill_any_buckets

    fill_any_buckets(ts_ms, tables.trailing, max(1, grid.levels.keep.size))
    fill_any_buckets(ts_ms, tables.break_even, max(1, grid.levels.trigger_mult.size))
    fill_any_buckets(ts_ms, tables.rung, max(1, grid.levels.rung_mult.size))
    fill_any_buckets(ts_ms, tables.decay.met, 1)
