"""Waits with a stop order above a quiet market for the move that ends the quiet. A worked example of pending orders.

The idea: quiet and unrest take turns. When the range of the last candles is small compared with what is usual, the next
large move is often worth following, whichever way it goes. Nobody knows which way, so nothing is bought in advance: an
order waits above the quiet range and is filled only if the price gets there.

What to learn here: `stop_price` makes an entry a stop order that waits at a price; `order_valid_candles` says for how
long. The target is given as a distance, like the stop, so that both follow the volatility of the moment.
"""

from quantbot_engine.strategies.candle_strategy import CandleStrategy, Float, Int


class VolatilityBreakout(CandleStrategy):
    """Stop orders above a market that is quieter than usual."""

    name = "volatility_breakout"

    simulation = {
        "directions": "long",
        "sizing": "risk_fraction",  # a trade that is stopped out loses this share of the equity
        "size": 0.001,
        "order_valid_candles": 6,
        "max_hold_candles": 48,
        "costs": {"type": "basis_points", "fee_bps": 5, "slippage_bps": 2},
    }

    def parameter_space(self):
        return {
            "quiet": Float(0.3, 1.0, default=0.8),  # quiet: the short range is below this share of the long one
            "short": Int(3, 20, default=6),  # candles of the short average true range
            "long": Int(30, 200, default=72, step=6),  # candles of the long one
            "box": Int(5, 60, default=12),  # candles whose highest high the order waits above
            "reward": Float(1.0, 6.0, default=3.0),  # target, in stops
        }

    def indicators(self, candles, params):
        return {
            "short_range": candles.indicator("atr", period=params["short"]),
            "long_range": candles.indicator("atr", period=params["long"]),
            "top": candles.indicator("highest", period=params["box"]),
        }

    def signals(self, candles, indicators, params):
        is_quiet = indicators["short_range"] < params["quiet"] * indicators["long_range"]
        stop_distance = 2 * indicators["long_range"]
        return {
            "enter_long": is_quiet,
            # A little above the box: touching the old high is not yet a breakout.
            "stop_price": indicators["top"] + 0.1 * indicators["long_range"],
            "stop_distance": stop_distance,
            "target_distance": params["reward"] * stop_distance,
            # No exit signal: only the stop, the target and the time limit end the trade.
        }
