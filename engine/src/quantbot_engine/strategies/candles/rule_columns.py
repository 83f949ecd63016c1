"""Everything that rules compute on the candles of one symbol, part by part: what a check of them compares."""

from typing import Any

import numpy as np
import numpy.typing as npt

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.protocol import Expression
from quantbot_engine.rules.conditions import evaluate_rule
from quantbot_engine.rules.expression import evaluate, evaluate_constant, evaluate_series
from quantbot_engine.rules.parts import calls_of, expressions_of, signals_of
from quantbot_engine.rules.scope import Scope
from quantbot_engine.rules.signals.evaluate import evaluate_signal, find_signal
from quantbot_engine.rules.values import Number
from quantbot_engine.strategies.candles.program import Parameters
from quantbot_engine.strategies.candles.rule_program import RuleProgram

ROLES = ("enter_long", "enter_short", "exit_long", "exit_short")


def compute_rule_columns(program: RuleProgram, candles: Candles, parameters: Parameters) -> dict[str, npt.NDArray[Any]]:
    """Return columns of shape (n,) by `indicator sma(50)`, `signal ma_crossover.strength` or `rule enter_long`."""
    scope = Scope(candles, parameters, program.rule_set.signals)
    columns: dict[str, npt.NDArray[Any]] = {}
    conditions = [(role, each) for role, each in zip(ROLES, program.rule_set.conditions, strict=True) if each]
    for _, condition in conditions:
        for expression in expressions_of(condition):
            _add_calls(expression, scope, columns)
        for each in signals_of(condition):
            found = find_signal(each.signal, scope.signals)
            given = {name: evaluate_constant(value, scope) for name, value in each.parameters.items()}
            outputs = evaluate_signal(found, candles, found.complete(given))
            columns |= {f"signal {found.name}.{output}": column for output, column in outputs.items()}
    for role, condition in conditions:
        is_true = evaluate_rule(condition, scope).is_true
        columns[f"rule {role}"] = np.broadcast_to(is_true, (len(candles),))
    for role, expression in program.list_expressions().items():
        _add_calls(expression, scope, columns)
        columns[f"rule {role}"] = evaluate_series(expression, scope).values
    return columns


def _add_calls(expression: Expression, scope: Scope, columns: dict[str, npt.NDArray[Any]]) -> None:
    for call in calls_of(expression):
        value = evaluate(call, scope)
        if isinstance(value, Number):
            name = value.key.replace(".value(", "(")
            columns[f"indicator {name}"] = np.broadcast_to(value.values, (len(scope.candles),))
