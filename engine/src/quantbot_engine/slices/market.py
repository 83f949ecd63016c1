"""The market in memory: candle columns of all series, the series in them, and the calls. Immutable once checked."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatColumn = npt.NDArray[np.float64]
IntColumn = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CandleColumns:
    """Candles of all series, one series after the other; every column has shape (rows,) and is C-contiguous.

    `timestamp` is int64, the opening time in Unix seconds; the others are float64.
    """

    timestamp: IntColumn
    open: FloatColumn
    high: FloatColumn
    low: FloatColumn
    close: FloatColumn
    volume: FloatColumn


@dataclass(frozen=True, slots=True)
class SeriesTable:
    """Where each series lies in the columns: candles [offset, offset + rows). `interval_s` is in seconds."""

    names: list[str]
    offset: IntColumn
    rows: IntColumn
    interval_s: IntColumn


@dataclass(frozen=True, slots=True)
class CallTable:
    """Calls as columns. `series` is an index into the series, -1 for a call without candles; `ts_ms` is int64."""

    ids: list[str]
    callers: list[str]
    ts_ms: IntColumn
    series: IntColumn

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Market:
    """What an operation computes on. Calls are in order of `ts_ms`, ties in input order; candles are checked."""

    candles: CandleColumns
    series: SeriesTable
    calls: CallTable
