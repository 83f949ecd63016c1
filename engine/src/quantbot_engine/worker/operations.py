"""One request → one result: which function answers which operation, and what becomes of its errors."""

import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    BacktestRequest,
    CheckStrategyRequest,
    DescribeStrategiesRequest,
    ErrorCode,
    EvaluateRequest,
    GroupedEvaluationRequest,
    ImportanceRequest,
    Operation,
    OptimizePerCallerRequest,
    OptimizeRequest,
    RankRequest,
    SimulateRequest,
    StitchRequest,
    SuggestRequest,
)
from quantbot_engine.slices.load import SliceCache
from quantbot_engine.slices.market import Market
from quantbot_engine.slices.open_market import MarketRequest, open_market
from quantbot_engine.worker.encoding import to_finite_json_value

CandleRequest = BacktestRequest | DescribeStrategiesRequest | CheckStrategyRequest | StitchRequest
SEARCHES = (OptimizeRequest, OptimizePerCallerRequest, GroupedEvaluationRequest)

ReportProgress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A result as plain JSON values, and the time it took to load the market and to compute."""

    result: Any
    load_ms: float
    compute_ms: float


def answer(request: Operation, cache: SliceCache, report: ReportProgress) -> Answer:
    """Compute the operation. Raises EngineError only: whatever else goes wrong becomes one."""
    try:
        started = time.perf_counter()
        market = _open(request, cache)
        loaded = time.perf_counter()
        # Numbers beyond float64 are found once, in the finished result, by name; NumPy need not warn of them.
        with np.errstate(over="ignore", invalid="ignore"):
            result = to_finite_json_value(_compute(market, request, report))
        finished = time.perf_counter()
    except EngineError:
        raise
    except MemoryError as error:
        message = "the operation needs more memory than this process may use; use a smaller grid or fewer calls"
        raise EngineError(ErrorCode.OUT_OF_MEMORY, message) from error
    except Exception as error:
        raise EngineError(ErrorCode.ENGINE_BUG, f"{type(error).__name__}: {error}") from error
    answered = Answer(result, load_ms=(loaded - started) * 1000, compute_ms=(finished - loaded) * 1000)
    if market is not None and isinstance(request, SEARCHES) and request.verbose:
        _log(request, market, answered)
    return answered


def find_traceback(error: EngineError) -> str | None:
    """Return the traceback of a bug; errors that the caller can mend have none."""
    if error.code is not ErrorCode.ENGINE_BUG:
        return None
    return "".join(traceback.format_exception(error.__cause__ or error))


def _open(request: Operation, cache: SliceCache) -> Market | None:
    match request:
        case SuggestRequest() | ImportanceRequest() | DescribeStrategiesRequest():
            return None
        case BacktestRequest() | CheckStrategyRequest() | StitchRequest():
            return cache.load(request.slice)
        case EvaluateRequest():
            return None if request.slice is None else cache.load(request.slice)
        case _:
            return open_market(request, cache)


def _compute(market: Market | None, request: Operation, report: ReportProgress) -> Any:
    # What an operation needs loads here, not before: a request that is refused is answered without waiting for the
    # JIT, and who never searches never waits for Optuna and SciPy.
    match request:
        case SuggestRequest():
            from quantbot_engine.search.suggestion import suggest_trials

            return suggest_trials(request)
        case ImportanceRequest():
            from quantbot_engine.search.importance import measure_importance

            return measure_importance(request)
        case EvaluateRequest():
            from quantbot_engine.strategies.evaluation import evaluate_trials

            return evaluate_trials(request, market, report)
        case BacktestRequest() | DescribeStrategiesRequest() | CheckStrategyRequest() | StitchRequest():
            return _compute_on_candles(market, request, report)
        case _:
            assert market is not None, "operations on calls have opened their market"
            return _compute_on_calls(market, request, report)


def _compute_on_candles(market: Market | None, request: CandleRequest, report: ReportProgress) -> Any:
    if isinstance(request, DescribeStrategiesRequest):
        from quantbot_engine.strategies.candles.describe import describe_strategies

        return describe_strategies(request, report)
    assert market is not None, "backtests and checks have opened their market"
    if isinstance(request, BacktestRequest):
        from quantbot_engine.strategies.candles.operations import backtest

        return backtest(market, request, report)
    if isinstance(request, StitchRequest):
        from quantbot_engine.strategies.candles.stitch import stitch

        return stitch(market, request, report)
    from quantbot_engine.strategies.candles.check import check_strategy

    return check_strategy(market, request, report)


def _compute_on_calls(market: Market, request: MarketRequest, report: ReportProgress) -> Any:
    from quantbot_engine.calls import operations

    match request:
        case SimulateRequest():
            return operations.simulate(market, request)
        case OptimizeRequest():
            return operations.optimize(market, request, report)
        case OptimizePerCallerRequest():
            return operations.optimize_per_caller(market, request, report)
        case GroupedEvaluationRequest():
            return operations.grouped_evaluation(market, request, report)
        case RankRequest():
            return operations.rank(market, request)
        case _:
            assert_never(request)


def _log(request: Operation, market: Market, answered: Answer) -> None:
    sys.stderr.write(
        f"{type(request).__name__}: {len(market.calls)} calls, {market.candles.timestamp.size} candles;"
        f" loaded in {answered.load_ms:.1f} ms, computed in {answered.compute_ms:.1f} ms\n"
    )
