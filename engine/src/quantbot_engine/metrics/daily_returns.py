"""Sums over the daily closes of a period: their returns, and the time they spent below an earlier high."""

import numpy as np

from quantbot_engine.jit import Float1D, rule
from quantbot_engine.metrics.measured import (
    AUTOCORRELATION,
    CURRENT_DRAWDOWN,
    CURRENT_DRAWDOWN_DAYS,
    DAY_MS,
    DEVIATION,
    DOWNSIDE,
    DUST,
    FALLS,
    GAINS,
    LARGEST_RETURN,
    LONGEST_DRAWDOWN_DAYS,
    MEAN_EQUITY,
    MEAN_RETURN,
    OBSERVATIONS,
    ULCER_INDEX,
)
from quantbot_engine.metrics.return_tails import measure_tails


@rule
def without_dust(money: float, capital: float) -> float:
    """Return 0 for what is rounding to an account of this initial capital."""
    return 0.0 if abs(money) < DUST * capital else money


@rule
def measure_closes(
    equity: float, closes: Float1D, span: tuple[int, int], returns: Float1D, is_detailed: bool, row: Float1D
) -> None:
    """Fill what is known of the closes of a period that began with `equity`.

    Parameters
    ----------
    closes : ndarray of float64, shape (days,)
        Equity at each UTC midnight after the start, the last at the end of the period.
    span : tuple of int
        Start and end of the period, Unix milliseconds.
    returns : ndarray of float64, shape (at least days,)
        Working memory: daily returns, which end with the first close of 0 or less.
    """
    count = closes.size
    total = 0.0
    for day in range(count):
        total += closes[day]
    row[MEAN_EQUITY] = total / count if count > 0 else equity
    _measure_time_below_high(equity, closes, span, row)
    observations = 0
    before = equity
    for day in range(count):
        if before <= 0.0:
            break
        returns[day] = closes[day] / before - 1.0
        observations += 1
        before = closes[day]
    row[OBSERVATIONS] = observations
    if observations > 0:
        _measure_spread(returns[:observations], row)
        if is_detailed:
            measure_tails(returns[:observations], row)


@rule
def _measure_time_below_high(equity: float, closes: Float1D, span: tuple[int, int], row: Float1D) -> None:
    if equity <= 0.0:
        return
    start_ms, end_ms = span
    high = equity
    high_ms = start_ms
    longest = 0
    squares = 0.0
    fall = 0.0
    for day in range(closes.size):
        at_ms = min((start_ms // DAY_MS + 1 + day) * DAY_MS, end_ms)
        was_below = fall > 0.0
        fall = (high - closes[day]) / high
        if was_below or fall > 0.0:
            longest = max(longest, at_ms - high_ms)
        if fall > 0.0:
            squares += fall * fall
        else:
            high = closes[day]
            high_ms = at_ms
    row[LONGEST_DRAWDOWN_DAYS] = longest / DAY_MS
    row[CURRENT_DRAWDOWN] = max(fall, 0.0)
    row[CURRENT_DRAWDOWN_DAYS] = (end_ms - high_ms) / DAY_MS if fall > 0.0 else 0.0
    row[ULCER_INDEX] = np.sqrt(squares / closes.size) if closes.size > 0 else 0.0


@rule
def _measure_spread(returns: Float1D, row: Float1D) -> None:
    count = returns.size
    total = 0.0
    for day in range(count):
        total += returns[day]
    mean = total / count
    squares = 0.0
    downside = 0.0
    largest = 0.0
    gains = 0.0
    falls = 0.0
    products = 0.0
    for day in range(count):
        one = returns[day]
        squares += (one - mean) ** 2
        downside += min(one, 0.0) ** 2
        largest = max(largest, abs(one))
        gains += max(one, 0.0)
        falls -= min(one, 0.0)
        if day > 0:
            products += (one - mean) * (returns[day - 1] - mean)
    row[MEAN_RETURN] = mean
    row[DEVIATION] = np.sqrt(squares / (count - 1)) if count > 1 else 0.0
    row[DOWNSIDE] = np.sqrt(downside / count)
    row[LARGEST_RETURN] = largest
    row[GAINS] = gains
    row[FALLS] = falls
    row[AUTOCORRELATION] = products / squares if squares > 0.0 else 0.0
