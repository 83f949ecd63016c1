"""Strategies in Python files of the user's: loading them, calling them, and making failures of what they do wrong."""

import hashlib
import importlib.util
import sys
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
from quantbot_engine.slices.market import Market
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


def read_user_strategies(files: Sequence[str]) -> dict[str, Prepare]:
    """Load the files and return what `strategy` has marked in them.

    Raises
    ------
    EngineError
        FILE_NOT_FOUND, or INVALID_STUDY if a file raises, marks nothing, or repeats a name.
    """
    found: dict[str, Prepare] = {}
    for file in files:
        module = _load(Path(file))
        marked = {getattr(value, MARK): value for value in vars(module).values() if hasattr(value, MARK)}
        if not marked:
            raise _invalid(file, "expected at least one function with @strategy, found none")
        for name, function in marked.items():
            if name in found:
                raise _invalid(file, f"expected a name of its own, found {name!r} in another file too")
            found[name] = partial(_prepare, function)
    return found


def _prepare(function: Any, market: Market | None, config: Mapping[str, Any]) -> UserStrategy:
    return UserStrategy(function, market, config)


def _load(path: Path) -> ModuleType:
    if not path.is_file():
        message = f"strategy: expected a Python file at {path}; found none"
        raise EngineError(ErrorCode.FILE_NOT_FOUND, message, path=str(path))
    name = f"quantbot_user_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _invalid(str(path), "expected a file with the ending .py")
    module = importlib.util.module_from_spec(spec)
    # Classes of the file look for their module by its name.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        where = "".join(traceback.format_exception(error))
        raise _invalid(str(path), f"loading it raised {type(error).__name__}: {error}", traceback=where) from error
    return module


def _invalid(file: str, problem: str, **details: Any) -> EngineError:
    return EngineError(ErrorCode.INVALID_STUDY, f"strategy file {file}: {problem}", file=file, **details)
