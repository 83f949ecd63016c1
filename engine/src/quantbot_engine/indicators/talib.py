"""TA-Lib, loaded when the first indicator needs it, and what prices that stand still need around it.

Tokens go without trades for hours: their candles stand still, and rounding must not make signals of that.
"""

import importlib
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.slices.market import FloatColumn


@cache
def load_talib() -> Any:
    """Return the module; SETUP_INCOMPLETE if it is not installed."""
    try:
        return importlib.import_module("talib")
    except ImportError as error:
        message = f"expected the Python package TA-Lib, found none that loads ({error}); run npm run setup"
        raise EngineError(ErrorCode.SETUP_INCOMPLETE, message) from error


def settle(means: FloatColumn, values: FloatColumn, period: int) -> FloatColumn:
    """Return means in which a window of equal values has exactly that value as its mean.

    The running sums of TA-Lib leave rounding errors of past prices; on candles without trades two averages of the same
    price would cross for no reason.
    """
    if np.count_nonzero(values[1:] == values[:-1]) < period - 1:
        return means
    return np.where(count_equal(values) >= period, values, means)


def count_equal(values: FloatColumn) -> npt.NDArray[np.int64]:
    """Return how many values in a row, up to and including each, are equal to it."""
    position = np.arange(values.size)
    has_changed = np.ones(values.size, dtype=np.bool_)
    has_changed[1:] = values[1:] != values[:-1]
    return position - np.maximum.accumulate(np.where(has_changed, position, 0)) + 1


def has_moved(values: FloatColumn) -> npt.NDArray[np.bool_]:
    """Return whether any value up to and including each differs from the first one."""
    return np.logical_or.accumulate(values != values[:1]) if values.size > 0 else np.zeros(0, dtype=np.bool_)
