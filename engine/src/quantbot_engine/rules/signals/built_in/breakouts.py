"""Signals of a price leaving a range."""

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.compute import indicator
from quantbot_engine.indicators.definition import Params, factor, period
from quantbot_engine.rules.signals.events import crosses_above, crosses_below, ratio, shift, to_categories
from quantbot_engine.rules.signals.signal import NUMBER, SignalColumns, signal


@signal(
    "bollinger",
    outputs={"band_event": ("none", "above_upper", "below_lower"), "percent_b": NUMBER},
    parameters=(period("period", 20, 2), factor("deviations", 2)),
    warm_up=lambda params: int(params["period"]),
    formula="above_upper: the close is above the upper band and was not one candle before; below_lower: it is below "
    "the lower band and was not; percent_b = (close - lower) / (upper - lower), 0.5 where the bands coincide",
    source="John Bollinger, 2001",
)
def bollinger(candles: Candles, params: Params) -> SignalColumns:
    """Compare the close with its Bollinger bands."""
    upper = indicator(candles, "bollinger", "upper", **params)
    lower = indicator(candles, "bollinger", "lower", **params)
    events = to_categories(crosses_above(candles.close, upper), crosses_below(candles.close, lower))
    return {"band_event": events, "percent_b": ratio(candles.close - lower, upper - lower, 0.5)}


@signal(
    "donchian",
    outputs={"breakout": ("none", "upper_breakout", "lower_breakout"), "channel_width": NUMBER},
    parameters=(period("period", 20),),
    warm_up=lambda params: int(params["period"]) + 1,
    formula="upper_breakout: the close is above the highest high of the `period` candles before it, and the close "
    "before it was not above its own; lower_breakout likewise with the lowest low; channel_width = (upper - lower) / "
    "close of the channel before",
    source="Richard Donchian; the turtle rules",
)
def donchian(candles: Candles, params: Params) -> SignalColumns:
    """Compare the close with the channel of the candles before it."""
    upper = shift(indicator(candles, "donchian", "upper", **params))
    lower = shift(indicator(candles, "donchian", "lower", **params))
    events = to_categories(crosses_above(candles.close, upper), crosses_below(candles.close, lower))
    return {"breakout": events, "channel_width": (upper - lower) / candles.close}


@signal(
    "atr_breakout",
    outputs={"breakout": ("none", "up", "down"), "strength": NUMBER},
    parameters=(period("period", 14), factor("multiplier", 1.5)),
    warm_up=lambda params: int(params["period"]) + 1,
    formula="up: close - previous close is above multiplier * atr(period) of the previous candle; down: below minus "
    "that; strength = |close - previous close| / that atr, 0 where it is 0",
    source="own",
)
def atr_breakout(candles: Candles, params: Params) -> SignalColumns:
    """Find moves from close to close that are large against the usual range."""
    usual = shift(indicator(candles, "atr", period=params["period"]))
    move = candles.close - shift(candles.close)
    limit = params["multiplier"] * usual
    return {"breakout": to_categories(move > limit, move < -limit), "strength": ratio(abs(move), usual, 0.0)}


BREAKOUTS = (bollinger, donchian, atr_breakout)
