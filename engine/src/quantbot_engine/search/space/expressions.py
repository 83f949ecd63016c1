"""Constraints between parameters: expressions in postfix order, on numbers or on whole columns of them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import Constraint, ErrorCode, NameToken, NumberToken

_UNARY: Final[dict[str, Callable[[Any], Any]]] = {"negate": np.negative, "not": np.logical_not}
_BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
}


def names_in(constraint: Constraint) -> set[str]:
    """Return the parameters that a constraint speaks of."""
    return {token.name for token in constraint.tokens if isinstance(token, NameToken)}


def holds(constraint: Constraint, values: Mapping[str, Any]) -> Any:
    """Return whether a constraint holds.

    Parameters
    ----------
    constraint : Constraint
        A well-formed expression; one with a name that is not in `values` holds.
    values : mapping of str to scalar or ndarray of shape (n,)
        Parameters that exist. With arrays the answer is an array of bool, shape (n,).

    Returns
    -------
    bool or ndarray of bool
        A comparison with something undefined, such as 0 / 0, does not hold.
    """
    if not names_in(constraint) <= values.keys():
        return True
    stack: list[Any] = []
    try:
        with np.errstate(all="ignore"):
            for token in constraint.tokens:
                if isinstance(token, NumberToken):
                    stack.append(token.value)
                elif isinstance(token, NameToken):
                    stack.append(values[token.name])
                elif token.operator in _UNARY:
                    stack.append(_UNARY[token.operator](stack.pop()))
                else:
                    second = stack.pop()
                    stack.append(_BINARY[token.operator](stack.pop(), second))
            answer = np.asarray(stack.pop()).astype(bool)
    except (TypeError, ValueError, np.exceptions.DTypePromotionError) as error:
        raise EngineError(
            ErrorCode.INVALID_STUDY,
            f"constraint {constraint.text!r}: expected values that can be compared and calculated with, found {error}",
            constraint=constraint.text,
        ) from error
    return answer if answer.ndim > 0 else bool(answer)


def check_form(constraint: Constraint) -> None:
    """Raise INVALID_STUDY unless the tokens leave exactly one value on the stack."""
    depth = 0
    for token in constraint.tokens:
        if isinstance(token, NumberToken | NameToken):
            depth += 1
            continue
        operands = 1 if token.operator in _UNARY else 2
        if depth < operands:
            break
        depth += 1 - operands
    else:
        if depth == 1:
            return
    raise EngineError(
        ErrorCode.INVALID_STUDY,
        f"constraint {constraint.text!r}: expected an expression in postfix order, found one that does not add up",
        constraint=constraint.text,
    )
