"""What a strategy on candles is to the engine, whether it is made of rules or written in Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.protocol import Parameter
from quantbot_engine.simulate.rules import SimulationRules
from quantbot_engine.strategies.candles.asked import Asked

ParameterValue = int | float | str | bool
Parameters = Mapping[str, ParameterValue]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is asked for on each symbol, and the parameters that decided it: others may change without asking again."""

    by_symbol: tuple[Asked, ...]
    reads: frozenset[str]


class Program(Protocol):
    """A strategy without its candles."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def summary(self) -> str:
        """One line for lists."""

    def complete(self, given: Parameters) -> dict[str, ParameterValue]:
        """Return all parameters in declared order; INVALID_STRATEGY for an unknown one or a value it cannot have."""

    def to_rules(self, parameters: Parameters) -> SimulationRules:
        """Return every policy of the simulation; INVALID_STRATEGY names the setting that is out of range."""

    def ask(self, symbols: Sequence[Candles], parameters: Parameters) -> Answer:
        """Return what the strategy asks for; INVALID_STRATEGY or STRATEGY_FAILED says what is wrong with it."""

    def list_space(self) -> list[Parameter]:
        """Return what a study searches if its file does not say; empty if the strategy does not say it either."""
