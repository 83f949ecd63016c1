"""A whole grid with capital, from raw candles to final capitals: calls-grid-1k, calls-grid-100k and calls-big."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks import goals
from benchmarks.data import (
    CallData,
    CapitalSpec,
    Combinations,
    GridAxes,
    make_calls,
    make_grid,
    sample_combinations,
)
from benchmarks.equality import Equality
from benchmarks.goals import Goal
from benchmarks.outcome import REASONS, Exits
from benchmarks.rows import Report
from benchmarks.settings import Settings
from benchmarks.timing import Contender, Run, Timing, interleave


@dataclass(frozen=True, slots=True)
class GridSize:
    """A workload: its size, how many combinations slow peers run, and on how many the exits are compared."""

    name: str
    calls: int
    candles: int
    shape: tuple[int, int, int]
    numba_sample: int
    numpy_sample: int
    exits_sample: int
    numba_goal: Goal | None
    numpy_goal: Goal | None
    cell_goal: Goal | None
    scaling_goal: Goal | None = None

    @property
    def combinations(self) -> int:
        """Number of combinations of the whole grid."""
        return int(np.prod(self.shape))


GRID_1K = GridSize(
    "calls-grid-1k", 2_000, 2_880, (10, 10, 10), 1_000, 20, 1_000, goals.GRID_1K_NUMBA, goals.GRID_1K_NUMPY, None
)
GRID_100K = GridSize(
    "calls-grid-100k",
    2_000,
    2_880,
    (50, 50, 40),
    512,
    20,
    200,
    goals.GRID_100K_NUMBA,
    None,
    goals.GRID_100K_CELL_NS,
    goals.SCALING,
)
BIG = GridSize("calls-big", 100_000, 600, (10, 10, 10), 64, 2, 4, None, None, goals.BIG_CELL_NS)


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
    spec = CapitalSpec()
    contenders = list_contenders(size, data, axes, settings)
    timings = {(timing.name, timing.threads): timing for timing in interleave(contenders, settings.rounds, settings.budget_s)}
    for timing in timings.values():
        report.add_time(timing, size.calls * size.combinations)
    equalities = _compare(size, data, axes, timings)
    for (name, threads), equality in equalities.items():
        report.add_equality(f"{name}, {threads} threads", equality)
    _judge(report, size, timings, equalities)
    _add_limits(report, data, axes, settings, timings["ours", 1])
    exits = _naive_exits(data, sample_combinations(axes, size.exits_sample), spec)
    report.facts.extend(_describe(data, size, exits, timings["ours", 1]))
    return report


def list_contenders(size: GridSize, data: CallData, axes: GridAxes, settings: Settings) -> list[Contender]:
    """Return ours and the peers; imports happen on first use."""
    spec = CapitalSpec()
    total = size.combinations
    slow = sample_combinations(axes, size.numba_sample)
    slowest = sample_combinations(axes, size.numpy_sample)

    def load_ours(threads: int) -> Run:
        from benchmarks.ours import Ours  # noqa: PLC0415

        ours = Ours(data, axes, spec)
        return lambda: ours.run(threads)

    def load_numba(threads: int, is_blocked: bool) -> Run:
        from benchmarks.peers.naive_numba import NaiveNumba  # noqa: PLC0415

        naive = NaiveNumba(data, slow, spec)
        return lambda: naive.run_blocked(threads) if is_blocked else naive.run(threads)

    def load_numpy() -> Run:
        from benchmarks.peers.numpy_heapq import NumpyHeapq  # noqa: PLC0415

        return NumpyHeapq(data, slowest, spec).run

    contenders: list[Contender] = []
    for threads in settings.thread_counts:
        contenders.append(Contender("ours", threads, lambda t=threads: load_ours(t), total, total))
        contenders.append(Contender(NUMBA, threads, lambda t=threads: load_numba(t, False), len(slow), total))
        contenders.append(Contender(BLOCKED, threads, lambda t=threads: load_numba(t, True), len(slow), total))
    contenders.append(Contender(NUMPY, 1, load_numpy, len(slowest), total))
    return contenders


NUMBA = "Numba replay, heap"
BLOCKED = "Numba replay in blocks, heap"
NUMPY = "NumPy, heapq"
Key = tuple[str, int]


def _compare(
    size: GridSize, data: CallData, axes: GridAxes, timings: dict[Key, Timing]
) -> dict[Key, Equality]:
    """Compare every peer with ours: exits on a sample of combinations, capital and trades on all that the peer ran."""
    from benchmarks.ours import Ours  # noqa: PLC0415
    from benchmarks.peers.numpy_heapq import NumpyHeapq  # noqa: PLC0415

    spec = CapitalSpec()
    total = size.combinations
    for_numba = sample_combinations(axes, size.exits_sample)
    for_numpy = sample_combinations(axes, min(size.numpy_sample, size.exits_sample))
    ours = Ours(data, axes, spec)
    numba_pair = (ours.exits(for_numba.position), _naive_exits(data, for_numba, spec))
    numpy_pair = (ours.exits(for_numpy.position), NumpyHeapq(data, for_numpy, spec).exits())
    found: dict[Key, Equality] = {}
    for key, timing in timings.items():
        equality = Equality()
        name, threads = key
        if name == "ours":
            if threads == 1:
                continue
            equality.check_outcome(timings["ours", 1].result, timing.result, total)
        else:
            is_numpy = name == NUMPY
            equality.check_exits(*(numpy_pair if is_numpy else numba_pair), total)
            ran = sample_combinations(axes, size.numpy_sample if is_numpy else size.numba_sample)
            equality.check_outcome(timings["ours", threads].result.take(ran.position), timing.result, total)
        found[key] = equality
    return found


def _naive_exits(data: CallData, combinations: Combinations, spec: CapitalSpec) -> list[Exits]:
    from benchmarks.peers.naive_numba import NaiveNumba  # noqa: PLC0415

    return NaiveNumba(data, combinations, spec).exits()


def _judge(report: Report, size: GridSize, timings: dict[Key, Timing], equalities: dict[Key, Equality]) -> None:
    threads_used = sorted({threads for name, threads in timings if name == "ours"})
    ours_agree = all(equality.is_equal for (name, _), equality in equalities.items() if name == "ours")
    for threads in threads_used:
        ours = timings["ours", threads]
        peers = [(timings[name, threads], equalities[name, threads]) for name in (NUMBA, BLOCKED)]
        goal = size.numba_goal
        label = f"{threads} thread{'s' if threads > 1 else ''}"
        if goal is not None:
            report.add_ratio(f"ratio to Numba replay, {label}", ours, peers, goal)
        if size.numpy_goal is not None and threads == 1:
            peer = (timings[NUMPY, 1], equalities[NUMPY, 1])
            report.add_ratio(f"ratio to NumPy with heapq, {label}", ours, [peer], size.numpy_goal)
        if size.cell_goal is not None:
            is_equal = ours_agree and all(equality.is_equal for _, equality in peers)
            what = f"wall time per (call, combination), {label}"
            if is_equal:
                cell_ns = ours.best_s / (size.calls * size.combinations) * 1e9
                report.add_measure(what, cell_ns, "ns", size.cell_goal if threads == 1 else None)
            else:
                report.add_missing(what, "ns", size.cell_goal, "differs")


def _add_limits(
    report: Report, data: CallData, axes: GridAxes, settings: Settings, whole: Timing
) -> None:
    """Split ours into its two stages, and hold each against what the machine can do in one thread."""
    from benchmarks.ours import Ours  # noqa: PLC0415

    if report.failures:
        return
    ours = Ours(data, axes, CapitalSpec())
    stages = interleave([Contender("exit tables alone", 1, lambda: lambda: ours.find_tables(1), 1, 1)], settings.rounds, 10)
    tables_s = stages[0].best_s
    report.add_time(stages[0], None)
    high_low_bytes = data.high.nbytes + data.low.nbytes
    read_s = settings.machine.read_floor_s(high_low_bytes)
    report.add_measure(
        "exit tables: share of reading high and low once",
        100 * read_s / tables_s,
        "%",
        note=f"{tables_s * 1e3:.2f} ms; {high_low_bytes / 1e6:.0f} MB at {settings.machine.read_gb_per_s:.1f} GB/s are {read_s * 1e3:.2f} ms",
    )
    walk_s = max(whole.best_s - tables_s, 1e-9)
    cell_ns = walk_s / (data.calls * axes.combinations) * 1e9
    report.add_measure(
        "capital walk: share of a scalar cell at full speed",
        100 * settings.machine.cell_floor_ns / cell_ns,
        "%",
        note=f"{cell_ns:.2f} ns or {cell_ns * settings.machine.clock_ghz:.0f} cycles a cell; the limit is {settings.machine.cell_floor_ns:.2f} ns, 10 cycles",
    )


def _describe(data: CallData, size: GridSize, exits: list[Exits], ours: Timing) -> list[str]:
    reasons = np.bincount(np.concatenate([found.reason for found in exits]), minlength=len(REASONS))
    shares = ", ".join(f"{name} {100 * count / reasons.sum():.0f} %" for name, count in zip(REASONS, reasons, strict=True))
    rows = np.mean([found.row.mean() for found in exits])
    targets, stops, holds = size.shape
    return [
        f"{data.calls:,} calls x {data.candles:,} candles ({data.candle_bytes / 1e6:,.0f} MB), {size.combinations:,} combinations"
        f" ({targets} targets x {stops} stops x {holds} holding times)",
        f"exits on the sample: {shares}; mean exit candle {rows:.0f}; mean trades per combination {ours.result.trades.mean():,.0f}",
    ]
