"""Ladders: the parts in which each call would be left. Rungs are levels like targets, met once per call."""

from typing import NamedTuple

from quantbot_engine.calls.arrays import (
    MET_AMBIGUOUS,
    MET_TARGET,
    CapitalRules,
    Grid,
    GridResults,
    LevelTable,
)
from quantbot_engine.calls.capital_walk import _first_met
from quantbot_engine.calls.exit_rules.arrays import BY_STOP, BY_TARGET, BY_TIME, Ladder, Legs, LegScratch, Targets
from quantbot_engine.calls.exit_rules.leg_walk import walk_legs
from quantbot_engine.jit import Int1D, kernel, rule


class LadderPaths(NamedTuple):
    """What a walk over legs reads: entry rows, stops and targets in force, holding times, rungs."""

    entry_row: Int1D
    targets: Targets
    stops: LevelTable
    hold: LevelTable
    rung: LevelTable


class LegRoom(NamedTuple):
    """What a walk over legs writes: the parts of every call, and its working memory."""

    legs: Legs
    scratch: LegScratch


@rule
def _append(legs: Legs, call: int, source: LevelTable, row: int, part: tuple[float, int]) -> None:
    """Add a leg of this fraction and rung, filled as this row of a table says."""
    place = legs.parts[call]
    legs.release_s[call, place] = source.release_s[row, call]
    legs.price[call, place] = source.price[row, call]
    legs.multiple[call, place] = source.multiple[row, call]
    legs.bucket[call, place] = source.bucket[row, call]
    legs.fraction[call, place] = part[0]
    legs.rung[call, place] = part[1]
    legs.parts[call] = place + 1


@rule
def _is_filled(rung: tuple[int, bool, bool], exit_s: int, final: int, is_late: bool) -> bool:
    """Tell whether a rung is filled before the rest is closed.

    `rung`: end of the candle that reaches it, whether that opened at or above it, whether it lies below the target in
    force. `is_late`: on its last candle the stop comes before rungs that are reached after the opening.
    """
    if rung[0] != exit_s:
        return rung[0] < exit_s
    if final == BY_STOP:
        return rung[1] or not is_late
    return final == BY_TIME or rung[2]


@rule
def _split_call(
    paths: LadderPaths, rows: tuple[int, int, int], call: int, ladder: Ladder, target_first: bool, legs: Legs
) -> None:
    target_s = paths.targets.met.release_s[rows[0], call]
    stop_s = paths.stops.release_s[rows[1], call]
    hold_s = paths.hold.release_s[rows[2], call]
    is_stop_at_open = paths.stops.flag[rows[1], call] != 0
    met = _first_met(
        target_s, stop_s, paths.targets.met.flag[rows[0], call], paths.stops.flag[rows[1], call], target_first
    )
    final = BY_TARGET if met & MET_TARGET != 0 else BY_STOP
    exit_s = target_s if final == BY_TARGET else stop_s
    if exit_s > hold_s:
        final = BY_TIME
        exit_s = hold_s
    is_ambiguous = final != BY_TIME and met & MET_AMBIGUOUS != 0
    is_late = is_stop_at_open or not target_first
    left = 1.0
    legs.parts[call] = 0
    legs.final[call] = final
    for place in range(ladder.row.size):
        row = ladder.row[place]
        rung_s = paths.rung.release_s[row, call]
        is_rung_at_open = paths.rung.flag[row, call] != 0
        is_below = ladder.mult[place] < paths.targets.level_mult[rows[0], call]
        if rung_s == exit_s and final == BY_STOP and not is_stop_at_open and not is_rung_at_open:
            is_ambiguous = True
        if not _is_filled((rung_s, is_rung_at_open, is_below), exit_s, final, is_late):
            break
        is_last = ladder.is_all and place == ladder.row.size - 1
        fraction = left if is_last else ladder.fraction[place]
        left -= fraction
        _append(legs, call, paths.rung, row, (fraction, place))
        if is_last:
            legs.final[call] = BY_TARGET
            legs.ambiguous[call] = 1 if rung_s == stop_s and not is_rung_at_open else 0
            return
    legs.ambiguous[call] = 1 if is_ambiguous else 0
    if final == BY_TIME:
        _append(legs, call, paths.hold, rows[2], (left, -1))
    elif final == BY_STOP:
        _append(legs, call, paths.stops, rows[1], (left, -1))
    else:
        _append(legs, call, paths.targets.met, rows[0], (left, -1))


@kernel
def walk_ladder_pairs(
    paths: LadderPaths, grid: Grid, ladder: Ladder, rules: CapitalRules, room: LegRoom, results: GridResults
) -> None:
    """Walk every (target, stop, hold) of the grid with one ladder and write the results by position."""
    stops = grid.stop_row.size
    holds = grid.hold_row.size
    for position in range(grid.target_row.size * stops * holds):
        stop = position // holds % stops
        rows = (grid.target_row[position // holds // stops], grid.stop_row[stop], grid.hold_row[position % holds])
        for call in range(paths.entry_row.size):
            if paths.entry_row[call] >= 0:
                _split_call(paths, rows, call, ladder, rules.target_first, room.legs)
        final, trades = walk_legs(paths.entry_row, room.legs, grid.stop_mult[stop], rules, room.scratch)
        results.final_capital[position] = final
        results.trades_executed[position] = trades
