"""Breakouts of the Donchian channel, but only in a market that trends. A worked example of a trend-following strategy.

The idea: a close beyond the highest high of weeks often goes on, if the market is in a trend; in a sideways market the
same breakouts are traps. So two filters decide whether the market is in the right regime: the close must be on the
right side of a long moving average, and the average directional index (ADX) must say that there is a trend at all.

What to learn here: parameters with ranges that a study can search, indicators, both directions, an exit channel that is
shorter than the entry channel, and why a channel must be taken from the candle before.
"""

import numpy as np
from quantbot_engine.strategies.candle_strategy import CandleStrategy, Choice, Float, Int


class DonchianRegime(CandleStrategy):
    """Breakouts of the Donchian channel in the direction of the long trend."""

    name = "donchian_regime"

    # How signals become fills. Whatever is not said here has the engine's default (docs/assumptions.md); a flag of the
    # command line wins over it. Half of the equity goes into one position.
    simulation = {
        "sizing": "equity_fraction",
        "size": 0.5,
        "costs": {"type": "basis_points", "fee_bps": 5, "slippage_bps": 2},
    }

    def parameter_space(self):
        return {
            "entry": Int(20, 100, default=40, step=5),  # candles of the channel that is broken
            "exit": Int(5, 50, default=20, step=5),  # candles of the channel that ends the trade
            "regime": Int(50, 400, default=150, step=25),  # candles of the average that tells the long trend
            "min_adx": Float(5, 40, default=15),  # below it there is no trend worth following
            "stop": Float(0.01, 0.10, default=0.05),  # stop loss, fraction of the entry price
            "side": Choice(["both", "long"]),
        }

    def rules(self, params):
        # Settings that depend on parameters: a study can search the stop.
        return {"stop_loss": params["stop"], "directions": params["side"]}

    def indicators(self, candles, params):
        # The channel holds the present candle too, and no close is above a high of its own candle. So all channels are
        # taken from the candle before: what was known when this candle opened.
        return {
            "upper": before(candles.indicator("donchian", "upper", period=params["entry"])),
            "lower": before(candles.indicator("donchian", "lower", period=params["entry"])),
            "exit_upper": before(candles.indicator("donchian", "upper", period=params["exit"])),
            "exit_lower": before(candles.indicator("donchian", "lower", period=params["exit"])),
            "average": candles.indicator("sma", period=params["regime"]),
            "adx": candles.indicator("adx", period=14),
        }

    def signals(self, candles, indicators, params):
        # NumPy compares whole columns at once: each line below speaks of all candles. Where an indicator is not known
        # yet it is NaN, and a comparison with NaN is false.
        close = candles.close
        is_trending = indicators["adx"] > params["min_adx"]
        return {
            "enter_long": is_trending & (close > indicators["upper"]) & (close > indicators["average"]),
            "enter_short": is_trending & (close < indicators["lower"]) & (close < indicators["average"]),
            "exit_long": close < indicators["exit_lower"],
            "exit_short": close > indicators["exit_upper"],
        }


def before(values):
    """Return each candle's value of one candle earlier; the first candle has none."""
    return np.concatenate(([np.nan], values[:-1]))
