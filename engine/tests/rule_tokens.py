"""Expressions for tests as they come from the orchestrator: written by hand in infix, turned into postfix by `ast`."""

import ast
from typing import Any

from quantbot_engine.protocol import CallToken, Expression, NameToken, NumberToken, OperatorToken, RuleToken

OPERATORS: dict[type[ast.AST], Any] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "negate",
}


def rule(text: str) -> Expression:
    """Return the expression of a text; `macd(12, 26, 9).signal` is a call of `macd.signal`."""
    return Expression(text=text, tokens=_walk(ast.parse(text, mode="eval").body))


def _walk(node: ast.expr) -> list[RuleToken]:
    match node:
        case ast.Constant(value=int() | float() as value):
            return [NumberToken(value=float(value))]
        case ast.Name(id=name):
            return [NameToken(name=name)]
        case ast.UnaryOp(op=operator, operand=operand):
            return [*_walk(operand), _operator(operator)]
        case ast.BinOp(left=left, op=operator, right=right):
            return [*_walk(left), *_walk(right), _operator(operator)]
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return [*_walk(left), *_walk(right), _operator(operator)]
        case ast.BoolOp(op=operator, values=values):
            first, *others = [_walk(value) for value in values]
            return first + [token for other in others for token in (*other, _operator(operator))]
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return [
                *(token for each in arguments for token in _walk(each)),
                CallToken(name=name, arguments=len(arguments)),
            ]
        case ast.Attribute(value=ast.Call(func=ast.Name(id=name), args=arguments), attr=output):
            call = CallToken(name=f"{name}.{output}", arguments=len(arguments))
            return [*(token for each in arguments for token in _walk(each)), call]
    raise AssertionError(ast.dump(node))


def _operator(node: ast.AST) -> OperatorToken:
    return OperatorToken(operator=OPERATORS[type(node)])
