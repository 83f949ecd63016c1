"""Optuna's tree-structured Parzen estimator: more of what resembles the best trials, and less of the rest.

Trials of one block know of each other only that they were asked for (constant liar), so that they spread out. The model
looks at the best and the newest trials of a long history: with all of 10,000 it took 110 ms a trial, with these 6.
"""

import warnings
from bisect import insort
from functools import partial
from typing import Any, Final, NamedTuple

from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from quantbot_engine.protocol import PastTrial
from quantbot_engine.search.samplers.ask import Ask, draw_allowed, seed_of_block
from quantbot_engine.search.samplers.optuna_trials import (
    SharedTrial,
    ask_params,
    open_study,
    to_distributions,
    to_finished,
    to_inner,
)
from quantbot_engine.search.samplers.resident import Resident
from quantbot_engine.search.samplers.verdicts import Verdict, beats, judge
from quantbot_engine.search.space.axes import Params

# Suggestions of the model that the constraints may refuse before a random trial takes their place.
MAX_MODEL_TRIES: Final = 16
# Up to as many trials as both together the model knows all.
BEST_TRIALS: Final = 100
NEWEST_TRIALS: Final = 400


class _Known(NamedTuple):
    number: int
    verdict: Verdict
    trial: SharedTrial


class _History:
    """The trials that the model looks at, as Optuna wants them."""

    def __init__(self, ask: Ask) -> None:
        self._objectives = ask.objectives
        self._axes = {axis.name: axis for axis in ask.space.axes}
        self.distributions = to_distributions(ask.space)
        self._newest: list[_Known] = []
        # One objective: the best first. Several: those that no other beats in all, in order of number.
        self._best: list[_Known] = []

    def learn(self, trial: PastTrial) -> None:
        """Take in the next trial; what is neither among the best nor among the newest is forgotten."""
        inner: dict[str, Any] = {
            name: to_inner(self._axes[name], value) for name, value in trial.params.items() if name in self._axes
        }
        verdict = judge(trial, self._objectives)
        known = _Known(trial.number, verdict, to_finished(trial.number, verdict, inner, self.distributions))
        self._newest = [*self._newest[-NEWEST_TRIALS + 1 :], known]
        if self._objectives == 1:
            insort(self._best, known, key=lambda one: (one.verdict.violation, -one.verdict.values[0], one.number))
            del self._best[BEST_TRIALS:]
        elif not any(beats(other.verdict, verdict) for other in self._best):
            kept = [other for other in self._best if not beats(verdict, other.verdict)]
            self._best = [*kept, known][-BEST_TRIALS:]

    def trials(self) -> list[SharedTrial]:
        """Return the best and the newest trials in order of number."""
        known = {one.number: one.trial for one in (*self._best, *self._newest)}
        return [known[number] for number in sorted(known)]


class _FixedSpaceSampler(TPESampler):
    """Knows beforehand that every trial has every parameter, instead of looking for it in all trials."""

    def __init__(self, distributions: dict[str, BaseDistribution], **options: Any) -> None:
        super().__init__(**options)
        self._fixed = {name: one for name, one in distributions.items() if not one.single()}

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return all parameters that can vary."""
        return self._fixed


_HISTORIES: Final = Resident(_History)


def suggest(ask: Ask) -> list[Params]:
    """Return random trials until there are enough to learn from, then those of the model."""
    numbers = range(ask.first, ask.first + ask.count)
    if len(ask.history) < ask.sampler.startup_trials:
        return [draw_allowed(ask.space, ask.seed, number) for number in numbers]
    history = _HISTORIES.get(ask)
    study = open_study(history.trials(), _create_sampler(ask, history), ask.objectives)
    return [_ask_allowed(ask, study, history, number) for number in numbers]


def _create_sampler(ask: Ask, history: _History) -> TPESampler:
    create = partial(
        TPESampler, seed=seed_of_block(ask.seed, ask.first), n_startup_trials=1, multivariate=True, constant_liar=True
    )
    if not any(ask.space.conditions):
        return _FixedSpaceSampler(history.distributions, **create.keywords)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return create(group=True)


def _ask_allowed(ask: Ask, study: Study, history: _History, number: int) -> Params:
    for _ in range(MAX_MODEL_TRIES):
        params = ask_params(study, ask.space, history.distributions)
        if params is not None:
            return params
    return draw_allowed(ask.space, ask.seed, number)
