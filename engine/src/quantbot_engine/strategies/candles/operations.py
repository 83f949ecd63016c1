"""The operations on strategies on candles: one backtest, what strategies are, and whether one looks ahead."""

from collections.abc import Callable

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    BacktestRequest,
    BacktestResult,
    CheckStrategyRequest,
    CheckStrategyResult,
    DescribeStrategiesRequest,
    DescribeStrategiesResult,
    ErrorCode,
)
from quantbot_engine.slices.market import Market

ReportProgress = Callable[[int, int, str], None]


def backtest(market: Market, request: BacktestRequest, report: ReportProgress) -> BacktestResult:
    """Return the outcome of one backtest."""
    raise EngineError(ErrorCode.INVALID_REQUEST, "backtest: this engine cannot do it yet", field="operation")


def describe_strategies(request: DescribeStrategiesRequest) -> DescribeStrategiesResult:
    """Return what the strategies of files and, if given, one of rules are."""
    raise EngineError(ErrorCode.INVALID_REQUEST, "describe_strategies: this engine cannot do it yet", field="operation")


def check_strategy(market: Market, request: CheckStrategyRequest, report: ReportProgress) -> CheckStrategyResult:
    """Return what knew the future."""
    raise EngineError(ErrorCode.INVALID_REQUEST, "check_strategy: this engine cannot do it yet", field="operation")
