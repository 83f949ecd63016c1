"""candles-sweep: pairs of averages x stops x targets on one series, as a study evaluates them, against two peers."""

import json
from functools import partial

import numpy as np

from benchmarks import goals, peak_memory
from benchmarks.child import run_module
from benchmarks.data import CallData, IntArray
from benchmarks.equality import Equality
from benchmarks.outcome import Outcome
from benchmarks.peers import vectorbt_exits
from benchmarks.rows import Report
from benchmarks.settings import Settings
from benchmarks.sweep import Sweep, make_candles, make_sweep
from benchmarks.timing import Contender, Run, Timing, interleave

NAME = "candles-sweep"
VECTORBT = "ratio to vectorbt, per combination, 1 thread"
MEMORY = "peak of all combinations beyond that of one pair"
NAIVE_SAMPLE = 250
# Of ours a part that is spread over all pairs; peers run some of its combinations. vectorbt: two of its pairs.
OUR_PAIRS = 40
VECTORBT_PAIRS = np.array([3, 16])
# What vectorbt needs for a round is no matter of luck: three are enough, as for the whole sweep.
FEWER_ROUNDS = 3
MEGABYTE = 1e6


def run_candles_sweep(settings: Settings) -> Report:
    """Time all contenders, where they agree on final equity and trades of what they ran; then the memory of each."""
    report = Report(NAME, is_judged=not settings.is_quick)
    candles = 20_000 if settings.is_quick else 200_000
    data = make_candles(candles)
    sweep = make_sweep(4, 5) if settings.is_quick else make_sweep(20, 50)
    part = sweep.spread(OUR_PAIRS)
    engines = vectorbt_exits.list_engines() if settings.with_vectorbt and vectorbt_exits.is_installed() else []
    contenders = _list_contenders(data, part, len(sweep), engines)
    timings = interleave(contenders, min(settings.rounds, FEWER_ROUNDS), settings.budget_s)
    for timing in timings:
        report.add_time(timing, data.candles * len(sweep))
    _judge(report, timings, part, len(sweep))
    _add_stages(report, data, part)
    if not engines:
        reason = "left out" if not settings.with_vectorbt else "not installed"
        report.add_missing(VECTORBT, "x", goals.SWEEP_VECTORBT, reason)
    _measure_memory(report, candles, sweep, engines)
    report.facts.append(
        f"{candles:,} candles, {sweep.fast.size:,} pairs of averages x 5 stops x 5 targets; entries and exits at the"
        " close of the signal, stops from the next candle on, stop first, the open beyond a gap, all cash, no costs,"
        " open at the end"
    )
    report.facts.append(
        "ours: signals, fills, equity where anything is open, all figures of a study; Numba loop: averages, trades,"
        " equity; vectorbt: crossings, orders and trades, averages there before"
    )
    return report


def _list_contenders(data: CallData, part: Sweep, total: int, engines: list[str]) -> list[Contender]:
    sample = part.sample(NAIVE_SAMPLE)
    few = VECTORBT_PAIRS.size * part.per_pair
    return [
        Contender("ours, all figures", 1, partial(_load_ours, data, part), len(part), total),
        Contender("Numba loop", 1, partial(_load_naive, data, part, sample), sample.size, total),
        *(
            Contender(f"vectorbt, {engine}", 1, partial(_load_vectorbt, data, part, engine), few, total)
            for engine in engines
        ),
    ]


def _load_ours(data: CallData, sweep: Sweep) -> Run:
    from benchmarks.ours_sweep import OursSweep

    return OursSweep(data, sweep).run


def _load_naive(data: CallData, sweep: Sweep, sample: IntArray) -> Run:
    from benchmarks.peers.naive_crossings import NaiveSweep

    return NaiveSweep(data, sweep, sample).run


def _load_vectorbt(data: CallData, sweep: Sweep, engine: str) -> Run:
    from benchmarks.peers.vectorbt_crossings import VectorbtCrossings

    return VectorbtCrossings(data, sweep, VECTORBT_PAIRS, engine).run


def _judge(report: Report, timings: list[Timing], part: Sweep, total: int) -> None:
    ours, naive, *others = timings
    positions = [part.sample(NAIVE_SAMPLE)] + [part.positions_of(VECTORBT_PAIRS)] * len(others)
    judged: list[tuple[Timing, Equality]] = []
    found: Outcome = ours.result
    for timing, places in zip((naive, *others), positions, strict=True):
        equality = Equality()
        equality.check_outcome(found.take(places), timing.result, total)
        report.add_equality(timing.name, equality)
        judged.append((timing, equality))
    if others:
        report.add_ratio(VECTORBT, ours, judged[1:], goals.SWEEP_VECTORBT)
    if judged[0][1].is_equal:
        ratio = naive.best_s / ours.best_s
        report.add_measure("ratio to the Numba loop, 1 thread", ratio, "x", goals.SWEEP_NUMBA, naive.note)
        trial_ms = ours.best_s / total * 1e3
        report.add_measure("a trial with all its figures", trial_ms, "ms", goals.SWEEP_TRIAL_MS, "ours")


def _add_stages(report: Report, data: CallData, part: Sweep) -> None:
    from benchmarks.ours_sweep import OursSweep
    from benchmarks.stages import take_stages

    found = take_stages(OursSweep(data, part).run, FEWER_ROUNDS)
    stages = {"simulation": found.simulate_s, "figures": found.figures_s, "all else": found.rest_s}
    for name, seconds in stages.items():
        report.add_measure(f"of a trial, {name}", seconds / len(part) * 1e3, "ms", note="ours, a run of its own")


def _measure_memory(report: Report, candles: int, sweep: Sweep, engines: list[str]) -> None:
    if not peak_memory.is_measurable():
        report.add_missing(MEMORY, "MB", goals.SWEEP_MEMORY_MB, "needs Linux")
        return
    one, whole = (_find_peak_mb("ours", candles, sweep, pairs) for pairs in (1, sweep.fast.size))
    note = "caches: 64 MB of indicators, or 16 columns if those are more, and 16 MB of signals"
    report.add_measure(MEMORY, whole - one, "MB", goals.SWEEP_MEMORY_MB, note)
    for name, peak, count in (("ours", one, 1), ("ours", whole, sweep.fast.size)):
        report.add_measure(f"peak of the process, {name}, {count * sweep.per_pair:,} combinations", peak, "MB")
    for engine in engines[-1:]:
        peak = _find_peak_mb(engine, candles, sweep, 1)
        report.add_measure(f"peak of the process, vectorbt, {sweep.per_pair} combinations", peak, "MB", note=engine)


def _find_peak_mb(contender: str, candles: int, sweep: Sweep, pairs: int) -> float:
    """Return the peak of resident memory of a process that runs the first pairs of the sweep, and nothing else."""
    part = sweep.spread(pairs)
    request = {"contender": contender, "candles": candles, "fast": part.fast.tolist(), "slow": part.slow.tolist()}
    answer = json.loads(run_module(["benchmarks.sweep_memory"], json.dumps(request).encode()))
    return float(answer["peak_bytes"]) / MEGABYTE
