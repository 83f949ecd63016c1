"""The rules every candle must keep (docs/assumptions.md, market data), checked when a market is loaded."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.slices.market import CandleColumns, SeriesTable

# 31 December 9999 in Unix seconds. Later times are milliseconds taken for seconds, and would overflow as milliseconds.
LAST_TIMESTAMP_S = 253_402_300_799
# Rows that fit the processor's cache with their temporary arrays.
CHUNK_ROWS = 16_384

Rows = npt.NDArray[np.bool_]
Rule = tuple[str, Callable[[CandleColumns], Rows]]


def _is_bad_price(values: npt.NDArray[np.float64]) -> Rows:
    return ~((values > 0) & (values < np.inf))


RULES: tuple[Rule, ...] = (
    ("open is not a finite number above 0", lambda c: _is_bad_price(c.open)),
    ("high is not a finite number above 0", lambda c: _is_bad_price(c.high)),
    ("low is not a finite number above 0", lambda c: _is_bad_price(c.low)),
    ("close is not a finite number above 0", lambda c: _is_bad_price(c.close)),
    ("high is below low", lambda c: c.high < c.low),
    ("open lies outside low to high", lambda c: (c.open < c.low) | (c.open > c.high)),
    ("close lies outside low to high", lambda c: (c.close < c.low) | (c.close > c.high)),
    ("volume is not a finite number of 0 or more", lambda c: ~((c.volume >= 0) & (c.volume < np.inf))),
    (
        "timestamp is not in Unix seconds between 1970 and 9999",
        lambda c: (c.timestamp < 0) | (c.timestamp > LAST_TIMESTAMP_S),
    ),
)


def check_candles(candles: CandleColumns, series: SeriesTable) -> None:
    """Refuse a market with a bad candle: INVALID_MARKET_DATA with series, row (in the series) and reason."""
    for first in range(0, candles.timestamp.size, CHUNK_ROWS):
        chunk = _rows(candles, first, first + CHUNK_ROWS)
        for reason, find_bad in RULES:
            bad = find_bad(chunk)
            if bad.any():
                raise _bad_candle(candles, series, first + int(np.argmax(bad)), reason)
    _check_order(candles, series)


def _check_order(candles: CandleColumns, series: SeriesTable) -> None:
    stays_or_falls = np.diff(candles.timestamp) <= 0
    # From the last candle of one series to the first of the next, time may do what it likes.
    ends = series.offset + series.rows
    stays_or_falls[ends[(ends > 0) & (ends < candles.timestamp.size)] - 1] = False
    if stays_or_falls.any():
        row = int(np.argmax(stays_or_falls)) + 1
        raise _bad_candle(candles, series, row, "timestamp is not later than that of the candle before")


def _rows(candles: CandleColumns, first: int, end: int) -> CandleColumns:
    return CandleColumns(
        timestamp=candles.timestamp[first:end],
        open=candles.open[first:end],
        high=candles.high[first:end],
        low=candles.low[first:end],
        close=candles.close[first:end],
        volume=candles.volume[first:end],
    )


def _bad_candle(candles: CandleColumns, series: SeriesTable, row: int, reason: str) -> EngineError:
    owners = np.flatnonzero((series.offset <= row) & (row < series.offset + series.rows))
    owner = int(owners[0]) if owners.size else -1
    name = series.names[owner] if owners.size else "(no series)"
    row_in_series = row - int(series.offset[owner]) if owners.size else row
    values = {
        column: _readable(float(getattr(candles, column)[row])) for column in ("open", "high", "low", "close", "volume")
    }
    timestamp = int(candles.timestamp[row])
    found = ", ".join(f"{column} {value}" for column, value in values.items())
    return EngineError(
        ErrorCode.INVALID_MARKET_DATA,
        f"series {name}, candle {row_in_series}: {reason}; found timestamp {timestamp}, {found}",
        series=name,
        row=row_in_series,
        reason=reason,
        timestamp=timestamp,
        **values,
    )


def _readable(value: float) -> float | str:
    return value if np.isfinite(value) else str(value)
