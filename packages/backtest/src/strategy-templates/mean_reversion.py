"""Buys what has fallen far below its average, and sells it when it is back. A worked example of mean reversion.

The idea: in a market without a trend, prices that are many standard deviations away from their mean tend to return.
The distance is measured as a z-score: 0 at the average, -2 two standard deviations below it. In a strong trend the same
idea buys all the way down, so there is a filter against trends, a stop, and a time limit.

What to learn here: a figure computed from two indicators without dividing by zero, a stop whose distance follows the
volatility of the moment (`stop_distance`), and sizing by risk: every trade that is stopped out loses about the same.
"""

import numpy as np
from quantbot_engine.strategies.candle_strategy import CandleStrategy, Float, Int


class MeanReversion(CandleStrategy):
    """Buys far below the average in a calm market, and leaves at the average."""

    name = "mean_reversion"

    # A trade that is stopped out loses 0.2 % of the equity: its size is that amount over the distance of its stop. In a
    # calm market stops are near and sizes large, so much more risk than this would ask for more than the account holds.
    simulation = {
        "sizing": "risk_fraction",
        "size": 0.002,
        "max_hold_candles": 72,
        "costs": {"type": "basis_points", "fee_bps": 5, "slippage_bps": 2},
    }

    def parameter_space(self):
        return {
            "period": Int(10, 100, default=30, step=5),  # candles of mean and standard deviation
            "entry": Float(1.0, 3.5, default=2.0),  # distance in standard deviations at which a trade begins
            "exit": Float(-0.5, 1.0, default=0.0),  # distance on the other side of the average at which it ends
            "max_adx": Float(15, 60, default=35),  # above it the market trends, and nothing is bought
            "stop_atr": Float(1.0, 6.0, default=3.0),  # distance of the stop in average true ranges
        }

    def indicators(self, candles, params):
        mean = candles.indicator("sma", period=params["period"])
        deviation = candles.indicator("stddev", period=params["period"])
        return {
            "z_score": divide(candles.close - mean, deviation),
            "adx": candles.indicator("adx", period=14),
            "atr": candles.indicator("atr", period=14),
        }

    def signals(self, candles, indicators, params):
        z_score = indicators["z_score"]
        is_calm = indicators["adx"] < params["max_adx"]
        return {
            "enter_long": is_calm & (z_score < -params["entry"]),
            "enter_short": is_calm & (z_score > params["entry"]),
            "exit_long": z_score >= params["exit"],
            "exit_short": z_score <= -params["exit"],
            "stop_distance": params["stop_atr"] * indicators["atr"],  # in units of the price, from the entry
        }


def divide(numerator, denominator):
    """Return the quotient, and NaN, which no comparison holds for, where the denominator is zero or unknown."""
    result = np.full(numerator.shape, np.nan)
    return np.divide(numerator, denominator, out=result, where=denominator > 0)
