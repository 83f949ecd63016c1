"""The operation `check_strategy`: whether anything in a strategy knows the future, or is not the same twice."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.candles import Candles, candles_of
from quantbot_engine.protocol import (
    CheckStrategyRequest,
    CheckStrategyResult,
    ErrorCode,
    LookAheadFinding,
)
from quantbot_engine.rules.look_ahead import LookAhead, find_look_aheads
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.candles.asked import Asked
from quantbot_engine.strategies.candles.market import MS_PER_S
from quantbot_engine.strategies.candles.program import Parameters, Program
from quantbot_engine.strategies.candles.python_program import PythonProgram
from quantbot_engine.strategies.candles.rule_columns import compute_rule_columns
from quantbot_engine.strategies.candles.rule_program import RuleProgram
from quantbot_engine.strategies.registry import find_program

ReportProgress = Callable[[int, int, str], None]
Columns = Mapping[str, npt.NDArray[Any]]


def check_strategy(market: Market, request: CheckStrategyRequest, report: ReportProgress) -> CheckStrategyResult:
    """Return what comes out otherwise for the past when the future is cut off, on each series of a slice.

    Raises
    ------
    EngineError
        As `backtest`; a strategy that fails on candles that are cut off is STRATEGY_FAILED too.
    """
    program = find_program(request.strategy)
    parameters = program.complete(request.params)
    program.to_rules(parameters)
    names = market.series.names
    if market.candles.timestamp.size == 0:
        raise EngineError(ErrorCode.NO_CANDLES, "slice: expected candles to check on, found none; load some data")
    report(0, len(names) * request.cuts, "cuts")
    findings: list[LookAheadFinding] = []
    checked: dict[str, None] = {}
    asked: list[Asked] = []
    cuts_made = 0
    for position, symbol in enumerate(names):
        candles = candles_of(market, position)
        if len(candles) == 0:
            continue
        asked.append(program.ask([candles], parameters).by_symbol[0])
        cuts = choose_cuts(len(candles), asked[-1].warm_up, request.cuts)
        progress = partial(_report_cut, report, position * request.cuts, len(names) * request.cuts)
        found = find_look_aheads(_to_compute(program, parameters, checked), candles, cuts, progress)
        findings += [_to_finding(each, symbol, candles) for each in found]
        cuts_made += len(cuts)
    return CheckStrategyResult(
        findings=findings,
        checked=list(checked),
        candles=int(market.candles.timestamp.size),
        cuts=cuts_made,
        entry_signals=sum(int(np.count_nonzero(each.direction)) for each in asked),
        warm_up_candles=max(each.warm_up for each in asked),
    )


def _report_cut(report: ReportProgress, before: int, total: int, done: int) -> None:
    report(before + done, total, "cuts")


def choose_cuts(rows: int, warm_up: int, count: int) -> list[int]:
    """Return up to `count` numbers of candles to keep, spread behind the warm-up, none of them all."""
    last = rows - 1
    if last < 1:
        return []
    first = min(warm_up + 1, last)
    return [int(cut) for cut in np.unique(np.linspace(first, last, count, dtype=np.int64))]


def _to_compute(program: Program, parameters: Parameters, checked: dict[str, None]) -> Callable[[Candles], Columns]:
    """Return what computes all columns of a strategy by `kind name`, noting in `checked` which there are."""

    def compute(candles: Candles) -> Columns:
        if isinstance(program, PythonProgram):
            indicators, signals = program.compute(candles, parameters)
            columns: Columns = {
                **{f"indicator {key}": column for key, column in indicators.items()},
                **{f"signal {key}": column for key, column in signals.items()},
            }
        else:
            assert isinstance(program, RuleProgram), "there are strategies of rules and strategies in Python"
            columns = compute_rule_columns(program, candles, parameters)
        checked.update(dict.fromkeys(columns))
        return columns

    return compute


def _to_time(candles: Candles, row: int) -> str:
    """Return when a candle opens, in UTC: `2024-01-31 05:00`."""
    return str(np.datetime_as_string(np.datetime64(int(candles.timestamp[row]), "s"), unit="m")).replace("T", " ")


def _to_finding(found: LookAhead, symbol: str, candles: Candles) -> LookAheadFinding:
    word, _, name = found.output.partition(" ")
    kind: Literal["indicator", "signal", "rule"] = (
        "indicator" if word == "indicator" else "signal" if word == "signal" else "rule"
    )
    is_unsteady = found.rows == len(candles)
    problem = (
        "comes out otherwise when it is computed again on the same candles: it is random, or keeps something"
        if is_unsteady
        else f"knows later candles: with the candles up to {_to_time(candles, found.rows - 1)} alone, the one of"
        f" {_to_time(candles, found.row)} (number {found.row + 1}) comes out otherwise than with all of them"
    )
    return LookAheadFinding(
        kind=kind,
        name=name,
        symbol=symbol,
        cut_ts_ms=int(candles.timestamp[min(found.rows, len(candles) - 1)]) * MS_PER_S,
        changed_ts_ms=int(candles.timestamp[found.row]) * MS_PER_S,
        message=f"{word} {name} on {symbol} {problem}",
    )
