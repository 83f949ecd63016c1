"""Strategies by name: those of the engine, loaded when they are asked for, and those in files of the user's."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Final

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.strategies.strategy import Prepare
from quantbot_engine.strategies.user_files import read_user_strategies

# Modules with a function `prepare`.
STRATEGIES: Final[dict[str, str]] = {
    "v1_baseline": "quantbot_engine.strategies.v1_baseline.strategy",
    "noop": "quantbot_engine.strategies.noop",
}


def find_strategy(name: str, files: Sequence[str]) -> Prepare:
    """Return how the strategy is prepared; INVALID_STUDY lists the known names if it is not among them."""
    own: Mapping[str, Prepare] = read_user_strategies(files)
    taken = sorted(own.keys() & STRATEGIES.keys())
    if taken:
        raise EngineError(ErrorCode.INVALID_STUDY, f"strategy {taken[0]}: expected another name, this one is taken")
    if name in own:
        return own[name]
    if name not in STRATEGIES:
        known = ", ".join([*STRATEGIES, *own])
        raise EngineError(ErrorCode.INVALID_STUDY, f"strategy: expected one of {known}; found {name!r}", strategy=name)
    prepare: Prepare = importlib.import_module(STRATEGIES[name]).prepare
    return prepare
