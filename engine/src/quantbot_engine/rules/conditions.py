"""Conditions of a rule: expressions, outputs of signals, and several of them joined by `all` or `any`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.problems import nearest, refuse
from quantbot_engine.protocol import Expression
from quantbot_engine.rules.expression import evaluate_condition, evaluate_constant
from quantbot_engine.rules.scope import Scope
from quantbot_engine.rules.signals.evaluate import NOTHING, evaluate_signal, find_signal, find_warm_up
from quantbot_engine.rules.signals.signal import NUMBER, Signal
from quantbot_engine.rules.tokens import names_in
from quantbot_engine.rules.values import COMPARISONS, Flags, Number, Truth, apply_binary, constant, expect_truth

MAX_NESTING: Final = 20
Scalar = float | Expression


@dataclass(frozen=True, slots=True)
class Threshold:
    """A comparison of a numeric output with a number, such as `> 0.5`."""

    operator: str
    value: Scalar


# A category, one of several categories, or a comparison.
OutputTest = str | tuple[str, ...] | Threshold


@dataclass(frozen=True, slots=True)
class ExpressionCondition:
    """An expression that is a condition, such as `rsi(14) < 30 and close > sma(200)`."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class SignalCondition:
    """Outputs of a signal that must all be as stated; without any: some event, whatever its category."""

    signal: str
    outputs: Mapping[str, OutputTest] = field(default_factory=dict)
    parameters: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds where all of its conditions do."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where at least one of its conditions does."""

    conditions: tuple["Condition", ...]


Condition = ExpressionCondition | SignalCondition | AllOf | AnyOf


def evaluate_rule(condition: Condition, scope: Scope, depth: int = 0) -> Truth:
    """Return where a condition holds; INVALID_STRATEGY or STRATEGY_FAILED says which part of it is wrong."""
    if isinstance(condition, ExpressionCondition):
        return evaluate_condition(condition.expression, scope)
    if isinstance(condition, SignalCondition):
        try:
            return _evaluate_outputs(condition, scope)
        except EngineError as error:
            raise EngineError(error.code, error.message, **{"signal": condition.signal, **error.details}) from error
    word = "and" if isinstance(condition, AllOf) else "or"
    if not condition.conditions:
        raise refuse(f"{'all' if word == 'and' else 'any'}: expected at least one condition, found none")
    if depth >= MAX_NESTING:
        raise refuse(f"conditions: expected at most {MAX_NESTING} levels of all and any; join some of them")
    return _join_all(word, [evaluate_rule(part, scope, depth + 1) for part in condition.conditions])


def _evaluate_outputs(condition: SignalCondition, scope: Scope) -> Truth:
    found = find_signal(condition.signal, scope.signals)
    given = {name: evaluate_constant(value, scope) for name, value in condition.parameters.items()}
    params = found.complete(given)
    columns = evaluate_signal(found, scope.candles, params)
    warm_up = find_warm_up(found, params)
    if not condition.outputs:
        return _join_all("or", [_to_truth(columns[name] != NOTHING, warm_up, found.name) for name in _events(found)])
    tests = []
    for output, test in condition.outputs.items():
        if output not in found.outputs:
            known = ", ".join(found.outputs)
            raise refuse(f"{found.name}: unknown output {output!r}; it has {known}{nearest(output, found.outputs)}")
        if isinstance(test, Threshold):
            number = Number(_expect_numeric(found, output, columns), warm_up, f"{found.name}.{output}")
            tests.append(_compare(number, test, scope))
        else:
            wanted = _find_categories(found, output, test)
            tests.append(_to_truth(_is_one_of(columns[output], wanted), warm_up, f"{found.name}.{output}"))
    return _join_all("and", tests)


def find_parameters(condition: Condition) -> set[str]:
    """Return the names in a condition that are no prices: the parameters that its truth can depend on."""
    if isinstance(condition, ExpressionCondition):
        return names_in(condition.expression)
    if isinstance(condition, AllOf | AnyOf):
        return set().union(*(find_parameters(part) for part in condition.conditions))
    limits = [test.value for test in condition.outputs.values() if isinstance(test, Threshold)]
    values = [*condition.parameters.values(), *limits]
    return set().union(*(names_in(value) for value in values if isinstance(value, Expression)))


def _events(found: Signal) -> list[str]:
    names = [name for name, kind in found.outputs.items() if kind != NUMBER]
    if not names:
        raise refuse(
            f"{found.name}: expected a comparison of one of its numbers, {', '.join(found.outputs)}; found none"
        )
    return names


def _find_categories(found: Signal, output: str, test: str | tuple[str, ...]) -> list[int]:
    kind = found.outputs[output]
    if isinstance(kind, str):
        raise refuse(f"{found.name}.{output} is a number: expected a comparison such as > 0.5, found {test!r}")
    wanted = (test,) if isinstance(test, str) else test
    for category in wanted:
        if category not in kind:
            known = ", ".join(kind)
            raise refuse(f"{found.name}.{output}: expected one of {known}; found {category!r}{nearest(category, kind)}")
    return [kind.index(category) for category in wanted]


def _expect_numeric(found: Signal, output: str, columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    kind = found.outputs[output]
    if kind != NUMBER:
        raise refuse(f"{found.name}.{output}: expected one of {', '.join(kind)}; found a comparison with a number")
    return columns[output]


def _compare(number: Number, test: Threshold, scope: Scope) -> Truth:
    if test.operator not in COMPARISONS:
        raise refuse(f"{number.key}: expected one of {' '.join(COMPARISONS)}; found {test.operator!r}")
    limit = constant(evaluate_constant(test.value, scope))
    return expect_truth(apply_binary(test.operator, number, limit), number.key)


def _is_one_of(column: npt.NDArray[Any], wanted: list[int]) -> Flags:
    """Return where the column holds a wanted position; few are wanted, so comparing with each is quickest."""
    found = np.zeros(column.size, dtype=np.bool_)
    for position in wanted:
        found |= column == position
    return found


def _to_truth(holds: Flags, warm_up: int, key: str) -> Truth:
    is_true, is_false = holds.copy(), ~holds
    is_true[:warm_up] = is_false[:warm_up] = False
    return Truth(is_true, is_false, warm_up, key)


def _join_all(word: str, parts: list[Truth]) -> Truth:
    return reduce(lambda left, right: expect_truth(apply_binary(word, left, right), word), parts)
