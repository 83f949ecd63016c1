"""What a strategy on candles in Python is made of: a class of the user's that derives from `CandleStrategy`.

It is registered by being in a file of the strategies folder; docs/strategies.md shows one from the first line to the
last.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from quantbot_engine.indicators.candles import COLUMNS, Candles
from quantbot_engine.indicators.compute import indicator
from quantbot_engine.indicators.problems import nearest, refuse
from quantbot_engine.indicators.registry import INDICATORS
from quantbot_engine.rules.signals.evaluate import evaluate_signal
from quantbot_engine.rules.signals.signal import NUMBER, Signal
from quantbot_engine.slices.market import FloatColumn, IntColumn

Scalar = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Float:
    """A parameter that is any number from `low` to `high`, in steps if one is given; without a default it is `low`."""

    low: float
    high: float
    default: float | None = None
    step: float | None = None
    log: bool = False


@dataclass(frozen=True, slots=True)
class Int:
    """A parameter that is a whole number from `low` to `high`; without a default it is `low`."""

    low: int
    high: int
    default: int | None = None
    step: int = 1
    log: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter that is one of the values, without an order; without a default it is the first."""

    values: Sequence[Scalar]
    default: Scalar | None = None


class StrategyCandles:
    """The candles of one symbol, oldest first, as columns of shape (n,) that cannot be written to.

    `timestamp`: opening in Unix seconds, int64; `open`, `high`, `low`, `close`, `volume`: float64.
    """

    def __init__(self, candles: Candles, signals: Mapping[str, Signal]) -> None:
        self._candles = candles.read_only()
        self._signals = signals
        self.timestamp: IntColumn = self._candles.timestamp
        self.open, self.high, self.low, self.close, self.volume = (self._candles.column(name) for name in COLUMNS)

    def __len__(self) -> int:
        return len(self._candles)

    def indicator(self, name: str, output: str | None = None, **params: float) -> FloatColumn:
        """Return an indicator of the registry or of the user's signal files, float64, NaN in its warm-up; cached.

        `length` is another word for `period`. INVALID_STRATEGY names the nearest known indicator, output or parameter.
        """
        if name in INDICATORS:
            names = {spec.name for spec in INDICATORS[name].parameters}
            if "length" in params and "length" not in names and "period" in names - params.keys():
                params["period"] = params.pop("length")
            return indicator(self._candles, name, output, **{key: _to_plain(value) for key, value in params.items()})
        found = self._signals.get(name)
        if found is None:
            known = [*INDICATORS, *self._signals]
            raise refuse(f"unknown indicator {name!r}{nearest(name, known)}", indicator=name)
        numeric = [each for each, kind in found.outputs.items() if kind == NUMBER]
        chosen = numeric[0] if output is None and len(numeric) == 1 else output
        if chosen not in numeric:
            expected = ", ".join(f"{name}.{each}" for each in numeric) or "an indicator; this signal has no numbers"
            raise refuse(f"{name}: expected one of {expected}; found {output!r}", indicator=name)
        columns = evaluate_signal(found, self._candles, found.complete(params))
        column: FloatColumn = columns[chosen]
        return column


def _to_plain(value: float) -> float:
    """Return numbers of NumPy as Python's own."""
    return value.item() if isinstance(value, np.generic) else value


class CandleStrategy:
    """A strategy on candles. Row i of what its methods return may depend on candles up to i alone.

    `name`: what it is called; without one the name of the class in snake_case. `simulation`: fields of the settings of
    a simulation, such as `{"stop_loss": 0.05}`. The first line of the docstring is the summary in lists.
    """

    name: str = ""
    simulation: Mapping[str, Any] = {}

    def parameter_space(self) -> Mapping[str, Float | Int | Choice]:
        """Return the parameters by name, each with its default and what a study searches."""
        return {}

    def rules(self, params: Mapping[str, Scalar]) -> Mapping[str, Any]:
        """Return settings of the simulation that depend on parameters; they win over `simulation`."""
        del params
        return {}

    def indicators(self, candles: StrategyCandles, params: Mapping[str, Scalar]) -> Mapping[str, FloatColumn]:
        """Return columns by name, float64 of shape (n,). Until all of them are defined nothing is traded."""
        del candles, params
        return {}

    def signals(
        self, candles: StrategyCandles, indicators: Mapping[str, FloatColumn], params: Mapping[str, Scalar]
    ) -> Mapping[str, npt.NDArray[Any]]:
        """Return what to do at the close of each candle, any of these columns of shape (n,).

        `enter_long`, `enter_short`, `exit_long`, `exit_short`: bool. Float64, NaN where nothing is said: `limit_price`,
        `stop_price` (where an entry has neither, none of it is filled), `size` (instead of that of the settings),
        `stop_distance`, `target_distance` (price units, instead of the fractions of the settings).
        """
        raise NotImplementedError("signals(self, candles, indicators, params) is missing")


def name_of(strategy: type[CandleStrategy]) -> str:
    """Return what a strategy is called: its own `name`, else its class in snake_case, as in donchian_regime."""
    own = vars(strategy).get("name")
    if own:
        return str(own)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", strategy.__name__).lower()
