"""trail-act: trailing stops, activation x trail, exits only: the engine's tables against a replay of each pair."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module

import numpy as np

from benchmarks import goals
from benchmarks.data import CallData, FloatArray, make_calls
from benchmarks.equality import Equality
from benchmarks.outcome import Exits
from benchmarks.rows import Report
from benchmarks.settings import Settings
from benchmarks.timing import Contender, Run, Timing, interleave

NAME = "trail-act"
HOLD_CANDLES = 1_080
PARTS = 8


def run_trailing(settings: Settings) -> Report:
    """Time both on all (activation, trail) pairs, where they agree on every exit."""
    report = Report(NAME, is_judged=not settings.is_quick)
    data = make_calls(200, 500) if settings.is_quick else make_calls(2_000, 2_880)
    levels = (1.0 + np.geomspace(0.02, 0.8, 20), np.geomspace(0.02, 0.5, 50))
    cells = levels[0].size * levels[1].size
    contenders = [
        Contender(name, threads, partial(load, data, levels, threads), cells, cells)
        for threads in settings.thread_counts
        for name, load in (("ours, exit tables", _load_ours), ("Numba replay", _load_replay))
    ]
    timings = interleave(contenders, settings.rounds, settings.budget_s)
    for timing in timings:
        report.add_time(timing, data.calls * cells)
    for ours, peer in zip(timings[::2], timings[1::2], strict=True):
        _judge(report, ours, peer, cells)
    report.facts.append(
        f"{data.calls:,} calls x {data.candles:,} candles, 20 activations x 50 trails, {HOLD_CANDLES} candles"
    )
    return report


def _load_ours(data: CallData, levels: tuple[FloatArray, FloatArray], threads: int) -> Run:
    from benchmarks.ours_trailing import OursTrailing

    ours = OursTrailing(data, levels, HOLD_CANDLES)
    return lambda: ours.find_tables(threads)


def _load_replay(data: CallData, levels: tuple[FloatArray, FloatArray], threads: int) -> Run:
    import_module("benchmarks.peers.trailing_kernels")

    return lambda: replay(data, levels, threads)


def _judge(report: Report, ours: Timing, peer: Timing, cells: int) -> None:
    from benchmarks.ours_trailing import to_exits

    equality = Equality()
    equality.check_exits(to_exits(ours.result), peer.result, cells)
    report.add_equality(f"{peer.name}, {peer.threads} threads", equality)
    what = f"ratio to Numba replay, {ours.threads} threads"
    report.add_ratio(what, ours, [(peer, equality)], goals.TRAILING)


def replay(data: CallData, levels: tuple[FloatArray, FloatArray], threads: int) -> list[Exits]:
    """Return the exits of every (activation, trail), activations outermost."""
    from benchmarks.peers.trailing_kernels import replay_trailing

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
