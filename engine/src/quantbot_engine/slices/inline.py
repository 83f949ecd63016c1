"""The one-shot form: calls and candles inside the request, each call with a series of its own."""

import numpy as np

from quantbot_engine.protocol import Call, Candle
from quantbot_engine.slices.call_rules import order_calls
from quantbot_engine.slices.candle_rules import check_candles
from quantbot_engine.slices.interval import find_interval_s
from quantbot_engine.slices.market import CallTable, CandleColumns, FloatColumn, IntColumn, Market, SeriesTable


def read_inline_market(calls: list[Call], candles_by_call_id: dict[str, list[Candle]]) -> Market:
    """Return the checked market; a call without an entry in `candles_by_call_id` has no candles."""
    ids = [call.id for call in calls if call.id in candles_by_call_id]
    # A repeated id is refused below; until then one series serves both.
    names = list(dict.fromkeys(ids))
    position = {name: index for index, name in enumerate(names)}
    candles = _to_columns([candle for name in names for candle in candles_by_call_id[name]])
    series = _to_series(names, candles, [len(candles_by_call_id[name]) for name in names])
    table = CallTable(
        ids=[call.id for call in calls],
        callers=[call.caller for call in calls],
        ts_ms=np.array([call.ts_ms for call in calls], dtype=np.int64),
        series=np.array([position.get(call.id, -1) for call in calls], dtype=np.int64),
    )
    ordered = order_calls(table)
    check_candles(candles, series)
    return Market(candles=candles, series=series, calls=ordered)


def _to_columns(candles: list[Candle]) -> CandleColumns:
    def column(name: str) -> FloatColumn:
        return np.array([getattr(candle, name) for candle in candles], dtype=np.float64)

    return CandleColumns(
        timestamp=np.array([candle.timestamp for candle in candles], dtype=np.int64),
        open=column("open"),
        high=column("high"),
        low=column("low"),
        close=column("close"),
        volume=column("volume"),
    )


def _to_series(names: list[str], candles: CandleColumns, counts: list[int]) -> SeriesTable:
    rows: IntColumn = np.array(counts, dtype=np.int64)
    offset: IntColumn = np.cumsum(rows) - rows
    spans = zip(offset.tolist(), counts, strict=True)
    intervals = [find_interval_s(candles.timestamp[first : first + count]) for first, count in spans]
    return SeriesTable(names=names, offset=offset, rows=rows, interval_s=np.array(intervals, dtype=np.int64))
