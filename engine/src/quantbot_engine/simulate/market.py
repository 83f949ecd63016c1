"""The candles of several symbols on one time axis, checked once when they are put together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.jit import Float2D, Int1D
from quantbot_engine.protocol import ErrorCode

BoolGrid = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CandleMarket:
    """Candles of S symbols at T times; prices of shape (S, T), float64, the symbols in their declared order.

    `timestamp`, shape (T,): openings of candles in Unix seconds, rising. `has_candle`, shape (S, T): False where a
    symbol has none; its prices there are never read, but must not be NaN. `interval_s`: length of a candle.
    Raises INVALID_MARKET_DATA with symbol, position and reason.
    """

    symbols: tuple[str, ...]
    timestamp: Int1D
    open: Float2D
    high: Float2D
    low: Float2D
    close: Float2D
    has_candle: BoolGrid
    interval_s: int

    def __post_init__(self) -> None:
        shape = (len(self.symbols), self.timestamp.size)
        if 0 in shape:
            raise _refuse(f"expected at least one symbol and one time, found {shape[0]} and {shape[1]}; load some data")
        if len(set(self.symbols)) != shape[0]:
            raise _refuse(f"expected distinct symbols, found {', '.join(self.symbols)}; name each once")
        for name in ("open", "high", "low", "close", "has_candle"):
            found = getattr(self, name).shape
            if found != shape:
                raise _refuse(f"{name}: expected shape {shape} (symbols, times), found {found}; align the columns")
        if self.interval_s <= 0:
            raise _refuse(f"interval_s: expected whole seconds above 0, found {self.interval_s}; give the interval")
        is_late = np.diff(self.timestamp) > 0
        if not is_late.all():
            position = int(np.argmin(is_late)) + 1
            raise _refuse(f"timestamp {position} is not later than the one before; sort the candles", position=position)
        self._check_prices()

    def _check_prices(self) -> None:
        is_bad = ~(
            (self.low > 0)
            & (self.high < np.inf)
            & (self.low <= np.minimum(self.open, self.close))
            & (self.high >= np.maximum(self.open, self.close))
        )
        is_bad &= self.has_candle
        for name in ("open", "high", "low", "close"):
            is_bad |= np.isnan(getattr(self, name))
        if not is_bad.any():
            return
        symbol, position = (int(index) for index in np.argwhere(is_bad)[0])
        values = ", ".join(
            f"{name} {getattr(self, name)[symbol, position]}" for name in ("open", "high", "low", "close")
        )
        raise _refuse(
            f"{self.symbols[symbol]}, candle {position}: expected finite prices above 0 with open and close between "
            f"low and high, found {values}; mend or remove this candle",
            symbol=self.symbols[symbol],
            position=position,
        )


def _refuse(message: str, **details: object) -> EngineError:
    return EngineError(ErrorCode.INVALID_MARKET_DATA, message, **details)
