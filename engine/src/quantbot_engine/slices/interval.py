"""The interval of a series: given, or read from its timestamps."""

import numpy as np
import numpy.typing as npt

SINGLE_CANDLE_INTERVAL_S = 60


def find_interval_s(timestamp: npt.NDArray[np.int64]) -> int:
    """Return the most frequent difference of neighbouring timestamps in seconds.

    A tie goes to the smaller difference; fewer than two candles count as 60 s.
    """
    if timestamp.size <= 1:
        return SINGLE_CANDLE_INTERVAL_S
    differences, counts = np.unique(np.diff(timestamp), return_counts=True)
    return int(differences[np.argmax(counts)])
