"""Pieces of which signals are made: where one column crosses another, and events as categories."""

import numpy as np
import numpy.typing as npt

from quantbot_engine.slices.market import FloatColumn

Flags = npt.NDArray[np.bool_]


def crosses_above(first: FloatColumn, second: FloatColumn | float) -> Flags:
    """Return where `first` is above `second` and was not on the candle before, both defined on both, shape (n,)."""
    result = np.zeros(first.size, dtype=np.bool_)
    above, not_above = first > second, first <= second
    result[1:] = above[1:] & not_above[:-1]
    return result


def crosses_below(first: FloatColumn, second: FloatColumn | float) -> Flags:
    """Return where `first` is below `second` and was not on the candle before, both defined on both, shape (n,)."""
    result = np.zeros(first.size, dtype=np.bool_)
    below, not_below = first < second, first >= second
    result[1:] = below[1:] & not_below[:-1]
    return result


def to_categories(*events: Flags) -> npt.NDArray[np.int16]:
    """Return 0 where nothing happens, k where the k-th event does; at most one of them can on one candle."""
    result = np.zeros(events[0].size, dtype=np.int16)
    for position, event in enumerate(events, start=1):
        result[event] = position
    return result


def ratio(above: FloatColumn, below: FloatColumn, otherwise: float) -> FloatColumn:
    """Return the quotient, `otherwise` where the divisor is not above 0 (or undefined), shape (n,)."""
    result = np.full(above.size, otherwise)
    np.divide(above, below, out=result, where=below > 0)
    return result


def shift(values: FloatColumn, rows: int = 1) -> FloatColumn:
    """Return the values of `rows` candles before, NaN where there is none."""
    result = np.full(values.size, np.nan)
    result[rows:] = values[: max(values.size - rows, 0)]
    return result
