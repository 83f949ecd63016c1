"""Many scattered combinations on one set of calls: their levels share one reading of the candles, each has its walk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from quantbot_engine.calls.arrays import (
    TRADED,
    Grid,
    GridResults,
    Levels,
    Paths,
    allocate_scratch,
)
from quantbot_engine.calls.capital_rules import to_capital_rules
from quantbot_engine.calls.capital_walk import walk_pairs
from quantbot_engine.calls.exits import CallExits, find_exits, to_hold_ms
from quantbot_engine.calls.simulation import simulate_params
from quantbot_engine.jit import Float1D, Int1D
from quantbot_engine.metrics.ledger import Ledger, Trips
from quantbot_engine.protocol import CapitalSimulatorConfig, GapFill, V1BaselineParams
from quantbot_engine.slices.market import CallTable, Market
from quantbot_engine.strategies.v1_baseline.parameters import Settings

# Entries of the tables of exits that are held at a time: about 120 MB.
MAX_TABLE_CELLS: Final = 4_000_000
_LEVELS_OF_A_TRIAL: Final = 3


@dataclass(frozen=True, slots=True)
class CallSet:
    """The chosen calls of a market, and the time from the first of them to the end of the last candle."""

    market: Market
    calls: CallTable
    start_ms: int
    end_ms: int


def to_call_set(market: Market, calls: CallTable) -> CallSet:
    """Return the calls with the time they span; without any candles it ends with the last call."""
    ends = [int(calls.ts_ms[-1])]
    for series in np.unique(calls.series[calls.series >= 0]).tolist():
        rows = int(market.series.rows[series])
        if rows > 0:
            last = int(market.series.offset[series]) + rows - 1
            ends.append((int(market.candles.timestamp[last]) + int(market.series.interval_s[series])) * 1000)
    return CallSet(market, calls, start_ms=int(calls.ts_ms[0]), end_ms=max(ends))


def walk_block(chosen: CallSet, trials: Sequence[Settings]) -> Iterator[Ledger]:
    """Yield the account of each trial, each with its own fresh capital, in order; a part of them is held at a time."""
    step = max(1, MAX_TABLE_CELLS // (_LEVELS_OF_A_TRIAL * len(chosen.calls)))
    for first in range(0, len(trials), step):
        yield from _walk_part(chosen, trials[first : first + step])


def _walk_part(chosen: CallSet, trials: Sequence[Settings]) -> list[Ledger]:
    found: dict[int, Ledger] = {}
    by_gap_fill: dict[GapFill, list[int]] = {}
    for position, trial in enumerate(trials):
        if _has_only_tables(trial.params):
            by_gap_fill.setdefault(trial.simulator.gap_fill, []).append(position)
        else:
            found[position] = _simulate(chosen, trial)
    for gap_fill, positions in by_gap_fill.items():
        ledgers = _walk_together(chosen, [trials[position] for position in positions], gap_fill)
        found.update(zip(positions, ledgers, strict=True))
    return [found[position] for position in range(len(trials))]


def _has_only_tables(params: V1BaselineParams) -> bool:
    """Return whether the exits of a trial are those that the tables know: target, stop and holding time."""
    return params == V1BaselineParams(tp_mult=params.tp_mult, sl_mult=params.sl_mult, max_hold_hrs=params.max_hold_hrs)


def _walk_together(chosen: CallSet, trials: Sequence[Settings], gap_fill: GapFill) -> Iterator[Ledger]:
    targets, target_rows = np.unique([trial.params.tp_mult for trial in trials], return_inverse=True)
    falling, stop_rows = np.unique([-trial.params.sl_mult for trial in trials], return_inverse=True)
    holds, hold_rows = np.unique([to_hold_ms(trial.params.max_hold_hrs) for trial in trials], return_inverse=True)
    levels = Levels(target_mult=targets, stop_mult=-falling, hold_ms=holds.astype(np.int64))
    exits = find_exits(chosen.market, chosen.calls, levels, gap_fill)
    walk = _Walk(chosen, exits)
    rows = zip(target_rows.tolist(), stop_rows.tolist(), hold_rows.tolist(), strict=True)
    for trial, (target, stop, hold) in zip(trials, rows, strict=True):
        yield walk.run(trial, target, stop, hold)


class _Walk:
    """Walks one combination after the other over the same tables, in the same working memory."""

    def __init__(self, chosen: CallSet, exits: CallExits) -> None:
        self._chosen = chosen
        self._exits = exits
        self._paths = Paths(exits.arrays.entry_row, exits.tables)
        self._scratch = allocate_scratch(len(chosen.calls))
        self._results = GridResults(np.zeros(1), np.zeros(1, dtype=np.int64))

    def run(self, trial: Settings, target: int, stop: int, hold: int) -> Ledger:
        """Return the account of the combination at these rows of the tables."""
        grid = Grid(_only(target), _only(stop), _only(hold), np.array([trial.params.sl_mult]))
        scratch = self._scratch
        walk_pairs(self._paths, grid, to_capital_rules(trial.simulator), scratch, self._results, (0, 1))
        traded = np.flatnonzero(scratch.outcome == TRADED)
        hold_table = self._exits.tables.hold
        level_s, hold_s = scratch.release_s[traded], hold_table.release_s[hold, traded]
        is_level = level_s <= hold_s
        multiple = np.where(is_level, scratch.multiple[traded], hold_table.multiple[hold, traded])
        size = scratch.size[traded]
        trips = Trips(
            opened_ms=self._chosen.calls.ts_ms[traded],
            released_ms=np.where(is_level, level_s, hold_s) * 1000,
            size=size,
            gross=size * (multiple - 1.0),
            fee=_fees(size, trial.simulator),
        )
        return _to_ledger(self._chosen, trips, trial, float(self._results.final_capital[0]))


def _simulate(chosen: CallSet, trial: Settings) -> Ledger:
    """Return the account of one trial, whatever its exits are."""
    result = simulate_params(chosen.market, chosen.calls, trial.params, trial.simulator)
    position = {call_id: index for index, call_id in enumerate(chosen.calls.ids)}
    trades = sorted(result.completed_trades, key=lambda trade: position[trade.call_id])
    traded = np.array([position[trade.call_id] for trade in trades], dtype=np.int64)
    interval_s = chosen.market.series.interval_s[chosen.calls.series[traded]]
    size = np.array([trade.size for trade in trades], dtype=np.float64)
    fee = _fees(size, trial.simulator)
    trips = Trips(
        opened_ms=chosen.calls.ts_ms[traded],
        released_ms=np.array([trade.exit_ts_ms for trade in trades], dtype=np.int64) + interval_s * 1000,
        size=size,
        gross=np.array([trade.pnl for trade in trades], dtype=np.float64) + fee,
        fee=fee,
    )
    return _to_ledger(chosen, trips, trial, result.final_capital)


def _to_ledger(chosen: CallSet, trips: Trips, trial: Settings, final_capital: float) -> Ledger:
    initial = trial.simulator.initial_capital
    return Ledger(trips, initial, final_capital, start_ms=chosen.start_ms, end_ms=chosen.end_ms)


def _fees(size: Float1D, simulator: CapitalSimulatorConfig) -> Float1D:
    return size * (simulator.taker_fee_bps + simulator.slippage_bps) / 10000.0 * 2.0


def _only(row: int) -> Int1D:
    return np.array([row], dtype=np.int64)
