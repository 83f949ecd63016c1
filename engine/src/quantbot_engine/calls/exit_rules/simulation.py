"""One combination with further exits in full: which of its stops was met, and the parts of each position."""

import numpy as np
import numpy.typing as npt

from quantbot_engine.calls.arrays import (
    GAP_FILL_CODES,
    MET_AMBIGUOUS,
    MET_TARGET,
    Grid,
    GridResults,
    LevelTable,
    Paths,
    Scratch,
    Tables,
    allocate_scratch,
)
from quantbot_engine.calls.capital_rules import to_capital_rules
from quantbot_engine.calls.capital_walk import walk_pairs
from quantbot_engine.calls.exit_rules.arrays import (
    BY_STOP,
    BY_TARGET,
    Ladder,
    Legs,
    allocate_further_tables,
    allocate_leg_scratch,
    allocate_legs,
)
from quantbot_engine.calls.exit_rules.axes import to_single_further_grid
from quantbot_engine.calls.exit_rules.exits import SearchAxes, SearchExits
from quantbot_engine.calls.exit_rules.legs import LadderPaths, LegRoom, walk_ladder_pairs
from quantbot_engine.calls.exit_rules.meetings import find_further_meetings
from quantbot_engine.calls.exit_rules.search import Tile, merge_tile, to_ladder, to_stop_rows, to_target_rows
from quantbot_engine.calls.exits import to_candle_arrays, to_hold_ms
from quantbot_engine.calls.trades import FoundExits, LegParts, Walked, to_simulation_result
from quantbot_engine.jit import Int1D
from quantbot_engine.protocol import (
    CapitalSimulationResult,
    CapitalSimulatorConfig,
    ExitReason,
    GapFill,
    V1BaselineParams,
)

Reasons = npt.NDArray[np.object_]


def simulate_further(
    exits: SearchExits, axes: SearchAxes, position: int, config: CapitalSimulatorConfig
) -> CapitalSimulationResult:
    """Simulate the combination at one position of the grid; its figures equal those of the search to the last bit."""
    target, stop, hold, activation, trail, trigger, ladder_position, decay = axes.find_positions(position)
    targets, stops = to_target_rows(axes), to_stop_rows(axes)
    target_at = np.flatnonzero((targets.positions == (target, decay)).all(axis=1))
    stop_at = np.flatnonzero((stops.positions == (stop, activation, trail, trigger)).all(axis=1))
    sl_mult = np.array([axes.base.params.sl_mults[stop]])
    tile = merge_tile(exits, targets.tables[target_at], stops.tables[stop_at], sl_mult)
    hold_row = axes.base.grid.hold_row[hold : hold + 1]
    hold_table = LevelTable._make(cells[hold_row[0] : hold_row[0] + 1] for cells in exits.base.tables.hold)
    stop_reason = _find_stop_reasons(exits, axes.to_params(position), tile.stops)
    ladder = to_ladder(axes.further, ladder_position)
    tables = Tables(tile.targets.met, tile.stops, hold_table)
    if ladder is None:
        found, walked = _walk_levels(exits, tables, sl_mult, stop_reason, config)
    else:
        found, walked = _walk_ladder(exits, tile, hold_table, (ladder, stop_reason), config)
    return to_simulation_result(exits.base, found, walked, config)


def _walk_levels(
    exits: SearchExits, tables: Tables, sl_mult: np.ndarray, stop_reason: Reasons, config: CapitalSimulatorConfig
) -> tuple[FoundExits, Walked]:
    scratch, results = allocate_scratch(len(exits.base.calls)), _one_result()
    paths = Paths(exits.base.arrays.entry_row, tables)
    walk_pairs(paths, _one_combination(sl_mult), to_capital_rules(config), scratch, results, (0, 1))
    return _to_exits(tables, scratch, stop_reason), Walked(
        scratch.size, scratch.outcome, float(results.final_capital[0])
    )


def _walk_ladder(
    exits: SearchExits,
    tile: Tile,
    hold: LevelTable,
    choice: tuple[Ladder, Reasons],
    config: CapitalSimulatorConfig,
) -> tuple[FoundExits, Walked]:
    ladder, stop_reason = choice
    calls, rungs = len(exits.base.calls), ladder.row.size
    room = LegRoom(allocate_legs(calls, rungs), allocate_leg_scratch(calls, rungs))
    results = _one_result()
    paths = LadderPaths(exits.base.arrays.entry_row, tile.targets, tile.stops, hold, exits.further.rung)
    walk_ladder_pairs(paths, _one_combination(tile.stop_mult), ladder, to_capital_rules(config), room, results)
    final_reason = np.where(room.legs.final == BY_STOP, stop_reason, _time_reasons(hold))
    final_reason[room.legs.final == BY_TARGET] = ExitReason.TAKE_PROFIT
    walked = Walked(room.scratch.size, room.scratch.outcome, float(results.final_capital[0]))
    return _to_leg_exits(room.legs, final_reason), walked


