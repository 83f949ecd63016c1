"""The market of a test as the engine holds it in memory, each series once, however many calls point at it."""

import numpy as np

from markets import RandomMarket
from quantbot_engine.slices.call_rules import order_calls
from quantbot_engine.slices.candle_rules import check_candles
from quantbot_engine.slices.market import CallTable, CandleColumns, Market, SeriesTable
from reference.baseline import find_interval_s


def to_engine_market(market: RandomMarket) -> Market:
    candles = [candle for series in market.series for candle in series.candles]
    rows = np.array([len(series.candles) for series in market.series], dtype=np.int64)
    position = {id(series): index for index, series in enumerate(market.series)}
    columns = CandleColumns(
        timestamp=np.array([candle.timestamp for candle in candles], dtype=np.int64),
        open=np.array([candle.open for candle in candles], dtype=np.float64),
        high=np.array([candle.high for candle in candles], dtype=np.float64),
        low=np.array([candle.low for candle in candles], dtype=np.float64),
        close=np.array([candle.close for candle in candles], dtype=np.float64),
        volume=np.array([candle.volume for candle in candles], dtype=np.float64),
    )
    table = SeriesTable(
        names=[f"S{index}" for index in range(len(market.series))],
        offset=np.cumsum(rows) - rows,
        rows=rows,
        interval_s=np.array([find_interval_s(series) for series in market.series], dtype=np.int64),
    )
    calls = CallTable(
        ids=[call.id for call in market.calls],
        callers=[call.caller for call in market.calls],
        ts_ms=np.array([call.ts_ms for call in market.calls], dtype=np.int64),
        series=np.array(
            [-1 if call.series is None else position[id(call.series)] for call in market.calls], dtype=np.int64
        ),
    )
    check_candles(columns, table)
    return Market(candles=columns, series=table, calls=order_calls(calls))
