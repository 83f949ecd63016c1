"""Signals in Python files of the user's (`strategies/signals/*.py`): loading them, and what can be wrong with one."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from quantbot_engine.errors import EngineError
from quantbot_engine.rules.signals.python_file import load_python_file, refuse_file
from quantbot_engine.rules.signals.signal import NUMBER, Signal

# One for nothing, and one for something.
FEWEST_CATEGORIES = 2


def read_signal_files(files: Sequence[str]) -> dict[str, Signal]:
    """Return what `signal` has marked in the files, by name; see `read_signals` for the errors."""
    found: dict[str, Signal] = {}
    for file in files:
        module = load_python_file(Path(file), "signal")
        # A built-in signal that a file imports is not one of its own.
        marked = [value for value in vars(module).values() if _is_own(value, module)]
        if not marked:
            raise _invalid(file, "expected at least one function with @signal or @indicator, found none")
        for entry in marked:
            if entry.name in found:
                raise _invalid(file, f"expected a name of its own, found {entry.name!r} a second time")
            _check_outputs(file, entry)
            found[entry.name] = dataclasses.replace(entry, file=file)
    return found


def _is_own(value: Any, module: ModuleType) -> bool:
    return isinstance(value, Signal) and getattr(value.compute, "__module__", "") == module.__name__


def _check_outputs(file: str, entry: Signal) -> None:
    if not isinstance(entry.outputs, Mapping) or not entry.outputs:
        raise _invalid(file, f"{entry.name}: expected at least one output, found {entry.outputs!r}")
    for name, kind in entry.outputs.items():
        if kind == NUMBER:
            continue
        is_text = isinstance(kind, tuple) and all(isinstance(category, str) for category in kind)
        if not is_text or len(set(kind)) != len(kind) or len(kind) < FEWEST_CATEGORIES:
            expected = f'"{NUMBER}" or a tuple of at least two distinct names, the first one for nothing'
            raise _invalid(file, f"{entry.name}.{name}: expected {expected}; found {kind!r}")


def _invalid(file: str, problem: str, **details: Any) -> EngineError:
    return refuse_file(file, "signal", problem, **details)
