"""Drawdown of an equity curve."""

import numpy as np
import numpy.typing as npt


def max_drawdown(equity: npt.NDArray[np.float64]) -> float:
    """Return the deepest fall from a peak that came before it, as a positive fraction of that peak.

    Parameters
    ----------
    equity : ndarray of float64, shape (n,)
        Account values in order of time, the first one positive, no NaN.

    Returns
    -------
    float
        0.25 is a fall of a quarter; 0.0 for a curve that never falls, or is empty.

    Examples
    --------
    >>> max_drawdown(np.array([100.0, 120.0, 90.0, 130.0]))
    0.25
    """
    if equity.size == 0:
        return 0.0
    peaks = np.maximum.accumulate(equity)
    return float(np.max((peaks - equity) / peaks))
