"""A strategy in Python: a class of the user's as the engine sees it. Each call of it has an instance of its own."""

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.problems import nearest, refuse
from quantbot_engine.protocol import (
    CandleStrategyConfig,
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    RangeParameter,
    SimulationSettings,
)
from quantbot_engine.rules.signals.registry import read_signals
from quantbot_engine.simulate.rules import SimulationRules
from quantbot_engine.slices.market import FloatColumn
from quantbot_engine.strategies.candle_strategy import CandleStrategy, Choice, Float, Int, StrategyCandles, name_of
from quantbot_engine.strategies.candles.asked import Asked
from quantbot_engine.strategies.candles.columns import check_indicators, check_signals, find_warm_up, to_asked
from quantbot_engine.strategies.candles.parameters import check_names, match_kind
from quantbot_engine.strategies.candles.program import Answer, Parameters, ParameterValue
from quantbot_engine.strategies.candles.settings import merge_settings, to_simulation_rules
from quantbot_engine.strategies.candles.user_calls import ReadParameters, UserCode

WITHIN_STEP = 1e-9


class PythonProgram:
    """A class of the user's with the settings of a request.

    Raises
    ------
    EngineError
        STRATEGY_FAILED if its parameters are none, INVALID_STRATEGY for settings that do not exist.
    """

    def __init__(self, strategy: type[CandleStrategy], file: str | None, config: CandleStrategyConfig) -> None:
        self._class = strategy
        self._config = config
        self.code = UserCode(name_of(strategy), file)
        self.signals = read_signals(config.signal_files)
        self._space = self._read_space()
        self._fixed = self._to_settings("simulation", strategy.simulation)
        self._has_rules = strategy.rules is not CandleStrategy.rules

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.code.strategy

    @property
    def summary(self) -> str:
        """First line of its docstring."""
        own = self._class.__doc__ if self._class.__doc__ != CandleStrategy.__doc__ else None
        return inspect.cleandoc(own).split("\n", 1)[0] if own else ""

    def complete(self, given: Parameters) -> dict[str, ParameterValue]:
        """Return all parameters; INVALID_STRATEGY for an unknown one, or a value of another kind."""
        check_names(list(self._space), given)
        return {name: _complete(name, axis, given.get(name)) for name, axis in self._space.items()}

    def to_rules(self, parameters: Parameters) -> SimulationRules:
        """Return every policy of the simulation; what `rules` returns wins over `simulation`."""
        layers = [self._config.defaults, self._fixed, self._config.overrides]
        if self._has_rules:
            returned = self.code.call("rules", lambda: self._class().rules(dict(parameters)))
            layers.insert(2, self._to_settings("rules", returned))
        return to_simulation_rules(merge_settings(layers), parameters)

    def ask(self, symbols: Sequence[Candles], parameters: Parameters) -> Answer:
        """Return what the strategy asks for on each symbol, and which parameters it looked at."""
        read = ReadParameters(parameters)
        asked = tuple(self._ask_one(candles, read) for candles in symbols)
        return Answer(asked, frozenset(read.reads))

    def compute(self, candles: Candles, parameters: Parameters) -> tuple[dict[str, FloatColumn], dict[str, Any]]:
        """Return the checked columns of `indicators` and of `signals` on one symbol."""
        strategy = self.code.call("__init__", self._class)
        given = StrategyCandles(candles, self.signals)
        returned = self.code.call("indicators", strategy.indicators, given, parameters)
        indicators = check_indicators(self.code, returned, len(candles))
        returned = self.code.call("signals", strategy.signals, given, dict(indicators), parameters)
        return indicators, check_signals(self.code, returned, len(candles))

    def list_space(self) -> list[Parameter]:
        """Return what a study searches if its file does not say."""
        return [_to_parameter(name, axis) for name, axis in self._space.items()]

    def _ask_one(self, candles: Candles, parameters: Parameters) -> Asked:
        indicators, columns = self.compute(candles, parameters)
        return to_asked(self.code, columns, len(candles), find_warm_up(indicators))

    def _read_space(self) -> Mapping[str, Float | Int | Choice]:
        space = self.code.call("parameter_space", lambda: self._class().parameter_space())
        if not isinstance(space, Mapping):
            raise self.code.fail("parameter_space", f"expected a dict of parameters, found {type(space).__name__}")
        for name, axis in space.items():
            problem = _find_problem(axis)
            if not isinstance(name, str) or problem:
                raise self.code.fail("parameter_space", f"{name}: {problem or 'expected a name'}", parameter=str(name))
        return space

    def _to_settings(self, method: str, given: Any) -> SimulationSettings:
        if not isinstance(given, Mapping):
            raise self.code.fail(method, f"expected a dict of simulation settings, found {type(given).__name__}")
        known = SimulationSettings.__struct_fields__
        for name in given:
            if name not in known:
                message = f"strategy {self.name}: {method}: unknown setting {name!r}{nearest(str(name), known)}"
                raise refuse(message, strategy=self.name, setting=str(name))
        try:
            return msgspec.convert(dict(given), SimulationSettings)
        except msgspec.ValidationError as error:
            message = f"strategy {self.name}: {method}: {error}"
            raise refuse(message, strategy=self.name, file=self.code.file) from error


