"""The order of results: by value, ties to the earlier position, never by the order in which workers finish."""

import numpy as np
import numpy.typing as npt


def rank_descending(values: npt.NDArray[np.float64], limit: int) -> npt.NDArray[np.int64]:
    """Return the positions of the largest values, largest first, at most `limit`; equal values keep their order."""
    return np.argsort(-values, kind="stable")[:limit].astype(np.int64)
