"""An account that is marked at the close of every candle: what figures of strategies on candles are made of."""

from dataclasses import dataclass

import numpy as np

from quantbot_engine.jit import Float1D, Int1D, Int2D
from quantbot_engine.metrics.ledger import Trips


@dataclass(frozen=True, slots=True)
class Account:
    """Marks at the close of candles between `start_ms` and the last mark; arrays of shape (T,), money.

    `marked_ms`: end of each candle, Unix milliseconds, rising. `equity`: cash plus open positions. `exposure`: value of
    open positions, both directions added; `net_exposure`: longs less shorts. `benchmark`: worth of the initial capital
    bought and held, NaN before the first price. `trips`: closed round trips in order of opening, times in ms.
    `runs`, shape (n, 2), rising: stretches of marks, each its first and its end, outside which nothing is open and
    equity stays what it was; None: all marks. An account of a search has equity and exposure on its runs alone.
    """

    start_ms: int
    initial_capital: float
    marked_ms: Int1D
    equity: Float1D
    exposure: Float1D
    net_exposure: Float1D
    benchmark: Float1D
    trips: Trips
    runs: Int2D | None = None

    def list_runs(self) -> Int2D:
        """Return the runs, one of all marks if none are known."""
        return np.array([[0, self.marked_ms.size]], dtype=np.int64) if self.runs is None else self.runs
