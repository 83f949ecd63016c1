"""What an indicator is: its inputs, its parameters with their limits, its outputs, its warm-up, and the function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from quantbot_engine.indicators.problems import nearest, refuse
from quantbot_engine.slices.market import FloatColumn, IntColumn

Params = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """A parameter: its default and the closed range it may lie in; `is_whole` for a number of candles."""

    name: str
    default: float
    low: float
    high: float
    is_whole: bool = False


def period(name: str, default: int, low: int = 1) -> ParameterSpec:
    """Return a parameter that counts candles; at most 100,000."""
    return ParameterSpec(name, default, low, 100_000, is_whole=True)


def factor(name: str, default: float) -> ParameterSpec:
    """Return a parameter that multiplies; above 0, at most 1,000."""
    return ParameterSpec(name, default, 1e-9, 1_000)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the function of an indicator gets: one column per declared input, and the opening times in Unix seconds."""

    columns: tuple[FloatColumn, ...]
    timestamp: IntColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator of the registry.

    `compute` returns one column per output. The first `warm_up(params)` candles of each are undefined (NaN), whatever
    it wrote there; none after them is. Value i depends on candles up to i alone. `units` has one entry per output:
    price, percent, volume, or a plain number.
    """

    name: str
    title: str
    inputs: tuple[str, ...]
    parameters: tuple[ParameterSpec, ...]
    outputs: tuple[str, ...] = ("value",)
    units: tuple[str, ...]
    warm_up: Callable[[Params], int]
    compute: Callable[[Inputs, Params], Sequence[FloatColumn]]
    formula: str
    source: str
    needs: tuple[tuple[str, str], ...] = ()

    @property
    def takes_series(self) -> bool:
        """Whether another series can stand in for its input, as in `ema(rsi(14), 9)`."""
        return len(self.inputs) == 1


def complete_params(owner: str, specs: Sequence[ParameterSpec], given: Params) -> dict[str, float]:
    """Return the given parameters with the defaults of the others, in declared order, whole numbers as int.

    Raises
    ------
    EngineError
        INVALID_STRATEGY for an unknown name or a value out of its range.
    """
    known = [spec.name for spec in specs]
    for name in given:
        if name not in known:
            raise refuse(
                f"{owner}: unknown parameter {name!r}; it has {', '.join(known) or 'none'}{nearest(name, known)}"
            )
    return {spec.name: _check_value(owner, spec, given.get(spec.name, spec.default)) for spec in specs}


def _check_value(owner: str, spec: ParameterSpec, value: float) -> float:
    kind = "a whole number" if spec.is_whole else "a number"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = is_number and spec.low <= value <= spec.high and (not spec.is_whole or float(value).is_integer())
    if not fits:
        raise refuse(f"{owner}: {spec.name}: expected {kind} from {spec.low:g} to {spec.high:g}, found {value!r}")
    return int(value) if spec.is_whole else float(value)
