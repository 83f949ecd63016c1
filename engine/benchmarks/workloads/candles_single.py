"""candles-single: one backtest on one series, with and without stops, against a plain loop in Numba and in Python."""

from functools import partial

from benchmarks import goals
from benchmarks.data import CallData
from benchmarks.equality import Equality
from benchmarks.goals import Goal
from benchmarks.rows import Report
from benchmarks.settings import Settings
from benchmarks.sweep import Combination, make_candles
from benchmarks.timing import Contender, Run, Timing, interleave

NAME = "candles-single"
MILLION = 1e6
# One crossing in some hundred candles, and levels that end most trades before the next one.
CROSSING = Combination(fast=50, slow=400, stop=0.02, target=0.04)
# Averages that hardly ever cross: next to nothing happens, in one case with a position that stays open.
QUIET = Combination(fast=2_000, slow=20_000, stop=0.99, target=1e6)
PYTHON_CANDLES = 20_000


def run_candles_single(settings: Settings) -> Report:
    """Time three backtests on the same candles; each must end with the same equity and trades as the plain loop."""
    report = Report(NAME, is_judged=not settings.is_quick)
    data = make_candles(50_000 if settings.is_quick else 1_000_000)
    cases: list[tuple[str, Combination, bool, Goal | None]] = [
        ("crossings, no levels", CROSSING, False, None),
        ("crossings, stop and target", CROSSING, True, None),
        ("held through, stop and target", QUIET, True, goals.CANDLES_HELD),
    ]
    for name, one, with_levels, goal in cases:
        ours, peer = interleave(
            [
                Contender(f"ours, {name}", 1, partial(_load_ours, data, one, with_levels), 1, 1),
                Contender(f"Numba loop, {name}", 1, partial(_load_naive, data, one, with_levels), 1, 1),
            ],
            settings.rounds,
            settings.budget_s,
        )
        _judge(report, data, (ours, peer), name, goal)
    _measure_flat(report, settings, data)
    _measure_python(report, settings)
    report.facts.append(
        f"{data.candles:,} candles of one symbol, one thread; signals there before, account marked at every close"
    )
    return report


def _load_ours(data: CallData, one: Combination, with_levels: bool) -> Run:
    from benchmarks.ours_sweep import OursSingle

    return OursSingle(data, one, with_levels=with_levels).run


def _load_naive(data: CallData, one: Combination, with_levels: bool) -> Run:
    from benchmarks.peers.naive_crossings import NaiveSingle

    return NaiveSingle(data, one, with_levels=with_levels).run


def _judge(report: Report, data: CallData, timings: tuple[Timing, Timing], name: str, goal: Goal | None) -> None:
    ours, peer = timings
    for timing in timings:
        report.add_time(timing, data.candles)
    equality = Equality()
    equality.check_outcome(ours.result, peer.result, 1)
    report.add_equality(peer.name, equality)
    if not equality.is_equal:
        return
    trades = int(ours.result.trades[0])
    rate = data.candles / ours.best_s / MILLION
    ratio = peer.best_s / ours.best_s
    note = f"{trades:,} trades; {ratio:.3g}x the plain Numba loop, which writes no fills"
    report.add_measure(f"candles a second, {name}", rate, "M", goal, note)


def _measure_flat(report: Report, settings: Settings, data: CallData) -> None:
    """Time candles on which nothing is open: an average as long as all of them never crosses."""
    never = Combination(fast=1, slow=data.candles - 1, stop=0.5, target=1.0)
    (ours,) = interleave(
        [Contender("ours, nothing open", 1, partial(_load_ours, data, never, True), 1, 1)],
        settings.rounds,
        settings.budget_s,
    )
    report.add_time(ours, data.candles)
    rate = data.candles / ours.best_s / MILLION
    report.add_measure("candles a second, nothing open", rate, "M", goals.CANDLES_QUIET)


def _measure_python(report: Report, settings: Settings) -> None:
    from benchmarks.peers.naive_crossings import NaiveSingle

    few = make_candles(PYTHON_CANDLES)
    ours, python = interleave(
        [
            Contender("ours", 1, partial(_load_ours, few, CROSSING, True), 1, 1),
            Contender("Python", 1, lambda: NaiveSingle(few, CROSSING, with_levels=True, in_python=True).run, 1, 1),
        ],
        settings.rounds,
        settings.budget_s,
    )
    equality = Equality()
    equality.check_outcome(ours.result, python.result, 1)
    report.add_equality(f"Python loop, {PYTHON_CANDLES:,} candles", equality)
    if equality.is_equal:
        rate = few.candles / python.best_s / MILLION
        report.add_measure("candles a second, the same loop in Python", rate, "M", note=f"{few.candles:,} candles")
