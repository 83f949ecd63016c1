"""Strategies by name: those of the engine, loaded when they are asked for, and those in files of the user's."""

import importlib
from collections.abc import Sequence
from typing import Final

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.problems import nearest
from quantbot_engine.protocol import ErrorCode, StrategyRef
from quantbot_engine.strategies.candles.config import CandleStrategyEntry, make_rule_program
from quantbot_engine.strategies.candles.program import Program
from quantbot_engine.strategies.strategy import Prepare
from quantbot_engine.strategies.user_files import read_user_strategies

# Modules with a function `prepare`.
STRATEGIES: Final[dict[str, str]] = {
    "v1_baseline": "quantbot_engine.strategies.v1_baseline.strategy",
    "noop": "quantbot_engine.strategies.noop",
}


RULES: Final = "rules"


def find_strategy(name: str, files: Sequence[str]) -> Prepare | CandleStrategyEntry:
    """Return how the strategy is prepared; INVALID_STUDY lists the known names if it is not among them."""
    if name == RULES:
        return CandleStrategyEntry(RULES, make_rule_program)
    own = read_user_strategies(files)
    taken = sorted(own.keys() & {*STRATEGIES, RULES})
    if taken:
        message = f"strategy {taken[0]}: expected another name, this one is taken"
        raise EngineError(ErrorCode.INVALID_STRATEGY, message, strategy=taken[0])
    if name in own:
        return own[name].find_entry()
    if name not in STRATEGIES:
        known = ", ".join([*STRATEGIES, RULES, *own])
        message = f"strategy: expected one of {known}; found {name!r}{nearest(name, own)}"
        raise EngineError(ErrorCode.INVALID_STUDY, message, strategy=name)
    prepare: Prepare = importlib.import_module(STRATEGIES[name]).prepare
    return prepare


def find_program(reference: StrategyRef) -> Program:
    """Return the program of a strategy on candles.

    Raises
    ------
    EngineError
        STRATEGY_NOT_FOUND, INVALID_STRATEGY for one that is not on candles or cannot be used.
    """
    if reference.name != RULES and not reference.files:
        message = f"strategy {reference.name}: expected a Python file that defines it, found none"
        raise EngineError(ErrorCode.STRATEGY_NOT_FOUND, message, strategy=reference.name)
    try:
        found = find_strategy(reference.name, reference.files)
    except EngineError as error:
        if error.code is not ErrorCode.INVALID_STUDY:
            raise
        raise EngineError(ErrorCode.STRATEGY_NOT_FOUND, error.message, **error.details) from error
    if not isinstance(found, CandleStrategyEntry):
        message = (
            f"strategy {reference.name}: expected a strategy on candles (a class that derives from CandleStrategy), "
            "found a function for studies; run it with a study"
        )
        raise EngineError(ErrorCode.INVALID_STRATEGY, message, strategy=reference.name)
    return found.to_program(reference.config)
