"""The operation `evaluate`: trials in, their figures and objectives out, each trial on its own."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.account_figures import cut_account_at_floor, measure_account
from quantbot_engine.metrics.ledger import Ledger, cut_at_floor
from quantbot_engine.metrics.periods import METRIC_NAMES, measure_figures
from quantbot_engine.metrics.undefined import Undefined
from quantbot_engine.objectives.objectives import check_objectives, score
from quantbot_engine.protocol import (
    ErrorCode,
    EvaluatedTrial,
    EvaluateRequest,
    EvaluateResult,
    PeriodFigures,
    TrialError,
)
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.candles.config import CandleStrategyEntry
from quantbot_engine.strategies.figures import Figures, to_period_figures
from quantbot_engine.strategies.registry import find_strategy
from quantbot_engine.strategies.strategy import Failure, Outcome, PreparedStrategy, Reported

ReportProgress = Callable[[int, int, str], None]


@dataclass(slots=True)
class _LastPrepared:
    """The strategy prepared last: the blocks of a study follow each other on one market with one configuration."""

    key: bytes = b""
    market: Market | None = None
    prepared: PreparedStrategy | None = None


_LAST: Final = _LastPrepared()


def evaluate_trials(request: EvaluateRequest, market: Market | None, report: ReportProgress) -> EvaluateResult:
    """Return the figures of each trial, in the order of the request.

    Raises
    ------
    EngineError
        INVALID_STUDY for what no trial could be evaluated with: an unknown strategy, objective or setting.
    """
    check_objectives(request.objectives)
    prepared = _prepare(request, market)
    # From here on the time belongs to the trials: the host's limit for them begins with this message.
    report(0, len(request.trials), "trials")
    evaluated: list[EvaluatedTrial] = []
    outcomes = prepared.evaluate([trial.params for trial in request.trials])
    for trial, outcome in zip(request.trials, outcomes, strict=True):
        evaluated.append(_to_evaluated(trial.number, outcome, request))
        report(len(evaluated), len(request.trials), "trials")
    return EvaluateResult(trials=evaluated)


def _prepare(request: EvaluateRequest, market: Market | None) -> PreparedStrategy:
    reference = request.strategy
    files = [*reference.files, *_signal_files(reference.config)]
    key = msgspec.json.encode([reference, request.range, [_take_fingerprint(file) for file in files]])
    if _LAST.prepared is None or _LAST.key != key or _LAST.market is not market:
        # The old one goes first: two need not fit in memory together.
        _LAST.prepared = None
        _LAST.prepared = _prepare_anew(request, market)
        _LAST.key, _LAST.market = key, market
    return _LAST.prepared


def _prepare_anew(request: EvaluateRequest, market: Market | None) -> PreparedStrategy:
    reference = request.strategy
    found = find_strategy(reference.name, reference.files)
    if isinstance(found, CandleStrategyEntry):
        return found.prepare(market, reference.config, request.range)
    if request.range is not None:
        message = f"range: expected none for {reference.name}, which is no strategy on candles; leave it out"
        raise EngineError(ErrorCode.INVALID_STUDY, message, strategy=reference.name)
    return found(market, reference.config)


def _signal_files(config: Mapping[str, Any]) -> list[str]:
    """Return the files that a config names, for fingerprints: whether they may be named is decided elsewhere."""
    found = config.get("signal_files")
    return [file for file in found if isinstance(file, str)] if isinstance(found, list) else []


def _take_fingerprint(file: str) -> tuple[int, int] | None:
    try:
        status = Path(file).stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _to_evaluated(number: int, outcome: Outcome, request: EvaluateRequest) -> EvaluatedTrial:
    cut = _cut(outcome, request.equity_floor)
    outcome = cut or outcome
    figures = outcome if isinstance(outcome, Failure) else _to_figures(outcome, request)
    if isinstance(figures, Failure):
        error = TrialError(code=figures.code.value, message=figures.message, traceback=figures.traceback)
        return EvaluatedTrial(number=number, state="failed", figures=[], error=error)
    return EvaluatedTrial(number=number, state="complete" if cut is None else "pruned", figures=figures, error=None)


def _cut(outcome: Outcome, equity_floor: float | None) -> Ledger | Account | None:
    """Return an account up to where its equity falls below the floor, None if it does not, or none is given."""
    if equity_floor is None:
        return None
    if isinstance(outcome, Account):
        return cut_account_at_floor(outcome, equity_floor * outcome.initial_capital)
    return cut_at_floor(outcome, equity_floor * outcome.initial_capital) if isinstance(outcome, Ledger) else None


def _to_figures(outcome: Ledger | Account | Reported, request: EvaluateRequest) -> list[PeriodFigures] | Failure:
    by_period: Sequence[Figures]
    if isinstance(outcome, Account):
        by_period = measure_account(outcome, request.periods)
    elif isinstance(outcome, Ledger):
        by_period = measure_figures(outcome, request.periods)
    else:
        by_period = [_complete(outcome)] * len(request.periods)
    found: list[PeriodFigures] = []
    for period, metrics in zip(request.periods, by_period, strict=True):
        strange = _find_non_finite(metrics)
        if strange is not None:
            message = f"{strange}: expected a finite number, or None if it is undefined; found {metrics[strange]}"
            return Failure(ErrorCode.STRATEGY_FAILED, message)
        found.append(to_period_figures(period, metrics, score(request.objectives, metrics)))
    return found


def _complete(outcome: Reported) -> Figures:
    """Return the figures of a strategy that states them itself, with a reason for each that it does not state."""
    known = {name: Undefined.NOT_REPORTED if value is None else value for name, value in outcome.figures.items()}
    return {**dict.fromkeys(METRIC_NAMES, Undefined.NOT_REPORTED), **known}


def _find_non_finite(figures: Figures) -> str | None:
    return next(
        (name for name, value in figures.items() if not isinstance(value, str) and not math.isfinite(value)), None
    )
