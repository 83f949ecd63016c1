"""Expressions over prices, indicators and parameters, evaluated on all candles at once."""

import math

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.problems import refuse
from quantbot_engine.protocol import CallToken, Expression, NameToken, NumberToken, RuleToken
from quantbot_engine.rules.scope import Scope
from quantbot_engine.rules.tokens import UNARY, check_form
from quantbot_engine.rules.values import Number, Truth, Value, apply_binary, apply_unary, constant, expect_truth


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
    value = evaluate(expression, scope)
    try:
        return expect_truth(value, f"rule {expression.text!r}")
    except EngineError as error:
        raise EngineError(error.code, error.message, rule=expression.text) from error


def evaluate_constant(value: float | Expression, scope: Scope) -> float:
    """Return a number that is given, or an expression of parameters alone such as `${fast} * 2`."""
    if not isinstance(value, Expression):
        return float(value)
    where = f"value {value.text!r}"
    found = evaluate(value, scope)
    if not isinstance(found, Number) or not found.is_constant:
        message = f"{where}: expected a number that is the same on every candle, found {found.key}"
        raise refuse(message, rule=value.text)
    number = float(found.values)
    if not math.isfinite(number):
        raise refuse(f"{where}: expected a finite number, found one that is undefined", rule=value.text)
    return number


def evaluate_series(expression: Expression, scope: Scope) -> Number:
    """Return a number for each candle, shape (n,) also where it is the same on all; NaN is undefined."""
    found = evaluate(expression, scope)
    if not isinstance(found, Number):
        message = f"rule {expression.text!r}: expected a number per candle, found the condition {found.key}"
        raise refuse(message, rule=expression.text)
    if not found.is_constant:
        return found
    return Number(np.full(len(scope.candles), float(found.values)), 0, found.key)


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
