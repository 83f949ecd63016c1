"""The straightforward Numba loop as a contender: serial, or over equal parts of the combinations in threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.data import INTERVAL_S, CallData, CapitalSpec, Combinations
from benchmarks.outcome import Exits, Outcome
from benchmarks.peers.naive_kernels import (
    Heap,
    ReplayCalls,
    ReplayCombinations,
    ReplayRules,
    replay_and_walk,
    replay_block,
    walk_block,
)

GAP_FILL = {"worse": 0, "open": 1, "level": 2}
# (first, end, (final capitals, trade counts)) of a span of combinations.
Work = Callable[[int, int, tuple[np.ndarray, np.ndarray]], None]
# Combinations replayed while one call's candles are in the cache.
BLOCK = 64
# Parts per thread, so that threads end together.
PARTS = 8


class NaiveNumba:
    """Replays candles per combination, capital by a binary heap."""

    def __init__(self, data: CallData, combinations: Combinations, spec: CapitalSpec) -> None:
        first = data.first_row
        self._calls = ReplayCalls(
            data.timestamp, data.open, data.high, data.low, data.close, data.ts_ms, first, first + data.candles
        )
        self._combinations = ReplayCombinations(combinations.target, combinations.stop, combinations.hold_ms)
        self._count = len(combinations)
        self._first_row = first
        self._rules = ReplayRules(
            target_first=spec.intrabar == "target_first",
            gap_fill=GAP_FILL[spec.gap_fill],
            interval_s=INTERVAL_S,
            initial_capital=spec.initial_capital,
            max_allocation=spec.max_allocation,
            max_risk=spec.max_risk,
            max_positions=spec.max_positions,
            min_size=spec.min_size,
            cost_bps=spec.fee_bps + spec.slippage_bps,
        )

    def run(self, threads: int) -> Outcome:
        """Walk combination by combination; a call is replayed when its position is opened."""

        def work(first: int, end: int, results: tuple[np.ndarray, np.ndarray]) -> None:
            replay_and_walk(self._calls, self._combinations, self._rules, self._heap(), results, (first, end))

        return self._share(work, threads, -(-self._count // (threads * PARTS)))

    def run_blocked(self, threads: int) -> Outcome:
        """Replay blocks of combinations call by call first, then walk each; memory is bounded by the block."""

        def work(first: int, end: int, results: tuple[np.ndarray, np.ndarray]) -> None:
            found = self._replay(first, end)
            outcome = (results[0][first:end], results[1][first:end])
            stops = self._combinations.stop[first:end]
            walk_block(self._calls, stops, self._rules, (found[0], found[2]), self._heap(), outcome)

        return self._share(work, threads, BLOCK)

    def exits(self) -> list[Exits]:
        """Return the exits of every combination."""
        found: list[Exits] = []
        for first in range(0, self._count, BLOCK):
            end = min(first + BLOCK, self._count)
            rows, reasons, prices = self._replay(first, end)
            for row, reason, price in zip(rows, reasons, prices, strict=True):
                found.append(Exits(row - self._first_row, reason.astype(np.int64), price))
        return found

    def _replay(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        shape = (end - first, self._first_row.size)
        found = (np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int32), np.empty(shape))
        replay_block(self._calls, self._combinations, self._rules, found, (first, end))
        return found

    def _heap(self) -> Heap:
        size = self._rules.max_positions + 1
        integers = (np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64))
        return Heap(*integers, np.zeros(size), np.zeros(size))

    def _share(self, work: Work, threads: int, part: int) -> Outcome:
        results = (np.zeros(self._count), np.zeros(self._count, dtype=np.int64))
        spans = [(first, min(first + part, self._count)) for first in range(0, self._count, part)]
        if threads == 1:
            for first, end in spans:
                work(first, end, results)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda span: work(span[0], span[1], results), spans))
        return Outcome(*results)
