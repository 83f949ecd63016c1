"""Objectives against the formulas of the documentation, worked out by hand."""

import doctest
import math
from typing import Any

import pytest

from quantbot_engine.errors import EngineError
from quantbot_engine.objectives import composite, objectives
from quantbot_engine.objectives.objectives import OBJECTIVE_NAMES, check_objectives, score
from quantbot_engine.protocol import ErrorCode

GOOD: dict[str, float | str] = {
    "final_balance": 12_000.0,
    "total_return": 0.2,
    "max_drawdown": 0.12,
    "sharpe_ratio": 1.2,
    "sortino_ratio": 2.0,
    "calmar_ratio": 1.7,
    "win_rate": 0.55,
    "profit_factor": 1.6,
    "trades": 40.0,
    "trades_per_30d": 8.0,
    "benchmark_return": 0.1,
}


def score_of(name: str, **changed: Any) -> float | str:
    return score([name], {**GOOD, **changed})[name]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize(
    "name",
    ["final_balance", "total_return", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "win_rate", "profit_factor"],
)
def test_some_figures_are_objectives_as_they_are(name: str) -> None:
    assert score_of(name) == GOOD[name]
    assert score_of(name, **{name: "some_reason"}) == "some_reason"


def test_mar_is_return_over_drawdown() -> None:
    assert score_of("mar") == pytest.approx(0.2 / 0.12)
    assert score_of("mar", max_drawdown=0.0) == "no_drawdown"


def test_utility_weighs_a_gain_down_and_a_loss_up() -> None:
    weight, penalty = math.sqrt(40 / 45), 1 + 2 * 0.12**1.25
    assert score_of("utility") == pytest.approx(weight * 0.2 / penalty)
    assert score_of("utility", total_return=-0.2) == pytest.approx(-0.2 * penalty / weight)
    assert score_of("utility", total_return=-0.2, trades=0.0) == pytest.approx(-0.2 * penalty / 0.2)


@pytest.mark.parametrize("total_return", [-0.3, 0.3])
def test_a_deeper_drawdown_never_has_more_utility(total_return: float) -> None:
    deeper = [score_of("utility", total_return=total_return, max_drawdown=depth) for depth in (0.0, 0.1, 0.4, 0.9)]
    assert deeper == sorted(deeper, key=float, reverse=True)


@pytest.mark.parametrize("name", ["cps_v2", "cps_v2_profit_biased", "profit_biased"])
def test_cps_v2_under_its_three_names(name: str) -> None:
    expected = (
        0.60 * sigmoid(0.06 * (20 - 10))
        + 0.25 * (1 - sigmoid(0.2 * (12 - 10)))
        + 0.12 * sigmoid(0.5 * 1.2)
        + 0.03 * math.exp(-(((40 - 25) / 25) ** 2))
    )
    assert score_of(name) == pytest.approx(expected)


def test_cps_v2_is_halved_beyond_sixty_percent_of_drawdown_and_undefined_without_trades() -> None:
    at_limit, beyond = (score_of("cps_v2", max_drawdown=depth) for depth in (0.6, 0.6000001))
    assert float(beyond) == pytest.approx(float(at_limit) / 2, rel=1e-4)
    assert score_of("cps_v2", trades=0.0) == "no_trades"


def test_extreme_returns_do_not_overflow() -> None:
    assert 0.0 < float(score_of("cps_v2", total_return=-1.0, benchmark_return=1e6)) < 1.0
    assert 0.0 < float(score_of("cps_v2", total_return=1e9)) < 1.0


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 20 / 12 * math.log(40) / math.log(50)),
        ({"trades": 50.0}, 20 / 12),
        ({"trades": 500.0}, 20 / 12),
        ({"trades": 50.0, "max_drawdown": 0.001}, 20.0),
        ({"trades": 1.0}, 0.0),
        ({"total_return": 0.0499}, 0.0),
        ({"total_return": 0.05, "trades": 50.0}, 5 / 12),
    ],
)
def test_return_over_drawdown_ratio(changed: dict[str, float], expected: float) -> None:
    assert score_of("return_dd_ratio", **changed) == pytest.approx(expected)


def cps_by_parts(profit: float, preservation: float, risk: float, activity: float) -> float:
    return 0.30 * profit + 0.25 * preservation + 0.20 * risk + 0.15 * activity + 0.10 * 50


