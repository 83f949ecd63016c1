"""Indicators of ranges: extremes, volatility and trailing lines."""

from quantbot_engine.indicators import kernels
from quantbot_engine.indicators.averages import Columns, average_true_range
from quantbot_engine.indicators.definition import Indicator, Inputs, Params, factor, period
from quantbot_engine.indicators.talib import load_talib
from quantbot_engine.slices.market import FloatColumn


def highest(values: FloatColumn, length: int) -> FloatColumn:
    """Return the highest of the last `length` values."""
    return kernels.rolling_highest(values, length)


def lowest(values: FloatColumn, length: int) -> FloatColumn:
    """Return the lowest of the last `length` values."""
    return -kernels.rolling_highest(-values, length)


def _highest(inputs: Inputs, params: Params) -> Columns:
    return (highest(inputs.columns[0], int(params["period"])),)


def _lowest(inputs: Inputs, params: Params) -> Columns:
    return (lowest(inputs.columns[0], int(params["period"])),)


def _donchian(inputs: Inputs, params: Params) -> Columns:
    length = int(params["period"])
    upper, lower = highest(inputs.columns[0], length), lowest(inputs.columns[1], length)
    return upper, lower + (upper - lower) / 2, lower


def _true_range(inputs: Inputs, _params: Params) -> Columns:
    return (load_talib().TRANGE(*inputs.columns),)


def _atr(inputs: Inputs, params: Params) -> Columns:
    high, low, close = inputs.columns
    return (average_true_range(high, low, close, int(params["period"])),)


def _stddev(inputs: Inputs, params: Params) -> Columns:
    return (load_talib().STDDEV(inputs.columns[0], int(params["period"])),)


def _supertrend(inputs: Inputs, params: Params) -> Columns:
    high, low, close = inputs.columns
    length = int(params["period"])
    distance = params["multiplier"] * average_true_range(high, low, close, length)
    return kernels.supertrend(low + (high - low) / 2, close, distance, length)


def _full_window(params: Params) -> int:
    return int(params["period"]) - 1


def _period(params: Params) -> int:
    return int(params["period"])


CHANNELS = (
    Indicator(
        name="highest",
        title="Highest value",
        inputs=("high",),
        parameters=(period("period", 20),),
        units=("price",),
        warm_up=_full_window,
        compute=_highest,
        formula="highest of the last `period` values, this candle's included; `previous(highest(20), 1)` leaves it out",
        source="own",
    ),
    Indicator(
        name="lowest",
        title="Lowest value",
        inputs=("low",),
        parameters=(period("period", 20),),
        units=("price",),
        warm_up=_full_window,
        compute=_lowest,
        formula="lowest of the last `period` values, this candle's included",
        source="own",
    ),
    Indicator(
        name="donchian",
        title="Donchian channel",
        inputs=("high", "low"),
        parameters=(period("period", 20),),
        outputs=("upper", "middle", "lower"),
        units=("price", "price", "price"),
        warm_up=_full_window,
        compute=_donchian,
        formula="upper = highest high, lower = lowest low of the last `period` candles, this one included; "
        "middle = halfway",
        source="Richard Donchian; own",
    ),
    Indicator(
        name="true_range",
        title="True range",
        inputs=("high", "low", "close"),
        parameters=(),
        units=("price",),
        warm_up=lambda _params: 1,
        compute=_true_range,
        formula="the largest of high - low, |high - previous close|, |low - previous close|",
        source="J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib TRANGE",
    ),
    Indicator(
        name="atr",
        title="Average true range",
        inputs=("high", "low", "close"),
        parameters=(period("period", 14),),
        units=("price",),
        warm_up=_period,
        compute=_atr,
        formula="(atr * (period - 1) + true range) / period; starts as the mean of the first `period` true ranges",
        source="J. Welles Wilder, 1978; TA-Lib ATR",
    ),
    Indicator(
        name="stddev",
        title="Standard deviation",
        inputs=("close",),
        parameters=(period("period", 20, 2),),
        units=("price",),
        warm_up=_full_window,
        compute=_stddev,
        formula="population standard deviation (divided by `period`) of the last `period` values",
        source="TA-Lib STDDEV",
    ),
    Indicator(
        name="supertrend",
        title="Supertrend",
        inputs=("high", "low", "close"),
        parameters=(period("period", 10), factor("multiplier", 3)),
        outputs=("line", "direction"),
        units=("price", "number"),
        warm_up=_period,
        compute=_supertrend,
        formula="bands (high + low) / 2 ± multiplier * atr(period), each moving towards the price alone until a close "
        "has crossed it; direction 1: the line is the lower band, -1: the upper one; starts at 1 if the close is at or "
        "above (high + low) / 2",
        source="Olivier Seban; own",
    ),
)
