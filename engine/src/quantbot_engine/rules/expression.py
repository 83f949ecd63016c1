"""Expressions over prices, indicators and parameters, evaluated on all candles at once."""

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.problems import refuse
from quantbot_engine.protocol import CallToken, Expression, NameToken, NumberToken, RuleToken
from quantbot_engine.rules.scope import Scope
from quantbot_engine.rules.tokens import UNARY, check_form
from quantbot_engine.rules.values import Truth, Value, apply_binary, apply_unary, constant, expect_number, expect_truth


def evaluate(expression: Expression, scope: Scope) -> Value:
    """Return the value of an expression on every candle of the scope.

    Raises
    ------
    EngineError
        INVALID_STRATEGY with the text of the expression: an unknown name, a parameter out of range, a condition where a
        number is expected, a division by the constant 0. STRATEGY_FAILED from signals of the user's.
    """
    check_form(expression)
    stack: list[Value] = []
    try:
        with np.errstate(all="ignore"):
            for token in expression.tokens:
                _step(token, stack, scope)
    except EngineError as error:
        message = f"rule {expression.text!r}: {error.message}"
        raise EngineError(error.code, message, **{**error.details, "rule": expression.text}) from error
    return stack[0]


def evaluate_condition(expression: Expression, scope: Scope) -> Truth:
    """Return the value of an expression that must be a condition."""
    return expect_truth(evaluate(expression, scope), f"rule {expression.text!r}")


def evaluate_constant(value: float | Expression, scope: Scope) -> float:
    """Return a number that is given, or an expression of parameters alone such as `${fast} * 2`."""
    if not isinstance(value, Expression):
        return float(value)
    where = f"value {value.text!r}"
    number = expect_number(evaluate(value, scope), where)
    if not number.is_constant:
        raise refuse(f"{where}: expected a number that is the same on every candle, found {number.key}")
    return float(number.values)


def _step(token: RuleToken, stack: list[Value], scope: Scope) -> None:
    if isinstance(token, NumberToken):
        stack.append(constant(token.value))
    elif isinstance(token, NameToken):
        stack.append(scope.find_name(token.name))
    elif isinstance(token, CallToken):
        start = len(stack) - token.arguments
        arguments = stack[start:]
        del stack[start:]
        stack.append(scope.call(token.name, arguments))
    elif token.operator in UNARY:
        stack.append(apply_unary(token.operator, stack.pop()))
    else:
        second = stack.pop()
        stack.append(apply_binary(token.operator, stack.pop(), second))
