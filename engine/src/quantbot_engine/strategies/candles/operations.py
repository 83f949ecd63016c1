"""The operations on strategies on candles: one backtest, what strategies are, and whether one looks ahead."""

from collections.abc import Callable

from quantbot_engine.objectives.objectives import check_objectives
from quantbot_engine.protocol import BacktestRequest, BacktestResult
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.candles.backtest import to_backtest_result
from quantbot_engine.strategies.candles.trading import CandleTrading
from quantbot_engine.strategies.registry import find_program

ReportProgress = Callable[[int, int, str], None]


def backtest(market: Market, request: BacktestRequest, report: ReportProgress) -> BacktestResult:
    """Return the outcome of one strategy on all series of a slice, on one account.

    Raises
    ------
    EngineError
        STRATEGY_NOT_FOUND, FILE_NOT_FOUND, INVALID_STRATEGY and STRATEGY_FAILED for what is wrong with the strategy,
        NO_CANDLES and INVALID_MARKET_DATA for the slice, INVALID_STUDY for an unknown objective.
    """
    check_objectives(request.objectives)
    trading = CandleTrading(find_program(request.strategy), market, request.range)
    # From here on the time belongs to the strategy: the host's limit for it begins with this message.
    report(0, 1, "backtests")
    result = to_backtest_result(trading, trading.run(request.params), request)
    report(1, 1, "backtests")
    return result
