"""The candles of a slice for strategies on candles: all of them for indicators, those of a range for the simulation."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.cache import ColumnCache
from quantbot_engine.indicators.candles import Candles, candles_of
from quantbot_engine.protocol import ErrorCode, TimeRange
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.slices.market import IntColumn, Market

MS_PER_S = 1000
WHOLE_SLICE = TimeRange()
# Stands where a symbol has no candle: never read, but a price.
NO_PRICE = 1.0


@dataclass(frozen=True, slots=True)
class TradingData:
    """Candles of S symbols and the part of them that is traded.

    `candles`: per symbol all of the slice up to the end of the range, so that indicators are warm when it begins.
    `first`: per symbol how many of them lie before the range. `market`: the others, on one time axis of T openings.
    `rows`: per symbol the positions of its traded candles on that axis, None where they are all of it.
    """

    symbols: tuple[str, ...]
    candles: tuple[Candles, ...]
    first: tuple[int, ...]
    market: CandleMarket
    rows: tuple[IntColumn | None, ...]


def to_trading_data(market: Market, range_: TimeRange | None, cache: ColumnCache) -> TradingData:
    """Return the candles of all series of a slice, one symbol each; only those in the range are traded.

    Raises
    ------
    EngineError
        NO_CANDLES if none lies in the range, INVALID_MARKET_DATA if a symbol has several series or intervals differ.
    """
    names = tuple(market.series.names)
    interval_s = _check_series(market, names)
    bounds = [_find_bounds(candles_of(market, position).timestamp, range_) for position in range(len(names))]
    if all(start == stop for start, stop in bounds):
        raise _refuse_empty(market, range_)
    candles = tuple(
        _cut(candles_of(market, position, f"{name}@{position}", cache), stop)
        for position, (name, (_, stop)) in enumerate(zip(names, bounds, strict=True))
    )
    first = tuple(start for start, _ in bounds)
    if len(names) == 1:
        return TradingData(names, candles, first, _place_one(names, candles[0], first[0], interval_s), (None,))
    traded = [each.timestamp[start:] for each, start in zip(candles, first, strict=True)]
    axis = np.unique(np.concatenate(traded))
    rows = tuple(None if each.size == axis.size else np.searchsorted(axis, each).astype(np.int64) for each in traded)
    placed = _place_all(names, candles, (axis, rows), first, interval_s)
    return TradingData(names, candles, first, placed, rows)


def _check_series(market: Market, names: tuple[str, ...]) -> int:
    """Return the length of all candles in seconds; a series of one candle or none does not show its own."""
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        message = f"slice: expected one series per symbol, found several of {repeated[0]}; choose one source"
        raise EngineError(ErrorCode.INVALID_MARKET_DATA, message, symbol=repeated[0])
    is_shown = market.series.rows > 1
    intervals = sorted(set(market.series.interval_s[is_shown if is_shown.any() else slice(None)].tolist()))
    if len(intervals) > 1:
        found = " and ".join(f"{each} s" for each in intervals)
        message = f"slice: expected candles of one length, found {found}; resample the finer series"
        raise EngineError(ErrorCode.INVALID_MARKET_DATA, message, intervals_s=intervals)
    return int(intervals[0])


def _find_bounds(timestamp: IntColumn, range_: TimeRange | None) -> tuple[int, int]:
    """Return the half-open rows of openings in [from_ms, to_ms)."""
    start, stop = 0, timestamp.size
    if range_ is not None and range_.from_ms is not None:
        start = int(np.searchsorted(timestamp, -(-range_.from_ms // MS_PER_S)))
    if range_ is not None and range_.to_ms is not None:
        stop = int(np.searchsorted(timestamp, -(-range_.to_ms // MS_PER_S)))
    return start, max(start, stop)


def _cut(candles: Candles, stop: int) -> Candles:
    """Return the candles up to the end of the range: nothing later can matter to who does not look ahead."""
    return candles if stop == len(candles) else candles.first(stop)


def _refuse_empty(market: Market, range_: TimeRange | None) -> EngineError:
    timestamp = market.candles.timestamp
    if timestamp.size == 0:
        return EngineError(ErrorCode.NO_CANDLES, "slice: expected candles to trade, found none; load some data")
    first, last = int(timestamp.min()) * MS_PER_S, int(timestamp.max()) * MS_PER_S
    asked = range_ or WHOLE_SLICE
    message = (
        f"range: expected candles from {asked.from_ms} ms to before {asked.to_ms} ms, found none; those that are there "
        f"open between {first} and {last} ms"
    )
    return EngineError(ErrorCode.NO_CANDLES, message, first_ts_ms=first, last_ts_ms=last)


def _place_one(names: tuple[str, ...], candles: Candles, first: int, interval_s: int) -> CandleMarket:
    """Return the market of one symbol: its columns as they are, not copied."""
    return CandleMarket(
        symbols=names,
        timestamp=candles.timestamp[first:],
        open=candles.open[None, first:],
        high=candles.high[None, first:],
        low=candles.low[None, first:],
        close=candles.close[None, first:],
        has_candle=np.ones((1, len(candles) - first), dtype=np.bool_),
        interval_s=interval_s,
    )


def _place_all(
    names: tuple[str, ...],
    candles: tuple[Candles, ...],
    axis: tuple[IntColumn, tuple[IntColumn | None, ...]],
    first: tuple[int, ...],
    interval_s: int,
) -> CandleMarket:
    times, rows = axis
    shape = (len(names), times.size)
    grids = {name: np.full(shape, NO_PRICE) for name in ("open", "high", "low", "close")}
    has_candle = np.zeros(shape, dtype=np.bool_)
    for symbol, one in enumerate(candles):
        where = to_index(rows[symbol])
        has_candle[symbol, where] = True
        for name, grid in grids.items():
            grid[symbol, where] = one.column(name)[first[symbol] :]
    return CandleMarket(symbols=names, timestamp=times, has_candle=has_candle, interval_s=interval_s, **grids)


def to_index(rows: IntColumn | None) -> "npt.NDArray[np.int64] | slice":
    """Return what picks the traded candles of a symbol out of the time axis."""
    return slice(None) if rows is None else rows
