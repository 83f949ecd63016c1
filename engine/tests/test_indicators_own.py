"""Indicators against plain loops: our own, and those of TA-Lib that we mend; and our own against TA-Lib."""

import statistics
from datetime import UTC, datetime
from typing import Any

import numpy as np
import talib
from hypothesis import given
from hypothesis import strategies as st

from indicator_candles import SERIES, assert_same, candles, candles_from_closes, random_candles
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.compute import indicator

PERIODS = st.integers(1, 12)
LONGER = st.integers(2, 12)


def windows(values: list[float], period: int) -> list[list[float] | None]:
    return [values[i - period + 1 : i + 1] if i + 1 >= period else None for i in range(len(values))]


@given(SERIES, PERIODS)
def test_extremes_are_those_of_each_window(closes: list[float], period: int) -> None:
    series = candles_from_closes(closes)
    for name, extreme, column in (("highest", max, series.high), ("lowest", min, series.low)):
        expected = [np.nan if each is None else extreme(each) for each in windows(list(column), period)]
        assert_same(indicator(series, name, period=period), np.array(expected))


@given(candles(), PERIODS)
def test_the_donchian_channel_is_made_of_extremes(series: Candles, period: int) -> None:
    upper = [np.nan if each is None else max(each) for each in windows(list(series.high), period)]
    lower = [np.nan if each is None else min(each) for each in windows(list(series.low), period)]
    assert_same(indicator(series, "donchian", "upper", period=period), np.array(upper))
    assert_same(indicator(series, "donchian", "lower", period=period), np.array(lower))
    middle = (np.array(upper) + np.array(lower)) / 2
    assert_same(indicator(series, "donchian", "middle", period=period), middle)


@given(SERIES, LONGER)
def test_the_standard_deviation_is_that_of_the_population(closes: list[float], period: int) -> None:
    expected = [np.nan if each is None else statistics.pstdev(each) for each in windows(closes, period)]
    assert_same(indicator(candles_from_closes(closes), "stddev", period=period), np.array(expected), 1e-12)


@given(SERIES, LONGER)
def test_the_rsi_is_the_share_of_gains(closes: list[float], period: int) -> None:
    gain = loss = 0.0
    expected = [np.nan]
    for i in range(1, len(closes)):
        change = closes[i] - closes[i - 1]
        if i <= period:
            gain, loss = gain + max(change, 0) / period, loss + max(-change, 0) / period
        else:
            gain = gain + (max(change, 0) - gain) / period
            loss = loss + (max(-change, 0) - loss) / period
        ratio = 50.0 if gain + loss == 0 else 100 * gain / (gain + loss)
        expected.append(ratio if i >= period else np.nan)
    assert_same(indicator(candles_from_closes(closes), "rsi", period=period), np.array(expected), 1e-9)


@given(candles())
def test_the_vwap_starts_anew_on_each_day_of_utc(series: Candles) -> None:
    expected = []
    for i in range(len(series)):
        day = datetime.fromtimestamp(int(series.timestamp[i]), UTC).date()
        rows = [k for k in range(i + 1) if datetime.fromtimestamp(int(series.timestamp[k]), UTC).date() == day]
        typical = [float(series.high[k] + series.low[k] + series.close[k]) / 3 for k in rows]
        volume = [float(series.volume[k]) for k in rows]
        weighted = sum(price * weight for price, weight in zip(typical, volume, strict=True))
        expected.append(weighted / sum(volume) if sum(volume) > 0 else typical[-1])
    assert_same(indicator(series, "vwap"), np.array(expected), 1e-12)


@given(candles(), LONGER)
def test_the_cci_counts_mean_deviations(series: Candles, period: int) -> None:
    typical = [float(sum(row)) / 3 for row in zip(series.high, series.low, series.close, strict=True)]
    expected = []
    for window in windows(typical, period):
        if window is None:
            expected.append(np.nan)
            continue
        mean = statistics.fmean(window)
        deviation = statistics.fmean([abs(value - mean) for value in window])
        expected.append((window[-1] - mean) / (0.015 * deviation) if deviation > 1e-12 else 0.0)
    assert_same(indicator(series, "cci", period=period), np.array(expected), 1e-8)


@given(candles(), PERIODS, PERIODS)
def test_the_stochastic_is_the_place_in_the_range(series: Candles, period: int, smooth: int) -> None:
    raw = []
    for i in range(period - 1, len(series)):
        top = max(series.high[i - period + 1 : i + 1])
        bottom = min(series.low[i - period + 1 : i + 1])
        raw.append(50.0 if top == bottom else 100 * float(series.close[i] - bottom) / float(top - bottom))
    k = [np.nan if each is None else statistics.fmean(each) for each in windows(raw, smooth)]
    expected = np.array([*([np.nan] * min(period - 1, len(series))), *k])
    found = indicator(series, "stochastic", "k", period=period, smooth=smooth, d_period=1)
    assert_same(found, expected, 1e-9)


@given(candles(), PERIODS, st.sampled_from([0.5, 1.0, 3.0]))
def test_the_supertrend_line_follows_the_price_and_turns_when_it_is_crossed(
    series: Candles, period: int, multiplier: float
) -> None:
    atr = indicator(series, "atr", period=period)
    lines, sides = [np.nan] * len(series), [np.nan] * len(series)
    upper = lower = side = 0.0
    for i in range(period, len(series)):
        middle = float(series.low[i] + (series.high[i] - series.low[i]) / 2)
        above, below = middle + multiplier * float(atr[i]), middle - multiplier * float(atr[i])
        close, before = float(series.close[i]), float(series.close[i - 1])
        if i == period:
            upper, lower, side = above, below, 1 if close >= middle else -1
        else:
            upper = above if before > upper else min(above, upper)
            lower = below if before < lower else max(below, lower)
            side = -1 if side == 1 and close < lower else 1 if side == -1 and close > upper else side
        lines[i], sides[i] = lower if side == 1 else upper, side
    params = {"period": period, "multiplier": multiplier}
    assert_same(indicator(series, "supertrend", "line", **params), np.array(lines))
    assert_same(indicator(series, "supertrend", "direction", **params), np.array(sides))


def test_where_prices_move_our_stochastic_is_that_of_ta_lib() -> None:
    series = random_candles(2000, 3)
    moving = candles_from_closes(list(series.close + np.random.default_rng(1).random(2000)), 0.01)
    high, low, close = moving.high, moving.low, moving.close
    simple: Any = 0
    k, d = talib.STOCH(high, low, close, 14, 3, simple, 3, simple)
    assert_same(indicator(moving, "stochastic", "k")[17:], k[17:], 1e-8)
    assert_same(indicator(moving, "stochastic", "d"), d, 1e-8)
