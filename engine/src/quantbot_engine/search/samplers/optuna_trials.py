"""The border to Optuna: our axes as its distributions, our history as its trials, a study in memory for one block."""

from datetime import UTC, datetime
from typing import Any, Final

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler
from optuna.storages import InMemoryStorage
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from quantbot_engine.search.samplers.verdicts import Verdict
from quantbot_engine.search.space.axes import Axis, FloatAxis, IntAxis, ListAxis, Params, Value
from quantbot_engine.search.space.space import Space

optuna.logging.set_verbosity(optuna.logging.ERROR)

_NAME: Final = "block"
# Trials carry times, which nothing may depend on.
_NO_TIME: Final = datetime.fromtimestamp(0, tz=UTC)


class SharedTrial(FrozenTrial):
    """A finished trial, which never changes: a study may hold it without copying it."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> "SharedTrial":
        return self


def to_distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return a distribution for each axis; lists are searched by index, in order if they have one."""
    return {axis.name: _to_distribution(axis) for axis in space.axes}


def _to_distribution(axis: Axis) -> BaseDistribution:
    if isinstance(axis, FloatAxis):
        return FloatDistribution(axis.low, axis.high, log=axis.is_log)
    if isinstance(axis, IntAxis):
        return IntDistribution(axis.low, axis.high, log=axis.is_log)
    assert axis.count is not None, "a list of values ends"
    return IntDistribution(0, axis.count - 1) if axis.is_ordered else CategoricalDistribution(range(axis.count))


def to_inner(axis: Axis, value: Value) -> int | float:
    """Return a value as Optuna holds it."""
    if isinstance(axis, ListAxis):
        return axis.index_of(value)
    return int(value) if isinstance(axis, IntAxis) else float(value)


def from_inner(axis: Axis, inner: Any) -> Value:
    """Return what Optuna holds as a value of ours."""
    if isinstance(axis, ListAxis):
        return axis.value_at(int(inner))
    return int(inner) if isinstance(axis, IntAxis) else float(inner)


def to_finished(
    number: int, verdict: Verdict, params: dict[str, Any], distributions: dict[str, BaseDistribution]
) -> SharedTrial:
    """Return a recorded trial; what is not feasible is told as a constraint that it breaks by that much."""
    trial = SharedTrial(
        number=number,
        trial_id=number,
        state=TrialState.COMPLETE,
        value=None,
        values=verdict.values,
        datetime_start=_NO_TIME,
        datetime_complete=_NO_TIME,
        params=params,
        distributions={name: distributions[name] for name in params},
        user_attrs={},
        system_attrs={},
        intermediate_values={},
    )
    trial.set_constraint("feasible", verdict.violation)
    return trial


def open_study(trials: list[SharedTrial], sampler: BaseSampler, objectives: int) -> Study:
    """Return a study in memory that holds these trials; asking it for more leaves them as they are."""
    storage = InMemoryStorage()
    study_id = storage.create_new_study([StudyDirection.MAXIMIZE] * objectives, _NAME)
    for trial in trials:
        storage.create_new_trial(study_id, trial)
    return Study(_NAME, storage, sampler)


def ask_params(study: Study, space: Space, distributions: dict[str, BaseDistribution]) -> Params | None:
    """Ask for one more trial, which stays open; None if the constraints do not allow what the study suggests."""
    trial = study.ask()
    params: Params = {}
    for index, axis in enumerate(space.axes):
        if not space.exists(index, params):
            continue
        distribution = distributions[axis.name]
        inner: Any
        if isinstance(distribution, FloatDistribution):
            inner = trial.suggest_float(axis.name, distribution.low, distribution.high, log=distribution.log)
        elif isinstance(distribution, IntDistribution):
            inner = trial.suggest_int(axis.name, distribution.low, distribution.high, log=distribution.log)
        elif isinstance(distribution, CategoricalDistribution):
            inner = trial.suggest_categorical(axis.name, distribution.choices)
        params[axis.name] = from_inner(axis, inner)
    if space.is_allowed(params):
        return params
    study.tell(trial, state=TrialState.FAIL)
    return None
