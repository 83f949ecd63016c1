"""One axis of a search space: its values by index, and a number in [0, 1) made one of them."""

import math
from abc import ABC, abstractmethod

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    CategoricalParameter,
    ErrorCode,
    FloatParameter,
    IntParameter,
    Parameter,
    RangeParameter,
)

Value = int | float | str | bool
Params = dict[str, Value]

# Whole numbers up to here are told apart by float64.
_LARGEST_EXACT = 2**53


class Axis(ABC):
    """The values that a parameter may have.

    Parameters
    ----------
    name : str
        Name of the parameter.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    @abstractmethod
    def count(self) -> int | None:
        """Number of values, None if there are infinitely many."""

    @property
    @abstractmethod
    def is_ordered(self) -> bool:
        """Whether values that lie close to each other are alike: true of numbers, not of categories."""

    @abstractmethod
    def value_at(self, index: int) -> Value:
        """Return the value at an index in [0, count)."""

    @abstractmethod
    def from_unit(self, unit: float) -> Value:
        """Return the value at a fraction in [0, 1] of the axis; equal steps are equally likely values."""

    @abstractmethod
    def to_unit(self, value: Value) -> float:
        """Return the fraction in [0, 1] at which a value lies, the middle of its step if it has one."""


class FloatAxis(Axis):
    """Any number in [low, high]."""

    def __init__(self, name: str, low: float, high: float, is_log: bool) -> None:
        super().__init__(name)
        self.low, self.high, self.is_log = low, high, is_log

    @property
    def count(self) -> int | None:
        """Return the number of values."""
        return 1 if self.low == self.high else None

    @property
    def is_ordered(self) -> bool:
        """Return whether neighbours are alike."""
        return True

    def value_at(self, index: int) -> Value:
        """Return the value at an index."""
        return self.low

    def from_unit(self, unit: float) -> Value:
        """Return the value at a fraction of the axis."""
        if self.is_log:
            value = math.exp(math.log(self.low) + unit * (math.log(self.high) - math.log(self.low)))
        else:
            # Not low + unit * (high - low): the difference may be beyond float64.
            value = self.low * (1.0 - unit) + self.high * unit
        return min(max(value, self.low), self.high)

    def to_unit(self, value: Value) -> float:
        """Return the fraction at which a value lies."""
        number = min(max(float(value), self.low), self.high)
        if self.low == self.high:
            return 0.5
        if self.is_log:
            return (math.log(number) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (number / 2 - self.low / 2) / (self.high / 2 - self.low / 2)


class IntAxis(Axis):
    """Any whole number in [low, high]."""

    def __init__(self, name: str, low: int, high: int, is_log: bool) -> None:
        super().__init__(name)
        self.low, self.high, self.is_log = low, high, is_log
        # Half a step beyond both ends: the first and the last value are as likely as the others.
        self._log_ends = (math.log(low - 0.5), math.log(high + 0.5)) if is_log else (0.0, 0.0)

    @property
    def count(self) -> int:
        """Return the number of values."""
        return self.high - self.low + 1

    @property
    def is_ordered(self) -> bool:
        """Return whether neighbours are alike."""
        return True

    def value_at(self, index: int) -> Value:
        """Return the value at an index."""
        return self.low + index

    def from_unit(self, unit: float) -> Value:
        """Return the value at a fraction of the axis."""
        if self.is_log:
            first, last = self._log_ends
            return min(max(round(math.exp(first + unit * (last - first))), self.low), self.high)
        return min(self.low + math.floor(unit * self.count), self.high)

    def to_unit(self, value: Value) -> float:
        """Return the fraction at which a value lies."""
        number = min(max(int(value), self.low), self.high)
        if self.is_log:
            first, last = self._log_ends
            return (math.log(number) - first) / (last - first)
        return (number - self.low + 0.5) / self.count


class ListAxis(Axis):
    """A list of values: categories, or the steps of a range."""

    def __init__(self, name: str, values: "list[Value] | Steps", is_ordered: bool) -> None:
        super().__init__(name)
        self._values = values
        self._is_ordered = is_ordered

    @property
    def count(self) -> int:
        """Return the number of values."""
        return len(self._values)

    @property
    def is_ordered(self) -> bool:
        """Return whether neighbours are alike."""
        return self._is_ordered

    def value_at(self, index: int) -> Value:
        """Return the value at an index."""
        return self._values[index]

    def from_unit(self, unit: float) -> Value:
        """Return the value at a fraction of the axis."""
        return self._values[min(math.floor(unit * self.count), self.count - 1)]

    def to_unit(self, value: Value) -> float:
        """Return the fraction at which a value lies."""
        return (self.index_of(value) + 0.5) / self.count

    def index_of(self, value: Value) -> int:
        """Return the index of a value that came from this axis."""
        if isinstance(self._values, Steps):
            return self._values.nearest(float(value))
        found = next((index for index, own in enumerate(self._values) if is_same(own, value)), None)
        if found is None:
            raise EngineError(
                ErrorCode.INVALID_REQUEST,
                f"history: expected {self.name} to have one of the values of the space, found {value!r}",
                parameter=self.name,
            )
        return found


class Steps:
    """start + i * step, whole numbers if both are; nothing is stored."""

    def __init__(self, start: float, step: float, count: int) -> None:
        self.start, self.step, self.count = start, step, count
        self._is_whole = start.is_integer() and step.is_integer() and abs(start + step * count) <= _LARGEST_EXACT

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Value:
        return int(self.start) + index * int(self.step) if self._is_whole else self.start + index * self.step

    def nearest(self, value: float) -> int:
        """Return the index whose value is nearest."""
        return min(max(round((value - self.start) / self.step), 0), self.count - 1) if self.step != 0.0 else 0


def is_same(first: Value, second: Value) -> bool:
    """Return whether two values are the same to a trader: 1 and 1.0 are, 0.1 + 0.2 and 0.3 are, 1 and true are not."""
    if isinstance(first, bool) or isinstance(second, bool) or isinstance(first, str) or isinstance(second, str):
        return type(first) is type(second) and first == second
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-12)


def to_axis(parameter: Parameter) -> Axis:
    """Return the axis of a parameter that has been checked."""
    match parameter:
        case FloatParameter():
            return FloatAxis(parameter.name, parameter.low, parameter.high, parameter.log)
        case IntParameter():
            return IntAxis(parameter.name, parameter.low, parameter.high, parameter.log)
        case RangeParameter():
            steps = Steps(parameter.start, parameter.step, parameter.count)
            return ListAxis(parameter.name, steps, is_ordered=True)
        case CategoricalParameter():
            return ListAxis(parameter.name, parameter.values, is_ordered=False)
