"""An account that is marked at the close of every candle: what figures of strategies on candles are made of."""

from dataclasses import dataclass

from quantbot_engine.jit import Float1D, Int1D
from quantbot_engine.metrics.ledger import Trips


@dataclass(frozen=True, slots=True)
class Account:
    """Marks at the close of candles between `start_ms` and the last mark; arrays of shape (T,), money.

    `marked_ms`: end of each candle, Unix milliseconds, rising. `equity`: cash plus open positions. `exposure`: value of
    open positions, both directions added; `net_exposure`: longs less shorts. `benchmark`: worth of the initial capital
    bought and held, NaN before the first price. `trips`: closed round trips in order of opening, times in ms.
    """

    start_ms: int
    initial_capital: float
    marked_ms: Int1D
    equity: Float1D
    exposure: Float1D
    net_exposure: Float1D
    benchmark: Float1D
    trips: Trips
