"""CMA-ES: a cloud of trials that moves, stretches and shrinks towards the better ones; for numbers, one objective.

It uses the package `cmaes`, as Optuna's sampler does, but without a study around it: the state after each generation
is then a function of the trials alone. Generation g are the trials [g P, (g + 1) P), P the population size; blocks
should not be larger than that. Categories, and parameters that do not exist in a trial, are drawn at random.
"""

from typing import Any, Final

import cmaes
import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode, PastTrial
from quantbot_engine.search.samplers.ask import Ask, draw_allowed, random_of_trial, seed_of_block
from quantbot_engine.search.samplers.resident import Resident
from quantbot_engine.search.samplers.verdicts import Verdict, judge
from quantbot_engine.search.space.axes import Params

MAX_MODEL_TRIES: Final = 64
# A quarter of each axis: the first generation covers it, the best need not lie in the middle.
_FIRST_SIGMA: Final = 0.25
# With fewer, the better half is one trial, which says nothing about a direction.
_MIN_POPULATION: Final = 4
# The algorithm needs two dimensions; one that nothing depends on does no harm.
_MIN_DIMENSIONS: Final = 2


class _Cloud:
    """Where the next trials are drawn from, in the unit cube of the axes that are numbers."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.axes = [index for index, axis in enumerate(ask.space.axes) if axis.is_ordered and axis.count != 1]
        self._pending: list[tuple[Any, Verdict]] = []
        self._generation = 0
        self._population = max(ask.sampler.population_size, _MIN_POPULATION)
        self.optimizer = self._start(np.full(self.dimensions, 0.5))

    @property
    def dimensions(self) -> int:
        return max(len(self.axes), _MIN_DIMENSIONS)

    def learn(self, trial: PastTrial) -> None:
        self._pending.append((self._to_point(trial), judge(trial, 1)))
        if len(self._pending) < self._population:
            return
        self._generation += 1
        # Only the order matters to it, so ranks stand for values that are undefined or forbidden. Ties: earlier first.
        order = sorted(range(len(self._pending)), key=lambda index: _badness(self._pending[index][1]))
        self.optimizer.tell([(self._pending[index][0], float(rank)) for rank, index in enumerate(order)])
        self._pending = []
        if self._has_collapsed():
            self.optimizer = self._start(self._random(self._generation).random(self.dimensions))

    def _start(self, mean: Any) -> cmaes.CMA:
        return cmaes.CMA(
            mean=mean,
            sigma=_FIRST_SIGMA,
            bounds=np.tile([0.0, 1.0], (self.dimensions, 1)),
            population_size=self._population,
            seed=0,
        )

    def _to_point(self, trial: PastTrial) -> Any:
        point = random_of_trial(self._ask.seed, trial.number).random(self.dimensions)
        for position, index in enumerate(self.axes):
            axis = self._ask.space.axes[index]
            if axis.name in trial.params:
                point[position] = axis.to_unit(trial.params[axis.name])
        return point

    def _has_collapsed(self) -> bool:
        """Return whether all further trials would be the same; a cloud somewhere else then takes over."""
        return bool(self.optimizer.should_stop())

    def _random(self, generation: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self._ask.seed, spawn_key=(generation, 2)))


_CLOUDS: Final = Resident(_Cloud)


def suggest(ask: Ask) -> list[Params]:
    """Return trials drawn from the cloud; INVALID_STUDY for more than one objective."""
    if ask.objectives != 1:
        message = f"sampler cma_es: expected one objective, found {ask.objectives}; use evolutionary or bayesian"
        raise EngineError(ErrorCode.INVALID_STUDY, message)
    cloud = _CLOUDS.get(ask)
    cloud.optimizer.reseed_rng(seed_of_block(ask.seed, ask.first))
    return [_draw(ask, cloud, number) for number in range(ask.first, ask.first + ask.count)]


def _draw(ask: Ask, cloud: _Cloud, number: int) -> Params:
    random = random_of_trial(ask.seed, number)
    for _ in range(MAX_MODEL_TRIES):
        units = random.random(len(ask.space.axes))
        units[cloud.axes] = cloud.optimizer.ask()[: len(cloud.axes)]
        params = ask.space.decode(units.tolist())
        if ask.space.is_allowed(params):
            return params
    return draw_allowed(ask.space, ask.seed, number)


def _badness(verdict: Verdict) -> tuple[float, float]:
    return verdict.violation, -verdict.values[0]
