"""Signals in Python files of the user's (`strategies/signals/*.py`): loading them, and what can be wrong with one."""

import dataclasses
import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.problems import INVALID_RULE
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.rules.signals.signal import NUMBER, Signal

# One for nothing, and one for something.
FEWEST_CATEGORIES = 2


def read_signal_files(files: Sequence[str]) -> dict[str, Signal]:
    """Return what `signal` has marked in the files, by name; see `read_signals` for the errors."""
    found: dict[str, Signal] = {}
    for file in files:
        module = _load(Path(file))
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


def _load(path: Path) -> ModuleType:
    if not path.is_file():
        message = f"signals: expected a Python file at {path}; found none"
        raise EngineError(ErrorCode.FILE_NOT_FOUND, message, path=str(path))
    name = f"quantbot_signals_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _invalid(str(path), "expected a file with the ending .py")
    module = importlib.util.module_from_spec(spec)
    # Classes of the file look for their module by its name.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        place = f"line {error.lineno}, column {error.offset}"
        raise _invalid(str(path), f"syntax error in {place}: {error.msg}", line=error.lineno) from error
    except (Exception, SystemExit) as error:
        where = "".join(traceback.format_exception(error))
        raise _invalid(str(path), f"loading it raised {type(error).__name__}: {error}", traceback=where) from error
    return module


def _invalid(file: str, problem: str, **details: Any) -> EngineError:
    return EngineError(INVALID_RULE, f"signal file {file}: {problem}", file=file, **details)