def _find_problem(axis: Any) -> str:
    """Return what is wrong with a parameter, or nothing."""
    if isinstance(axis, Choice):
        if not axis.values:
            return "expected at least one value"
        is_known = axis.default is None or axis.default in axis.values
        return "" if is_known else f"expected a default among {list(axis.values)}, found {axis.default!r}"
    if not isinstance(axis, Float | Int):
        return f"expected Float, Int or Choice, found {axis!r:.80}"
    return next((f"expected {expected}, found {axis}" for expected, is_met in _expectations(axis) if not is_met), "")


def _expectations(axis: Float | Int) -> Iterator[tuple[str, bool]]:
    yield "low at most high", math.isfinite(axis.low) and math.isfinite(axis.high) and axis.low <= axis.high
    yield "a step above 0", axis.step is None or axis.step > 0
    yield "low above 0 on a logarithmic scale", not axis.log or axis.low > 0
    numbers = (axis.low, axis.high, axis.step or 1, axis.low if axis.default is None else axis.default)
    yield "whole numbers", isinstance(axis, Float) or all(float(each).is_integer() for each in numbers)


def _complete(name: str, axis: Float | Int | Choice, given: ParameterValue | None) -> ParameterValue:
    if isinstance(axis, Choice):
        value = given if given is not None else axis.values[0] if axis.default is None else axis.default
        if value not in axis.values:
            expected = ", ".join(repr(each) for each in axis.values)
            near = nearest(str(value), [str(each) for each in axis.values])
            raise refuse(f"parameter {name}: expected one of {expected}; found {value!r}{near}", parameter=name)
        # 1, 1.0 and True are equal: what the strategy gets is what it declared.
        return axis.values[list(axis.values).index(value)]
    default = axis.low if axis.default is None else axis.default
    if isinstance(axis, Float):
        value = match_kind(name, float(default), default if given is None else given)
        return float(value)
    value = match_kind(name, int(default), default if given is None else given)
    if not isinstance(value, int):
        raise refuse(f"parameter {name}: expected a whole number, found {value}", parameter=name)
    return value


def _to_parameter(name: str, axis: Float | Int | Choice) -> Parameter:
    if isinstance(axis, Choice):
        return CategoricalParameter(name=name, values=list(axis.values))
    if isinstance(axis, Int) and axis.step == 1:
        return IntParameter(name=name, low=axis.low, high=axis.high, log=axis.log)
    if isinstance(axis, Float) and axis.step is None:
        return FloatParameter(name=name, low=float(axis.low), high=float(axis.high), log=axis.log)
    step = axis.step or 1
    count = math.floor((axis.high - axis.low) / step + WITHIN_STEP) + 1
    return RangeParameter(name=name, start=axis.low, step=step, count=count)
