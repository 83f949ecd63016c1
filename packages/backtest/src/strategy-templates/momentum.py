"""Holds what has risen over weeks, as long as it keeps rising. A worked example of time-series momentum.

The idea: what has gone up over some weeks is more likely to go on than to turn. The strategy is always asked one
question, the return over the last `lookback` candles, and answers with enter or leave. It trades rarely, so costs hurt
little, and one moving stop protects what has been won.

What to learn here: a strategy with one idea and few parameters, two thresholds instead of one so that it does not jump
in and out (hysteresis), a trailing stop with an activation, and signals that say what is true now instead of what has
just happened: entering what is held already is not done twice unless `scale_in` says so.
"""

from quantbot_engine.strategies.candle_strategy import CandleStrategy, Float, Int


class Momentum(CandleStrategy):
    """Long while the return of the last weeks is clearly positive."""

    name = "momentum"

    simulation = {
        "directions": "long",
        "sizing": "equity_fraction",
        "size": 0.9,  # the rest stays cash, for costs
        "costs": {"type": "basis_points", "fee_bps": 5, "slippage_bps": 2},
    }

    def parameter_space(self):
        return {
            "lookback": Int(24, 480, default=96, step=24),  # candles over which the return is measured
            "enter_above": Float(0.0, 10.0, default=1.0),  # percent: enough to be more than noise
            "leave_below": Float(-10.0, 0.0, default=-0.5),  # percent: enough to call the rise over
            "trail": Float(0.01, 0.2, default=0.04),  # stop below the best price since entry, fraction of it
        }

    def rules(self, params):
        # The trailing stop begins to matter once the trade has won as much as the stop could take.
        return {"trailing_stop": params["trail"], "trailing_activation": params["trail"]}

    def indicators(self, candles, params):
        return {"change": candles.indicator("roc", period=params["lookback"])}

    def signals(self, candles, indicators, params):
        return {
            "enter_long": indicators["change"] > params["enter_above"],
            "exit_long": indicators["change"] < params["leave_below"],
        }
