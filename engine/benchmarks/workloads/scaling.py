"""scaling: how the cost of ours grows along each axis, one row an axis, one thread."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.data import CapitalSpec, GridAxes, make_calls, make_grid, sample_combinations
from benchmarks.equality import Equality
from benchmarks.rows import Report
from benchmarks.settings import Settings
from benchmarks.timing import Contender, Run, interleave

NAME = "scaling"
SPEC = CapitalSpec()
COMPARED = 20


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: what grows, its values, and the job at a value. `is_search`: with capital, else exit tables alone."""

    what: str
    values: tuple[int, ...]
    calls: Callable[[int], int]
    candles: Callable[[int], int]
    grid: Callable[[int], GridAxes]
    is_search: bool


def _hold_to_the_end(candles: int) -> GridAxes:
    """Return levels that most calls never meet, so that every candle is read."""
    return GridAxes(np.array([1.5, 50.0]), np.array([0.5, 0.01]), np.array([candles / 60.0]))


def _levels(count: int) -> GridAxes:
    base = make_grid(count, count, 1)
    return GridAxes(base.targets, base.stops, np.array([48.0]))


def _combinations(count: int) -> GridAxes:
    """Return a grid that grows in holding times, whose mean stays the same from five on."""
    return make_grid(20, 20, count // 400)


AXES = (
    Axis(
        "candles a call, exit tables", (360, 720, 1_440, 2_880), lambda _: 2_000, lambda x: x, _hold_to_the_end, False
    ),
    Axis("levels an axis, exit tables", (10, 100, 500, 1_000), lambda _: 2_000, lambda _: 2_880, _levels, False),
    Axis(
        "calls, 4,000 combinations",
        (500, 1_000, 2_000, 4_000),
        lambda x: x,
        lambda _: 1_100,
        lambda _: _combinations(4_000),
        True,
    ),
    Axis(
        "combinations, 2,000 calls",
        (2_000, 4_000, 10_000, 20_000),
        lambda _: 2_000,
        lambda _: 1_100,
        _combinations,
        True,
    ),
)


def run_scaling(settings: Settings) -> Report:
    """Time each axis, and fit a straight line through its times."""
    report = Report(NAME, is_judged=not settings.is_quick)
    for axis in AXES:
        _run_axis(report, axis, settings)
    return report


def _run_axis(report: Report, axis: Axis, settings: Settings) -> None:
    divisor = 10 if settings.is_quick else 1
    contenders: list[Contender] = []
    equality = Equality()
    for value in axis.values:
        data = make_calls(max(20, axis.calls(value) // divisor), axis.candles(value))
        grid = axis.grid(value)
        from benchmarks.ours import Ours
        from benchmarks.peers.naive_numba import NaiveNumba

        ours = Ours(data, grid, SPEC)
        sample = sample_combinations(grid, COMPARED)
        peer = NaiveNumba(data, sample, SPEC)
        equality.check_exits(ours.exits(sample.position[:2]), peer.exits()[:2], grid.combinations)

        def load(ours: Ours = ours) -> Run:
            return (lambda: ours.run(1)) if axis.is_search else (lambda: ours.find_tables(1))

        contenders.append(Contender(f"{axis.what}: {value:,}", 1, load, 1, 1))
    timings = interleave(contenders, settings.rounds, settings.budget_s / 6)
    for timing in timings:
        report.add_time(timing, None)
    if not equality.is_equal:
        report.add_equality(axis.what, equality)
        return
    values = np.array(axis.values, dtype=np.float64)
    best_s = np.array([timing.best_s for timing in timings])
    slope, offset = np.polyfit(values, best_s, 1)
    residual = best_s - (offset + slope * values)
    fit = 1.0 - float((residual**2).sum() / ((best_s - best_s.mean()) ** 2).sum())
    growth = ", ".join(
        f"x{later / earlier:.3g} costs x{later_s / earlier_s:.3g}"
        for earlier, later, earlier_s, later_s in zip(values, values[1:], best_s, best_s[1:], strict=False)
    )
    note = f"{offset * 1e3:.3g} ms + {slope * 1e6:.3g} us each; {growth}"
    report.add_measure(f"{axis.what}: R2 of a straight line", fit, "", note=note)