def _to_exits(tables: Tables, scratch: Scratch, stop_reason: Reasons) -> FoundExits:
    is_level = scratch.release_s <= tables.hold.release_s[0]
    is_target = (scratch.met & MET_TARGET) != 0
    level_price = np.where(is_target, tables.target.price[0], tables.stop.price[0])
    level_reason = stop_reason.copy()
    level_reason[is_target] = ExitReason.TAKE_PROFIT
    return FoundExits(
        release_s=np.where(is_level, scratch.release_s, tables.hold.release_s[0]),
        price=np.where(is_level, level_price, tables.hold.price[0]),
        multiple=np.where(is_level, scratch.multiple, tables.hold.multiple[0]),
        reason=np.where(is_level, level_reason, _time_reasons(tables.hold)).astype(np.object_),
        is_ambiguous=is_level & ((scratch.met & MET_AMBIGUOUS) != 0),
    )


def _to_leg_exits(legs: Legs, final_reason: Reasons) -> FoundExits:
    exists = np.arange(legs.fraction.shape[1])[None, :] < legs.parts[:, None]
    fraction = np.where(exists, legs.fraction, 0.0)
    last = np.maximum(legs.parts - 1, 0)[:, None]
    is_rung = legs.rung >= 0
    reason = np.empty(legs.rung.shape, dtype=np.object_)
    reason[:] = final_reason[:, None]
    reason[is_rung] = ExitReason.TAKE_PROFIT
    return FoundExits(
        release_s=np.take_along_axis(legs.release_s, last, axis=1)[:, 0],
        price=_sum_in_order(fraction * legs.price),
        multiple=_sum_in_order(fraction * legs.multiple),
        reason=np.take_along_axis(reason, last, axis=1)[:, 0],
        is_ambiguous=legs.ambiguous != 0,
        legs=LegParts(legs.parts, legs.release_s, legs.price, legs.multiple, fraction, reason),
    )


def _sum_in_order(parts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the sum over the parts, added up in their order, so that everybody gets the same last bit."""
    return np.add.accumulate(parts, axis=1)[:, -1]


def _time_reasons(hold: LevelTable) -> Reasons:
    return np.where(hold.flag[0] != 0, ExitReason.TIME_EXIT, ExitReason.END_OF_DATA).astype(np.object_)


def _find_stop_reasons(exits: SearchExits, params: V1BaselineParams, merged: LevelTable) -> Reasons:
    """Return which stop is the highest where the stop in force is met; of equal ones the first of the three.

    A fill below the level hides it, so the levels themselves are asked for: with the rule that fills at the level.
    """
    grid = to_single_further_grid(params)
    arrays = exits.base.arrays
    tables = allocate_further_tables(grid.levels, arrays.ts_ms.size)
    options = (GAP_FILL_CODES[GapFill.LEVEL.value], to_hold_ms(params.max_hold_hrs))
    candles = to_candle_arrays(exits.base.market)
    find_further_meetings(candles, arrays, grid.levels, options, tables, (0, arrays.ts_ms.size))
    has_entry = arrays.entry_row >= 0
    entry_px = np.zeros(arrays.ts_ms.size)
    entry_px[has_entry] = candles.close[arrays.entry_row[has_entry]]
    highest = entry_px * params.sl_mult
    reason: Reasons = np.full(highest.size, ExitReason.STOP_LOSS, dtype=np.object_)
    for table, name in ((tables.break_even, ExitReason.BREAK_EVEN), (tables.trailing, ExitReason.TRAILING_STOP)):
        if table.release_s.shape[0] > 0:
            is_higher = (table.release_s[0] == merged.release_s[0]) & (table.price[0] > highest)
            highest = np.where(is_higher, table.price[0], highest)
            reason[is_higher] = name
    return reason


def _one_combination(sl_mult: np.ndarray) -> Grid:
    only: Int1D = np.zeros(1, dtype=np.int64)
    return Grid(only, only, only, sl_mult)


def _one_result() -> GridResults:
    return GridResults(np.zeros(1), np.zeros(1, dtype=np.int64))
