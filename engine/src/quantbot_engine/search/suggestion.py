"""The operation `suggest`: which sampler answers, and what is checked before it may."""

import importlib
from typing import Final

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode, SuggestRequest, SuggestResult, TrialParams
from quantbot_engine.search.samplers.ask import Ask, Suggest
from quantbot_engine.search.space.grid_tree import GridTree
from quantbot_engine.search.space.space import Space, to_space

# Modules with a function `suggest`, loaded when they are first asked: Optuna and SciPy take a second.
SAMPLERS: Final[dict[str, str]] = {
    "grid": "quantbot_engine.search.samplers.grid",
    "random": "quantbot_engine.search.samplers.random",
    "quasi_random": "quantbot_engine.search.samplers.quasi_random",
    "bayesian": "quantbot_engine.search.samplers.bayesian",
    "evolutionary": "quantbot_engine.search.samplers.evolutionary",
    "cma_es": "quantbot_engine.search.samplers.cma_es",
}
# The largest whole number that float64, and so JSON, tells apart from its neighbours.
_LARGEST_EXACT = 2**53


def suggest_trials(request: SuggestRequest) -> SuggestResult:
    """Return parameters for trials [first, first + count); INVALID_STUDY if the space cannot be searched so."""
    space = to_space(request.space)
    _check_history(request)
    ask = Ask(
        space=space,
        key=msgspec.json.encode(request.space),
        sampler=request.sampler,
        seed=request.seed,
        objectives=request.objectives,
        first=request.first,
        count=request.count,
        history=request.history,
    )
    found = _load(request.sampler.name)(ask)
    return SuggestResult(
        trials=[
            TrialParams(number=request.first + position, params=space.in_file_order(params))
            for position, params in enumerate(found)
        ],
        is_exhausted=len(found) < request.count,
        space_size=find_size(space),
    )


def _load(name: str) -> Suggest:
    try:
        suggest: Suggest = importlib.import_module(SAMPLERS[name]).suggest
    except ModuleNotFoundError as error:
        message = f"sampler {name} needs the Python package {error.name}, which is not there; npm run setup installs it"
        raise EngineError(ErrorCode.SETUP_INCOMPLETE, message, package=str(error.name)) from error
    return suggest


def find_size(space: Space) -> float | None:
    """Return the number of combinations before constraints, None if it is infinite; exact up to 2^53."""
    if any(axis.count is None for axis in space.axes):
        return None
    size = GridTree(space, is_constrained=False).count()
    return float(min(size, 10**300)) if size > _LARGEST_EXACT else size


def _check_history(request: SuggestRequest) -> None:
    for position, trial in enumerate(request.history):
        if trial.number != position:
            message = f"history: expected trials 0, 1, 2, ... without holes, found trial {trial.number} at {position}"
            raise EngineError(ErrorCode.INVALID_REQUEST, message, field="history")
        if trial.values is not None and len(trial.values) != request.objectives:
            raise EngineError(
                ErrorCode.INVALID_REQUEST,
                f"history: expected {request.objectives} values of trial {trial.number}, found {len(trial.values)}",
                field="history",
            )
