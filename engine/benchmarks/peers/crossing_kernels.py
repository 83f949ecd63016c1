"""What a good engineer writes first in Numba for crossings of two averages: one loop over the candles a combination.

Nothing is kept between combinations: both averages are computed anew for each. Rules as in `sweep.py`. The same loop
serves as the peer in plain Python: see `py_func` of Numba's functions.
"""

from typing import NamedTuple

from quantbot_engine.jit import Flag1D, Float1D, Float2D, Int1D, Int2D, kernel, rule


class Series(NamedTuple):
    """Candles of one symbol, shape (candles,)."""

    open: Float1D
    high: Float1D
    low: Float1D
    close: Float1D


@rule
def _trade(candles: Series, above: Flag1D, below: Flag1D, levels: tuple[float, float], curve: Float1D) -> int:
    """Trade all candles, mark equity at each close, return how many trades ended. `curve[0]`: the capital."""
    stop_loss, take_profit = levels
    cash = curve[0]
    units = 0.0
    stop = 0.0
    target = 0.0
    trades = 0
    for time in range(candles.close.size):
        close = candles.close[time]
        if units > 0.0:
            price = 0.0
            opened = candles.open[time]
            if candles.low[time] <= stop and (opened <= stop or opened < target):
                price = min(stop, opened)
            elif candles.high[time] >= target:
                price = max(target, opened)
            elif below[time]:
                price = close
            if price > 0.0:
                cash = units * price
                units = 0.0
                trades += 1
        if units == 0.0 and above[time]:
            units = cash / close
            cash = 0.0
            stop = close * (1.0 - stop_loss)
            target = close * (1.0 + take_profit)
        curve[time] = cash + units * close
    return trades


@rule
def _find_crossings(close: Float1D, lengths: tuple[int, int], above: Flag1D, below: Flag1D) -> None:
    fast, slow = lengths
    above[:slow] = 0
    below[:slow] = 0
    fast_sum = 0.0
    slow_sum = 0.0
    was_above = False
    for time in range(close.size):
        fast_sum += close[time]
        slow_sum += close[time]
        if time >= fast:
            fast_sum -= close[time - fast]
        if time >= slow:
            slow_sum -= close[time - slow]
        is_above = fast_sum / fast > slow_sum / slow
        if time >= slow:
            above[time] = is_above and not was_above
            below[time] = was_above and not is_above
        was_above = is_above


@kernel
def replay_signals(candles: Series, above: Flag1D, below: Flag1D, levels: tuple[float, float], curve: Float1D) -> int:
    """Do one backtest on signals that are there."""
    return _trade(candles, above, below, levels, curve)


@kernel
def replay_crossings(
    candles: Series, lengths: Int2D, levels: Float2D, signals: tuple[Flag1D, Flag1D], curve: Float1D, trades: Int1D
) -> None:
    """Do one backtest a combination; `levels` holds stop, target and, first the capital, then the final equity."""
    above, below = signals
    for number in range(trades.size):
        _find_crossings(candles.close, (lengths[number, 0], lengths[number, 1]), above, below)
        curve[0] = levels[number, 2]
        trades[number] = _trade(candles, above, below, (levels[number, 0], levels[number, 1]), curve)
        levels[number, 2] = curve[curve.size - 1]
