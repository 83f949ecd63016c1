"""Indicators of momentum, trend strength and volume."""

import numpy as np

from quantbot_engine.indicators import kernels
from quantbot_engine.indicators.averages import Columns, simple_average
from quantbot_engine.indicators.channels import highest, lowest
from quantbot_engine.indicators.definition import Indicator, Inputs, Params, period
from quantbot_engine.indicators.talib import load_talib
from quantbot_engine.slices.market import FloatColumn

# TA-Lib answers 0 where nothing moves, which rules would take for oversold.
STILL = 50.0


def _rsi(inputs: Inputs, params: Params) -> Columns:
    values = inputs.columns[0]
    result: FloatColumn = load_talib().RSI(values, int(params["period"]))
    has_moved = values != values[:1]
    still = int(np.argmax(has_moved)) if has_moved.any() else values.size
    result[:still][~np.isnan(result[:still])] = STILL
    return (result,)


def _roc(inputs: Inputs, params: Params) -> Columns:
    return (load_talib().ROC(inputs.columns[0], int(params["period"])),)


def _momentum(inputs: Inputs, params: Params) -> Columns:
    return (load_talib().MOM(inputs.columns[0], int(params["period"])),)


def _stochastic(inputs: Inputs, params: Params) -> Columns:
    high, low, close = inputs.columns
    length, smooth = int(params["period"]), int(params["smooth"])
    top, bottom = highest(high, length), lowest(low, length)
    width = top - bottom
    raw = np.full(close.size, STILL)
    np.divide(100.0 * (close - bottom), width, out=raw, where=width > 0)
    k = _average_from(raw, smooth, length - 1)
    return k, _average_from(k, int(params["d_period"]), length + smooth - 2)


def _average_from(values: FloatColumn, length: int, start: int) -> FloatColumn:
    result = np.full(values.size, np.nan)
    result[start:] = simple_average(values[start:], length)
    return result


def _adx(inputs: Inputs, params: Params) -> Columns:
    return (load_talib().ADX(*inputs.columns, int(params["period"])),)


def _plus_di(inputs: Inputs, params: Params) -> Columns:
    return (load_talib().PLUS_DI(*inputs.columns, int(params["period"])),)


def _minus_di(inputs: Inputs, params: Params) -> Columns:
    return (load_talib().MINUS_DI(*inputs.columns, int(params["period"])),)


def _typical_price(inputs: Inputs) -> FloatColumn:
    # Written so that a candle without movement has exactly its price.
    high, low, close = inputs.columns[:3]
    return low + ((high - low) + (close - low)) / 3


def _cci(inputs: Inputs, params: Params) -> Columns:
    return (load_talib().CCI(*inputs.columns, int(params["period"])),)


def _obv(inputs: Inputs, _params: Params) -> Columns:
    return (load_talib().OBV(*inputs.columns),)


def _vwap(inputs: Inputs, _params: Params) -> Columns:
    return (kernels.session_vwap(inputs.timestamp, _typical_price(inputs), inputs.columns[3]),)


def _period(params: Params) -> int:
    return int(params["period"])


OSCILLATORS = (
    Indicator(
        name="rsi",
        title="Relative strength index",
        inputs=("close",),
        parameters=(period("period", 14, 2),),
        units=("percent",),
        warm_up=_period,
        compute=_rsi,
        formula="100 * gain / (gain + loss), both Wilder's averages of rises and falls; 50 before the first movement",
        source="J. Welles Wilder, 1978; TA-Lib RSI, which gives 0, as if oversold, before the first movement",
    ),
    Indicator(
        name="roc",
        title="Rate of change",
        inputs=("close",),
        parameters=(period("period", 10),),
        units=("percent",),
        warm_up=_period,
        compute=_roc,
        formula="100 * (value / value `period` candles ago - 1)",
        source="TA-Lib ROC",
    ),
    Indicator(
        name="momentum",
        title="Momentum",
        inputs=("close",),
        parameters=(period("period", 10),),
        units=("price",),
        warm_up=_period,
        compute=_momentum,
        formula="value - value `period` candles ago",
        source="TA-Lib MOM",
    ),
    Indicator(
        name="stochastic",
        title="Stochastic oscillator",
        inputs=("high", "low", "close"),
        parameters=(period("period", 14), period("smooth", 3), period("d_period", 3)),
        outputs=("k", "d"),
        units=("percent", "percent"),
        warm_up=lambda params: int(params["period"] + params["smooth"] + params["d_period"]) - 3,
        compute=_stochastic,
        formula="raw = 100 * (close - lowest low) / (highest high - lowest low) over `period`, 50 without a range; "
        "k = sma of raw over `smooth`; d = sma of k over `d_period`",
        source="George Lane; own, as TA-Lib gives 0, as if oversold, without a range",
    ),
    Indicator(
        name="adx",
        title="Average directional index",
        inputs=("high", "low", "close"),
        parameters=(period("period", 14, 2),),
        units=("percent",),
        warm_up=lambda params: 2 * int(params["period"]) - 1,
        compute=_adx,
        formula="Wilder's average of 100 * |plus_di - minus_di| / (plus_di + minus_di)",
        source="J. Welles Wilder, 1978; TA-Lib ADX",
    ),
    Indicator(
        name="plus_di",
        title="Positive directional indicator",
        inputs=("high", "low", "close"),
        parameters=(period("period", 14, 2),),
        units=("percent",),
        warm_up=_period,
        compute=_plus_di,
        formula="100 * smoothed rise of the high (where it exceeds the fall of the low) / smoothed true range",
        source="J. Welles Wilder, 1978; TA-Lib PLUS_DI",
    ),
    Indicator(
        name="minus_di",
        title="Negative directional indicator",
        inputs=("high", "low", "close"),
        parameters=(period("period", 14, 2),),
        units=("percent",),
        warm_up=_period,
        compute=_minus_di,
        formula="100 * smoothed fall of the low (where it exceeds the rise of the high) / smoothed true range",
        source="J. Welles Wilder, 1978; TA-Lib MINUS_DI",
    ),
    Indicator(
        name="cci",
        title="Commodity channel index",
        inputs=("high", "low", "close"),
        parameters=(period("period", 20, 2),),
        units=("number",),
        warm_up=lambda params: int(params["period"]) - 1,
        compute=_cci,
        formula="(t - sma of t) / (0.015 * mean |t - sma of t|) over `period`, t = (high + low + close) / 3; "
        "0 in a window without movement",
        source="Donald Lambert, Commodities, 1980; TA-Lib CCI",
    ),
    Indicator(
        name="obv",
        title="On-balance volume",
        inputs=("close", "volume"),
        parameters=(),
        units=("volume",),
        warm_up=lambda _params: 0,
        compute=_obv,
        formula="running sum of volume, counted negative where the close falls, not at all where it stays; starts at "
        "the first candle's volume",
        source="Joseph Granville, 1963; TA-Lib OBV",
    ),
    Indicator(
        name="vwap",
        title="Volume-weighted average price",
        inputs=("high", "low", "close", "volume"),
        parameters=(),
        units=("price",),
        warm_up=lambda _params: 0,
        compute=_vwap,
        formula="sum of t * volume / sum of volume since 00:00 UTC, t = (high + low + close) / 3; t itself before the "
        "first volume of the day",
        source="own; the session is the day of UTC in which the candle opens",
    ),
)
