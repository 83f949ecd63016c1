"""Loops over candles for the indicators that TA-Lib lacks.

Each takes columns without NaN and writes NaN while its window is not full.
"""

import numpy as np

from quantbot_engine.jit import Float1D, Int1D, kernel

SECONDS_PER_DAY = 86_400


@kernel
def rolling_highest(values: Float1D, period: int) -> Float1D:
    """Return the highest of the last `period` values, shape (n,); a queue of falling values makes it one pass."""
    n = values.size
    result = np.full(n, np.nan)
    queue = np.empty(n, np.int64)
    head, tail = 0, 0
    for i in range(n):
        while tail > head and values[queue[tail - 1]] <= values[i]:
            tail -= 1
        queue[tail] = i
        tail += 1
        if queue[head] <= i - period:
            head += 1
        if i >= period - 1:
            result[i] = values[queue[head]]
    return result


@kernel
def settle(means: Float1D, values: Float1D, period: int) -> Float1D:
    """Return means in which a window of equal values has exactly that value as its mean, shape (n,).

    The running sums of TA-Lib keep rounding errors of past prices. Tokens go without trades for hours; on their still
    candles two averages of the same price would cross for no reason.
    """
    result = means.copy()
    equal = 0
    for i in range(values.size):
        equal = equal + 1 if i > 0 and values[i] == values[i - 1] else 1
        if equal >= period:
            result[i] = values[i]
    return result


@kernel
def session_vwap(timestamp: Int1D, typical: Float1D, volume: Float1D) -> Float1D:
    """Return the volume-weighted mean of typical prices since 00:00 UTC, shape (n,).

    Before the first volume of a day it is the typical price of the candle. `timestamp` is in Unix seconds.
    """
    n = typical.size
    result = np.empty(n)
    day, mean, total = -1, 0.0, 0.0
    for i in range(n):
        if timestamp[i] // SECONDS_PER_DAY != day:
            day, mean, total = timestamp[i] // SECONDS_PER_DAY, 0.0, 0.0
        total += volume[i]
        if volume[i] > 0.0:
            mean += (typical[i] - mean) * (volume[i] / total)
        result[i] = mean if total > 0.0 else typical[i]
    return result


@kernel
def supertrend(middle: Float1D, close: Float1D, distance: Float1D, first: int) -> tuple[Float1D, Float1D]:
    """Return the line and its direction (1 below rising prices, -1 above falling ones), each of shape (n,).

    `middle` and `distance` give the raw bands. A band moves towards the price alone, until a close crosses it.
    """
    n = close.size
    line = np.full(n, np.nan)
    direction = np.full(n, np.nan)
    upper, lower, side = 0.0, 0.0, 1.0
    for i in range(first, n):
        above, below = middle[i] + distance[i], middle[i] - distance[i]
        if i == first:
            upper, lower, side = above, below, 1.0 if close[i] >= middle[i] else -1.0
        else:
            old_upper, old_lower = upper, lower
            upper = above if above < old_upper or close[i - 1] > old_upper else old_upper
            lower = below if below > old_lower or close[i - 1] < old_lower else old_lower
            if side > 0.0 and close[i] < lower:
                side = -1.0
            elif side < 0.0 and close[i] > upper:
                side = 1.0
        line[i] = lower if side > 0.0 else upper
        direction[i] = side
    return line, direction
