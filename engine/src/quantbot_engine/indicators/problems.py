"""Errors about indicators, signals and rules: one code, and the nearest known name."""

import difflib
from collections.abc import Iterable
from typing import Any, Final

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode

INVALID_RULE: Final = ErrorCode.INVALID_STRATEGY
SHORTEST_START: Final = 3


def refuse(message: str, **details: Any) -> EngineError:
    """Return the error of a rule, an indicator or a signal that is not what it must be."""
    return EngineError(INVALID_RULE, message, **details)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?`, or nothing where no known name is near."""
    names = list(known)
    found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    if not found and len(name) >= SHORTEST_START:
        found = [each for each in names if each.startswith(name.lower())]
    return f"; did you mean {found[0]}?" if found else ""
