"""A model that stays in the worker from one block to the next, so that each block costs what is new in it.

Only an optimisation: a model learns trial by trial, in order, so one that is built afresh from the whole history is the
same as one that was there all the time.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import msgspec

from quantbot_engine.protocol import PastTrial
from quantbot_engine.search.samplers.ask import Ask


class Model(Protocol):
    """What a sampler knows; suggesting must leave it as it was."""

    def learn(self, trial: PastTrial) -> None:
        """Take in the next trial of the history."""


AnyModel = TypeVar("AnyModel", bound=Model)


class Resident(Generic[AnyModel]):
    """Keeps the model of one study.

    Parameters
    ----------
    create : callable
        Returns the model of an ask before any trial.
    """

    def __init__(self, create: Callable[[Ask], AnyModel]) -> None:
        self._create = create
        self._key = b""
        self._learnt: list[PastTrial] = []
        self._model: AnyModel | None = None

    def get(self, ask: Ask) -> AnyModel:
        """Return the model that has learnt exactly the history of the ask."""
        key = msgspec.json.encode([ask.sampler, ask.seed, ask.objectives]) + ask.key
        model = self._model if key == self._key else None
        # A failure below must not leave a model that has learnt half.
        self._model = None
        if model is None or ask.history[: len(self._learnt)] != self._learnt:
            model, self._learnt = self._create(ask), []
        for trial in ask.history[len(self._learnt) :]:
            model.learn(trial)
        self._key, self._learnt, self._model = key, ask.history, model
        return model
