"""A whole grid with capital, from raw candles to final capitals: calls-grid-1k, calls-grid-100k and calls-big."""

from dataclasses import replace

import numpy as np

from benchmarks import goals
from benchmarks.data import CallData, CapitalSpec, GridAxes, make_calls, make_grid, sample_combinations
from benchmarks.equality import Equality
from benchmarks.outcome import REASONS, Exits
from benchmarks.rows import DIFFERS, Report
from benchmarks.settings import Settings
from benchmarks.timing import Contender, Timing, interleave
from benchmarks.workloads.grid_contenders import (
    BLOCKED,
    NUMBA,
    NUMPY,
    OURS,
    GridSize,
    Key,
    compare_contenders,
    find_replayed_exits,
    list_contenders,
)

GRID_1K = GridSize(
    name="calls-grid-1k",
    calls=2_000,
    candles=2_880,
    shape=(10, 10, 10),
    numba_sample=1_000,
    numpy_sample=20,
    exits_sample=1_000,
    numba_goal=goals.GRID_1K_NUMBA,
    numpy_goal=goals.GRID_1K_NUMPY,
)
GRID_100K = GridSize(
    name="calls-grid-100k",
    calls=2_000,
    candles=2_880,
    shape=(50, 50, 40),
    numba_sample=512,
    numpy_sample=20,
    exits_sample=200,
    numba_goal=goals.GRID_100K_NUMBA,
    cell_goal=goals.GRID_100K_CELL_NS,
    scaling_goal=goals.SCALING,
)
BIG = GridSize(
    name="calls-big",
    calls=100_000,
    candles=600,
    shape=(10, 10, 10),
    numba_sample=64,
    numpy_sample=2,
    exits_sample=4,
    cell_goal=goals.BIG_CELL_NS,
    # So many calls without an edge use up any capital, and skipped calls cost nothing: here every size is executable.
    spec=CapitalSpec(min_size=0.0),
)
STAGE_BUDGET_S = 10.0
# Combinations whose exits are described, at most.
DESCRIBED = 200


def shrink(size: GridSize) -> GridSize:
    """Return the size of a quick run: the same way through the code in a few seconds; its figures prove nothing."""
    shape = (10, 10, 10) if size.combinations > GRID_1K.combinations else (5, 5, 4)
    return replace(size, calls=200, candles=500, shape=shape, numba_sample=50, numpy_sample=5, exits_sample=20)


def run_calls_grid(size: GridSize, settings: Settings) -> Report:
    """Time ours and the peers on one size, and judge the ratios."""
    size = shrink(size) if settings.is_quick else size
    report = Report(size.name, is_judged=not settings.is_quick)
    data = make_calls(size.calls, size.candles)
    axes = make_grid(*size.shape)
    contenders = list_contenders(size, data, axes, settings.thread_counts)
    found = interleave(contenders, settings.rounds, settings.budget_s)
    timings = {(timing.name, timing.threads): timing for timing in found}
    equalities = compare_contenders(size, data, axes, timings)
    report_grid(report, size, timings, equalities)
    if not report.failures:
        _add_limits(report, size, (data, axes), settings, timings[OURS, 1])
    exits = find_replayed_exits(data, sample_combinations(axes, min(size.exits_sample, DESCRIBED)), size.spec)
    report.facts.extend(_describe(data, size, exits, timings[OURS, 1]))
    return report


