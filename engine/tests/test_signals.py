"""The built-in signals: when they speak, that they wait for the close that completes them, and what they leave out."""

from typing import Any

import numpy as np
import pytest

from indicator_candles import candles_from_closes, random_candles, scaled
from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.rules.look_ahead import LookAhead, find_signal_look_ahead
from quantbot_engine.rules.signals.evaluate import evaluate_signal, find_signal, find_warm_up
from quantbot_engine.rules.signals.registry import BUILT_IN
from quantbot_engine.rules.signals.signal import NUMBER, signal

NAMES = sorted(BUILT_IN)


def events(name: str, candles: Candles, **params: float) -> dict[int, str]:
    """Return the candles on which the signal speaks, with the category of its first output."""
    found = BUILT_IN[name]
    output, kind = next(iter(found.outputs.items()))
    column = evaluate_signal(found, candles, found.complete(params))[output]
    return {int(row): kind[column[row]] for row in np.flatnonzero(column)}


@pytest.mark.parametrize("name", NAMES)
def test_a_signal_speaks_after_its_warm_up_and_in_all_its_words(name: str) -> None:
    found = BUILT_IN[name]
    params = found.complete({})
    warm_up = find_warm_up(found, params)
    columns = evaluate_signal(found, random_candles(3000), params)
    for output, kind in found.outputs.items():
        column = columns[output]
        if kind == NUMBER:
            assert np.isnan(column[:warm_up]).all()
            assert np.isfinite(column[warm_up:]).all()
        else:
            assert (column[:warm_up] == 0).all()
            assert set(np.unique(column)) == set(range(len(kind)))


@pytest.mark.parametrize("name", NAMES)
def test_no_signal_looks_ahead(name: str) -> None:
    found = BUILT_IN[name]
    for seed in (1, 2, 3):
        assert find_signal_look_ahead(found, random_candles(300, seed), found.complete({})) is None


@pytest.mark.parametrize("name", NAMES)
def test_events_do_not_depend_on_the_unit_of_the_price(name: str) -> None:
    assert events(name, random_candles()) == events(name, scaled(random_candles(), 2.0**-60))


@pytest.mark.parametrize("name", NAMES)
def test_prices_that_stand_still_make_no_events(name: str) -> None:
    moved = [0.3, 0.7, 0.2, 1.1, 0.9] * 8
    found = BUILT_IN[name]
    warm_up = find_warm_up(found, found.complete({}))
    candles = candles_from_closes([*moved, *([0.1] * 1000)])
    # By then the still price has filled every window; exponential averages close in from one side.
    assert all(row < 40 + 3 * warm_up for row in events(name, candles))


@pytest.mark.parametrize("name", NAMES)
def test_fewer_candles_than_the_warm_up_make_no_events(name: str) -> None:
    for rows in (0, 1, 5):
        assert events(name, random_candles().first(rows)) == {}


def test_a_golden_cross_is_reported_on_the_candle_whose_close_completes_it() -> None:
    closes = [5.0, 4, 3, 2, 1, 1, 4, 6, 6, 1, 0.5, 0.5]
    # sma(2) and sma(3): 1.0 and 1.33 after the sixth close, 2.5 and 2.0 after the seventh.
    found = events("ma_crossover", candles_from_closes(closes), fast_period=2, slow_period=3)
    assert found == {6: "golden_cross", 9: "death_cross"}
    columns = evaluate_signal(
        BUILT_IN["ma_crossover"], candles_from_closes(closes), {"fast_period": 2, "slow_period": 3}
    )
    assert columns["strength"][6] == pytest.approx(0.25)


def test_a_cross_within_the_warm_up_is_not_reported() -> None:
    # The averages are there on the third candle; whether they crossed is known from the fourth on.
    assert events("ma_crossover", candles_from_closes([3, 1, 9, 9]), fast_period=1, slow_period=3) == {}
    assert events("ma_crossover", candles_from_closes([3, 9, 1, 9]), fast_period=1, slow_period=3) == {
        3: "golden_cross"
    }


def test_a_donchian_breakout_compares_with_the_candles_before() -> None:
    closes = [10.0, 11, 10, 11, 10, 12, 13, 11, 9, 8]
    found = events("donchian", candles_from_closes(closes), period=3)
    assert found == {5: "upper_breakout", 8: "lower_breakout"}


def test_bollinger_rsi_breakout_and_volume_by_hand() -> None:
    flat = [10.0, 11, 10, 11, 10, 11, 10, 11]
    # The mean of the last eight is 13 and their deviation 6.4; without the jump up 9.4 and 3.2.
    assert events("bollinger", candles_from_closes([*flat, 30]), period=8) == {8: "above_upper"}
    assert events("bollinger", candles_from_closes([*flat, 1]), period=8) == {8: "below_lower"}
    # The average range is 1, then (3 * 1 + 19) / 4 = 5.5, then 9: the last fall of 9.5 is usual by now.
    jump = candles_from_closes([*flat, 30, 10.5, 1])
    assert events("atr_breakout", jump, period=4) == {8: "up", 9: "down"}
    candles = random_candles(60)
    volume = np.ones(60)
    volume[[30, 40]] = 4.0, 3.0
    spiky = Candles(candles.timestamp, candles.open, candles.high, candles.low, candles.close, volume)
    direction = "up" if candles.close[30] >= candles.open[30] else "down"
    assert events("volume_spike", spiky, period=10, multiplier=3) == {30: direction}


def test_the_rsi_tells_entering_an_extreme_from_leaving_it() -> None:
    closes = [10.0, 11, 10, 11, 10, 9, 8, 7, 9, 12, 15, 18, 14]
    found = events("rsi", candles_from_closes(closes), period=3)
    assert list(found.values()) == ["oversold", "leaves_oversold", "overbought", "leaves_overbought"]
    assert sorted(found) == list(found)


def test_volume_after_none_at_all_is_no_spike() -> None:
    candles = random_candles(40)
    volume = np.zeros(40)
    volume[35] = 1e6
    silent = Candles(candles.timestamp, candles.open, candles.high, candles.low, candles.close, volume)
    assert events("volume_spike", silent, period=10) == {}


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("ma_crossover", {"fast_period": 30}, "ma_crossover: expected fast_period below slow_period, found 30 and 30"),
        ("ma_crossover", {"fast": 3}, "unknown parameter 'fast'; it has fast_period, slow_period; did you mean fast_"),
        ("rsi", {"oversold": 101}, "rsi: oversold: expected a number from 0 to 100, found 101"),
    ],
)
def test_wrong_parameters_are_refused(name: str, params: dict[str, float], message: str) -> None:
    with pytest.raises(EngineError) as caught:
        BUILT_IN[name].complete(params)
    assert message in caught.value.message


def test_an_unknown_signal_is_answered_with_the_nearest_known_one() -> None:
    assert find_signal("signals.ma_crossover", BUILT_IN) is BUILT_IN["ma_crossover"]
    with pytest.raises(EngineError, match=r"unknown signal 'ma_crosover'; did you mean ma_crossover\?"):
        find_signal("ma_crosover", BUILT_IN)


def test_the_check_names_the_output_that_knows_the_future() -> None:
    @signal("cheat", outputs={"honest": NUMBER, "tomorrow": NUMBER}, warm_up=lambda _params: 0)
    def cheat(candles: Candles, _params: Any) -> dict[str, Any]:
        return {"honest": candles.close.copy(), "tomorrow": np.roll(candles.close, -1)}

    found = find_signal_look_ahead(cheat, random_candles(100), {})
    assert found is not None
    assert found == LookAhead("tomorrow", 0, 1)
