"""What a contender returns: exits of calls, and the outcome of combinations. Equality is decided on these."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.data import FloatArray, IntArray

REASONS = ("take_profit", "stop_loss", "time_exit", "end_of_data")


@dataclass(frozen=True, slots=True)
class Exits:
    """The exits of all calls for one combination, shape (calls,).

    `row` counts candles from the call's entry candle (0); `reason` is an index into REASONS, None if the contender does
    not tell.
    """

    row: IntArray
    reason: IntArray | None
    price: FloatArray


@dataclass(frozen=True, slots=True)
class Outcome:
    """Final capital and number of trades of combinations, shape (combinations,)."""

    final_capital: FloatArray
    trades: IntArray

    def take(self, positions: npt.NDArray[np.int64]) -> "Outcome":
        """Return the outcome of some of the combinations."""
        return Outcome(self.final_capital[positions], self.trades[positions])
