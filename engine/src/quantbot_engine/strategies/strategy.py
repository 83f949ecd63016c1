"""What a strategy is to a study: prepared once for a market, then asked for the outcome of trials, a block at a time.

Adding one: a file with a function that prepares it, and a line in `registry.py`. A strategy in a file of the user's is
a function that `strategy` marks; see there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.ledger import Ledger
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.slices.market import Market

TrialValues = Mapping[str, int | float | str | bool]


@dataclass(frozen=True, slots=True)
class Reported:
    """Figures that a strategy states itself, the same for every period; None is undefined."""

    figures: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial has no outcome."""

    code: ErrorCode
    message: str
    traceback: str | None = None


# An account may lie in arrays that the next trial fills: measure it before asking for the next.
Outcome = Ledger | Account | Reported | Failure


class PreparedStrategy(Protocol):
    """A strategy with its market and its fixed settings."""

    def evaluate(self, trials: Sequence[TrialValues]) -> Iterator[Outcome]:
        """Yield the outcome of each trial, in order. A trial that cannot be evaluated is a Failure, not an error."""


# (market or None, the config of the request) → the strategy; INVALID_STUDY for a config that it cannot take.
Prepare = Callable[[Market | None, Mapping[str, Any]], PreparedStrategy]

Function = TypeVar("Function", bound=Callable[..., Any])
MARK = "quantbot_strategy_name"


def strategy(name: str) -> Callable[[Function], Function]:
    """Mark a function of a user's file as a strategy of this name.

    The function is called once a trial as `function(params, market, config)` and returns a `Ledger`, from which all
    figures are computed, or a dict of figures by name such as `{"total_return": 0.1, "max_drawdown": 0.05,
    "trades": 12}`. It should depend on its arguments alone: a trial that is evaluated again must come out the same.
    """

    def mark(function: Function) -> Function:
        setattr(function, MARK, name)
        return function

    return mark
