"""Calling code of the user's: what it raises becomes an error with its traceback, file and line."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.strategies.candles.program import Parameters, ParameterValue


class ReadParameters(Mapping[str, ParameterValue]):
    """Parameters that remember in `reads` which of them were looked at; who looks at all of them depends on all."""

    def __init__(self, values: Parameters) -> None:
        self._values = values
        self.reads: set[str] = set()

    def __getitem__(self, name: str) -> ParameterValue:
        self.reads.add(name)
        if name not in self._values:
            known = ", ".join(self._values) or "none"
            raise KeyError(f"no parameter {name!r}; parameter_space() has {known}")
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        self.reads |= self._values.keys()
        return iter(self._values)

    def __len__(self) -> int:
        self.reads |= self._values.keys()
        return len(self._values)


class UserCode:
    """The methods of a user's strategy, by its name and file."""

    def __init__(self, strategy: str, file: str | None) -> None:
        self.strategy = strategy
        self.file = file

    def call(self, method: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what the function returns; STRATEGY_FAILED with the user's part of the traceback if it raises."""
        try:
            # What comes of a division by zero is checked in what is returned; NumPy need not warn of it.
            with np.errstate(all="ignore"):
                return function(*arguments)
        except MemoryError:
            raise
        except EngineError as error:
            details = {"strategy": self.strategy, "method": method, **self._locate(error), **error.details}
            raise EngineError(error.code, f"{self._place(method, error)}: {error.message}", **details) from error
        except (Exception, SystemExit) as error:
            problem = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise self.fail(method, problem, error) from error

    def fail(self, method: str, problem: str, error: BaseException | None = None, **details: Any) -> EngineError:
        """Return STRATEGY_FAILED for something that a method did wrong."""
        given: dict[str, Any] = {"strategy": self.strategy, "method": method, **details}
        if error is not None:
            given |= self._locate(error)
        return EngineError(ErrorCode.STRATEGY_FAILED, f"{self._place(method, error)}: {problem}", **given)

    def _place(self, method: str, error: BaseException | None) -> str:
        line = None if error is None else self._locate(error).get("line")
        where = f" ({self.file}:{line})" if line else f" ({self.file})" if self.file else ""
        return f"strategy {self.strategy}: {method}{where}"

    def _locate(self, error: BaseException) -> dict[str, Any]:
        """Return file, line and traceback of the user's frames, the engine's own left out."""
        frames = traceback.extract_tb(error.__traceback__)
        names = {self.file, None if self.file is None else str(Path(self.file).absolute())}
        own = [position for position, frame in enumerate(frames) if frame.filename in names]
        if not own:
            return {"file": self.file} if self.file else {}
        shown = traceback.format_list(frames[own[0] :])
        lines = ["Traceback (most recent call last):\n", *shown, *traceback.format_exception_only(error)]
        return {"file": self.file, "line": frames[own[-1]].lineno, "traceback": "".join(lines)}
