"""What names and calls in expressions mean: prices, parameters, functions, indicators, numbers of signals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from quantbot_engine.indicators.candles import COLUMNS, Candles
from quantbot_engine.indicators.compute import InputSeries, compute_outputs, find_output
from quantbot_engine.indicators.definition import Indicator, ParameterSpec
from quantbot_engine.indicators.problems import nearest, refuse
from quantbot_engine.indicators.registry import INDICATORS, check_params
from quantbot_engine.rules.functions import FUNCTIONS, call_function
from quantbot_engine.rules.signals.evaluate import evaluate_signal, find_warm_up
from quantbot_engine.rules.signals.registry import BUILT_IN
from quantbot_engine.rules.signals.signal import NUMBER, VALUE, Signal
from quantbot_engine.rules.values import Number, Truth, Value, constant, expect_number

ParameterValue = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Scope:
    """The candles of one symbol, the parameters of a trial, and the signals there are.

    INVALID_STRATEGY if a parameter has the name of a price, or is a number that is not finite.
    """

    candles: Candles
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=lambda: BUILT_IN)

    def __post_init__(self) -> None:
        for name, value in self.parameters.items():
            if name in COLUMNS:
                raise refuse(f"parameter {name}: expected another name, this one is a price")
            if isinstance(value, float) and not np.isfinite(value):
                raise refuse(f"parameter {name}: expected a finite number, found {value}")

    def find_name(self, name: str) -> Value:
        """Return a price or a parameter; INVALID_STRATEGY with the nearest known name if there is none."""
        if name in COLUMNS:
            return Number(self.candles.column(name), 0, name)
        if name not in self.parameters:
            raise self._unknown(name)
        value = self.parameters[name]
        if isinstance(value, bool):
            return Truth(np.asarray(value), np.asarray(not value), 0, name)
        if isinstance(value, str):
            raise refuse(f"parameter {name}: expected a number or true or false in an expression, found {value!r}")
        return constant(value)

    def call(self, name: str, arguments: Sequence[Value]) -> Value:
        """Return what a function, an indicator or a signal makes of its arguments."""
        if name in FUNCTIONS:
            return call_function(name, arguments)
        plain, _, output = name.removeprefix("signals.").partition(".")
        if plain in INDICATORS:
            return self._call_indicator(INDICATORS[plain], output or None, arguments)
        if plain in self.signals:
            return self._call_signal(self.signals[plain], output, arguments)
        known = [*FUNCTIONS, *INDICATORS, *self.signals]
        raise refuse(f"unknown function or indicator {plain!r}{nearest(plain, known)}", name=plain)

    def _call_indicator(self, found: Indicator, output: str | None, arguments: Sequence[Value]) -> Number:
        position = find_output(found, output)
        numbers = [expect_number(each, found.name) for each in arguments]
        series = numbers.pop(0) if numbers and not numbers[0].is_constant else None
        if series is not None and not found.takes_series:
            raise refuse(f"{found.name}: expected only parameters, found {series.key}; it takes {_join(found.inputs)}")
        params = check_params(found, _to_params(found.name, found.parameters, numbers))
        source = None
        warm_up = found.warm_up(params)
        if series is not None and (series.key,) != found.inputs:
            source = InputSeries(series.values, series.key, series.warm_up)
            warm_up += series.warm_up
        outputs = compute_outputs(self.candles, found, params, source)
        shown = [*([] if source is None else [source.key]), *(repr(value) for value in params.values())]
        return Number(outputs[position], warm_up, f"{found.name}.{found.outputs[position]}({', '.join(shown)})")

    def _call_signal(self, found: Signal, output: str, arguments: Sequence[Value]) -> Number:
        numeric = [name for name, kind in found.outputs.items() if kind == NUMBER]
        if not output and list(found.outputs) == [VALUE]:
            output = VALUE
        if output not in numeric:
            expected = (
                f"one of its numbers, {_join(numeric)}" if numeric else "a `signal:` condition; it has no numbers"
            )
            raise refuse(f"{found.name}: expected {expected}; found {output or 'none'!r}{nearest(output, numeric)}")
        numbers = [expect_number(each, found.name) for each in arguments]
        params = found.complete(_to_params(found.name, found.parameters, numbers))
        values = evaluate_signal(found, self.candles, params)[output]
        shown = ", ".join(repr(value) for value in params.values())
        return Number(values, find_warm_up(found, params), f"{found.name}.{output}({shown})")

    def _unknown(self, name: str) -> Exception:
        for kind, known in (("an indicator", INDICATORS), ("a signal", self.signals), ("a function", FUNCTIONS)):
            if name in known:
                return refuse(f"{name} is {kind}; write {name}(...)", name=name)
        candidates = [*COLUMNS, *self.parameters, *INDICATORS, *FUNCTIONS]
        return refuse(f"unknown name {name!r}{nearest(name, candidates)}", name=name)


def _to_params(owner: str, specs: Sequence[ParameterSpec], numbers: Sequence[Number]) -> dict[str, float]:
    """Return constants by position as parameters by name."""
    if len(numbers) > len(specs):
        names = _join([spec.name for spec in specs]) or "none"
        raise refuse(f"{owner}: expected at most {len(specs)} parameters ({names}), found {len(numbers)}")
    params: dict[str, float] = {}
    for spec, number in zip(specs, numbers, strict=False):
        if not number.is_constant:
            raise refuse(
                f"{owner}: {spec.name}: expected a constant, found {number.key}, which changes with the candle"
            )
        params[spec.name] = float(number.values)
    return params


def _join(names: Sequence[str]) -> str:
    return ", ".join(names)
