"""What holds for every indicator of the registry, and values computed by hand."""

import math
from typing import Any

import numpy as np
import pytest

from indicator_candles import assert_same, candles_from_closes, random_candles, scaled
from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.compute import compute_outputs, indicator
from quantbot_engine.indicators.definition import Inputs
from quantbot_engine.indicators.registry import INDICATORS, check_params, warm_up
from quantbot_engine.rules.look_ahead import LookAhead, find_look_ahead

NAMES = sorted(INDICATORS)
NAN = math.nan


def smallest_params(name: str) -> dict[str, float]:
    """Return every period at its lower limit, fast ones below slow ones."""
    return {spec.name: spec.low for spec in INDICATORS[name].parameters if spec.is_whole}


def all_outputs(candles: Candles, name: str, params: dict[str, float] | None = None) -> dict[str, Any]:
    found = INDICATORS[name]
    columns = compute_outputs(candles, found, check_params(found, params or {}))
    return dict(zip(found.outputs, columns, strict=True))


@pytest.mark.parametrize("is_smallest", [False, True], ids=["defaults", "smallest"])
@pytest.mark.parametrize("name", NAMES)
def test_undefined_in_the_warm_up_and_nowhere_else(name: str, is_smallest: bool) -> None:
    params = smallest_params(name) if is_smallest else {}
    undefined = warm_up(name, params)
    for output, column in all_outputs(random_candles(), name, params).items():
        assert column.shape == (400,), output
        assert np.isnan(column[:undefined]).all(), output
        assert np.isfinite(column[undefined:]).all(), output


@pytest.mark.parametrize("name", NAMES)
def test_the_warm_up_is_no_longer_than_it_must_be(name: str) -> None:
    for params in ({}, smallest_params(name)):
        undefined = warm_up(name, params)
        candles = random_candles().first(undefined)
        # One candle fewer, and TA-Lib or the loop itself has no value: nothing was cut off that was there.
        found = INDICATORS[name]
        complete = check_params(found, params)
        inputs = compute_inputs(candles, name)
        assert any(np.isnan(column).all() for column in found.compute(inputs, complete)) or undefined == 0


def compute_inputs(candles: Candles, name: str) -> Inputs:
    return Inputs(tuple(candles.column(each).copy() for each in INDICATORS[name].inputs), candles.timestamp.copy())


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_no_indicator_looks_ahead(name: str, seed: int) -> None:
    candles = random_candles(160, seed)
    assert find_look_ahead(lambda part: all_outputs(part, name), candles, range(0, 160, 7)) is None


def test_an_indicator_that_looks_ahead_is_found() -> None:
    def centred(part: Candles) -> dict[str, Any]:
        return {"centred": np.convolve(part.close, np.ones(3) / 3, "same")}

    found = find_look_ahead(centred, random_candles(), range(10, 400, 10))
    assert found == LookAhead("centred", 9, 10)


@pytest.mark.parametrize("name", NAMES)
def test_a_token_at_a_quintillionth_of_the_price_has_the_same_indicators(name: str) -> None:
    factor = 2.0**-60
    whole = all_outputs(random_candles(), name)
    tiny = all_outputs(scaled(random_candles(), factor), name)
    units = INDICATORS[name].units
    for output, unit in zip(whole, units, strict=True):
        expected = whole[output] * factor if unit == "price" else whole[output]
        np.testing.assert_allclose(tiny[output], expected, rtol=1e-9, equal_nan=True, err_msg=output)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("rsi", 50), ("cci", 0), ("stddev", 0), ("sma", 0.1), ("wma", 0.1), ("vwap", 0.1), ("bollinger", 0.1)],
)
def test_still_prices_give_neutral_values_without_rounding_errors(name: str, expected: float) -> None:
    moved = [0.3, 0.7, 0.2, 1.1, 0.9] * 4
    for column in all_outputs(candles_from_closes([*moved, *([0.1] * 300)]), name, {}).values():
        if name == "rsi":
            continue
        assert column[-1] == expected
    still = all_outputs(candles_from_closes([0.1] * 100), name, {})
    assert all(column[-1] == expected for column in still.values())


def test_a_long_pause_leaves_the_rsi_where_it_was() -> None:
    moved = [1.0, 1.2, 1.1, 1.4, 1.3, 1.6]
    values = indicator(candles_from_closes([*moved, *([1.6] * 1000)]), "rsi", period=3)
    assert values[-1] == pytest.approx(values[5], rel=1e-9)
    assert values[5] > 60


