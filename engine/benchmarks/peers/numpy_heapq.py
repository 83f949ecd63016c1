"""NumPy vectorised per combination, Python's heapq for the capital: the usual way without a compiler.

Candles are compared in chunks, and calls that have left are dropped: no more is read than a good author would read.
"""

import heapq

import numpy as np
import numpy.typing as npt

from benchmarks.data import INTERVAL_S, CallData, CapitalSpec, Combinations
from benchmarks.outcome import REASONS, Exits, Outcome

CHUNK_CANDLES = 128
TAKE_PROFIT, STOP_LOSS, TIME_EXIT, END_OF_DATA = range(len(REASONS))

Matrix = npt.NDArray[np.float64]


class NumpyHeapq:
    """Works on candles as matrices of shape (calls, candles): views of the same memory."""

    def __init__(self, data: CallData, combinations: Combinations, spec: CapitalSpec) -> None:
        shape = (data.calls, data.candles)
        self._open, self._high, self._low, self._close = (
            column.reshape(shape) for column in (data.open, data.high, data.low, data.close)
        )
        self._timestamp = data.timestamp.reshape(shape)
        self._ts_ms: list[int] = data.ts_ms.tolist()
        self._combinations = combinations
        self._spec = spec

    def run(self) -> Outcome:
        """Walk every combination."""
        count = len(self._combinations)
        final = np.zeros(count)
        trades = np.zeros(count, dtype=np.int64)
        for number in range(count):
            final[number], trades[number] = self._walk(self.find_exits(number), float(self._combinations.stop[number]))
        return Outcome(final, trades)

    def exits(self) -> list[Exits]:
        """Return the exits of every combination."""
        return [self.find_exits(number) for number in range(len(self._combinations))]

    def find_exits(self, number: int) -> Exits:
        """Return the exits of one combination."""
        calls, candles = self._close.shape
        entry = self._close[:, 0]
        target = entry * self._combinations.target[number]
        stop = entry * self._combinations.stop[number]
        deadline_s = -(-(self._timestamp[:, 0] * 1000 + self._combinations.hold_ms[number]) // 1000)
        row = np.full(calls, candles - 1, dtype=np.int64)
        is_over = np.zeros(calls, dtype=np.bool_)
        active = np.arange(calls)
        for first in range(1, candles, CHUNK_CANDLES):
            chunk = slice(first, min(first + CHUNK_CANDLES, candles))
            hit = self._high[active, chunk] >= target[active, None]
            hit |= self._low[active, chunk] <= stop[active, None]
            hit |= self._timestamp[active, chunk] >= deadline_s[active, None]
            has_hit = hit.any(axis=1)
            left = active[has_hit]
            row[left] = first + hit[has_hit].argmax(axis=1)
            is_over[left] = True
            active = active[~has_hit]
            if active.size == 0:
                break
        return self._settle(row, is_over, target, stop)

    def _settle(
        self, row: npt.NDArray[np.int64], is_over: npt.NDArray[np.bool_], target: Matrix, stop: Matrix
    ) -> Exits:
        """Decide reason and price at the exit candles."""
        at = (np.arange(row.size), row)
        opened = self._open[at]
        is_stop = (self._low[at] <= stop) & is_over
        is_target = (self._high[at] >= target) & is_over
        both = is_stop & is_target
        target_counts = (opened >= target) | ((opened > stop) & (self._spec.intrabar == "target_first"))
        is_stop &= ~(both & target_counts)
        is_target &= ~is_stop
        stop_price = stop if self._spec.gap_fill == "level" else np.minimum(stop, opened)
        target_price = np.maximum(target, opened) if self._spec.gap_fill == "open" else target
        price = np.where(is_stop, stop_price, np.where(is_target, target_price, self._close[at]))
        reason = np.where(
            is_stop, STOP_LOSS, np.where(is_target, TAKE_PROFIT, np.where(is_over, TIME_EXIT, END_OF_DATA))
        )
        return Exits(row, reason.astype(np.int64), price)

    def _walk(self, exits: Exits, stop: float) -> tuple[float, int]:
        spec = self._spec
        release_ms = (self._timestamp[np.arange(exits.row.size), exits.row] + INTERVAL_S) * 1000
        releases: list[int] = release_ms.tolist()
        growths: list[float] = (exits.price / self._close[:, 0] - 1.0).tolist()
        cost_bps = spec.fee_bps + spec.slippage_bps
        cash, open_cost, trades = spec.initial_capital, 0.0, 0
        positions: list[tuple[int, int, float, float]] = []
        for call, ts_ms in enumerate(self._ts_ms):
            while positions and positions[0][0] <= ts_ms:
                _, _, size, proceeds = heapq.heappop(positions)
                cash += proceeds
                open_cost -= size
            if len(positions) >= spec.max_positions:
                continue
            risk = spec.max_risk if spec.max_risk >= 1.0 else spec.max_risk * (cash + open_cost)
            size = min(risk / (1.0 - stop), spec.max_allocation * cash, cash)
            if size < spec.min_size:
                continue
            proceeds = size + (size * growths[call] - size * cost_bps / 10000.0 * 2.0)
            cash -= size
            open_cost += size
            heapq.heappush(positions, (releases[call], trades, size, proceeds))
            trades += 1
        while positions:
            cash += heapq.heappop(positions)[3]
        return cash, trades
