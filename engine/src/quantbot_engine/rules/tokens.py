"""Expressions of rules in postfix order, as the protocol has them: the names they speak of, and whether they add up."""

from typing import Final

from quantbot_engine.indicators.candles import COLUMNS
from quantbot_engine.indicators.problems import refuse
from quantbot_engine.protocol import CallToken, Expression, NameToken, OperatorToken, RuleToken

MAX_TOKENS: Final = 1000
MAX_DEPTH: Final = 100
MAX_ARGUMENTS: Final = 10
UNARY: Final = frozenset({"negate", "not"})


def names_in(expression: Expression) -> set[str]:
    """Return the names an expression speaks of, without those of prices: its parameters."""
    return {token.name for token in expression.tokens if isinstance(token, NameToken)} - set(COLUMNS)


def check_form(expression: Expression) -> None:
    """Raise INVALID_STRATEGY unless the tokens leave exactly one value, within the limits of length and depth."""
    if len(expression.tokens) > MAX_TOKENS:
        raise refuse(
            f"rule {expression.text:.80}...: expected at most {MAX_TOKENS} tokens; split it into several rules"
        )
    depth = 0
    for token in expression.tokens:
        operands = count_operands(token)
        if not 0 <= operands <= min(depth, MAX_ARGUMENTS):
            break
        depth += 1 - operands
        if depth > MAX_DEPTH:
            raise refuse(f"rule {expression.text:.80}...: expected at most {MAX_DEPTH} levels; split it into several")
    else:
        if depth == 1:
            return
    raise refuse(f"rule {expression.text!r}: expected an expression in postfix order, found one that does not add up")


def count_operands(token: RuleToken) -> int:
    """Return how many values a token takes from the stack."""
    if isinstance(token, CallToken):
        return token.arguments
    if isinstance(token, OperatorToken):
        return 1 if token.operator in UNARY else 2
    return 0
