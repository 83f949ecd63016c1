"""Sums over the trades of every combination of targets, stops and holding times, without visiting combinations.

For one call a target wins against every stop that is met later, a stop against every target that is met later, and the
holding time against whatever is met after it: runs of the grid, that begin at one corner and never end. So each call
adds its trades at the corners, and one summation along the axes at the end carries them over the grid.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from quantbot_engine.calls.arrays import MET_TARGET, LevelTable
from quantbot_engine.calls.capital_walk import _first_met
from quantbot_engine.jit import Float4D, Int1D, kernel, rule

# What is summed of each trade's net return and time.
WINS, RETURN, SQUARE, GAIN, LOSS, HELD_S = range(6)
SUMS = 6


class Levels(NamedTuple):
    """Rows in order of meeting: targets rising, stops falling, holding times rising. Shape (rows, calls)."""

    target: LevelTable
    stop: LevelTable
    hold: LevelTable


class CallTimes(NamedTuple):
    """Entry row of each call (negative: no trade), and the end of its entry candle in Unix seconds."""

    entry_row: Int1D
    entered_s: Int1D


class Corners(NamedTuple):
    """Where runs begin, shape (targets, stops, holds, SUMS): of targets, of stops, of holding times."""

    target: Float4D
    stop: Float4D
    hold: Float4D


@rule
def _add(cells: Float4D, at: tuple[int, int, int], net: float, held_s: int) -> None:
    cell = cells[at[0], at[1], at[2]]
    cell[RETURN] += net
    cell[SQUARE] += net * net
    cell[HELD_S] += held_s
    if net > 0.0:
        cell[WINS] += 1.0
        cell[GAIN] += net
    else:
        cell[LOSS] -= net


@rule
def _is_target(levels: Levels, call: int, target: int, stop: int, target_first: bool) -> bool:
    met = _first_met(
        levels.target.release_s[target, call],
        levels.stop.release_s[stop, call],
        levels.target.flag[target, call],
        levels.stop.flag[stop, call],
        target_first,
    )
    return met & MET_TARGET != 0


@rule
def _add_targets(levels: Levels, call: int, entered_s: int, cost: float, target_first: bool, corners: Float4D) -> None:
    holds = levels.hold.release_s.shape[0]
    stops = levels.stop.release_s.shape[0]
    hold = 0
    stop = 0
    for target in range(levels.target.release_s.shape[0]):
        release_s = levels.target.release_s[target, call]
        while hold < holds and levels.hold.release_s[hold, call] < release_s:
            hold += 1
        while stop < stops and not _is_target(levels, call, target, stop, target_first):
            stop += 1
        if hold == holds or stop == stops:
            return
        net = levels.target.multiple[target, call] - 1.0 - cost
        _add(corners, (target, stop, hold), net, release_s - entered_s)


@rule
def _add_stops(levels: Levels, call: int, entered_s: int, cost: float, target_first: bool, corners: Float4D) -> None:
    holds = levels.hold.release_s.shape[0]
    targets = levels.target.release_s.shape[0]
    hold = 0
    target = 0
    for stop in range(levels.stop.release_s.shape[0]):
        release_s = levels.stop.release_s[stop, call]
        while hold < holds and levels.hold.release_s[hold, call] < release_s:
            hold += 1
        while target < targets and _is_target(levels, call, target, stop, target_first):
            target += 1
        if hold == holds or target == targets:
            return
        net = levels.stop.multiple[stop, call] - 1.0 - cost
        _add(corners, (target, stop, hold), net, release_s - entered_s)


@rule
def _add_holds(levels: Levels, call: int, entered_s: int, cost: float, corners: Float4D) -> None:
    targets = levels.target.release_s.shape[0]
    stops = levels.stop.release_s.shape[0]
    target = 0
    stop = 0
    for hold in range(levels.hold.release_s.shape[0]):
        release_s = levels.hold.release_s[hold, call]
        while target < targets and levels.target.release_s[target, call] <= release_s:
            target += 1
        while stop < stops and levels.stop.release_s[stop, call] <= release_s:
            stop += 1
        if target == targets or stop == stops:
            return
        net = levels.hold.multiple[hold, call] - 1.0 - cost
        _add(corners, (target, stop, hold), net, release_s - entered_s)


@kernel
def add_corners(levels: Levels, times: CallTimes, cost: float, target_first: bool, corners: Corners) -> None:
    """Add the trades of all calls; `cost` is what buying and selling take, as a fraction of the position."""
    for call in range(times.entry_row.size):
        if times.entry_row[call] >= 0:
            entered_s = times.entered_s[call]
            _add_targets(levels, call, entered_s, cost, target_first, corners.target)
            _add_stops(levels, call, entered_s, cost, target_first, corners.stop)
            _add_holds(levels, call, entered_s, cost, corners.hold)


def sum_trades(levels: Levels, times: CallTimes, cost: float, target_first: bool) -> npt.NDArray[np.float64]:
    """Return the sums over all trades of every combination, shape (targets, stops, holds, SUMS)."""
    shape = (levels.target.release_s.shape[0], levels.stop.release_s.shape[0], levels.hold.release_s.shape[0], SUMS)
    corners = Corners(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    add_corners(levels, times, cost, target_first, corners)
    for cells, axes in ((corners.target, (1, 2)), (corners.stop, (0, 2)), (corners.hold, (0, 1))):
        for axis in axes:
            np.add.accumulate(cells, axis=axis, out=cells)
    total: npt.NDArray[np.float64] = corners.target
    total += corners.stop
    total += corners.hold
    return total
