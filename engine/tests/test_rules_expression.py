"""Expressions over prices, indicators and parameters: what holds where, what is undefined, and what is refused."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicator_candles import SERIES, candles_from_closes, random_candles
from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.cache import ColumnCache
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.compute import indicator
from quantbot_engine.protocol import CallToken, Expression, NameToken, NumberToken, OperatorToken, RuleToken
from quantbot_engine.rules.expression import evaluate, evaluate_condition, evaluate_constant
from quantbot_engine.rules.look_ahead import find_look_ahead
from quantbot_engine.rules.scope import Scope
from quantbot_engine.rules.values import Number
from rule_tokens import rule


def holds(text: str, closes: list[float], **parameters: Any) -> list[int]:
    """Return the candles on which a condition is true."""
    truth = evaluate_condition(rule(text), Scope(candles_from_closes(closes), parameters))
    return [int(row) for row in np.flatnonzero(np.broadcast_to(truth.is_true, (len(closes),)))]


def number(text: str, candles: Candles, **parameters: Any) -> Number:
    value = evaluate(rule(text), Scope(candles, parameters))
    assert isinstance(value, Number)
    return value


def test_prices_are_compared_with_numbers() -> None:
    assert holds("close > 2", [1, 2, 3, 2]) == [2]
    assert holds("close >= 2 and not close == 3", [1, 2, 3, 2]) == [1, 3]
    assert holds("close < 2 or close > 2", [1, 2, 3, 2]) == [0, 2]
    assert holds("close != 2", [1, 2, 3, 2]) == [0, 2]
    assert holds("-close + 2 * 2 > (close - 1) / 1", [1, 2, 3, 2]) == [0, 1, 3]


def test_parameters_stand_for_numbers_and_switches() -> None:
    assert holds("close > limit * 2", [1, 2, 3], limit=1) == [2]
    assert holds("is_on and close > 1", [1, 2, 3], is_on=True) == [1, 2]
    assert holds("is_on and close > 1", [1, 2, 3], is_on=False) == []


def test_indicators_take_parameters_by_position_and_have_outputs() -> None:
    candles = random_candles()
    assert np.array_equal(
        number("macd(fast, 20, 5).signal", candles, fast=8).values,
        indicator(candles, "macd", "signal", fast=8, slow=20, signal=5),
        equal_nan=True,
    )
    assert number("bollinger().upper - bollinger(20, 2).upper", candles).values[-1] == 0
    found = evaluate_condition(rule("rsi(14) < 55 and close > sma(20)"), Scope(candles)).is_true
    expected = (indicator(candles, "rsi") < 55) & (candles.close > indicator(candles, "sma"))
    assert found.any()
    assert np.array_equal(found, expected)


def test_an_indicator_may_take_another_series() -> None:
    candles = random_candles()
    assert number("sma(volume, 20) - sma(volume)", candles).values[-1] == 0
    smoothed = number("ema(rsi(14), 9)", candles)
    assert smoothed.warm_up == 14 + 8
    assert np.isnan(smoothed.values[:22]).all()
    assert np.isfinite(smoothed.values[22:]).all()
    # The first mean is that of the first nine values of the RSI.
    assert smoothed.values[22] == pytest.approx(indicator(candles, "rsi")[14:23].mean())


def test_the_same_indicator_in_two_rules_is_computed_once() -> None:
    cache = ColumnCache()
    candles = candles_from_closes([float(value) for value in range(1, 60)], cache=cache)
    for text in ("sma(close, 20) > 3", "sma(20) > 4", "sma() > 5", "ema(rsi(14), 9) > 1", "ema(rsi(), 9) > 2"):
        evaluate(rule(text), Scope(candles))
    assert (cache.misses, cache.hits) == (3, 4)


def test_a_crossing_needs_both_sides_before_and_after() -> None:
    closes = [3.0, 2, 2, 3, 1, 1, 2, 2, 5]
    assert holds("crosses_above(close, 2)", closes) == [3, 8]
    assert holds("crosses_below(close, 2)", closes) == [4]
    # On the first candle with an average nobody knows where it was before.
    assert holds("crosses_above(close, sma(3))", [1, 1, 9, 1, 9]) == [4]


def test_previous_looks_back_and_never_ahead() -> None:
    assert holds("close > previous(close)", [1, 2, 2, 3]) == [1, 3]
    assert holds("close > previous(close, n)", [1, 2, 2, 3], n=2) == [2, 3]
    assert holds("previous(close > 1, 2)", [1, 2, 1, 1, 1]) == [3]
    assert holds("previous(close, 50) > 0", [1, 2]) == []
    for text in ("previous(close, -1) > 0", "previous(close, 0.5) > 0", "previous(close, close) > 0"):
        with pytest.raises(EngineError, match="the future is not known"):
            holds(text, [1, 2])


def test_what_is_undefined_is_neither_true_nor_false() -> None:
    closes = [1.0, 2, 3, 4]
    assert holds("sma(3) > 0", closes) == [2, 3]
    assert holds("not sma(3) > 0", closes) == []
    assert holds("not sma(3) > 100", closes) == [2, 3]
    assert holds("sma(3) != 1000", closes) == [2, 3]
    assert holds("sma(3) > 0 or close < 2", closes) == [0, 2, 3]
    assert holds("not (sma(3) > 0 and close < 2)", closes) == [1, 2, 3]


def test_a_division_by_zero_on_a_candle_is_undefined_and_by_the_number_zero_an_error() -> None:
    assert holds("1 / (close - 2) > 0", [1, 2, 3]) == [2]
    assert holds("not 1 / (close - 2) > 0", [1, 2, 3]) == [0]
    assert holds("(close - 2) / (close - 2) == 1", [1, 2, 3]) == [0, 2]
    for text in ("close / 0 > 1", "close / (n - n) > 1"):
        with pytest.raises(EngineError, match="division by zero"):
            holds(text, [1, 2], n=5)


def test_a_series_with_a_hole_is_not_smoothed() -> None:
    with pytest.raises(EngineError, match=r"found it undefined at candle 1, for example by a division by zero"):
        holds("sma(1 / (close - 2), 2) > 0", [1, 2, 3, 4])


def test_the_warm_up_is_that_of_the_longest_part() -> None:
    scope = Scope(random_candles())
    for text, expected in {
        "close > 1": 0,
        "rsi(14) < 30 and close > sma(200)": 199,
        "crosses_above(sma(10), sma(30))": 30,
        "previous(highest(20), 1) < close": 20,
        "macd().line > macd().signal": 33,
        "volume_spike(20).volume_ratio > 2": 20,
    }.items():
        assert evaluate_condition(rule(text), scope).warm_up == expected, text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clsoe > 1", "unknown name 'clsoe'; did you mean close?"),
        ("close > stop_los", "unknown name 'stop_los'; did you mean stop_loss?"),
        ("close > sma", "sma is an indicator; write sma(...)"),
        ("smaa(20) > 1", "unknown function or indicator 'smaa'; did you mean sma?"),
        ("cross_above(close, 2)", "did you mean crosses_above?"),
        ("macd(12, 26, 9) > 0", "an output is missing; expected one of macd.line"),
        ("macd(12, 26, 9).sinal > 0", "did you mean signal?"),
        ("sma(20, 30) > 1", "sma: expected at most 1 parameters (period), found 2"),
        ("sma(2.5) > 1", "sma: period: expected a whole number"),
        ("sma(close, volume) > 1", "expected a constant, found volume, which changes with the candle"),
        ("atr(close, 14) > 1", "atr: expected only parameters, found close"),
        ("close and 1 > 0", "and: expected a condition such as close > 100, found the number close"),
        ("(close > 1) + 1 > 0", "+: expected a number, found the condition (close > 1.0)"),
        ("crosses_above(close)", "crosses_above: expected crosses_above(a, b), found 1 arguments"),
        ("close + 1", "expected a condition such as close > 100, found the number (close + 1.0)"),
        ("mode > 1", "parameter mode: expected a number or true or false in an expression, found 'fast'"),
        ("ma_crossover(10, 30).crossover_type > 1", "expected one of its numbers, strength; found 'crossover_type'"),
    ],
)
def test_a_wrong_rule_names_its_text_and_what_was_meant(text: str, message: str) -> None:
    with pytest.raises(EngineError) as caught:
        holds(text, [1, 2, 3], stop_loss=0.02, mode="fast")
    assert f"rule {text!r}" in caught.value.message
    assert message in caught.value.message


def test_a_parameter_cannot_take_the_name_of_a_price_or_be_infinite() -> None:
    with pytest.raises(EngineError, match="parameter close: expected another name"):
        Scope(random_candles(10), {"close": 3})
    with pytest.raises(EngineError, match="parameter limit: expected a finite number, found inf"):
        Scope(random_candles(10), {"limit": math.inf})


def test_what_is_no_expression_in_postfix_order_is_refused() -> None:
    one, plus = NumberToken(value=1.0), OperatorToken(operator="+")
    forms: list[tuple[RuleToken, ...]] = [
        (),
        (one, one),
        (plus,),
        (one, plus),
        (CallToken(name="abs", arguments=1),),
        (one, CallToken(name="sma", arguments=-1)),
        (*[one] * 11, CallToken(name="max", arguments=11)),
    ]
    for tokens in forms:
        with pytest.raises(EngineError, match="found one that does not add up"):
            evaluate(Expression(text="?", tokens=list(tokens)), Scope(random_candles(10)))


def test_length_and_depth_have_limits() -> None:
    close: tuple[RuleToken, ...] = (NameToken(name="close"),)
    sums = Expression(text="long", tokens=list(close + (NumberToken(value=1.0), OperatorToken(operator="+")) * 500))
    with pytest.raises(EngineError, match="at most 1000 tokens"):
        evaluate(sums, Scope(random_candles(10)))
    with pytest.raises(EngineError, match="at most 100 levels"):
        evaluate(Expression(text="deep", tokens=list(close * 200)), Scope(random_candles(10)))
    fits = Expression(text="fits", tokens=list(close * 100 + (OperatorToken(operator="+"),) * 99))
    assert isinstance(evaluate(fits, Scope(random_candles(10))), Number)


def test_a_value_of_the_settings_may_be_computed_from_parameters_alone() -> None:
    scope = Scope(random_candles(10), {"fast": 10})
    assert evaluate_constant(3, scope) == 3.0
    assert evaluate_constant(rule("fast * 2 + 1"), scope) == 21.0
    with pytest.raises(EngineError, match="the same on every candle, found close"):
        evaluate_constant(rule("close"), scope)


# Rules of every kind, for properties that hold for all of them.
LEAVES = st.sampled_from(
    ["close", "open", "high", "volume", "sma(3)", "ema(rsi(2), 2)", "bollinger(3, 1).lower", "2", "p"]
)
NUMBERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("({} / (close - {}))".format, inner, inner),
        st.builds("max({}, previous({}, 2))".format, inner, inner),
    ),
    max_leaves=4,
)
COMPARED = st.one_of(
    st.builds("({} {} {})".format, NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS),
    st.builds("crosses_{}({}, {})".format, st.sampled_from(["above", "below"]), NUMBERS, NUMBERS),
)
CONDITIONS = st.recursive(
    COMPARED,
    lambda inner: st.one_of(
        st.builds("(not {})".format, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("previous({}, 1)".format, inner),
    ),
    max_leaves=4,
)


@given(SERIES, CONDITIONS)
def test_no_rule_looks_ahead_or_is_true_and_false_at_once(closes: list[float], text: str) -> None:
    expression = rule(text)

    def compute(candles: Candles) -> dict[str, Any]:
        truth = evaluate_condition(expression, Scope(candles, {"p": 1.5}))
        shape = (len(candles),)
        assert not (truth.is_true & truth.is_false).any()
        return {
            "true": np.broadcast_to(truth.is_true, shape).copy(),
            "false": np.broadcast_to(truth.is_false, shape).copy(),
        }

    assert find_look_ahead(compute, candles_from_closes(closes), range(1, len(closes))) is None


@given(SERIES, st.integers(1, 4), st.integers(1, 5))
def test_vectorised_rules_agree_with_a_loop_over_candles(closes: list[float], back: int, period: int) -> None:
    text = "crosses_above(close, sma(n)) and close / (close - previous(close, k)) > 2 or not volume < 5"
    expected = []
    for i in range(len(closes)):
        means = [sum(closes[j - period + 1 : j + 1]) / period if j + 1 >= period else None for j in (i - 1, i)]
        crossed = None
        if i > 0 and means[0] is not None and means[1] is not None:
            crossed = closes[i] > means[1] and not closes[i - 1] > means[0]
        ratio = None
        if i >= back and closes[i] != closes[i - back]:
            ratio = closes[i] / (closes[i] - closes[i - back]) > 2
        if crossed and ratio:
            expected.append(i)
    assert holds(text, closes, n=period, k=back) == expected
