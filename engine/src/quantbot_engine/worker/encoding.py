"""Results → bytes. NaN and infinity never leave the engine."""

import math
from typing import Any

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode


def to_finite_json_value(result: Any) -> Any:
    """Return the result as plain JSON values; a number that is not finite is an error that names its field."""
    plain = msgspec.to_builtins(result)
    field = None if _is_finite(plain) else _find_non_finite(plain, "result")
    if field is not None:
        raise EngineError(
            ErrorCode.INVALID_REQUEST,
            f"{field}: expected a finite number, found one beyond the range of float64;"
            " use smaller amounts, or candles without prices that differ by more than 300 orders of magnitude",
            field=field,
        )
    return plain


def _is_finite(plain: Any) -> bool:
    """Return whether all numbers are finite, without asking where one is not: results have tens of thousands."""
    check = math.isfinite
    waiting = [plain]
    while waiting:
        value = waiting.pop()
        for inner in value.values() if type(value) is dict else value if type(value) is list else (value,):
            kind = type(inner)
            if kind is float:
                if not check(inner):
                    return False
            elif kind is dict or kind is list:
                waiting.append(inner)
    return True


def _find_non_finite(value: Any, path: str) -> str | None:
    if isinstance(value, float):
        return None if math.isfinite(value) else path
    if isinstance(value, dict):
        return _first(_find_non_finite(inner, f"{path}.{key}") for key, inner in value.items())
    if isinstance(value, list):
        # Summing finds any NaN or infinity in one pass; only then is it worth looking where.
        if all(type(item) is float for item in value) and math.isfinite(sum(value)):
            return None
        return _first(_find_non_finite(inner, f"{path}[{index}]") for index, inner in enumerate(value))
    return None


def _first(findings: Any) -> str | None:
    return next((finding for finding in findings if finding is not None), None)
