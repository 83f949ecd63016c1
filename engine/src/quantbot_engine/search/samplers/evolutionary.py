"""Optuna's NSGA-II: children of the best trials so far, mixed and mutated, for one objective or several.

Generation g are the trials [g P, (g + 1) P), P the population size: which generation a trial belongs to depends on its
number alone. Trials are bred from the generations that are complete when they are asked for, so blocks should not be
larger than a generation. A parameter that does not exist in a trial is inherited like the others, with a random value.
"""

from typing import Any, Final

from optuna.distributions import BaseDistribution
from optuna.samplers import NSGAIISampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from quantbot_engine.protocol import PastTrial
from quantbot_engine.search.samplers.ask import Ask, draw_allowed, random_of_trial, seed_of_block
from quantbot_engine.search.samplers.optuna_trials import (
    SharedTrial,
    ask_params,
    open_study,
    to_distributions,
    to_finished,
    to_inner,
)
from quantbot_engine.search.samplers.resident import Resident
from quantbot_engine.search.samplers.verdicts import judge
from quantbot_engine.search.space.axes import Params

MAX_MODEL_TRIES: Final = 64


class _Breeder(NSGAIISampler):
    """NSGA-II that is told its population instead of collecting it from the trials of a study."""

    def __init__(self, population_size: int, seed: int, distributions: dict[str, BaseDistribution]) -> None:
        super().__init__(population_size=population_size, seed=seed)
        self._varying = {name: one for name, one in distributions.items() if not one.single()}
        self.newcomers: list[FrozenTrial] = []
        self.parents: list[FrozenTrial] = []

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return all parameters that can vary."""
        return self._varying

    def get_trial_generation(self, study: Study, trial: FrozenTrial) -> int:
        """Return the only generation there is to breed for."""
        return 1

    def get_population(self, study: Study, generation: int) -> list[FrozenTrial]:
        """Return the generation that was completed last."""
        return self.newcomers

    def get_parent_population(self, study: Study, generation: int) -> list[FrozenTrial]:
        """Return the best trials of all generations before it."""
        return self.parents


class _Lineage:
    """The best trials of all complete generations, and those of the generation that is not complete yet."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.distributions = to_distributions(ask.space)
        self.parents: list[FrozenTrial] = []
        self._newcomers: list[FrozenTrial] = []

    def learn(self, trial: PastTrial) -> None:
        self._newcomers.append(self._to_individual(trial))
        if len(self._newcomers) == self._ask.sampler.population_size:
            breeder = self.breed(seed=0)
            breeder.newcomers = self._newcomers
            study = open_study([], breeder, self._ask.objectives)
            self.parents = breeder.select_parent(study, 1)
            self._newcomers = []

    def breed(self, seed: int) -> _Breeder:
        """Return a sampler with the parents of the next trials."""
        breeder = _Breeder(self._ask.sampler.population_size, seed, self.distributions)
        breeder.parents = self.parents
        return breeder

    def _to_individual(self, trial: PastTrial) -> SharedTrial:
        axes = self._ask.space.axes
        units = random_of_trial(self._ask.seed, trial.number).random(len(axes)).tolist()
        inner: dict[str, Any] = {
            axis.name: to_inner(axis, trial.params.get(axis.name, axis.from_unit(unit)))
            for axis, unit in zip(axes, units, strict=True)
        }
        return to_finished(trial.number, judge(trial, self._ask.objectives), inner, self.distributions)


_LINEAGES: Final = Resident(_Lineage)


def suggest(ask: Ask) -> list[Params]:
    """Return random trials for the first generation, then children."""
    numbers = range(ask.first, ask.first + ask.count)
    lineage = _LINEAGES.get(ask)
    if not lineage.parents:
        return [draw_allowed(ask.space, ask.seed, number) for number in numbers]
    study = open_study([], lineage.breed(seed_of_block(ask.seed, ask.first)), ask.objectives)
    return [_ask_allowed(ask, study, lineage, number) for number in numbers]


def _ask_allowed(ask: Ask, study: Study, lineage: _Lineage, number: int) -> Params:
    for _ in range(MAX_MODEL_TRIES):
        params = ask_params(study, ask.space, lineage.distributions)
        if params is not None:
            return params
    return draw_allowed(ask.space, ask.seed, number)
