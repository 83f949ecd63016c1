"""Conditions as they cross the border, in postfix order → the tree that is evaluated."""

from collections.abc import Sequence

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.problems import refuse
from quantbot_engine.protocol import AllStep, AnyStep, ConditionStep, ExpressionStep, OutputTest, SignalStep
from quantbot_engine.rules import conditions
from quantbot_engine.rules.conditions import AllOf, AnyOf, Condition, ExpressionCondition, SignalCondition, Threshold
from quantbot_engine.rules.tokens import check_form


def to_condition(steps: Sequence[ConditionStep] | None, role: str) -> Condition | None:
    """Return the one condition that the steps leave, None for none; INVALID_STRATEGY if they do not add up.

    `role` is the rule they belong to, such as `enter_long`.
    """
    if steps is None:
        return None
    stack: list[Condition] = []
    for step in steps:
        if isinstance(step, ExpressionStep):
            _check_expression(step)
            stack.append(ExpressionCondition(step.expression))
        elif isinstance(step, SignalStep):
            stack.append(_to_signal(step))
        else:
            stack.append(_join(step, stack, role))
    if len(stack) != 1:
        raise refuse(f"{role}: expected steps that leave one condition, found {len(stack)}", role=role)
    return stack[0]


def _check_expression(step: ExpressionStep) -> None:
    try:
        check_form(step.expression)
    except EngineError as error:
        raise EngineError(error.code, error.message, rule=step.expression.text) from error


def _join(step: AllStep | AnyStep, stack: list[Condition], role: str) -> Condition:
    if step.count > len(stack):
        raise refuse(f"{role}: expected {step.count} conditions to join, found {len(stack)}", role=role)
    parts = tuple(stack[-step.count :])
    del stack[-step.count :]
    return AllOf(parts) if isinstance(step, AllStep) else AnyOf(parts)


def _to_signal(step: SignalStep) -> Condition:
    """Return the signal with its tests; a second test of one output stands in a condition of its own."""
    rounds: list[dict[str, conditions.OutputTest]] = [{}]
    for test in step.outputs:
        free = next((each for each in rounds if test.output not in each), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[test.output] = _to_test(step.signal, test)
    parts = tuple(SignalCondition(step.signal, outputs, step.parameters) for outputs in rounds)
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _to_test(signal: str, test: OutputTest) -> conditions.OutputTest:
    if test.one_of is not None and test.threshold is None:
        return tuple(test.one_of)
    if test.threshold is not None and test.one_of is None:
        return Threshold(test.threshold.operator, test.threshold.value)
    raise refuse(f"{signal}.{test.output}: expected either categories or a comparison", signal=signal)
