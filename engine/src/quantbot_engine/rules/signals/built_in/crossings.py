"""Signals of one line crossing another: two averages, or MACD and its signal line."""

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.compute import indicator
from quantbot_engine.indicators.definition import Params, period
from quantbot_engine.rules.signals.events import crosses_above, crosses_below, to_categories
from quantbot_engine.rules.signals.signal import NUMBER, SignalColumns, signal
from quantbot_engine.slices.market import FloatColumn

CROSSES = ("none", "golden_cross", "death_cross")
AVERAGES = (period("fast_period", 10), period("slow_period", 30, 2))


def _cross(fast: FloatColumn, slow: FloatColumn, scale: FloatColumn) -> SignalColumns:
    return {
        "crossover_type": to_categories(crosses_above(fast, slow), crosses_below(fast, slow)),
        "strength": abs(fast - slow) / scale,
    }


@signal(
    "ma_crossover",
    outputs={"crossover_type": CROSSES, "strength": NUMBER},
    parameters=AVERAGES,
    needs=(("fast_period", "slow_period"),),
    warm_up=lambda params: int(params["slow_period"]),
    formula="golden_cross: sma(fast_period) is above sma(slow_period) and was not one candle before; death_cross: it "
    "is below and was not; strength = |fast - slow| / slow",
    source="own",
)
def ma_crossover(candles: Candles, params: Params) -> SignalColumns:
    """Compare two simple moving averages of the close."""
    fast = indicator(candles, "sma", period=params["fast_period"])
    slow = indicator(candles, "sma", period=params["slow_period"])
    return _cross(fast, slow, slow)


@signal(
    "ema_crossover",
    outputs={"crossover_type": CROSSES, "strength": NUMBER},
    parameters=AVERAGES,
    needs=(("fast_period", "slow_period"),),
    warm_up=lambda params: int(params["slow_period"]),
    formula="as ma_crossover, with ema",
    source="own",
)
def ema_crossover(candles: Candles, params: Params) -> SignalColumns:
    """Compare two exponential moving averages of the close."""
    fast = indicator(candles, "ema", period=params["fast_period"])
    slow = indicator(candles, "ema", period=params["slow_period"])
    return _cross(fast, slow, slow)


@signal(
    "macd",
    outputs={"crossover_type": ("none", "bullish_cross", "bearish_cross"), "strength": NUMBER},
    parameters=(period("fast", 12), period("slow", 26, 2), period("signal", 9)),
    needs=(("fast", "slow"),),
    warm_up=lambda params: int(params["slow"] + params["signal"]) - 1,
    formula="bullish_cross: macd line is above its signal line and was not one candle before; bearish_cross: it is "
    "below and was not; strength = |histogram| / close",
    source="Gerald Appel",
)
def macd(candles: Candles, params: Params) -> SignalColumns:
    """Compare the line of MACD with its signal line."""
    line = indicator(candles, "macd", "line", **params)
    trigger = indicator(candles, "macd", "signal", **params)
    return _cross(line, trigger, candles.close)


CROSSINGS = (ma_crossover, ema_crossover, macd)
