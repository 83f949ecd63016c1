"""The operations on calls: simulate, optimize, optimize_per_caller, grouped_evaluation, rank (docs/assumptions.md)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import UNSET

from quantbot_engine.calls.arrays import GridResults
from quantbot_engine.calls.exit_rules.exits import (
    SearchAxes,
    SearchExits,
    find_search_exits,
    take_search_exits,
    to_search_axes,
)
from quantbot_engine.calls.grouping import to_group_params
from quantbot_engine.calls.overview import MAX_LISTED_COMBINATIONS, to_overview
from quantbot_engine.calls.plateau import find_best_plateau
from quantbot_engine.calls.search import Best, find_best, search_combinations
from quantbot_engine.calls.selection import group_by_caller, select_calls
from quantbot_engine.calls.simulation import simulate_params
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    CallerExclusion,
    CapitalSimulationResult,
    CapitalSummary,
    ErrorCode,
    ExcludedCaller,
    ExtremeLimits,
    GroupedEvaluationRequest,
    OptimizePerCallerRequest,
    OptimizeRequest,
    RankedResult,
    RankRequest,
    SimulateRequest,
    V1BaselineGroupedResult,
    V1BaselineOptimizationResult,
    V1BaselineParams,
    V1BaselinePerCallerResult,
    V1BaselineRanking,
)
from quantbot_engine.search.blocks import default_worker_count
from quantbot_engine.search.ranking import rank_descending
from quantbot_engine.slices.market import CallTable, Market

# Rows of `all_results`; the whole grid is in `grid_final_capital`.
MAX_RANKED_RESULTS = 10_000
# About 160 MB of results. A larger grid is a mistake or wants a study.
MAX_COMBINATIONS = 10_000_000

# (done, total, unit)
ReportProgress = Callable[[int, int, str], None]
SearchRequest = OptimizeRequest | OptimizePerCallerRequest | GroupedEvaluationRequest


@dataclass(slots=True)
class _Counter:
    """Adds up finished pieces of work and passes the sum on."""

    report: ReportProgress
    total: int
    unit: str
    done: int = 0

    def add(self, count: int) -> None:
        self.done += count
        self.report(self.done, self.total, self.unit)


def simulate(market: Market, request: SimulateRequest) -> CapitalSimulationResult:
    """Run one set of parameters on the calls with one finite capital."""
    calls = select_calls(market.calls, request.caller_groups)
    return simulate_params(market, calls, request.params, request.simulator_config)


def optimize(market: Market, request: OptimizeRequest, report: ReportProgress) -> V1BaselineOptimizationResult:
    """Search the grid on all chosen calls together."""
    calls, axes = _prepare(market, request)
    exits = _find_search_exits(market, calls, axes, request)
    counter = _Counter(report, axes.combinations, "combinations")
    results = search_combinations(exits, axes, request.simulator_config, _worker_count(request), counter.add)
    best = find_best(exits, axes, request.simulator_config, results)
    return V1BaselineOptimizationResult(
        **_to_best_fields(best, axes, results, request.include_trades),
        all_results=_rank(axes, results, len(calls), request.simulator_config.initial_capital),
    )


def optimize_per_caller(
    market: Market, request: OptimizePerCallerRequest | GroupedEvaluationRequest, report: ReportProgress
) -> dict[str, V1BaselinePerCallerResult]:
    """Search the grid for each caller alone, with the full initial capital."""
    calls, axes = _prepare(market, request)
    exits = _find_search_exits(market, calls, axes, request)
    return {result.caller: result for result in _search_callers(exits, axes, request, report)}


def grouped_evaluation(
    market: Market, request: GroupedEvaluationRequest, report: ReportProgress
) -> V1BaselineGroupedResult:
    """Simulate the callers that pass the filters together, with the mean of their best parameters."""
    per_caller = optimize_per_caller(market, request, report)
    reasons = {caller: _find_exclusions(result, request) for caller, result in per_caller.items()}
    selected = [caller for caller, excluded_for in reasons.items() if not excluded_for]
    params = to_group_params([per_caller[caller].best_params for caller in selected]) if selected else None
    result = None
    if params is not None:
        calls = select_calls(market.calls, selected)
        result = simulate_params(market, calls, params, request.simulator_config)
    return V1BaselineGroupedResult(
        per_caller_results=per_caller,
        selected_callers=selected,
        excluded_callers=[ExcludedCaller(caller=caller, reasons=found) for caller, found in reasons.items() if found],
        grouped_params=params,
        grouped_result=result,
    )


def rank(market: Market, request: RankRequest) -> V1BaselineRanking:
    """Rank the grid with each trade on its own; capital is ignored."""
    calls, axes = _prepare(market, request)
    exits = _find_search_exits(market, calls, axes, request)
    # Loaded when it is needed, as in `simulation.py`.
    from quantbot_engine.calls.ranking import rank_combinations

    return rank_combinations(exits, axes, request, _worker_count(request))


def _prepare(market: Market, request: SearchRequest | RankRequest) -> tuple[CallTable, SearchAxes]:
    axes = to_search_axes(request.param_grid)
    if axes.combinations > MAX_COMBINATIONS:
        raise EngineError(
            ErrorCode.INVALID_REQUEST,
            f"param_grid: expected at most {MAX_COMBINATIONS:,} combinations, found {axes.combinations:,}",
            combinations=axes.combinations,
        )
    return select_calls(market.calls, request.caller_groups), axes


def _find_search_exits(
    market: Market, calls: CallTable, axes: SearchAxes, request: SearchRequest | RankRequest
) -> SearchExits:
    return find_search_exits(market, calls, axes, request.simulator_config.gap_fill, _worker_count(request))


def _worker_count(request: SearchRequest | RankRequest) -> int:
    return default_worker_count() if request.workers is UNSET else request.workers


def _search_callers(
    exits: SearchExits,
    axes: SearchAxes,
    request: OptimizePerCallerRequest | GroupedEvaluationRequest,
    report: ReportProgress,
) -> Iterator[V1BaselinePerCallerResult]:
    config = request.simulator_config
    groups = group_by_caller(exits.base.calls)
    counter = _Counter(report, len(groups) * axes.combinations, "combinations")
    for order, (caller, positions) in enumerate(groups.items()):
        own = take_search_exits(exits, axes, positions)
        results = search_combinations(own, axes, config, _worker_count(request), counter.add)
        best = find_best(own, axes, config, results)
        has_trades = best.result.trades_executed > 0
        yield V1BaselinePerCallerResult(
            caller=caller,
            order=order,
            calls=len(positions),
            **_to_best_fields(best, axes, results, request.include_trades),
            # Without a trade there is nothing to judge: neither collapsed nor extreme.
            collapsed_capital=has_trades and best.result.final_capital < config.initial_capital,
            requires_extreme_params=has_trades and _is_extreme(best.params, request.extreme_limits),
            no_trades=not has_trades,
        )


def _is_extreme(params: V1BaselineParams, limits: ExtremeLimits) -> bool:
    return params.sl_mult < limits.min_sl_mult or params.tp_mult > limits.max_tp_mult


def _find_exclusions(result: V1BaselinePerCallerResult, request: GroupedEvaluationRequest) -> list[CallerExclusion]:
    if result.no_trades:
        return [CallerExclusion.NO_TRADES]
    reasons = []
    if request.filter_collapsed and result.collapsed_capital:
        reasons.append(CallerExclusion.COLLAPSED_CAPITAL)
    if request.filter_extreme and result.requires_extreme_params:
        reasons.append(CallerExclusion.REQUIRES_EXTREME_PARAMS)
    return reasons


def _to_best_fields(best: Best, axes: SearchAxes, results: GridResults, include_trades: bool) -> dict[str, Any]:
    is_listed = results.final_capital.size <= MAX_LISTED_COMBINATIONS
    return {
        "best_params": best.params,
        "best_final_capital": best.result.final_capital,
        "best_total_return": best.result.total_return,
        "trades_executed": best.result.trades_executed,
        "trades_skipped": best.result.trades_skipped,
        "skipped_by_reason": best.skipped_by_reason,
        "params_evaluated": int(results.final_capital.size),
        "best_plateau": find_best_plateau(axes, results.final_capital),
        "grid_final_capital": results.final_capital.tolist() if is_listed else None,
        "grid_trades_executed": results.trades_executed.tolist() if is_listed else None,
        "grid_overview": None if is_listed else to_overview(axes, results),
        "best_result": best.result if include_trades else None,
    }


def _rank(axes: SearchAxes, results: GridResults, calls: int, initial_capital: float) -> list[RankedResult]:
    positions = rank_descending(results.final_capital, MAX_RANKED_RESULTS)
    returns = results.final_capital[positions] / np.float64(initial_capital) - 1.0
    return [
        RankedResult(
            params=axes.to_params(position),
            result=CapitalSummary(
                final_capital=final,
                total_return=total_return,
                trades_executed=trades,
                trades_skipped=calls - trades,
            ),
        )
        for position, final, total_return, trades in zip(
            positions.tolist(),
            results.final_capital[positions].tolist(),
            returns.tolist(),
            results.trades_executed[positions].tolist(),
            strict=True,
        )
    ]
