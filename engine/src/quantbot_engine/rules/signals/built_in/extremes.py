"""Signals of a figure that leaves its usual size."""

import numpy as np

from quantbot_engine.indicators.averages import simple_average
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.compute import indicator
from quantbot_engine.indicators.definition import ParameterSpec, Params, factor, period
from quantbot_engine.rules.signals.events import crosses_above, crosses_below, ratio, shift, to_categories
from quantbot_engine.rules.signals.signal import NUMBER, SignalColumns, signal


@signal(
    "rsi",
    outputs={
        "rsi_event": ("none", "oversold", "overbought", "leaves_oversold", "leaves_overbought"),
        "rsi_value": NUMBER,
    },
    parameters=(
        period("period", 14, 2),
        ParameterSpec("oversold", 30, 0, 100),
        ParameterSpec("overbought", 70, 0, 100),
    ),
    needs=(("oversold", "overbought"),),
    warm_up=lambda params: int(params["period"]) + 1,
    formula="oversold: rsi falls below `oversold`; overbought: it rises above `overbought`; leaves_oversold: it rises "
    "above `oversold`; leaves_overbought: it falls below `overbought`; where one candle does two, the first named "
    "counts",
    source="J. Welles Wilder, 1978",
)
def rsi(candles: Candles, params: Params) -> SignalColumns:
    """Follow the relative strength index into its extremes and out of them."""
    value = indicator(candles, "rsi", period=params["period"])
    oversold, overbought = params["oversold"], params["overbought"]
    enters_low, enters_high = crosses_below(value, oversold), crosses_above(value, overbought)
    is_new = enters_low | enters_high
    leaves_low, leaves_high = crosses_above(value, oversold) & ~is_new, crosses_below(value, overbought) & ~is_new
    return {"rsi_event": to_categories(enters_low, enters_high, leaves_low, leaves_high), "rsi_value": value}


@signal(
    "volume_spike",
    outputs={"spike": ("none", "up", "down"), "volume_ratio": NUMBER},
    parameters=(period("period", 20), factor("multiplier", 3)),
    warm_up=lambda params: int(params["period"]),
    formula="volume is above multiplier * mean volume of the `period` candles before it: up if the close is at or "
    "above the open, else down; volume_ratio = volume / that mean, 0 where it is 0",
    source="own",
)
def volume_spike(candles: Candles, params: Params) -> SignalColumns:
    """Find volume that is large against that of the candles before."""
    usual = shift(simple_average(np.array(candles.volume), int(params["period"])))
    # Where nothing was traded before, any volume would be infinitely large: no spike.
    size = ratio(candles.volume, usual, 0.0)
    is_spike = size > params["multiplier"]
    is_up = candles.close >= candles.open
    return {"spike": to_categories(is_spike & is_up, is_spike & ~is_up), "volume_ratio": size}


EXTREMES = (rsi, volume_spike)
