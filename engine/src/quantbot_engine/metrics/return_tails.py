"""The tails of daily returns, which need them sorted: quantiles, the mean of the worst, the growth-optimal factor."""

import numpy as np

from quantbot_engine.jit import Float1D, rule
from quantbot_engine.metrics.measured import (
    BEST_FACTOR,
    MEAN_RETURN,
    QUANTILE_5,
    QUANTILE_95,
    WORST_RETURN,
    WORST_TWENTIETH,
)

# Newton's steps to the growth-optimal factor; it needs about eight, halving the bracket alone about fifty.
_MAX_STEPS = 200


@rule
def measure_tails(returns: Float1D, row: Float1D) -> None:
    """Fill the figures of sorted returns; `MEAN_RETURN` must be there already. `returns` is left as it is."""
    ordered = np.sort(returns)
    row[QUANTILE_5] = _quantile(ordered, 0.05)
    row[QUANTILE_95] = _quantile(ordered, 0.95)
    row[WORST_TWENTIETH] = _mean_of_worst(ordered, 20)
    row[WORST_RETURN] = ordered[0]
    if row[MEAN_RETURN] > 0.0 and ordered[0] < 0.0:
        row[BEST_FACTOR] = _find_best_factor(ordered, row[MEAN_RETURN])


@rule
def _quantile(ordered: Float1D, share: float) -> float:
    """Type 7 of Hyndman and Fan (1996): linear between the two order statistics around (n - 1) * share."""
    at = (ordered.size - 1) * share
    below = int(at)
    above = min(below + 1, ordered.size - 1)
    return float(ordered[below] + (at - below) * (ordered[above] - ordered[below]))


@rule
def _mean_of_worst(ordered: Float1D, one_in: int) -> float:
    """Mean of the worst n / one_in returns, the last with the fraction that is left (Acerbi and Tasche 2002)."""
    whole = ordered.size // one_in
    total = 0.0
    for rank in range(whole):
        total += ordered[rank]
    share = ordered.size / one_in
    return float((total + (share - whole) * ordered[whole]) / share)


@rule
def _find_best_factor(returns: Float1D, mean: float) -> float:
    """Return f above 0 with mean(r / (1 + f r)) = 0; the mean must be positive and the worst return negative.

    The mean falls steadily from f = 0 to -1 / worst, where it is minus infinity: Newton's steps inside a bracket.
    """
    low = 0.0
    high = -1.0 / returns[0]
    squares = 0.0
    for rank in range(returns.size):
        squares += returns[rank] ** 2
    factor = min(mean * returns.size / squares, 0.5 * high)
    for _ in range(_MAX_STEPS):
        value = 0.0
        slope = 0.0
        for rank in range(returns.size):
            term = returns[rank] / (1.0 + factor * returns[rank])
            value += term
            slope -= term * term
        if value > 0.0:
            low = factor
        else:
            high = factor
        step = factor - value / slope
        if not low < step < high:
            step = 0.5 * (low + high)
        is_found = abs(step - factor) <= 1e-13 * step
        factor = step
        if is_found:
            break
    return float(factor)