@pytest.mark.parametrize("name", NAMES)
def test_fewer_candles_than_the_warm_up_give_nothing_but_undefined(name: str) -> None:
    for rows in {0, 1, warm_up(name, {}) // 2}:
        for column in all_outputs(random_candles().first(rows), name).values():
            assert column.shape == (rows,)
            assert np.isnan(column).all() or warm_up(name, {}) == 0


def test_averages_by_hand() -> None:
    candles = candles_from_closes([1, 2, 3, 5, 8])
    assert_same(indicator(candles, "sma", period=3), np.array([NAN, NAN, 2, 10 / 3, 16 / 3]), 1e-12)
    # Weight of the new value 2 / (3 + 1): 2, 2 + (5 - 2) / 2, 3.5 + (8 - 3.5) / 2.
    assert_same(indicator(candles, "ema", period=3), np.array([NAN, NAN, 2, 3.5, 5.75]), 1e-12)
    assert_same(indicator(candles, "wma", period=3), np.array([NAN, NAN, 14 / 6, 23 / 6, 37 / 6]), 1e-12)
    assert_same(indicator(candles, "momentum", period=2), np.array([NAN, NAN, 2, 3, 5]))
    assert_same(indicator(candles, "roc", period=4), np.array([NAN, NAN, NAN, NAN, 700]), 1e-12)


def test_rsi_by_hand() -> None:
    # Changes +2, -1, +3: gain 1, loss 0.5; then gain (1 + 3) / 2 = 2, loss 0.25.
    found = indicator(candles_from_closes([10, 12, 11, 14]), "rsi", period=2)
    assert_same(found, np.array([NAN, NAN, 100 / 1.5, 200 / 2.25]), 1e-12)


def test_true_range_and_its_average_by_hand() -> None:
    timestamp = np.arange(4, dtype=np.int64) * 60
    prices = np.array([[10, 12, 9, 11], [13, 15, 13, 14], [14, 14, 10, 10], [10, 11, 10, 11]], dtype=np.float64).T
    opening, high, low, close = (column.copy() for column in prices)
    candles = Candles(timestamp, opening, high, low, close, np.ones(4))
    assert_same(indicator(candles, "true_range"), np.array([NAN, 4, 4, 1]))
    assert_same(indicator(candles, "atr", period=2), np.array([NAN, NAN, 4, 2.5]))
    assert_same(indicator(candles, "donchian", "upper", period=2), np.array([NAN, 15, 15, 14]))
    assert_same(indicator(candles, "donchian", "middle", period=2), np.array([NAN, 12, 12.5, 12]))


def test_bollinger_bands_by_hand() -> None:
    candles = candles_from_closes([2, 4, 4, 4, 5, 5, 7, 9])
    # The population standard deviation of these eight is 2, their mean 5.
    bands = all_outputs(candles, "bollinger", {"period": 8, "deviations": 1.5})
    assert [column[-1] for column in bands.values()] == [8, 5, 2]


def test_volume_indicators_by_hand() -> None:
    day = np.array([86_400 - 120, 86_400 - 60, 86_400, 86_400 + 60], dtype=np.int64)
    close = np.array([10.0, 12.0, 11.0, 13.0])
    candles = Candles(day, close, close, close, close, np.array([1.0, 3.0, 0.0, 2.0]))
    # Nothing was traded in the first candle of the new day: its own price.
    assert_same(indicator(candles, "vwap"), np.array([10, 11.5, 11, 13]), 1e-12)
    assert_same(indicator(candles, "obv"), np.array([1, 4, 4, 6]))


def test_macd_is_made_of_the_averages_of_the_same_name() -> None:
    candles = random_candles()
    line = indicator(candles, "ema", period=12) - indicator(candles, "ema", period=26)
    assert_same(indicator(candles, "macd", "line")[33:], line[33:])
    histogram = indicator(candles, "macd", "line") - indicator(candles, "macd", "signal")
    assert_same(indicator(candles, "macd", "histogram"), histogram)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("sma", None, {"period": 0}), "sma: period: expected a whole number from 1 to 100000, found 0"),
        (("sma", None, {"period": 2.5}), "expected a whole number"),
        (("sma", None, {"period": NAN}), "expected a whole number"),
        (("bollinger", "upper", {"deviations": -1}), "bollinger: deviations: expected a number"),
        (("sma", None, {"perod": 3}), "unknown parameter 'perod'; it has period; did you mean period?"),
        (("macd", "line", {"fast": 30}), "macd: expected fast below slow, found 30 and 26"),
        (("macd", None, {}), "an output is missing; expected one of macd.line, macd.signal, macd.histogram"),
        (("macd", "signals", {}), "did you mean signal?"),
        (("bolinger", None, {}), "unknown indicator 'bolinger'; did you mean bollinger?"),
    ],
)
def test_a_wrong_call_says_what_was_expected(call: tuple[str, str | None, dict[str, float]], message: str) -> None:
    name, output, params = call
    with pytest.raises(EngineError) as caught:
        indicator(random_candles(50), name, output, **params)
    assert message in caught.value.message
