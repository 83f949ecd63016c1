"""One combination in full: its trades, skipped calls and capital curve, from the same walk that searches take."""

import numpy as np

from quantbot_engine.calls.arrays import (
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
from quantbot_engine.calls.exit_rules.axes import to_single_grid
from quantbot_engine.calls.exit_rules.exits import SearchAxes, SearchExits, find_search_exits, to_search_axes
from quantbot_engine.calls.exits import Axes, CallExits, find_grid_position
from quantbot_engine.calls.trades import FoundExits, Walked, to_simulation_result
from quantbot_engine.protocol import CapitalSimulationResult, CapitalSimulatorConfig, ExitReason, V1BaselineParams
from quantbot_engine.slices.market import CallTable, Market


def simulate_params(
    market: Market, calls: CallTable, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> CapitalSimulationResult:
    """Simulate one set of parameters, with any exits, on all calls with one capital."""
    axes = to_search_axes(to_single_grid(params))
    exits = find_search_exits(market, calls, axes, config.gap_fill)
    return simulate_position(exits, axes, 0, config)


def simulate_position(
    exits: SearchExits, axes: SearchAxes, position: int, config: CapitalSimulatorConfig
) -> CapitalSimulationResult:
    """Simulate the combination at one position of a grid with any exits."""
    if axes.further.axes.is_off:
        return simulate_combination(exits.base, axes.base, axes.find_base_position(position), config)
    # Kernels that V1's exits never need are loaded with the first search that does: each costs the first result time.
    from quantbot_engine.calls.exit_rules.simulation import simulate_further

    return simulate_further(exits, axes, position, config)


def simulate_combination(
    exits: CallExits, axes: Axes, position: int, config: CapitalSimulatorConfig
) -> CapitalSimulationResult:
    """Simulate the combination at one position of the grid; its figures equal those of the search to the last bit."""
    tables = _take_combination(exits.tables, axes, position)
    sl_mult = axes.grid.stop_mult[find_grid_position(axes, position)[1]]
    only = np.zeros(1, dtype=np.int64)
    scratch = allocate_scratch(len(exits.calls))
    results = GridResults(np.zeros(1), np.zeros(1, dtype=np.int64))
    grid = Grid(only, only, only, np.array([sl_mult]))
    walk_pairs(Paths(exits.arrays.entry_row, tables), grid, to_capital_rules(config), scratch, results, (0, 1))
    walked = Walked(scratch.size, scratch.outcome, float(results.final_capital[0]))
    return to_simulation_result(exits, _to_exits(tables, scratch), walked, config)


def _take_combination(tables: Tables, axes: Axes, position: int) -> Tables:
    target, stop, hold = find_grid_position(axes, position)
    rows = (axes.grid.target_row[target], axes.grid.stop_row[stop], axes.grid.hold_row[hold])
    return Tables(
        *(LevelTable._make(cells[row : row + 1] for cells in table) for table, row in zip(tables, rows, strict=True))
    )


def _to_exits(tables: Tables, scratch: Scratch) -> FoundExits:
    is_level = scratch.release_s <= tables.hold.release_s[0]
    is_target = (scratch.met & MET_TARGET) != 0
    level_price = np.where(is_target, tables.target.price[0], tables.stop.price[0])
    level_reason = np.where(is_target, ExitReason.TAKE_PROFIT, ExitReason.STOP_LOSS)
    hold_reason = np.where(tables.hold.flag[0] != 0, ExitReason.TIME_EXIT, ExitReason.END_OF_DATA)
    return FoundExits(
        release_s=np.where(is_level, scratch.release_s, tables.hold.release_s[0]),
        price=np.where(is_level, level_price, tables.hold.price[0]),
        multiple=np.where(is_level, scratch.multiple, tables.hold.multiple[0]),
        reason=np.where(is_level, level_reason, hold_reason).astype(np.object_),
        is_ambiguous=is_level & ((scratch.met & MET_AMBIGUOUS) != 0),
    )
