"""How far the first stop of each trade was from its entry price: what R, the initial risk, is measured by.

The simulation keeps no stops of trades that are over; rules, signals and entry prices say what they were.
"""

import numpy as np

from quantbot_engine.jit import Float1D
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.preparation import PreparedSignals
from quantbot_engine.simulate.result import SimulationResult


def find_first_stops(market: CandleMarket, result: SimulationResult, signals: PreparedSignals) -> Float1D:
    """Return distances in price units, one per trade, shape (n,); NaN where nothing stopped the trade at first.

    The nearest of two is meant: the stop loss and a trailing stop that is in force from the entry on. None is further
    away than the entry price, with which all of the money is lost.
    """
    rules, trades = result.rules, result.trades
    fraction = np.nan if rules.stop_loss is None else rules.stop_loss
    if signals.arrays.stop_distance.size > 0:
        distance = _find_distances(market, result, signals)
    else:
        distance = trades.entry_price * fraction
    if rules.trailing_stop is not None and rules.trailing_activation == 0.0:
        distance = np.fmin(distance, trades.entry_price * rules.trailing_stop)
    return np.minimum(distance, trades.entry_price)


def _find_distances(market: CandleMarket, result: SimulationResult, signals: PreparedSignals) -> Float1D:
    """Return the distance that the signal of each trade asked for: the last entry signal before the fill.

    An order that waits is replaced by every later entry signal, so that no earlier one can have been filled.
    """
    trades = result.trades
    distance: Float1D = np.full(trades.units.size, np.nan)
    rows = np.searchsorted(market.timestamp, trades.entry_timestamp)
    for symbol in np.unique(trades.symbol).tolist():
        action = signals.arrays.action[symbol]
        signalled = np.flatnonzero(action & codes.ENTRIES[result.rules.directions])
        own = np.flatnonzero(trades.symbol == symbol)
        until = rows[own]
        if result.rules.entry_fill == "signal_close":
            # Only a market order is filled at the close of its own signal.
            is_at_once = (action[until] & codes.ANY_ENTRY != 0) & (
                action[until] & (codes.AT_LIMIT | codes.AT_STOP) == 0
            )
            until = until + is_at_once
        last = np.searchsorted(signalled, until) - 1
        distance[own] = signals.arrays.stop_distance[symbol, signalled[last]]
    return distance
