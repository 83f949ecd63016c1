"""The ranking that ignores capital: every combination of a grid by the figures of its trades, each on its own.

It says nothing about what an account would have made: no sizes, no places, no order. It is there to look at a large
grid at once, and every result is labelled so.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from quantbot_engine.calls.arrays import LevelTable
from quantbot_engine.calls.exit_rules.exits import SearchAxes, SearchExits
from quantbot_engine.calls.exit_rules.search import Rows, merge_tile, to_stop_rows, to_target_rows
from quantbot_engine.calls.staircase import (
    GAIN,
    HELD_S,
    LOSS,
    RETURN,
    SQUARE,
    SUMS,
    WINS,
    CallTimes,
    Levels,
    sum_trades,
)
from quantbot_engine.errors import EngineError
from quantbot_engine.jit import Int1D
from quantbot_engine.protocol import (
    ErrorCode,
    Intrabar,
    RankedTrades,
    RankFigure,
    RankRequest,
    V1BaselineRanking,
)
from quantbot_engine.search.blocks import run_blocks

# Values of each axis in a tile: 3 * 8 * SUMS bytes a cell, about 30 MB a thread.
TILE: Final = 60
SECONDS_PER_HOUR: Final = 3600.0
# A variance below this share of the mean square is rounding, not variation.
SMALLEST_VARIATION: Final = 1e-12
_UNDEFINED: Final = -np.inf

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Top:
    """The best combinations so far: figure, grid position, sums; in order of rank."""

    key: Floats
    position: Int1D
    sums: Floats


def rank_combinations(
    exits: SearchExits, axes: SearchAxes, request: RankRequest, workers: int = 1
) -> V1BaselineRanking:
    """Return the best combinations by a figure of their trades; INVALID_REQUEST with ladders, NO_CALLS without any."""
    if any(ladder is not None for ladder in axes.further.axes.ladders):
        message = (
            "param_grid.ladders: expected none in a ranking of single trades, found some; use optimize for ladders"
        )
        raise EngineError(ErrorCode.INVALID_REQUEST, message, field="param_grid.ladders")
    arrays = exits.base.arrays
    trades = int(np.count_nonzero(arrays.entry_row >= 0))
    if trades == 0:
        message = "expected at least one call with an entry candle, found none; import candles of their instruments"
        raise EngineError(ErrorCode.NO_CALLS, message)
    ranking = _Ranking(exits, axes, request, trades)
    tops: list[_Top | None] = [None] * len(ranking.tiles)

    def rank_block(first: int, end: int) -> None:
        for tile in range(first, end):
            tops[tile] = ranking.rank_tile(tile)

    run_blocks(rank_block, len(ranking.tiles), workers)
    best = _merge([top for top in tops if top is not None], request.limit)
    return V1BaselineRanking(
        basis="each_trade_on_its_own",
        rank_by=request.rank_by,
        params_evaluated=axes.combinations,
        trades=trades,
        ranked=[
            _to_ranked(axes, int(position), sums, trades)
            for position, sums in zip(best.position, best.sums, strict=True)
        ],
    )


class _Ranking:
    """Tiles of the grid: some targets, stops and holding times, one choice of the further exits."""

    def __init__(self, exits: SearchExits, axes: SearchAxes, request: RankRequest, trades: int) -> None:
        self._exits, self._axes, self._request, self._trades = exits, axes, request, trades
        config = request.simulator_config
        self._cost = (config.taker_fee_bps + config.slippage_bps) / 10000.0 * 2.0
        self._targets, self._stops = to_target_rows(axes), to_stop_rows(axes)
        arrays, timestamp = exits.base.arrays, exits.base.market.candles.timestamp
        entered_s = np.zeros(arrays.ts_ms.size, dtype=np.int64)
        has_entry = arrays.entry_row >= 0
        entered_s[has_entry] = timestamp[arrays.entry_row[has_entry]] + arrays.interval_s[has_entry]
        self._times = CallTimes(arrays.entry_row, entered_s)
        # Runs of levels in order of meeting: a run has one decay, or one choice of trailing and break-even stop.
        target_runs = _to_runs(self._targets, np.array(axes.base.params.tp_mults), 1)
        stop_runs = _to_runs(self._stops, -np.array(axes.base.params.sl_mults), len(axes.further.axes.shape[:3]))
        holds = _to_parts(np.argsort(axes.base.grid.hold_row, kind="stable"))
        self.tiles = list(product(target_runs, stop_runs, holds))

    def rank_tile(self, tile: int) -> _Top:
        """Return the best combinations of one tile."""
        targets, stops, holds = self.tiles[tile]
        stop_mult = np.zeros(stops.size)
        merged = merge_tile(self._exits, self._targets.tables[targets], self._stops.tables[stops], stop_mult)
        hold_rows = self._axes.base.grid.hold_row[holds]
        hold = LevelTable._make(np.ascontiguousarray(cells[hold_rows]) for cells in self._exits.base.tables.hold)
        target_first = self._request.simulator_config.intrabar is Intrabar.TARGET_FIRST
        levels = Levels(merged.targets.met, merged.stops, hold)
        sums = sum_trades(levels, self._times, self._cost, target_first).reshape(-1, SUMS)
        position = self._to_positions(targets, stops, holds)
        key = _to_key(sums, self._trades, self._request.rank_by)
        if key.size > self._request.limit:
            least = np.partition(key, key.size - self._request.limit)[key.size - self._request.limit]
            kept = key >= least
            sums, position, key = sums[kept], position[kept], key[kept]
        return _merge([_Top(key, position, sums)], self._request.limit)

    def _to_positions(self, targets: Int1D, stops: Int1D, holds: Int1D) -> Int1D:
        target, decay = (column[:, None, None] for column in self._targets.positions[targets].T)
        stop, activation, trail, trigger = (column[None, :, None] for column in self._stops.positions[stops].T)
        # A grid that can be ranked may list "no ladder" more than once; the first stands for all.
        cells = (target, stop, holds[None, None, :], activation, trail, trigger, 0, decay)
        return np.ravel_multi_index(np.broadcast_arrays(*cells), self._axes.shape).ravel().astype(np.int64)


def _to_runs(rows: Rows, order: Floats, others: int) -> list[Int1D]:
    """Return numbers of rows that differ in their first position alone, in this order of it, in parts."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, position in enumerate(rows.positions.tolist()):
        groups.setdefault(tuple(position[1 : 1 + others]), []).append(number)
    runs = []
    for group in groups.values():
        numbers = np.array(group, dtype=np.int64)
        in_order = np.argsort(order[rows.positions[numbers, 0]], kind="stable")
        runs.extend(_to_parts(numbers[in_order]))
    return runs