BASE = {"profit": 100.0, "preservation": 60.0, "risk": 80.0, "activity": 100.0}


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({}, {}),
        ({"total_return": 0.125}, {"profit": 80 + 20 * 0.025 / 0.05}),
        ({"total_return": 0.05}, {"profit": 50 + 30 * 0.05 / 0.1}),
        ({"total_return": 0.0}, {"profit": 50.0, "activity": 30.0}),
        ({"total_return": -0.2}, {"profit": 30.0, "activity": 30.0}),
        ({"total_return": -0.9}, {"profit": 0.0, "activity": 30.0}),
        # A falling market: from half of its loss on all points, as the formula has it.
        ({"total_return": -0.15, "benchmark_return": -0.3}, {"activity": 30.0}),
        ({"total_return": -0.2, "benchmark_return": -0.3}, {"profit": 80 + 20 * 0.1 / 0.15, "activity": 30.0}),
        ({"benchmark_return": 0.0005}, {"profit": 100.0}),
        ({"benchmark_return": 0.0, "total_return": 0.05}, {"profit": 85.0}),
        ({"benchmark_return": 0.0, "total_return": 0.005}, {"profit": 61.0}),
        ({"benchmark_return": 0.0, "total_return": 0.0}, {"profit": 40.0, "activity": 30.0}),
        ({"benchmark_return": 0.0, "total_return": -0.1}, {"profit": 20.0, "activity": 30.0}),
        ({"benchmark_return": "no_benchmark", "total_return": 0.05}, {"profit": 85.0}),
        ({"max_drawdown": 0.04}, {"preservation": 100.0}),
        ({"max_drawdown": 0.05}, {"preservation": 80.0}),
        ({"max_drawdown": 0.19}, {"preservation": 40.0}),
        ({"max_drawdown": 0.3}, {"preservation": 20.0}),
        ({"max_drawdown": 0.9}, {"preservation": 0.0}),
        ({"sharpe_ratio": 2.1}, {"risk": 100.0}),
        ({"sortino_ratio": 0.0}, {"risk": 60.0}),
        ({"sharpe_ratio": 0.6, "sortino_ratio": 0.0}, {"risk": 40.0}),
        ({"sharpe_ratio": 0.4, "sortino_ratio": 0.0}, {"risk": 16.0}),
        ({"sharpe_ratio": -1.0, "sortino_ratio": -1.0}, {"risk": 0.0}),
        ({"sharpe_ratio": "zero_variance", "sortino_ratio": "no_downside"}, {"risk": 0.0}),
        ({"trades_per_30d": 2.9}, {"activity": 70.0}),
        ({"trades_per_30d": 31.0}, {"activity": 90.0}),
        ({"trades_per_30d": 31.0, "win_rate": 0.61}, {"activity": 100.0}),
        ({"trades_per_30d": 31.0, "win_rate": 0.5}, {"activity": 80.0}),
        ({"total_return": -0.2, "trades_per_30d": 2.0}, {"profit": 30.0, "activity": 40.0}),
        ({"total_return": -0.2, "trades_per_30d": 30.0}, {"profit": 30.0, "activity": 20.0}),
        ({"total_return": -0.2, "trades_per_30d": 50.0}, {"profit": 30.0, "activity": 10.0}),
        ({"total_return": -0.2, "trades_per_30d": 90.0}, {"profit": 30.0, "activity": 0.0}),
    ],
)
def test_cps_part_by_part(changed: dict[str, Any], part: dict[str, float]) -> None:
    assert score_of("cps", **changed) == pytest.approx(cps_by_parts(**{**BASE, **part}))


def test_cps_without_trades_is_at_most_fifty() -> None:
    idle = {"trades": 0.0, "trades_per_30d": 0.0, "total_return": 0.5, "max_drawdown": 0.0}
    assert score_of("cps", **idle) == 50.0


def test_an_objective_without_its_figures_has_their_reason() -> None:
    assert score_of("mar", total_return="non_positive_equity") == "non_positive_equity"
    assert score(["mar", "win_rate"], {}) == {"mar": "not_reported", "win_rate": "not_reported"}


def test_an_unknown_objective_is_refused_with_those_there_are() -> None:
    with pytest.raises(EngineError, match=r"found 'sharp'") as caught:
        check_objectives(["mar", "sharp"])
    assert caught.value.code is ErrorCode.INVALID_STUDY
    check_objectives(OBJECTIVE_NAMES)


def test_the_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(composite).failed == 0
    assert doctest.testmod(objectives).failed == 0
