"""Parameters of a strategy of rules: defaults that may be expressions of those before, and what a trial says."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.candles import COLUMNS, Candles
from quantbot_engine.indicators.problems import nearest, refuse
from quantbot_engine.protocol import Expression, StrategyParameter
from quantbot_engine.rules.expression import evaluate
from quantbot_engine.rules.scope import Scope
from quantbot_engine.rules.tokens import names_in
from quantbot_engine.rules.values import Number
from quantbot_engine.strategies.candles.program import Parameters, ParameterValue

NO_CANDLES: Final = Candles(np.zeros(0, dtype=np.int64), *(np.zeros(0) for _ in COLUMNS))
MOST_EXACT: Final = 2.0**53


def resolve_parameters(declared: Sequence[StrategyParameter], given: Parameters) -> dict[str, ParameterValue]:
    """Return all parameters in declared order.

    Raises
    ------
    EngineError
        INVALID_STRATEGY with `parameter`: an unknown or repeated name, a cycle, a value of another kind.
    """
    known = [parameter.name for parameter in declared]
    check_names(known, given)
    found: dict[str, ParameterValue] = {}
    for parameter in declared:
        if parameter.name in found:
            raise refuse(f"parameter {parameter.name}: declared twice; remove one", parameter=parameter.name)
        default = _to_default(parameter, found, declared)
        value = given.get(parameter.name, default)
        found[parameter.name] = match_kind(parameter.name, default, value)
    return found


def check_names(known: Sequence[str], given: Parameters) -> None:
    """Refuse a parameter that the strategy does not have; the nearest name it has is in the message."""
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            message = f"unknown parameter {name!r}; the strategy has {listed}{nearest(name, known)}"
            raise refuse(message, parameter=name)


def match_kind(name: str, default: ParameterValue, value: ParameterValue) -> ParameterValue:
    """Return the value if it is of the kind of the default; a whole number where the default is one."""
    if isinstance(default, bool | str) or isinstance(value, bool | str):
        if type(default) is not type(value):
            expected = {bool: "true or false", str: "a text"}.get(type(default), "a number")
            raise refuse(f"parameter {name}: expected {expected}, found {value!r}", parameter=name)
        return value
    if not math.isfinite(value):
        raise refuse(f"parameter {name}: expected a finite number, found {value}", parameter=name)
    return to_whole(value) if isinstance(default, int) else value


def to_whole(value: float) -> int | float:
    """Return a number without a fraction as an int, any other as it is."""
    return int(value) if float(value).is_integer() and abs(value) <= MOST_EXACT else value


def _to_default(
    parameter: StrategyParameter, before: Parameters, declared: Sequence[StrategyParameter]
) -> ParameterValue:
    if not isinstance(parameter.value, Expression):
        return parameter.value
    expressions = {each.name: each.value for each in declared if isinstance(each.value, Expression)}
    cycle = _find_cycle(parameter.name, expressions)
    if cycle:
        message = f"parameter {parameter.name}: expected a value, found the cycle {' → '.join(cycle)}; break it"
        raise refuse(message, parameter=parameter.name)
    later = sorted(names_in(parameter.value) & {each.name for each in declared} - before.keys())
    if later:
        message = f"parameter {parameter.name}: expected parameters before it, found {later[0]}; declare that one first"
        raise refuse(message, parameter=parameter.name)
    try:
        value = evaluate(parameter.value, Scope(NO_CANDLES, before))
    except EngineError as error:
        message = f"parameter {parameter.name}: {error.message}"
        raise EngineError(error.code, message, **{**error.details, "parameter": parameter.name}) from error
    if isinstance(value, Number):
        if value.is_constant and math.isfinite(float(value.values)):
            return to_whole(float(value.values))
    elif value.is_true.ndim == 0:
        return bool(value.is_true)
    message = f"parameter {parameter.name}: expected numbers and parameters alone, found {parameter.value.text!r}"
    raise refuse(message, parameter=parameter.name, rule=parameter.value.text)


def _find_cycle(name: str, expressions: Mapping[str, Expression]) -> list[str]:
    """Return the names from `name` back to itself, or nothing."""
    waiting = [[name]]
    seen = set()
    while waiting:
        trail = waiting.pop()
        for following in sorted(names_in(expressions[trail[-1]])):
            if following == name:
                return [*trail, following]
            if following in expressions and following not in seen:
                seen.add(following)
                waiting.append([*trail, following])
    return []
