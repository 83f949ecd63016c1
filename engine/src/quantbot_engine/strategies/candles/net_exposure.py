"""Longs less shorts at each close: what a simulation does not mark, but its fills tell."""

import numpy as np

from quantbot_engine.jit import Float1D, Float2D, Int1D, Int2D, kernel
from quantbot_engine.simulate.result import SimulationResult


def find_net_exposure(closes: Float2D, result: SimulationResult) -> Float1D:
    """Return longs less shorts at each close, shape (T,), on the runs of the result; elsewhere nothing is open.

    `closes`, shape (S, T): where a symbol has no candle, its last close. Fills are read only where there are both
    directions: else it is exposure itself, or what is below 0 by as much.
    """
    is_long = result.trades.direction > 0
    if is_long.all():
        return result.exposure
    if not is_long.any():
        return np.negative(result.exposure)
    net = np.zeros(closes.shape[1])
    fills = result.fills
    rows = np.searchsorted(result.timestamp, fills.timestamp).astype(np.int64, copy=False)
    for symbol in np.unique(fills.symbol).tolist():
        own = np.flatnonzero(fills.symbol == symbol)
        _add_symbol(net, closes[symbol], rows[own], fills.units[own] * fills.side[own], result.runs)
    return net


@kernel
def _add_symbol(net: Float1D, closes: Float1D, rows: Int1D, units: Float1D, runs: Int2D) -> None:
    """Add what is held of one symbol, by its fills in order of time: their rows, and units bought or (below 0) sold."""
    held = 0.0
    fill = 0
    for run in range(runs.shape[0]):
        for time in range(runs[run, 0], runs[run, 1]):
            if fill < rows.size and rows[fill] == time:
                traded = 0.0
                while fill < rows.size and rows[fill] == time:
                    traded += units[fill]
                    fill += 1
                held += traded
            net[time] += held * closes[time]