def _to_parts(numbers: npt.NDArray[np.int64]) -> list[Int1D]:
    return [numbers[first : first + TILE] for first in range(0, numbers.size, TILE)]


def _to_key(sums: Floats, trades: int, figure: RankFigure) -> Floats:
    """Return the figure of each combination, _UNDEFINED where it has none."""
    match figure:
        case RankFigure.EXPECTANCY:
            return sums[:, RETURN] / trades
        case RankFigure.WIN_RATE:
            return sums[:, WINS] / trades
        case RankFigure.PROFIT_FACTOR:
            has_losses = sums[:, LOSS] > 0
            return np.where(has_losses, sums[:, GAIN] / np.where(has_losses, sums[:, LOSS], 1.0), _UNDEFINED)
        case RankFigure.SHARPE_PER_TRADE:
            return _to_sharpe(sums, trades)


def _to_sharpe(sums: Floats, trades: int) -> Floats:
    """Return mean over standard deviation (with n - 1) of the net returns, _UNDEFINED without variation."""
    mean = sums[:, RETURN] / trades
    square = sums[:, SQUARE] / trades
    variance = (square - mean * mean) * (trades / max(1, trades - 1))
    has_variation = (variance > SMALLEST_VARIATION * square) & (trades > 1)
    return np.where(has_variation, mean / np.sqrt(np.where(has_variation, variance, 1.0)), _UNDEFINED)


def _merge(tops: list[_Top], limit: int) -> _Top:
    key = np.concatenate([top.key for top in tops])
    position = np.concatenate([top.position for top in tops])
    order = np.lexsort((position, -key))[:limit]
    return _Top(key[order], position[order], np.concatenate([top.sums for top in tops])[order])


def _to_ranked(axes: SearchAxes, position: int, sums: Floats, trades: int) -> RankedTrades:
    row = sums[None, :]
    sharpe = float(_to_sharpe(row, trades)[0])
    gain, loss = float(sums[GAIN]), float(sums[LOSS])
    return RankedTrades(
        params=axes.to_params(position),
        expectancy=float(sums[RETURN]) / trades,
        win_rate=float(sums[WINS]) / trades,
        gross_profit=gain,
        gross_loss=loss,
        profit_factor=gain / loss if loss > 0 else None,
        sharpe_per_trade=None if sharpe == _UNDEFINED else sharpe,
        mean_hold_hrs=float(sums[HELD_S]) / trades / SECONDS_PER_HOUR,
    )
