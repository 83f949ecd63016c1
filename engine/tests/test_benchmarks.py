"""The benchmark suite may only print what is true: no ratio without equality, no scaled time that looks measured."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.data import CallData, CapitalSpec, make_calls, make_grid, sample_combinations
from benchmarks.equality import Equality
from benchmarks.goals import Goal
from benchmarks.ours import Ours
from benchmarks.outcome import Exits, Outcome
from benchmarks.peers.naive_numba import NaiveNumba
from benchmarks.peers.numpy_heapq import NumpyHeapq
from benchmarks.rows import DIFFERS, Report
from benchmarks.timing import Contender, Timing, interleave
from benchmarks.workloads.calls_grid import GRID_100K, report_grid
from benchmarks.workloads.grid_contenders import BLOCKED, NUMBA, OURS, Key
from benchmarks.workloads.trailing import replay

GOAL = Goal(20, 35)


def _equality_of(ours: Outcome, theirs: Outcome) -> Equality:
    equality = Equality()
    equality.check_outcome(ours, theirs, ours.trades.size)
    return equality


def _timing(name: str, seconds: float, result: Outcome, ran: int = 2) -> Timing:
    return Timing(name, 1, ran, 2, first_s=seconds, result=result, rounds_s=[seconds])


def _outcome(capital: float = 11_000.0, trades: int = 7) -> Outcome:
    return Outcome(np.array([10_000.0, capital]), np.array([5, trades]))


SPECS = [
    CapitalSpec(),
    CapitalSpec(intrabar="target_first", gap_fill="open", max_risk=0.01),
    CapitalSpec(intrabar="target_first", gap_fill="level", max_positions=3),
]


@pytest.mark.parametrize("spec", SPECS)
def test_ours_and_every_peer_find_the_same_on_the_same_calls(spec: CapitalSpec) -> None:
    data, axes = make_calls(600, 300), make_grid(4, 4, 3)
    combinations = sample_combinations(axes, axes.combinations)
    ours, naive, vectorised = (
        Ours(data, axes, spec),
        NaiveNumba(data, combinations, spec),
        NumpyHeapq(data, combinations, spec),
    )
    equality = Equality()
    for outcome in (ours.run(2), naive.run(1), naive.run(2), naive.run_blocked(2), vectorised.run()):
        equality.check_outcome(ours.run(1), outcome, axes.combinations)
    for exits in (naive.exits(), vectorised.exits()):
        equality.check_exits(ours.exits(combinations.position), exits, axes.combinations)
    assert equality.difference is None
    assert ours.run(1).trades.min() > 0


@pytest.mark.parametrize("wrong", [CapitalSpec(gap_fill="level"), CapitalSpec(intrabar="target_first")])
def test_a_peer_with_another_rule_differs_because_the_data_has_gaps_and_wide_candles(wrong: CapitalSpec) -> None:
    data, axes = make_calls(600, 300), make_grid(4, 4, 1)
    combinations = sample_combinations(axes, axes.combinations)
    ours = Ours(data, axes, CapitalSpec()).exits(combinations.position)
    equality = Equality()
    equality.check_exits(ours, NaiveNumba(data, combinations, wrong).exits(), axes.combinations)
    assert not equality.is_equal
    assert "differ, first call" in str(equality.difference)


@pytest.mark.parametrize(
    "theirs",
    [_outcome(capital=11_000.0 * (1 + 1e-8)), _outcome(trades=8), _outcome(capital=float("nan"))],
    ids=["capital off by 1e-8", "one trade more", "capital not a number"],
)
def test_a_wrong_peer_yields_differs_and_no_ratio(theirs: Outcome) -> None:
    timings: dict[Key, Timing] = {
        (OURS, 1): _timing(OURS, 1.0, _outcome()),
        (NUMBA, 1): _timing(NUMBA, 50.0, _outcome()),
        (BLOCKED, 1): _timing(BLOCKED, 40.0, theirs),
    }
    equalities = {key: _equality_of(_outcome(), timing.result) for key, timing in timings.items()}
    report = Report("wrong")
    report_grid(report, GRID_100K, timings, equalities)
    assert [(measure.value, measure.verdict) for measure in report.measures] == [(None, DIFFERS), (None, DIFFERS)]
    assert len(report.failures) == 1


def test_capital_may_differ_in_the_last_bits() -> None:
    assert _equality_of(_outcome(), _outcome(capital=11_000.0 * (1 + 1e-10))).is_equal


def test_nothing_compared_is_not_equal() -> None:
    assert not Equality().is_equal


def test_a_workload_that_differs_ends_the_suite_with_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report("wrong", failures=["wrong, peer: 1 exits differ"])
    assert main(["--json", str(tmp_path / "bench.json")], {"wrong": lambda _: report}) == 1
    printed = capsys.readouterr()
    assert "DIFFERS" in printed.out
    assert "1 exits differ" in printed.err


def test_a_quick_run_ends_well_and_its_json_has_what_was_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bench.json"
    chosen = ["--only", "calls-grid-1k", "--only", "memory", "--only", "calls-vbt"]
    assert main(["--quick", "--no-vectorbt", "--workers", "2", "--json", str(path), *chosen]) == 0
    workloads = {workload["workload"]: workload for workload in json.loads(path.read_text())["workloads"]}
    ratios = [row["value"] for row in workloads["calls-grid-1k"]["measures"] if row["unit"] == "x"]
    assert len(ratios) == 3
    assert all(ratio > 0 for ratio in ratios)
    assert [row["verdict"] for row in workloads["calls-vbt"]["measures"]] == ["left out"]
    assert "5 of 100 combinations, scaled" in capsys.readouterr().out


def test_the_ratio_is_against_the_fastest_peer_and_says_when_it_was_scaled() -> None:
    report = Report("scaled")
    peers = [_timing("slow", 90.0, _outcome()), _timing("fast", 60.0, _outcome(), ran=1)]
    same = _equality_of(_outcome(), _outcome())
    report.add_ratio("ratio", _timing(OURS, 2.0, _outcome()), [(peer, same) for peer in peers], GOAL)
    measure = report.measures[0]
    assert (measure.value, measure.verdict) == (30.0, "floor")
    assert "fast, 1 of 2 combinations, scaled" in measure.note


def test_a_time_of_a_part_is_scaled_to_the_whole_and_contenders_take_turns() -> None:
    order: list[str] = []
    contenders = [
        Contender("a", 1, lambda: lambda: order.append("a"), 1, 1),
        Contender("b", 1, lambda: lambda: order.append("b"), 1, 1_000_000),
    ]
    timings = interleave(contenders, rounds=3, budget_s=1.0)
    assert order == ["a", "b"] + ["a", "b"] * 3
    assert timings[1].best_s > 1_000 * timings[0].best_s


@pytest.mark.parametrize(("value", "verdict"), [(35.0, "reached"), (34.9, "floor"), (20.0, "floor"), (19.9, "missed")])
def test_a_value_is_judged_by_floor_and_goal(value: float, verdict: str) -> None:
    assert GOAL.judge(value) == verdict
    assert replace(GOAL, at_least=-20, goal=-35, is_smaller_better=True).judge(-value) == verdict


def test_the_same_seed_makes_the_same_calls() -> None:
    first, second = make_calls(20, 100), make_calls(20, 100)
    assert np.array_equal(first.close, second.close)
    assert np.array_equal(first.ts_ms, second.ts_ms)
    assert not np.array_equal(first.close, make_calls(20, 100, seed=1).close)


def _single_call(candles: list[tuple[float, float, float, float]]) -> CallData:
    opened, high, low, close = (np.array(column) for column in zip(*candles, strict=True))
    timestamp = np.arange(len(candles), dtype=np.int64) * 60
    return CallData(1, len(candles), np.zeros(1, dtype=np.int64), timestamp, opened, high, low, close)


def _replay_one(candles: list[tuple[float, float, float, float]], activation: float, trail: float) -> Exits:
    return replay(_single_call(candles), (np.array([activation]), np.array([trail])), threads=1)[0]


def test_the_trailing_peer_tests_the_level_that_held_before_the_candle() -> None:
    # The second candle activates at 120; only from the third on is 108 a stop.
    candles = [(100.0, 100.0, 100.0, 100.0), (100.0, 120.0, 90.0, 115.0), (112.0, 113.0, 105.0, 106.0)]
    found = _replay_one(candles, activation=1.1, trail=0.1)
    assert (found.row[0], found.price[0]) == (2, 108.0)


def test_the_trailing_peer_fills_at_the_open_of_a_gap_and_waits_for_activation() -> None:
    candles = [(100.0, 100.0, 100.0, 100.0), (100.0, 120.0, 99.0, 115.0), (90.0, 92.0, 80.0, 85.0)]
    assert _replay_one(candles, activation=1.1, trail=0.1).price[0] == 90.0
    never = _replay_one(candles, activation=1.3, trail=0.1)
    assert (never.row[0], never.price[0]) == (2, 85.0)
