"""Functions of expressions that are no indicators: crossings, earlier values, and the smallest of arithmetic."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from quantbot_engine.indicators.problems import refuse
from quantbot_engine.rules.values import COMPARISONS, Number, Truth, Value, expect_number, to_number

MAX_CANDLES_BACK: Final = 100_000


@dataclass(frozen=True, slots=True)
class Function:
    """A function by its number of arguments, with the sentence of the documentation."""

    arguments: tuple[int, ...]
    call: Callable[[Sequence[Value], str], Value]
    usage: str
    meaning: str


def call_function(name: str, arguments: Sequence[Value]) -> Value:
    """Return what the function makes of its arguments; INVALID_STRATEGY if they are not what it takes."""
    function = FUNCTIONS[name]
    if len(arguments) not in function.arguments:
        raise refuse(f"{name}: expected {function.usage}, found {len(arguments)} arguments")
    return function.call(arguments, f"{name}({', '.join(each.key for each in arguments)})")


def _crosses(operator: str) -> Callable[[Sequence[Value], str], Value]:
    compare, compare_not = COMPARISONS[operator]

    def cross(arguments: Sequence[Value], key: str) -> Truth:
        first, second = (expect_number(each, key) for each in arguments)
        is_beyond, is_not = (np.asarray(each(first.values, second.values)) for each in (compare, compare_not))
        was_beyond, was_not = _shift(is_beyond, 1, False), _shift(is_not, 1, False)
        is_true = is_beyond & was_not
        is_false = (is_not & (was_beyond | was_not)) | (is_beyond & was_beyond)
        warm_up = max(first.warm_up, second.warm_up) + 1
        return Truth(np.asarray(is_true), np.asarray(is_false), warm_up, key)

    return cross


def _previous(arguments: Sequence[Value], key: str) -> Value:
    rows = 1
    if len(arguments) > 1:
        back = expect_number(arguments[1], key)
        count = float(back.values) if back.is_constant else -1.0
        if not (count.is_integer() and 0 <= count <= MAX_CANDLES_BACK):
            expected = f"a constant whole number of candles back, 0 to {MAX_CANDLES_BACK}"
            raise refuse(f"previous: expected {expected}, found {back.key}; the future is not known")
        rows = int(count)
    value = arguments[0]
    if isinstance(value, Number):
        return Number(_shift(value.values, rows, np.nan), value.warm_up + rows, key)
    is_true, is_false = (_shift(flags, rows, False) for flags in (value.is_true, value.is_false))
    return Truth(is_true, is_false, value.warm_up + rows, key)


def _shift(values: Any, rows: int, fill: Any) -> Any:
    if values.ndim == 0 or rows == 0:
        return values
    shifted = np.full(values.size, fill, dtype=values.dtype)
    shifted[rows:] = values[:-rows]
    return shifted


def _arithmetic(function: Any) -> Callable[[Sequence[Value], str], Value]:
    def call(arguments: Sequence[Value], key: str) -> Number:
        numbers = [expect_number(each, key) for each in arguments]
        warm_up = max(number.warm_up for number in numbers)
        return to_number(function(*(number.values for number in numbers)), warm_up, key)

    return call


FUNCTIONS: Final[dict[str, Function]] = {
    "crosses_above": Function(
        (2,), _crosses(">"), "crosses_above(a, b)", "a is above b, and was at or below it one candle before"
    ),
    "crosses_below": Function(
        (2,), _crosses("<"), "crosses_below(a, b)", "a is below b, and was at or above it one candle before"
    ),
    "previous": Function((1, 2), _previous, "previous(x, n)", "x of n candles before, 1 if n is not given"),
    "abs": Function((1,), _arithmetic(np.abs), "abs(x)", "x without its sign"),
    "min": Function((2,), _arithmetic(np.minimum), "min(a, b)", "the smaller one"),
    "max": Function((2,), _arithmetic(np.maximum), "max(a, b)", "the larger one"),
}
