"""trail-act: trailing stops, activation x trail, exits only. The engine has none yet: only the peer is timed."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from benchmarks import goals
from benchmarks.data import CallData, FloatArray, make_calls
from benchmarks.outcome import Exits
from benchmarks.rows import Report
from benchmarks.settings import Settings
from benchmarks.timing import Contender, Run, interleave

NAME = "trail-act"
HOLD_CANDLES = 1_080
PARTS = 8


def run_trailing(settings: Settings) -> Report:
    """Time the replay of all (activation, trail) pairs."""
    report = Report(NAME, is_judged=not settings.is_quick)
    data = make_calls(200, 500) if settings.is_quick else make_calls(2_000, 2_880)
    activations, trails = (1.0 + np.geomspace(0.02, 0.8, 20), np.geomspace(0.02, 0.5, 50))
    cells = activations.size * trails.size

    def load(threads: int) -> Run:
        from benchmarks.peers.trailing_kernels import replay_trailing  # noqa: F401, PLC0415

        return lambda: replay(data, (activations, trails), threads)

    contenders = [
        Contender("Numba replay", threads, partial(load, threads), cells, cells) for threads in settings.thread_counts
    ]
    for timing in interleave(contenders, settings.rounds, settings.budget_s / 2):
        report.add_time(timing, data.calls * cells)
    report.add_missing("ratio to Numba replay", "x", goals.TRAILING, "not in the engine")
    report.facts.append(
        f"{data.calls:,} calls x {data.candles:,} candles, 20 activations x 50 trails, {HOLD_CANDLES} candles"
    )
    return report


def replay(data: CallData, levels: tuple[FloatArray, FloatArray], threads: int) -> list[Exits]:
    """Return the exits of every (activation, trail), activations outermost."""
    from benchmarks.peers.trailing_kernels import replay_trailing  # noqa: PLC0415

    shape = (levels[0].size * levels[1].size, data.calls)
    found = (np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int32), np.empty(shape))
    first = data.first_row
    rows = (first, first + data.candles, first + HOLD_CANDLES)
    candles = (data.open, data.high, data.low, data.close)
    part = -(-data.calls // (threads * PARTS))
    spans = [(start, min(start + part, data.calls)) for start in range(0, data.calls, part)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda span: replay_trailing(candles, rows, levels, found, span), spans))
    return [
        Exits(row.astype(np.int64), reason.astype(np.int64), price) for row, reason, price in zip(*found, strict=True)
    ]
