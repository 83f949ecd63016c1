"""Loops over candles for the indicators that TA-Lib lacks, or computes in a way that small or still prices break.

Each takes columns without NaN and writes NaN while its window is not full.
"""

import numpy as np

from quantbot_engine.jit import Float1D, Int1D, kernel

SECONDS_PER_DAY = 86_400
STILL_RSI = 50.0


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
def rolling_stddev(values: Float1D, period: int) -> Float1D:
    """Return the population standard deviation of the last `period` values, shape (n,).

    Each window is summed anew, relative to its last value: running sums of squares lose all digits of small prices.
    """
    n = values.size
    result = np.full(n, np.nan)
    for i in range(period - 1, n):
        total = 0.0
        for k in range(i - period + 1, i + 1):
            total += values[k] - values[i]
        mean = total / period
        squares = 0.0
        for k in range(i - period + 1, i + 1):
            squares += (values[k] - values[i] - mean) ** 2
        result[i] = np.sqrt(squares / period)
    return result


@kernel
def commodity_channel(values: Float1D, period: int) -> Float1D:
    """Return the distance to the mean of the last `period` values over 0.015 mean deviations, 0 in a still window."""
    n = values.size
    result = np.full(n, np.nan)
    for i in range(period - 1, n):
        total = 0.0
        for k in range(i - period + 1, i + 1):
            total += values[k] - values[i]
        mean = total / period
        deviation = 0.0
        for k in range(i - period + 1, i + 1):
            deviation += abs(values[k] - values[i] - mean)
        result[i] = -mean / (0.015 * (deviation / period)) if deviation > 0.0 else 0.0
    return result


@kernel
def relative_strength(values: Float1D, period: int) -> Float1D:
    """Return Wilder's RSI, shape (n,): the share of gains in all movement, in percent; 50 without movement."""
    n = values.size
    result = np.full(n, np.nan)
    gain, loss = 0.0, 0.0
    for i in range(1, n):
        change = values[i] - values[i - 1]
        up, down = max(change, 0.0), max(-change, 0.0)
        if i <= period:
            gain += up / period
            loss += down / period
        else:
            gain = (gain * (period - 1) + up) / period
            loss = (loss * (period - 1) + down) / period
        if i >= period:
            movement = gain + loss
            result[i] = 100.0 * (gain / movement) if movement > 0.0 else STILL_RSI
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
