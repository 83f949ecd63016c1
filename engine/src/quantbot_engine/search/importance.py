"""The operation `importance`: how much each parameter matters for being among the best tenth of the trials (PED-ANOVA).

Optuna's evaluator compares where the best trials lie on an axis with where all lie. It draws nothing at random, so the
same trials give the same numbers. A conditional parameter is judged by the trials that have it, weighted by how many of
all and of the best those are; one that fewer than two trials have is left out.
"""

import importlib
from collections.abc import Callable
from typing import Final

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    ErrorCode,
    ImportanceRequest,
    ImportanceResult,
    ObjectiveImportance,
    PastTrial,
)
from quantbot_engine.search.space.space import Space, to_space

Evaluate = Callable[[Space, list[tuple[PastTrial, float]]], dict[str, float]]

# The best tenth of fewer is one or two trials, too few to compare with the rest.
FEWEST_TRIALS: Final = 20


def measure_importance(request: ImportanceRequest) -> ImportanceResult:
    """Return the importance by each objective; INVALID_STUDY for a space that cannot be searched.

    Raises
    ------
    EngineError
        INVALID_REQUEST for a trial with another number of values, SETUP_INCOMPLETE without Optuna.
    """
    space = to_space(request.space)
    known: list[list[tuple[PastTrial, float]]] = [[] for _ in range(request.objectives)]
    for trial in request.trials:
        if trial.values is None:
            continue
        if len(trial.values) != request.objectives:
            message = f"trials: expected {request.objectives} values of trial {trial.number}, found {len(trial.values)}"
            raise EngineError(ErrorCode.INVALID_REQUEST, message, field="trials")
        for index, value in enumerate(trial.values):
            if value is not None:
                known[index].append((trial, float(value)))
    return ImportanceResult(objectives=[_measure(space, trials) for trials in known])


def _measure(space: Space, trials: list[tuple[PastTrial, float]]) -> ObjectiveImportance:
    if len(trials) < FEWEST_TRIALS:
        return ObjectiveImportance(importance=None, reason="too_few_trials", trials=len(trials))
    if len({value for _, value in trials}) == 1:
        return ObjectiveImportance(importance=None, reason="no_variance", trials=len(trials))
    raw = _load_and_evaluate(space, trials)
    total = sum(raw.values())
    if total <= 0:
        return ObjectiveImportance(importance=None, reason="no_effect", trials=len(trials))
    shares = {name: value / total for name, value in raw.items()}
    return ObjectiveImportance(importance=shares, reason=None, trials=len(trials))


def _load_and_evaluate(space: Space, trials: list[tuple[PastTrial, float]]) -> dict[str, float]:
    # Optuna takes a second to load, which a study of too few trials need not wait for.
    try:
        evaluate: Evaluate = importlib.import_module("quantbot_engine.search.ped_anova").evaluate
    except ModuleNotFoundError as error:
        message = f"importance needs the Python package {error.name}, which is not there; npm run setup installs it"
        raise EngineError(ErrorCode.SETUP_INCOMPLETE, message, package=str(error.name)) from error
    return evaluate(space, trials)
