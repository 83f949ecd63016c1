"""The grid in tiles: which pairs walk side by side, and how tiles and holding times are shared among threads."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from quantbot_engine.calls.arrays import CapitalRules, Grid, GridResults, Paths
from quantbot_engine.calls.lane_arrays import LaneScratch, allocate_lane_scratch, find_sizes
from quantbot_engine.calls.lane_walk import Tiles, walk_tiles
from quantbot_engine.lanes import LANES
from quantbot_engine.search.blocks import run_blocks

T = TypeVar("T", bound=np.generic)

# Targets beside each other in a tile; it then has LANES / STRIP_TARGETS stops. Measured: 2 to 8 differ by 10 %.
STRIP_TARGETS = 8
# So that no thread waits long for the last one.
TURNS_PER_WORKER = 2


def walk_grid(
    paths: Paths,
    grid: Grid,
    rules: CapitalRules,
    workers: int = 1,
    report_done: Callable[[int], None] = lambda _: None,
) -> GridResults:
    """Return the results of every combination of the grid; `report_done` is told how many more are finished."""
    tiles = to_tiles(grid)
    holds = grid.hold_row.size
    combinations = tiles.position.size * holds
    count = -(-tiles.position.size // LANES)
    sizes = find_sizes(paths.entry_row, paths.tables.hold, rules)
    wanted_turns = -(-TURNS_PER_WORKER * workers // count) if workers > 1 else 1
    sizes = sizes._replace(walks=min(sizes.walks, max(1, holds // wanted_turns)))
    turns = count * -(-holds // sizes.walks)
    results = GridResults(np.zeros(combinations), np.zeros(combinations, dtype=np.int64))
    idle: list[LaneScratch] = []
    done = 0

    def walk_turns(first: int, end: int) -> None:
        scratch = idle.pop() if idle else allocate_lane_scratch(sizes)
        walk_tiles(paths, tiles, rules, scratch, results, (first, end))
        idle.append(scratch)

    def report_turns(finished: int) -> None:
        nonlocal done
        before = combinations * done // turns
        done += finished
        report_done(combinations * done // turns - before)

    run_blocks(walk_turns, turns, workers, report_turns)
    return results


def to_tiles(grid: Grid) -> Tiles:
    """Return the pairs of a grid so that neighbours on both axes, which have most exits in common, share a tile."""
    targets, stops = grid.target_row.size, grid.stop_row.size
    target_order = np.argsort(grid.target_row, kind="stable")
    stop_order = np.argsort(grid.stop_row, kind="stable")
    strips = [target_order[first : first + STRIP_TARGETS] for first in range(0, targets, STRIP_TARGETS)]
    target = np.concatenate([np.tile(strip, stops) for strip in strips])
    stop = np.concatenate([np.repeat(stop_order, strip.size) for strip in strips])
    return Tiles(
        target_row=_fill_up(grid.target_row[target]),
        stop_row=_fill_up(grid.stop_row[stop]),
        stop_mult=_fill_up(grid.stop_mult[stop]),
        position=(target * stops + stop).astype(np.int64),
        hold_row=grid.hold_row,
    )


def _fill_up(column: npt.NDArray[T]) -> npt.NDArray[T]:
    """Return the column with its last entry repeated to whole tiles."""
    return np.concatenate([column, np.repeat(column[-1:], -column.size % LANES)])
