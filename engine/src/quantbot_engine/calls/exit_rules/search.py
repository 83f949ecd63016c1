"""Every combination of a grid with any exits, each with its own fresh capital.

A tile of the grid is made of some stops in force and some targets in force, merged once; V1's own walk then takes them
as if they were stop losses and fixed targets. Only ladders need another walk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from quantbot_engine.calls.arrays import (
    CapitalRules,
    Grid,
    GridResults,
    LevelTable,
    Paths,
    Tables,
    allocate_level_table,
)
from quantbot_engine.calls.capital_rules import to_capital_rules
from quantbot_engine.calls.exit_rules.arrays import Ladder, Targets, allocate_leg_scratch, allocate_legs
from quantbot_engine.calls.exit_rules.axes import OFF, SUM_TOLERANCE, FurtherGrid
from quantbot_engine.calls.exit_rules.exits import SearchAxes, SearchExits
from quantbot_engine.calls.exit_rules.legs import LadderPaths, LegRoom, walk_ladder_pairs
from quantbot_engine.calls.exit_rules.merging import merge_stops, merge_targets
from quantbot_engine.calls.lane_search import walk_grid
from quantbot_engine.jit import Int1D, Int2D
from quantbot_engine.protocol import CapitalSimulatorConfig
from quantbot_engine.search.blocks import run_blocks

# Cells (rows * calls) of the merged stops or targets of a tile: about 4 MB each and thread.
TILE_CELLS: Final = 131_072
LARGEST_TILE: Final = 64


@dataclass(frozen=True, slots=True)
class Rows:
    """Stops or targets in force: positions on their axes, and rows of the tables they are merged from."""

    positions: Int2D
    tables: Int2D


@dataclass(frozen=True, slots=True)
class Tile:
    """Merged stops and targets, and the stop multiples that sizing needs, one a stop."""

    targets: Targets
    stops: LevelTable
    stop_mult: np.ndarray


def to_stop_rows(axes: SearchAxes) -> Rows:
    """Return every stop in force: stop, activation, trail, break-even; in grid order."""
    further, grid = axes.further, axes.base.grid
    counts = (grid.stop_row.size, len(further.activation_row), len(further.trail_row), len(further.break_even_row))
    trails = further.levels.keep.size
    positions = list(product(*(range(count) for count in counts)))
    tables = [
        (int(grid.stop_row[stop]), _trailing_row(further, activation, trail, trails), further.break_even_row[trigger])
        for stop, activation, trail, trigger in positions
    ]
    return Rows(np.array(positions, dtype=np.int64), np.array(tables, dtype=np.int64))


def to_target_rows(axes: SearchAxes) -> Rows:
    """Return every target in force: target, decay; in grid order."""
    rows = axes.further.decay_row
    positions = list(product(range(axes.base.grid.target_row.size), range(len(rows))))
    tables = [(int(axes.base.grid.target_row[target]), rows[decay]) for target, decay in positions]
    return Rows(np.array(positions, dtype=np.int64), np.array(tables, dtype=np.int64))


def merge_tile(exits: SearchExits, targets: Int2D, stops: Int2D, stop_mult: np.ndarray) -> Tile:
    """Merge these rows of the tables."""
    calls = len(exits.base.calls)
    tile = Tile(
        targets=Targets(allocate_level_table(len(targets), calls), np.empty((len(targets), calls))),
        stops=allocate_level_table(len(stops), calls),
        stop_mult=stop_mult,
    )
    merge_targets(exits.base.tables.target, exits.further, targets, tile.targets)
    merge_stops(exits.base.tables.stop, exits.further, stops, tile.stops)
    return tile


def to_ladder(further: FurtherGrid, position: int) -> Ladder | None:
    """Return the ladder at a position of its axis, None for none."""
    rungs = further.axes.ladders[position]
    if rungs is None:
        return None
    fraction = np.array([rung.fraction for rung in rungs])
    return Ladder(
        row=np.array(further.rung_rows[position], dtype=np.int64),
        mult=np.array([rung.mult for rung in rungs]),
        fraction=fraction,
        is_all=bool(abs(float(fraction.sum()) - 1.0) <= SUM_TOLERANCE),
    )


def search_combinations(
    exits: SearchExits,
    axes: SearchAxes,
    config: CapitalSimulatorConfig,
    workers: int,
    report_done: Callable[[int], None],
) -> GridResults:
    """Walk every combination of a grid with further exits, in tiles; results in grid order."""
    search = _Search(exits, axes, config)
    sides = (search.split(search.targets, workers), search.split(search.stops, workers))
    tiles = list(product(*sides))
    done = [len(targets) * len(stops) * search.combinations_of_a_pair for targets, stops in tiles]

    def walk_block(first: int, end: int) -> None:
        for targets, stops in tiles[first:end]:
            search.walk(targets, stops)

    finished = 0

    def report(count: int) -> None:
        # Tiles are of about equal size; what has been finished is told in combinations.
        nonlocal finished
        report_done(sum(done[finished : finished + count]))
        finished += count

    run_blocks(walk_block, len(tiles), workers, report)
    return search.results


class _Search:
    """One search: its rows, rules and results, shared by all threads, each of which walks tiles of its own."""

    def __init__(self, exits: SearchExits, axes: SearchAxes, config: CapitalSimulatorConfig) -> None:
        self.stops = to_stop_rows(axes)
        self.targets = to_target_rows(axes)
        self.results = GridResults(np.zeros(axes.combinations), np.zeros(axes.combinations, dtype=np.int64))
        self.combinations_of_a_pair = axes.base.grid.hold_row.size * len(axes.further.axes.ladders)
        self._exits = exits
        self._axes = axes
        self._rules = to_capital_rules(config)
        self._final_capital = self.results.final_capital.reshape(axes.shape)
        self._trades_executed = self.results.trades_executed.reshape(axes.shape)

    def split(self, rows: Rows, workers: int) -> list[range]:
        """Return spans of rows small enough for a tile, and enough of them for all threads."""
        calls = len(self._exits.base.calls)
        size = max(1, min(LARGEST_TILE, TILE_CELLS // max(1, calls)))
        if workers > 1:
            size = max(1, min(size, -(-len(rows.tables) // (2 * workers))))
        return [range(first, min(first + size, len(rows.tables))) for first in range(0, len(rows.tables), size)]

    def walk(self, targets: range, stops: range) -> None:
        """Walk all holding times and ladders of a tile and write the results by position."""
        target_span, stop_span = slice(targets.start, targets.stop), slice(stops.start, stops.stop)
        stop_positions = self.stops.positions[stop_span]
        grid = self._axes.base.grid
        stop_mult = grid.stop_mult[stop_positions[:, 0]]
        tile = merge_tile(self._exits, self.targets.tables[target_span], self.stops.tables[stop_span], stop_mult)
        # (targets, stops, holds) of the tile → the eight axes of the grid.
        target, decay = (column[:, None, None] for column in self.targets.positions[target_span].T)
        stop, activation, trail, trigger = (column[None, :, None] for column in stop_positions.T)
        hold = np.arange(grid.hold_row.size)[None, None, :]
        for ladder in range(len(self._axes.further.axes.ladders)):
            found = walk_tile(self._exits, tile, grid.hold_row, to_ladder(self._axes.further, ladder), self._rules)
            shape = (len(targets), len(stops), grid.hold_row.size)
            cells = (target, stop, hold, activation, trail, trigger, ladder, decay)
            self._final_capital[cells] = found.final_capital.reshape(shape)
            self._trades_executed[cells] = found.trades_executed.reshape(shape)


def walk_tile(
    exits: SearchExits, tile: Tile, hold_row: Int1D, ladder: Ladder | None, rules: CapitalRules
) -> GridResults:
    """Walk every target, stop and holding time of a tile, holding times innermost."""
    targets, stops = tile.targets.met.release_s.shape[0], tile.stops.release_s.shape[0]
    grid = Grid(np.arange(targets), np.arange(stops), hold_row, tile.stop_mult)
    entry_row, hold = exits.base.arrays.entry_row, exits.base.tables.hold
    if ladder is None:
        return walk_grid(Paths(entry_row, Tables(tile.targets.met, tile.stops, hold)), grid, rules)
    combinations = targets * stops * hold_row.size
    results = GridResults(np.zeros(combinations), np.zeros(combinations, dtype=np.int64))
    calls = len(exits.base.calls)
    rungs = ladder.row.size
    room = LegRoom(allocate_legs(calls, rungs), allocate_leg_scratch(calls, rungs))
    ladder_paths = LadderPaths(entry_row, tile.targets, tile.stops, hold, exits.further.rung)
    walk_ladder_pairs(ladder_paths, grid, ladder, rules, room, results)
    return results


def _trailing_row(further: FurtherGrid, activation: int, trail: int, trails: int) -> int:
    if further.trail_row[trail] == OFF:
        return OFF
    return further.activation_row[activation] * trails + further.trail_row[trail]
