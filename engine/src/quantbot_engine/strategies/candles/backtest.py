"""One backtest as it crosses the border: figures, trades, fills, curves, and what to know before believing them."""

from dataclasses import asdict
from typing import Any

import numpy as np

from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.account_figures import measure_account
from quantbot_engine.metrics.curves import monthly_returns, reduce_curve
from quantbot_engine.objectives.objectives import score
from quantbot_engine.protocol import (
    BacktestRequest,
    BacktestResult,
    CandleFills,
    CandleTrades,
    EntryShortfalls,
    EquityCurve,
    MonthlyReturn,
    PeriodFigures,
    SymbolSummary,
)
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.result import SimulationResult
from quantbot_engine.strategies.candles.account import to_account
from quantbot_engine.strategies.candles.market import MS_PER_S, TradingData
from quantbot_engine.strategies.candles.notes import write_notes
from quantbot_engine.strategies.candles.settings import to_plain_rules
from quantbot_engine.strategies.candles.trading import CandleTrading, Run
from quantbot_engine.strategies.figures import to_period_figures

SHORTFALLS_SHOWN = 1000


def to_backtest_result(trading: CandleTrading, run: Run, request: BacktestRequest) -> BacktestResult:
    """Return the outcome of a run; curves longer than the request wants are reduced, figures are of all candles."""
    account = to_account(trading.basis, run.result, run.signals.prepared)
    result = run.result
    curve = reduce_curve(account, request.curve_points)
    return BacktestResult(
        strategy=trading.program.name,
        parameters=run.parameters,
        rules=to_plain_rules(result.rules),
        symbols=_to_symbols(trading.data, run),
        figures=_to_figures(account, request),
        trades=to_trades(result),
        fills=_to_fills(result),
        shortfall_counts=result.shortfall_counts,
        shortfalls=_to_shortfalls(result),
        curve=EquityCurve(**asdict(curve)),
        monthly_returns=[MonthlyReturn(month=month, net_return=value) for month, value in monthly_returns(account)],
        ambiguous_fills=result.ambiguous,
        above_top_rung=result.above_top_rung,
        notes=write_notes(trading.data, run),
    )


def _to_figures(account: Account, request: BacktestRequest) -> list[PeriodFigures]:
    by_period = measure_account(account, request.periods, detail=True)
    return [
        to_period_figures(period, metrics, score(request.objectives, metrics))
        for period, metrics in zip(request.periods, by_period, strict=True)
    ]


def _to_symbols(data: TradingData, run: Run) -> list[SymbolSummary]:
    trades = run.result.trades
    return [
        SymbolSummary(
            symbol=name,
            interval_s=data.market.interval_s,
            candles=len(candles) - first,
            first_ts_ms=_to_ms(candles.timestamp, first),
            last_ts_ms=_to_ms(candles.timestamp, -1),
            warm_up_candles=counts.warm_up,
            entry_signals=counts.long_entries + counts.short_entries,
            exit_signals=counts.exits,
            conflicts=counts.conflicts,
            trades=int(np.count_nonzero(trades.symbol == position)),
            pnl=float(trades.pnl[trades.symbol == position].sum()),
        )
        for position, (name, candles, first, counts) in enumerate(
            zip(data.symbols, data.candles, data.first, run.signals.counts, strict=True)
        )
    ]


def _to_ms(timestamp: "np.ndarray[Any, np.dtype[np.int64]]", position: int) -> int:
    """Return an opening in milliseconds; of a symbol without candles in the range the nearest there is, or 0."""
    if timestamp.size == 0:
        return 0
    return int(timestamp[min(position, timestamp.size - 1)]) * MS_PER_S


def to_trades(result: SimulationResult) -> CandleTrades:
    """Return the trades of a simulation as columns of plain values, which nothing changes any more."""
    trades = result.trades
    invested = trades.units * trades.entry_price
    return CandleTrades(
        symbol=trades.symbol.tolist(),
        direction=trades.direction.tolist(),
        entry_ts_ms=(trades.entry_timestamp * MS_PER_S).tolist(),
        exit_ts_ms=(trades.exit_timestamp * MS_PER_S).tolist(),
        units=trades.units.tolist(),
        entry_px=trades.entry_price.tolist(),
        exit_px=trades.exit_price.tolist(),
        pnl=trades.pnl.tolist(),
        net_return=(trades.pnl / invested).tolist(),
        costs=trades.costs.tolist(),
        mae=trades.mae.tolist(),
        mfe=trades.mfe.tolist(),
        reason=_to_words(codes.FILL_REASONS, trades.reason),
    )


def _to_fills(result: SimulationResult) -> CandleFills:
    fills = result.fills
    return CandleFills(
        trade=fills.position.tolist(),
        symbol=fills.symbol.tolist(),
        side=fills.side.tolist(),
        ts_ms=(fills.timestamp * MS_PER_S).tolist(),
        units=fills.units.tolist(),
        px=fills.price.tolist(),
        fee=fills.fee.tolist(),
        reason=_to_words(codes.FILL_REASONS, fills.reason),
    )


def _to_shortfalls(result: SimulationResult) -> EntryShortfalls:
    shortfalls = result.shortfalls
    shown = slice(SHORTFALLS_SHOWN)
    return EntryShortfalls(
        ts_ms=(shortfalls.timestamp[shown] * MS_PER_S).tolist(),
        symbol=shortfalls.symbol[shown].tolist(),
        direction=shortfalls.direction[shown].tolist(),
        reason=_to_words(codes.SHORTFALL_REASONS, shortfalls.reason[shown]),
        asked=shortfalls.asked[shown].tolist(),
        given=shortfalls.given[shown].tolist(),
    )


def _to_words(words: tuple[str, ...], positions: "np.ndarray[Any, np.dtype[np.int64]]") -> list[str]:
    return [words[position] for position in positions.tolist()]
