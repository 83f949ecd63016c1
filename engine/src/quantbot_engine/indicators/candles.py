"""The candles of one symbol as indicators and signals see them: columns of equal length, one row per candle."""

from dataclasses import dataclass, field
from itertools import count
from typing import Final

from quantbot_engine.indicators.cache import ColumnCache, lock
from quantbot_engine.slices.market import FloatColumn, IntColumn, Market

COLUMNS: Final = ("open", "high", "low", "close", "volume")
_numbers = count()


def _unique_key() -> str:
    return f"candles-{next(_numbers)}"


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Candles of one symbol, oldest first; every column has shape (n,) and was checked when it was loaded.

    `timestamp` is int64, the opening time in Unix seconds; the others are float64. `key` names the content for caches:
    two objects may share a key only if their columns are equal. Without one, each object has a key of its own. `cache`:
    where what is computed from them is kept; None: nowhere.
    """

    timestamp: IntColumn
    open: FloatColumn
    high: FloatColumn
    low: FloatColumn
    close: FloatColumn
    volume: FloatColumn
    key: str = field(default_factory=_unique_key, kw_only=True)
    cache: ColumnCache | None = field(default=None, kw_only=True)

    def __len__(self) -> int:
        return int(self.timestamp.size)

    def column(self, name: str) -> FloatColumn:
        """Return open, high, low, close or volume by its name."""
        values: FloatColumn = getattr(self, name)
        return values

    def first(self, rows: int) -> "Candles":
        """Return the first `rows` candles, with a key of their own: what was known when the last of them closed."""
        return Candles(self.timestamp[:rows], *(self.column(name)[:rows] for name in COLUMNS), cache=self.cache)

    def read_only(self) -> "Candles":
        """Return the same candles as columns that cannot be written to, for code of the user's."""
        columns = [lock(self.column(name)) for name in COLUMNS]
        return Candles(lock(self.timestamp), *columns, key=self.key, cache=self.cache)


def candles_of(market: Market, series: int, key: str | None = None, cache: ColumnCache | None = None) -> Candles:
    """Return the candles of a series of a slice, without copying them. Give a `key` such as slice id and series."""
    start = int(market.series.offset[series])
    part = slice(start, start + int(market.series.rows[series]))
    columns = [getattr(market.candles, name)[part] for name in COLUMNS]
    return Candles(market.candles.timestamp[part], *columns, key=key or _unique_key(), cache=cache)
