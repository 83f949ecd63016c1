"""Strategies in Python files of the user's: loading them, calling them, and making failures of what they do wrong."""

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from quantbot_engine.errors import EngineError
from quantbot_engine.metrics.ledger import Ledger
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.rules.signals.python_file import load_python_file, refuse_file
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.candle_strategy import CandleStrategy, name_of
from quantbot_engine.strategies.candles.config import CandleStrategyEntry, make_python_program
from quantbot_engine.strategies.strategy import MARK, Failure, Outcome, Prepare, Reported, TrialValues


@dataclass(frozen=True, slots=True)
class UserStrategy:
    """A function of a user's file with what it is called with."""

    function: Any
    market: Market | None
    config: Mapping[str, Any]

    def evaluate(self, trials: Sequence[TrialValues]) -> Iterator[Outcome]:
        """Yield the outcome of each trial; whatever the function raises is its failure."""
        for params in trials:
            yield self._call(dict(params))

    def _call(self, params: dict[str, Any]) -> Outcome:
        try:
            returned = self.function(params, self.market, dict(self.config))
        except MemoryError:
            return Failure(ErrorCode.OUT_OF_MEMORY, "the strategy needs more memory than this process may use")
        except (Exception, SystemExit) as error:
            return Failure(ErrorCode.STRATEGY_FAILED, f"{type(error).__name__}: {error}", traceback.format_exc())
        return to_outcome(returned)


def to_outcome(returned: Any) -> Outcome:
    """Return what a function gave back as an outcome; a Failure says what was expected."""
    if isinstance(returned, Ledger):
        return returned
    if not isinstance(returned, Mapping) or not returned:
        found = type(returned).__name__
        return Failure(ErrorCode.STRATEGY_FAILED, f"expected a Ledger or a dict of figures, found {found}")
    for name, value in returned.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not isinstance(name, str) or not (value is None or is_number):
            return Failure(ErrorCode.STRATEGY_FAILED, f"{name}: expected a number or None, found {value!r:.100}")
    return Reported(dict(returned))


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A strategy of a file: a function that `strategy` marks, or a class that derives from `CandleStrategy`."""

    name: str
    file: str
    function: Any = None
    candle_strategy: type[CandleStrategy] | None = None

    def find_entry(self) -> Prepare | CandleStrategyEntry:
        """Return how it is prepared."""
        if self.candle_strategy is not None:
            return CandleStrategyEntry(self.name, partial(make_python_program, self.candle_strategy, self.file))
        return partial(_prepare, self.function)


def read_user_strategies(files: Sequence[str]) -> dict[str, UserEntry]:
    """Load the files and return their strategies of both forms, by name.

    Raises
    ------
    EngineError
        FILE_NOT_FOUND, or INVALID_STRATEGY if a file raises, has no strategy, or repeats a name.
    """
    found: dict[str, UserEntry] = {}
    for file in files:
        for entry in read_user_file(file):
            if entry.name in found:
                raise _invalid(file, f"expected a name of its own, found {entry.name!r} in another file too")
            found[entry.name] = entry
    return found


def read_user_file(file: str) -> list[UserEntry]:
    """Load one file and return its strategies in the order in which it defines them; see `read_user_strategies`."""
    module = load_python_file(Path(file), "strategy")
    entries: list[UserEntry] = []
    for value in vars(module).values():
        if _is_own_class(value, module):
            entries.append(UserEntry(name_of(value), file, candle_strategy=value))
        elif hasattr(value, MARK) and not isinstance(value, type):
            entries.append(UserEntry(getattr(value, MARK), file, function=value))
    if not entries:
        raise _invalid(
            file,
            "expected a class that derives from CandleStrategy, or at least one function with @strategy, found none",
        )
    # A strategy under two names of the file is one; two strategies of one name are a mistake.
    distinct = {id(entry.function or entry.candle_strategy): entry for entry in entries}.values()
    names = [entry.name for entry in distinct]
    for name in names:
        if not isinstance(name, str) or names.count(name) > 1:
            raise _invalid(file, f"expected a name of its own for each strategy, found {name!r} a second time")
    return list(distinct)


def _is_own_class(value: Any, module: ModuleType) -> bool:
    is_strategy = isinstance(value, type) and issubclass(value, CandleStrategy) and value is not CandleStrategy
    # A base class that a file imports, or starts with an underscore, is not one of its strategies.
    return is_strategy and value.__module__ == module.__name__ and not value.__name__.startswith("_")


def _prepare(function: Any, market: Market | None, config: Mapping[str, Any]) -> UserStrategy:
    return UserStrategy(function, market, config)


def _invalid(file: str, problem: str, **details: Any) -> EngineError:
    return refuse_file(file, "strategy", problem, **details)
