"""Running a Python file of the user's as a module of its own, whatever is in it."""

import hashlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode


def load_python_file(path: Path, kind: str) -> ModuleType:
    """Return the module; it is run anew each time. `kind`: what the file holds, for messages.

    Raises
    ------
    EngineError
        FILE_NOT_FOUND, or INVALID_STRATEGY if it is no Python or raises.
    """
    if not path.is_file():
        message = f"{kind}: expected a Python file at {path}; found none"
        raise EngineError(ErrorCode.FILE_NOT_FOUND, message, path=str(path))
    name = f"quantbot_{kind}_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise refuse_file(str(path), kind, "expected a file with the ending .py")
    module = importlib.util.module_from_spec(spec)
    # Classes of the file look for their module by its name.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        place = f"line {error.lineno}, column {error.offset}"
        raise refuse_file(str(path), kind, f"SyntaxError in {place}: {error.msg}", line=error.lineno) from error
    except (Exception, SystemExit) as error:
        where = "".join(traceback.format_exception(error))
        problem = f"loading it raised {type(error).__name__}: {error}"
        raise refuse_file(str(path), kind, problem, traceback=where) from error
    return module


def refuse_file(file: str, kind: str, problem: str, **details: object) -> EngineError:
    """Return the error of a file that cannot be used."""
    return EngineError(ErrorCode.INVALID_STRATEGY, f"{kind} file {file}: {problem}", file=file, **details)
