"""What rules are made of: the calls and signals in them, for lists and for checks of each part alone."""

from collections.abc import Iterator

from quantbot_engine.protocol import CallToken, Expression, RuleToken
from quantbot_engine.rules.conditions import AllOf, AnyOf, Condition, ExpressionCondition, SignalCondition
from quantbot_engine.rules.functions import FUNCTIONS
from quantbot_engine.rules.tokens import count_operands


def expressions_of(condition: Condition) -> Iterator[Expression]:
    """Yield the expressions that are conditions; those of parameters of signals are constants and not among them."""
    if isinstance(condition, ExpressionCondition):
        yield condition.expression
    elif isinstance(condition, AllOf | AnyOf):
        for part in condition.conditions:
            yield from expressions_of(part)


def signals_of(condition: Condition) -> Iterator[SignalCondition]:
    """Yield the conditions that speak of a signal."""
    if isinstance(condition, SignalCondition):
        yield condition
    elif isinstance(condition, AllOf | AnyOf):
        for part in condition.conditions:
            yield from signals_of(part)


def calls_of(expression: Expression) -> Iterator[Expression]:
    """Yield each call of an indicator or a signal, with its arguments, as an expression of its own."""
    starts: list[int] = []
    for position, token in enumerate(expression.tokens):
        operands = count_operands(token)
        start = starts[-operands] if operands > 0 else position
        del starts[len(starts) - operands :]
        starts.append(start)
        if isinstance(token, CallToken) and token.name not in FUNCTIONS:
            tokens: list[RuleToken] = expression.tokens[start : position + 1]
            yield Expression(text=token.name, tokens=tokens)
