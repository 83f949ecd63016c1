"""What expressions compute with: numbers and truths, one for each candle or one for all, some of them undefined.

An undefined number (warm-up, division by zero) makes a comparison neither true nor false; `not` leaves it so, `and` and
`or` decide where the other side is enough. Only what is true is ever traded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from quantbot_engine.indicators.problems import refuse
from quantbot_engine.slices.market import FloatColumn

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Number:
    """Shape (n,), or () for a constant; NaN is undefined. `key` says how it was computed."""

    values: FloatColumn
    warm_up: int
    key: str

    @property
    def is_constant(self) -> bool:
        """Whether it is the same on every candle."""
        return self.values.ndim == 0


@dataclass(frozen=True, slots=True)
class Truth:
    """Shape (n,), or () for a constant; undefined where neither `is_true` nor `is_false`."""

    is_true: Flags
    is_false: Flags
    warm_up: int
    key: str


Value = Number | Truth

_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
}


def _differs(first: Any, second: Any) -> Any:
    return np.less(first, second) | np.greater(first, second)


# What holds, and what holds where it does not: neither does beside NaN.
COMPARISONS: Final[dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]]] = {
    "<": (np.less, np.greater_equal),
    "<=": (np.less_equal, np.greater),
    ">": (np.greater, np.less_equal),
    ">=": (np.greater_equal, np.less),
    "==": (np.equal, _differs),
    "!=": (_differs, np.equal),
}


def constant(value: float) -> Number:
    """Return a number that is the same on every candle."""
    return Number(np.asarray(value, dtype=np.float64), 0, repr(float(value)))


def apply_unary(operator: str, operand: Value) -> Value:
    """Return `negate` of a number or `not` of a truth."""
    if operator == "negate":
        number = expect_number(operand, "-")
        return Number(np.asarray(-number.values), number.warm_up, f"(-{number.key})")
    truth = expect_truth(operand, "not")
    return Truth(truth.is_false, truth.is_true, truth.warm_up, f"(not {truth.key})")


def apply_binary(operator: str, first: Value, second: Value) -> Value:
    """Return what an arithmetic, comparing or joining operator makes of two values."""
    warm_up = max(first.warm_up, second.warm_up)
    key = f"({first.key} {operator} {second.key})"
    if operator in ("and", "or"):
        left, right = expect_truth(first, operator), expect_truth(second, operator)
        return _join(operator, left, right, key)
    a, b = expect_number(first, operator), expect_number(second, operator)
    if operator in COMPARISONS:
        is_true, is_false = (np.asarray(compare(a.values, b.values)) for compare in COMPARISONS[operator])
        return Truth(is_true, is_false, warm_up, key)
    if operator == "/" and b.is_constant and float(b.values) == 0.0:
        raise refuse(f"division by zero in {key}; expected a divisor other than 0")
    return to_number(_ARITHMETIC[operator](a.values, b.values), warm_up, key)


def to_number(values: Any, warm_up: int, key: str) -> Number:
    """Return a number in which everything that is not finite is undefined."""
    return Number(np.asarray(np.where(np.isfinite(values), values, np.nan)), warm_up, key)


def expect_number(value: Value, where: str) -> Number:
    """Return the value; INVALID_STRATEGY if it is a condition."""
    if isinstance(value, Number):
        return value
    raise refuse(f"{where}: expected a number, found the condition {value.key}")


def expect_truth(value: Value, where: str) -> Truth:
    """Return the value; INVALID_STRATEGY if it is a number."""
    if isinstance(value, Truth):
        return value
    raise refuse(f"{where}: expected a condition such as close > 100, found the number {value.key}")


def _join(operator: str, left: Truth, right: Truth, key: str) -> Truth:
    warm_up = max(left.warm_up, right.warm_up)
    if operator == "and":
        is_true, is_false = left.is_true & right.is_true, left.is_false | right.is_false
    else:
        is_true, is_false = left.is_true | right.is_true, left.is_false & right.is_false
    return Truth(np.asarray(is_true), np.asarray(is_false), warm_up, key)
