"""Whole rule sets: signals, expressions, all and any, and the arrays that the simulation gets."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from indicator_candles import candles_from_closes, random_candles
from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.cache import ColumnCache
from quantbot_engine.indicators.candles import Candles, candles_of
from quantbot_engine.rules.conditions import (
    AllOf,
    AnyOf,
    Condition,
    ExpressionCondition,
    OutputTest,
    Scalar,
    SignalCondition,
    Threshold,
)
from quantbot_engine.rules.look_ahead import find_look_ahead
from quantbot_engine.rules.rule_set import RuleSet, evaluate_rules, find_rule_parameters, place_on_grid
from quantbot_engine.slices.market import CallTable, CandleColumns, Market, SeriesTable
from rule_tokens import rule

EURUSD = Path(__file__).parents[3] / "shared" / "data" / "forex" / "EURUSD_1h.csv.gz"


def when(text: str) -> ExpressionCondition:
    return ExpressionCondition(rule(text))


def crossover(kind: OutputTest, **parameters: Scalar) -> SignalCondition:
    return SignalCondition("ma_crossover", {"crossover_type": kind}, parameters)


def entries(condition: Condition, candles: Candles, **parameters: float) -> list[int]:
    found = evaluate_rules(RuleSet(enter_long=condition), candles, parameters)
    return [int(row) for row in np.flatnonzero(found.direction)]


CROSSES = candles_from_closes([5.0, 4, 3, 2, 1, 1, 4, 6, 6, 1, 0.5, 0.5])


def test_the_death_cross_strategy_goes_short_and_leaves_on_the_golden_cross() -> None:
    periods: dict[str, Scalar] = {"fast_period": 2, "slow_period": 3}
    rules = RuleSet(
        enter_short=crossover("death_cross", **periods),
        exit_short=crossover("golden_cross", **periods),
    )
    found = evaluate_rules(rules, CROSSES, {})
    assert found.direction.dtype == np.int8
    assert {int(row): int(found.direction[row]) for row in np.flatnonzero(found.direction)} == {9: -1}
    assert list(np.flatnonzero(found.exit_short)) == [6]
    assert not found.exit_long.any()
    assert (found.warm_up, found.conflicts) == (3, 0)


def test_parameters_of_signals_come_from_the_parameters_of_the_trial() -> None:
    condition = crossover("golden_cross", fast_period=rule("fast"), slow_period=rule("fast + gap"))
    assert entries(condition, CROSSES, fast=2, gap=1) == [6]
    # The close against the mean of the last four: 4 and 2, one candle earlier 1 and 1.75.
    assert entries(condition, CROSSES, fast=1, gap=3) == [6]


def test_outputs_are_tested_by_category_by_several_and_by_threshold() -> None:
    params: dict[str, Scalar] = {"fast_period": 2, "slow_period": 3}
    assert entries(crossover(("golden_cross", "death_cross"), **params), CROSSES) == [6, 9]
    assert entries(SignalCondition("signals.ma_crossover", {}, params), CROSSES) == [6, 9]
    assert entries(crossover("none", **params), CROSSES) == [3, 4, 5, 7, 8, 10, 11]
    strong: dict[str, OutputTest] = {
        "crossover_type": ("golden_cross", "death_cross"),
        "strength": Threshold(">=", rule("least")),
    }
    assert entries(SignalCondition("ma_crossover", strong, params), CROSSES, least=0.25) == [6]
    assert entries(SignalCondition("ma_crossover", strong, params), CROSSES, least=0.01) == [6, 9]


def test_all_and_any_join_conditions() -> None:
    closes = candles_from_closes([1, 2, 3, 4, 5, 6])
    low, high = when("close < 3"), when("close > 4")
    assert entries(AnyOf((low, high)), closes) == [0, 1, 4, 5]
    assert entries(AllOf((when("close > 1"), when("close < 5"))), closes) == [1, 2, 3]
    assert entries(AllOf((AnyOf((low, high)), when("close != 2"))), closes) == [0, 4, 5]


def test_nothing_is_asked_for_before_the_longest_warm_up_of_all_rules() -> None:
    closes = candles_from_closes([float(value) for value in range(1, 11)])
    rules = RuleSet(
        enter_long=AnyOf((when("close > 0"), when("close > sma(4)"))),
        exit_long=when("previous(close, 6) > 0"),
    )
    found = evaluate_rules(rules, closes, {})
    assert found.warm_up == 6
    assert list(np.flatnonzero(found.direction)) == [6, 7, 8, 9]
    assert list(np.flatnonzero(found.exit_long)) == [6, 7, 8, 9]


def test_a_series_shorter_than_the_warm_up_is_never_traded() -> None:
    found = evaluate_rules(RuleSet(enter_long=when("sma(200) > 0")), random_candles(100), {})
    assert found.warm_up == 199
    assert not found.direction.any()


def test_asking_for_both_directions_at_once_is_asking_for_neither() -> None:
    closes = candles_from_closes([1, 2, 3])
    found = evaluate_rules(RuleSet(enter_long=when("close > 1"), enter_short=when("close > 2")), closes, {})
    assert list(found.direction) == [0, 1, 0]
    assert found.conflicts == 1


def test_a_constant_condition_holds_on_every_candle() -> None:
    assert entries(when("p > 1"), random_candles(5), p=2) == [0, 1, 2, 3, 4]
    assert entries(when("p > 1"), random_candles(5), p=1) == []


def test_rules_are_a_function_of_their_arguments_and_know_no_later_candle() -> None:
    rules = RuleSet(
        enter_long=AllOf((crossover("golden_cross"), when("rsi(14) > 50"))),
        enter_short=AnyOf((SignalCondition("rsi", {"rsi_event": "overbought"}), crossover("death_cross"))),
        exit_long=when("crosses_below(close, bollinger(20, 2).lower)"),
        exit_short=SignalCondition("donchian", {"breakout": "upper_breakout"}),
    )

    def compute(candles: Candles) -> dict[str, np.ndarray]:
        found = evaluate_rules(rules, candles, {})
        return {"direction": found.direction, "exit_long": found.exit_long, "exit_short": found.exit_short}

    candles = random_candles(800)
    assert all(column.any() for column in compute(candles).values())
    assert find_look_ahead(compute, candles) is None


def test_symbols_with_missing_candles_lie_on_a_common_grid() -> None:
    has_candle = np.array([[True, True, True, True], [False, True, False, True]])
    rules = RuleSet(enter_long=when("close > previous(close)"), exit_long=when("close < 2"))
    whole = evaluate_rules(rules, candles_from_closes([1, 2, 3, 1]), {})
    sparse = evaluate_rules(rules, candles_from_closes([1, 5]), {})
    grid = place_on_grid([whole, sparse], has_candle)
    assert grid.direction.tolist() == [[0, 1, 1, 0], [0, 0, 0, 1]]
    assert grid.exit_long.tolist() == [[False, False, False, True], [False, False, False, False]]
    assert grid.direction.dtype == np.int8
    assert grid.exit_long.dtype == np.bool_


def test_a_series_of_a_slice_is_seen_as_candles_of_its_own() -> None:
    one, other = random_candles(30, 1), random_candles(20, 2)
    names = ("timestamp", "open", "high", "low", "close", "volume")
    columns = CandleColumns(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))
    empty = np.zeros(0, dtype=np.int64)
    table = SeriesTable(["A", "B"], np.array([0, 30]), np.array([30, 20]), np.array([3600, 3600]))
    market = Market(columns, table, CallTable([], [], empty, empty))
    found = candles_of(market, 1, "slice/B")
    assert (len(found), found.key) == (20, "slice/B")
    assert np.array_equal(found.close, other.close)
    assert np.shares_memory(found.close, columns.close)


def test_trials_that_differ_in_stops_alone_share_one_answer() -> None:
    cache = ColumnCache()
    candles = candles_from_closes(list(CROSSES.close), cache=cache)
    outputs = {"strength": Threshold(">=", rule("least"))}
    rules = RuleSet(
        enter_long=AllOf((SignalCondition("ma_crossover", outputs, {"fast_period": rule("fast"), "slow_period": 3}),)),
        exit_long=AnyOf((when("close < limit"), when("is_on"))),
    )
    assert find_rule_parameters(rules) == {"least", "fast", "limit", "is_on"}
    trial = {"least": 0.1, "fast": 2, "limit": 2.0, "is_on": True}
    first = evaluate_rules(rules, candles, {**trial, "stop_loss": 0.02})
    misses = cache.misses
    second = evaluate_rules(rules, candles, {**trial, "stop_loss": 0.05})
    assert cache.misses == misses
    assert np.shares_memory(first.direction, second.direction)
    assert (second.warm_up, second.conflicts) == (first.warm_up, first.conflicts) == (3, 0)
    assert evaluate_rules(rules, candles, {**trial, "limit": 7.0}).exit_long.sum() == first.exit_long.sum()
    off = {**trial, "is_on": False}
    assert list(np.flatnonzero(evaluate_rules(rules, candles, off).exit_long)) == [4, 5, 9, 10, 11]
    with pytest.raises(EngineError, match="expected a condition"):
        evaluate_rules(rules, candles, {**trial, "is_on": 1})
    with pytest.raises(EngineError, match="unknown name 'least'"):
        evaluate_rules(rules, candles, {"fast": 2, "limit": 2.0, "is_on": True})


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (SignalCondition("ma_crosover"), "unknown signal 'ma_crosover'; did you mean ma_crossover?"),
        (SignalCondition("ma_crossover", {"crossover": "x"}), "did you mean crossover_type?"),
        (
            crossover("golden_cros"),
            "expected one of none, golden_cross, death_cross; found 'golden_cros'; did you mean",
        ),
        (crossover(Threshold(">", 1)), "found a comparison with a number"),
        (SignalCondition("ma_crossover", {"strength": "high"}), "is a number: expected a comparison such as > 0.5"),
        (SignalCondition("rsi", {"rsi_value": Threshold("=>", 1)}), "expected one of < <= > >= == !=; found '=>'"),
        (crossover("golden_cross", slow_period=rule("close")), "the same on every candle"),
        (crossover("golden_cross", slow_perod=30), "did you mean slow_period?"),
        (AllOf(()), "all: expected at least one condition, found none"),
        (AnyOf(()), "any: expected at least one condition, found none"),
    ],
)
def test_a_wrong_condition_says_what_was_expected(condition: Condition, message: str) -> None:
    with pytest.raises(EngineError) as caught:
        entries(condition, random_candles(60))
    assert message in caught.value.message


def test_conditions_nest_to_a_limit() -> None:
    condition: Condition = when("close > 0")
    for _ in range(20):
        condition = AllOf((condition,))
    assert len(entries(condition, random_candles(5))) == 5
    with pytest.raises(EngineError, match="at most 20 levels"):
        entries(AllOf((condition,)), random_candles(5))


@pytest.mark.skipif(not EURUSD.is_file(), reason="the sample data are not part of the repository")
@pytest.mark.parametrize(("entry", "leave"), [("golden_cross", "death_cross"), ("death_cross", "golden_cross")])
def test_both_crosses_trade_on_hourly_euro_dollar(entry: str, leave: str) -> None:
    with gzip.open(EURUSD, "rt") as stream:
        rows = np.array(list(csv.reader(stream))[1:], dtype=np.float64)
    opening, high, low, close, volume = (rows[:, column].copy() for column in range(1, 6))
    candles = Candles(rows[:, 0].astype(np.int64), opening, high, low, close, volume)
    found = evaluate_rules(RuleSet(enter_short=crossover(entry), exit_short=crossover(leave)), candles, {})
    assert np.count_nonzero(found.direction == -1) > 80
    assert abs(np.count_nonzero(found.direction) - np.count_nonzero(found.exit_short)) <= 1
