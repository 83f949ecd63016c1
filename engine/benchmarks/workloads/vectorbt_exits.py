"""calls-vbt: exits by vectorbt, one combination at a time, against ours: one pass that holds the exits of 1,000."""

import numpy as np

from benchmarks import goals
from benchmarks.data import CallData, CapitalSpec, GridAxes, IntArray, make_calls, make_grid, take_combinations
from benchmarks.equality import Equality
from benchmarks.outcome import Exits
from benchmarks.peers import vectorbt_exits
from benchmarks.rows import Report
from benchmarks.settings import Settings
from benchmarks.timing import Contender, Run, Timing, interleave

NAME = "calls-vbt"
# Exact in binary, one at each part of its axis: (target, stop, hours).
COMBINATIONS = ((1.125, 0.9375, 6.0), (1.25, 0.875, 12.0), (1.5, 0.75, 18.0))
# vectorbt needs a second a round: this many are enough for it.
FEWER_ROUNDS = 3
SPEC = CapitalSpec(intrabar="stop_first", gap_fill="open")
WHAT = "ratio per combination, exit tables amortised over the grid, 1 thread"


def run_vectorbt_exits(settings: Settings) -> Report:
    """Time both, where they agree on every exit."""
    report = Report(NAME, is_judged=not settings.is_quick)
    if not settings.with_vectorbt or not vectorbt_exits.is_installed():
        reason = "not installed" if settings.with_vectorbt else "left out"
        report.add_missing(WHAT, "x", goals.VECTORBT, reason)
        return report
    data = make_calls(200, 1_300) if settings.is_quick else make_calls(2_000, 2_880)
    axes = _make_axes()
    positions = _find_positions(axes)
    peers = [_peer(engine, data, axes, positions) for engine in vectorbt_exits.list_engines()]
    timings = interleave([*_ours(data, axes), *peers], min(settings.rounds, FEWER_ROUNDS), settings.budget_s)
    for timing in timings:
        report.add_time(timing, data.calls * axes.combinations)
    _judge(report, timings, _find_our_exits(data, axes, positions), axes)
    report.facts.append(
        f"{data.calls:,} calls x {data.candles:,} candles, exits only, {len(positions)} combinations of"
        f" {axes.combinations:,}; stop_first, gap_fill open, levels exact in binary; vectorbt tells no reasons"
    )
    return report


def _make_axes() -> GridAxes:
    """Return ten levels an axis that include those of the combinations."""
    base = make_grid(7, 7, 7)
    targets, stops, hours = zip(*COMBINATIONS, strict=True)
    return GridAxes(
        targets=np.sort(np.append(base.targets, targets)),
        stops=np.sort(np.append(base.stops, stops)),
        hold_hours=np.sort(np.append(base.hold_hours[:-1], [*hours, 24.0])),
    )


def _find_positions(axes: GridAxes) -> IntArray:
    columns = (axes.targets, axes.stops, axes.hold_hours)
    found = [
        [int(np.flatnonzero(column == value)[0]) for column, value in zip(columns, combination, strict=True)]
        for combination in COMBINATIONS
    ]
    positions = [np.ravel_multi_index(tuple(place), axes.shape) for place in found]
    return np.array(positions, dtype=np.int64)


def _ours(data: CallData, axes: GridAxes) -> list[Contender]:
    def load(with_capital: bool) -> Run:
        from benchmarks.ours import Ours

        ours = Ours(data, axes, SPEC)
        return (lambda: ours.run(1)) if with_capital else (lambda: ours.find_tables(1))

    total = axes.combinations
    return [
        Contender("ours, exit tables", 1, lambda: load(False), total, total),
        Contender("ours, exits and capital", 1, lambda: load(True), total, total),
    ]


def _peer(engine: str, data: CallData, axes: GridAxes, positions: IntArray) -> Contender:
    def load() -> Run:
        return vectorbt_exits.VectorbtExits(data, take_combinations(axes, positions), engine).run

    return Contender(f"vectorbt, {engine}", 1, load, positions.size, axes.combinations)


def _find_our_exits(data: CallData, axes: GridAxes, positions: IntArray) -> list[Exits]:
    from benchmarks.ours import Ours

    return Ours(data, axes, SPEC).exits(positions)


def _judge(report: Report, timings: list[Timing], ours: list[Exits], axes: GridAxes) -> None:
    tables, whole, *peers = timings
    judged: list[tuple[Timing, Equality]] = []
    for peer in peers:
        equality = Equality()
        equality.check_exits(ours, peer.result, axes.combinations)
        report.add_equality(peer.name, equality)
        judged.append((peer, equality))
    report.add_ratio(WHAT, tables, judged, goals.VECTORBT)
    if not report.failures:
        fastest = min(peers, key=lambda timing: timing.best_s)
        report.add_measure(
            "ratio of ours with capital to vectorbt without, 1 thread",
            fastest.best_s / whole.best_s,
            "x",
            note=f"against {fastest.name}, {fastest.note}",
        )
