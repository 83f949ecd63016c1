"""Simulation settings in layers, with values that may be expressions of parameters → the rules of one simulation."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.problems import refuse
from quantbot_engine.protocol import BasisPointCosts, Expression, SimulationCosts, SimulationSettings, SwapCosts
from quantbot_engine.rules.expression import evaluate_constant
from quantbot_engine.rules.scope import Scope
from quantbot_engine.simulate import rules as simulate_rules
from quantbot_engine.simulate.rules import Rung, SimulationRules, check_rules
from quantbot_engine.strategies.candles.parameters import NO_CANDLES
from quantbot_engine.strategies.candles.program import Parameters

WHOLE: Final = frozenset({"max_hold_candles", "max_hold_s", "max_positions", "order_valid_candles"})
Said = dict[str, Any]


def merge_settings(layers: Sequence[SimulationSettings]) -> Said:
    """Return what the layers say together, a later one before an earlier one; costs of one type are merged too."""
    merged: Said = {}
    for layer in layers:
        for name in SimulationSettings.__struct_fields__:
            value = getattr(layer, name)
            if value is msgspec.UNSET:
                continue
            both = (merged.get(name), value)
            merged[name] = _merge_costs(*both) if isinstance(value, BasisPointCosts) else value
    return merged


def _merge_costs(lower: SimulationCosts | None, upper: BasisPointCosts) -> BasisPointCosts:
    if not isinstance(lower, BasisPointCosts):
        return upper
    said = {name: getattr(upper, name) for name in upper.__struct_fields__}
    return msgspec.structs.replace(lower, **{name: value for name, value in said.items() if value is not msgspec.UNSET})


def to_simulation_rules(said: Said, parameters: Parameters) -> SimulationRules:
    """Return the rules that follow from what is said; what nobody says has the engine's default.

    Through swaps nothing can be sold short, so with swap costs the direction is long unless it is said.

    Raises
    ------
    EngineError
        INVALID_STRATEGY with `setting`: a value out of range, a count that is no whole number, a contradiction.
    """
    scope = Scope(NO_CANDLES, parameters)
    values = {name: _to_value(name, value, scope) for name, value in said.items()}
    if isinstance(values.get("costs"), simulate_rules.SwapCosts):
        values.setdefault("directions", "long")
    found = SimulationRules(**values)
    try:
        check_rules(found)
    except EngineError as error:
        raise refuse(f"simulation: {error.message}", setting=error.details.get("field")) from error
    return found


def to_plain_rules(rules: SimulationRules) -> dict[str, Any]:
    """Return every policy as JSON values, in the form in which settings name them."""
    plain: dict[str, Any] = msgspec.to_builtins(rules)
    plain["ladder"] = list(plain["ladder"])
    costs = plain["costs"]
    if "rungs" in costs:
        costs["rungs"] = [{"notional": notional, "loss_rate": rate} for notional, rate in costs["rungs"]]
    return plain


def _to_value(name: str, value: Any, scope: Scope) -> Any:
    if name == "ladder":
        return tuple(Rung(_to_number(name, step.profit, scope), _to_number(name, step.share, scope)) for step in value)
    if isinstance(value, BasisPointCosts):
        fields = {field: getattr(value, field) for field in value.__struct_fields__}
        given = {field: each for field, each in fields.items() if each is not msgspec.UNSET}
        return simulate_rules.BasisPointCosts(**{f: _to_number(name, each, scope) for f, each in given.items()})
    if isinstance(value, SwapCosts):
        return simulate_rules.SwapCosts(
            rungs=tuple((rung.notional, rung.loss_rate) for rung in value.rungs),
            gas_buy=_to_number(name, value.gas_buy, scope),
            gas_sell=_to_number(name, value.gas_sell, scope),
        )
    if value is None or isinstance(value, bool | str):
        return value
    number = _to_number(name, value, scope)
    if name not in WHOLE:
        return number
    if not number.is_integer():
        raise refuse(f"simulation: {name}: expected a whole number, found {number}", setting=name)
    return int(number)


def _to_number(name: str, value: float | Expression, scope: Scope) -> float:
    try:
        return evaluate_constant(value, scope)
    except EngineError as error:
        message = f"simulation: {name}: {error.message}"
        raise EngineError(error.code, message, **{**error.details, "setting": name}) from error