def report_grid(report: Report, size: GridSize, timings: dict[Key, Timing], equalities: dict[Key, Equality]) -> None:
    """Add times, equalities and judged ratios; a contender that differs gets no ratio."""
    for timing in timings.values():
        report.add_time(timing, size.calls * size.combinations)
    for (name, threads), equality in equalities.items():
        if (name, threads) != (OURS, 1):
            report.add_equality(f"{name}, {_threads(threads)}", equality)
    thread_counts = sorted({threads for name, threads in timings if name == OURS})
    for threads in thread_counts:
        _judge_against_numba(report, size, threads, timings, equalities)
    if size.numpy_goal is not None:
        peer = (timings[NUMPY, 1], equalities[NUMPY, 1])
        report.add_ratio("ratio to NumPy with heapq, 1 thread", timings[OURS, 1], [peer], size.numpy_goal)
    most = thread_counts[-1]
    if size.scaling_goal is not None and most > 1:
        alone = (timings[OURS, 1], equalities[OURS, most])
        report.add_ratio(f"speed-up, 1 to {most} threads", timings[OURS, most], [alone], size.scaling_goal)


def _judge_against_numba(
    report: Report, size: GridSize, threads: int, timings: dict[Key, Timing], equalities: dict[Key, Equality]
) -> None:
    ours = timings[OURS, threads]
    peers = [(timings[name, threads], equalities[name, threads]) for name in (NUMBA, BLOCKED)]
    if size.numba_goal is not None:
        report.add_ratio(f"ratio to Numba replay, {_threads(threads)}", ours, peers, size.numba_goal)
    if size.cell_goal is None:
        return
    what = f"wall time per (call, combination), {_threads(threads)}"
    if not all(equality.is_equal for _, equality in peers):
        report.add_missing(what, "ns", size.cell_goal, DIFFERS)
        return
    cell_ns = ours.best_s / (size.calls * size.combinations) * 1e9
    report.add_measure(what, cell_ns, "ns", size.cell_goal if threads == 1 else None)


def _add_limits(
    report: Report, size: GridSize, problem: tuple[CallData, GridAxes], settings: Settings, whole: Timing
) -> None:
    """Split ours into its two stages, and hold each against what the machine can do in one thread."""
    from benchmarks.ours import Ours

    data, axes = problem
    ours = Ours(data, axes, size.spec)
    contender = Contender("ours, exit tables alone", 1, lambda: lambda: ours.find_tables(1), 1, 1)
    tables = interleave([contender], settings.rounds, STAGE_BUDGET_S)[0]
    report.add_time(tables, None)
    machine = settings.machine
    high_low_bytes = data.high.nbytes + data.low.nbytes
    read_ms = machine.read_floor_s(high_low_bytes) * 1e3
    tables_ms = tables.best_s * 1e3
    report.add_measure(
        "exit tables: share of reading high and low once",
        100 * read_ms / tables_ms,
        "%",
        note=f"{tables_ms:.2f} ms; {high_low_bytes / 1e6:.0f} MB at {machine.read_gb_per_s:.1f} GB/s: {read_ms:.2f} ms",
    )
    cell_ns = (whole.best_s - tables.best_s) / (data.calls * axes.combinations) * 1e9
    report.add_measure(
        "capital walk: share of a scalar cell at full speed",
        100 * machine.cell_floor_ns / cell_ns,
        "%",
        note=f"{cell_ns:.2f} ns, {cell_ns * machine.clock_ghz:.0f} cycles a cell; limit {machine.cell_floor_ns:.2f} ns",
    )


def _describe(data: CallData, size: GridSize, exits: list[Exits], ours: Timing) -> list[str]:
    reasons = np.bincount(
        np.concatenate([found.reason for found in exits if found.reason is not None]), minlength=len(REASONS)
    )
    shares = [f"{name} {100 * count / reasons.sum():.0f} %" for name, count in zip(REASONS, reasons, strict=True)]
    row = np.mean([found.row.mean() for found in exits])
    targets, stops, holds = size.shape
    return [
        f"{data.calls:,} calls x {data.candles:,} candles ({data.candle_bytes / 1e6:,.0f} MB), {size.combinations:,}"
        f" combinations ({targets} targets x {stops} stops x {holds} holding times)",
        f"exits of a sample: {', '.join(shares)}; mean exit candle {row:.0f};"
        f" mean trades per combination {ours.result.trades.mean():,.0f}",
    ]


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"
