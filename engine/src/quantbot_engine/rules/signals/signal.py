"""What a signal is; `signal` and `indicator` make one of a function, in the engine and in files of users alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.definition import ParameterSpec, Params, complete_params
from quantbot_engine.indicators.problems import refuse

NUMBER: Final = "number"
# The one output of an indicator, which rules need not name.
VALUE: Final = "value"
SignalColumns = Mapping[str, npt.NDArray[Any]]
Compute = Callable[[Candles, Params], SignalColumns]

# Names of the categories in order, the first one for "nothing happened"; or NUMBER for a float64 column.
OutputKind = tuple[str, ...] | str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Signal:
    """A signal: `compute` returns one column of shape (n,) for each of `outputs`.

    A categorical output is a column of positions in its categories (any whole-number dtype), a numeric one is float64.
    Row i depends on candles up to i, and is what is known when candle i closes. The first `warm_up(params)` rows are
    never read. `file` is where a user's signal comes from.
    """

    name: str
    outputs: Mapping[str, OutputKind]
    parameters: tuple[ParameterSpec, ...]
    warm_up: Callable[[Params], int]
    compute: Compute
    formula: str = ""
    source: str = ""
    needs: tuple[tuple[str, str], ...] = ()
    file: str | None = None

    def complete(self, given: Params) -> dict[str, float]:
        """Return all parameters, defaults filled in; INVALID_STRATEGY if they are not what the signal takes."""
        params = complete_params(self.name, self.parameters, given)
        for smaller, larger in self.needs:
            if not params[smaller] < params[larger]:
                found = f"{params[smaller]} and {params[larger]}"
                raise refuse(f"{self.name}: expected {smaller} below {larger}, found {found}")
        return params


def signal(
    name: str,
    *,
    outputs: Mapping[str, OutputKind],
    warm_up: Callable[[Params], int],
    parameters: Mapping[str, float] | tuple[ParameterSpec, ...] = (),
    **texts: Any,
) -> Callable[[Compute], Signal]:
    """Make a signal of a function `f(candles, params)` that returns a dict of columns, one per output.

    Parameters
    ----------
    name : str
        What rules call it.
    outputs : mapping of str to tuple of str or "number"
        Categories such as ("none", "golden_cross", "death_cross"), the first one for "nothing"; or "number".
    warm_up : callable
        Of the parameters: how many candles at the start have no answer.
    parameters : mapping of str to float, optional
        Names and defaults.
    **texts
        `formula` and `source` for the documentation; `needs`, pairs of parameters of which the first must be smaller.
    """
    specs = parameters if isinstance(parameters, tuple) else to_specs(parameters)

    def make(function: Compute) -> Signal:
        return Signal(name=name, outputs=dict(outputs), parameters=specs, warm_up=warm_up, compute=function, **texts)

    return make


def indicator(
    name: str,
    *,
    warm_up: Callable[[Params], int],
    parameters: Mapping[str, float] | tuple[ParameterSpec, ...] = (),
    outputs: tuple[str, ...] = (VALUE,),
    **texts: Any,
) -> Callable[[Callable[[Candles, Params], Any]], Signal]:
    """Make an indicator of a function `f(candles, params)` that returns a float64 column, or a dict of its `outputs`.

    Rules call it like one of the registry: `mine(20)`, or `mine.upper(20)` where it has several outputs. It is a signal
    whose outputs are numbers alone; `name`, `warm_up`, `parameters` and `texts` are those of `signal`.
    """
    specs = parameters if isinstance(parameters, tuple) else to_specs(parameters)

    def make(function: Callable[[Candles, Params], Any]) -> Signal:
        @wraps(function)
        def compute(candles: Candles, params: Params) -> Any:
            returned = function(candles, params)
            return {outputs[0]: returned} if isinstance(returned, np.ndarray) and len(outputs) == 1 else returned

        kinds: dict[str, OutputKind] = dict.fromkeys(outputs, NUMBER)
        return Signal(name=name, outputs=kinds, parameters=specs, warm_up=warm_up, compute=compute, **texts)

    return make


def to_specs(defaults: Mapping[str, float]) -> tuple[ParameterSpec, ...]:
    """Return parameters of any finite value; whole numbers if their default is an int."""
    return tuple(
        ParameterSpec(name, default, -1e15, 1e15, is_whole=isinstance(default, int) and not isinstance(default, bool))
        for name, default in defaults.items()
    )
