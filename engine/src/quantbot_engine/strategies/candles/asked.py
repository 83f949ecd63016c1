"""What a strategy asks for on the candles of each symbol, and the same on the time axis of the simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from quantbot_engine.rules.rule_set import Directions
from quantbot_engine.rules.values import Flags
from quantbot_engine.simulate.signals import OrderKinds, Signals
from quantbot_engine.slices.market import FloatColumn
from quantbot_engine.strategies.candles.market import TradingData, to_index

NUMBERS: Final = ("price", "size", "stop_distance", "target_distance")
_EMPTY: Final = {"direction": 0, "exit_long": False, "exit_short": False, "order_kind": 0}
IntRows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for at the close of each candle of one symbol; every column has shape (n,).

    `direction`, int8: 1 enter long, -1 enter short, 0 neither. `order_kind`, uint8: market, limit, stop. The numbers
    are NaN where none is given. Nothing is asked for in the first `warm_up` candles. `conflicts`: rows that asked for
    both directions, and so for neither.
    """

    direction: Directions
    exit_long: Flags
    exit_short: Flags
    warm_up: int
    conflicts: IntRows
    order_kind: OrderKinds | None = None
    price: FloatColumn | None = None
    size: FloatColumn | None = None
    stop_distance: FloatColumn | None = None
    target_distance: FloatColumn | None = None


@dataclass(frozen=True, slots=True)
class SymbolCounts:
    """How often something was asked for on the traded candles of a symbol."""

    warm_up: int
    long_entries: int
    short_entries: int
    exits: int
    conflicts: int


def place(asked: Sequence[Asked], data: TradingData) -> tuple[Signals, tuple[SymbolCounts, ...]]:
    """Return what is asked for on the traded candles, and how often; signals before the range do not count."""
    parts = list(zip(asked, data.first, data.rows, strict=True))
    grids: dict[str, Any] = {}
    for name in ("direction", "exit_long", "exit_short", "order_kind", *NUMBERS):
        columns = [getattr(each, name) for each in asked]
        if all(column is None for column in columns):
            continue
        if len(asked) == 1:
            grids[name] = _to_grid(columns[0][data.first[0] :])
            continue
        dtype = next(column.dtype for column in columns if column is not None)
        grid = np.full(data.market.close.shape, _EMPTY.get(name, np.nan), dtype=dtype)
        for symbol, (_, first, rows) in enumerate(parts):
            if columns[symbol] is not None:
                grid[symbol, to_index(rows)] = columns[symbol][first:]
        grids[name] = grid
    counts = tuple(_count(each, first) for each, first, _ in parts)
    return Signals(**grids), counts


def _to_grid(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a column as a grid of one row that kernels take: locked columns of a cache are copied here, once."""
    return np.require(column[None], requirements=["C", "W"])


def _count(asked: Asked, first: int) -> SymbolCounts:
    direction = asked.direction[first:]
    return SymbolCounts(
        warm_up=asked.warm_up,
        long_entries=int(np.count_nonzero(direction > 0)),
        short_entries=int(np.count_nonzero(direction < 0)),
        exits=int(np.count_nonzero(asked.exit_long[first:] | asked.exit_short[first:])),
        conflicts=int(np.count_nonzero(asked.conflicts >= first)),
    )


def silence(values: npt.NDArray[Any], rows: int) -> npt.NDArray[Any]:
    """Return a copy with nothing in its first `rows` entries."""
    silent = values.copy()
    silent[:rows] = 0
    return silent
