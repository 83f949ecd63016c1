"""Indicators that smooth a price, and the bands around it."""

from quantbot_engine.indicators.definition import Indicator, Inputs, Params, factor, period
from quantbot_engine.indicators.kernels import settle
from quantbot_engine.indicators.talib import load_talib
from quantbot_engine.slices.market import FloatColumn

Columns = tuple[FloatColumn, ...]


def simple_average(values: FloatColumn, length: int) -> FloatColumn:
    """Return the mean of the last `length` values, exact where they are all equal."""
    return settle(load_talib().SMA(values, length), values, length)


def exponential_average(values: FloatColumn, length: int, start: int = 0) -> FloatColumn:
    """Return the exponential mean of values from `start` on, NaN before its first `length` values are there."""
    result: FloatColumn = load_talib().EMA(values[start:], length)
    return result if start == 0 else _pad(result, values, start)


def average_true_range(high: FloatColumn, low: FloatColumn, close: FloatColumn, length: int) -> FloatColumn:
    """Return Wilder's mean of the true range in price units; `length` candles of warm-up."""
    talib = load_talib()
    result: FloatColumn = talib.ATR(high, low, close, length) if length > 1 else talib.TRANGE(high, low, close)
    return result


def _pad(values: FloatColumn, like: FloatColumn, start: int) -> FloatColumn:
    padded = like * float("nan")
    padded[start:] = values
    return padded


def _sma(inputs: Inputs, params: Params) -> Columns:
    return (simple_average(inputs.columns[0], int(params["period"])),)


def _ema(inputs: Inputs, params: Params) -> Columns:
    return (exponential_average(inputs.columns[0], int(params["period"])),)


def _wma(inputs: Inputs, params: Params) -> Columns:
    length = int(params["period"])
    return (settle(load_talib().WMA(inputs.columns[0], length), inputs.columns[0], length),)


def _macd(inputs: Inputs, params: Params) -> Columns:
    values, slow = inputs.columns[0], int(params["slow"])
    line = exponential_average(values, int(params["fast"])) - exponential_average(values, slow)
    signal = exponential_average(line, int(params["signal"]), slow - 1)
    return line, signal, line - signal


def _bollinger(inputs: Inputs, params: Params) -> Columns:
    values, length = inputs.columns[0], int(params["period"])
    middle = simple_average(values, length)
    width = params["deviations"] * load_talib().STDDEV(values, length)
    return middle + width, middle, middle - width


def _keltner(inputs: Inputs, params: Params) -> Columns:
    high, low, close = inputs.columns
    middle = exponential_average(close, int(params["period"]))
    width = params["multiplier"] * average_true_range(high, low, close, int(params["atr_period"]))
    return middle + width, middle, middle - width


def _full_window(params: Params) -> int:
    return int(params["period"]) - 1


AVERAGES = (
    Indicator(
        name="sma",
        title="Simple moving average",
        inputs=("close",),
        parameters=(period("period", 20),),
        units=("price",),
        warm_up=_full_window,
        compute=_sma,
        formula="mean of the last `period` values; exactly the value where they are all equal",
        source="TA-Lib SMA",
    ),
    Indicator(
        name="ema",
        title="Exponential moving average",
        inputs=("close",),
        parameters=(period("period", 20),),
        units=("price",),
        warm_up=_full_window,
        compute=_ema,
        formula="ema + 2 / (period + 1) * (value - ema); starts as the mean of the first `period` values",
        source="TA-Lib EMA",
    ),
    Indicator(
        name="wma",
        title="Weighted moving average",
        inputs=("close",),
        parameters=(period("period", 20),),
        units=("price",),
        warm_up=_full_window,
        compute=_wma,
        formula="mean of the last `period` values with weights 1, 2 ... `period`, the newest weighs most",
        source="TA-Lib WMA",
    ),
    Indicator(
        name="macd",
        title="Moving average convergence divergence",
        inputs=("close",),
        parameters=(period("fast", 12), period("slow", 26, 2), period("signal", 9)),
        outputs=("line", "signal", "histogram"),
        units=("price", "price", "price"),
        warm_up=lambda params: int(params["slow"] + params["signal"]) - 2,
        compute=_macd,
        formula="line = ema(fast) - ema(slow); signal = ema of the line over `signal`; histogram = line - signal",
        source="Gerald Appel; each average starts at the first candle, TA-Lib EMA",
        needs=(("fast", "slow"),),
    ),
    Indicator(
        name="bollinger",
        title="Bollinger bands",
        inputs=("close",),
        parameters=(period("period", 20, 2), factor("deviations", 2)),
        outputs=("upper", "middle", "lower"),
        units=("price", "price", "price"),
        warm_up=_full_window,
        compute=_bollinger,
        formula="middle = sma(period); upper, lower = middle ± deviations * population standard deviation",
        source="John Bollinger, Bollinger on Bollinger Bands, 2001",
    ),
    Indicator(
        name="keltner",
        title="Keltner channel",
        inputs=("high", "low", "close"),
        parameters=(period("period", 20), factor("multiplier", 2), period("atr_period", 10)),
        outputs=("upper", "middle", "lower"),
        units=("price", "price", "price"),
        warm_up=lambda params: int(max(params["period"] - 1, params["atr_period"])),
        compute=_keltner,
        formula="middle = ema(period); upper, lower = middle ± multiplier * atr(atr_period)",
        source="Chester Keltner, 1960, in the form with the average true range",
    ),
)
