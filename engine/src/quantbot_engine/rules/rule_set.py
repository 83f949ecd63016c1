"""The rules of a strategy on candles: where to enter long or short and where to leave, ready for the simulation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.rules.conditions import Condition, evaluate_rule, find_parameters
from quantbot_engine.rules.scope import ParameterValue, Scope
from quantbot_engine.rules.signals.registry import BUILT_IN
from quantbot_engine.rules.signals.signal import Signal
from quantbot_engine.rules.values import Flags, Truth

Directions = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleSet:
    """When to enter and when to leave, by direction; None: never by a rule.

    `signals`: those that rules may name. Make one for many trials: a rule set is known to caches by its identity.
    """

    enter_long: Condition | None = None
    enter_short: Condition | None = None
    exit_long: Condition | None = None
    exit_short: Condition | None = None
    signals: Mapping[str, Signal] = field(default_factory=lambda: BUILT_IN)

    @property
    def conditions(self) -> tuple[Condition | None, ...]:
        """The four of them, in declared order."""
        return self.enter_long, self.enter_short, self.exit_long, self.exit_short


@dataclass(frozen=True, slots=True)
class RuleSignals:
    """What the rules ask for on each candle of one symbol, known at its close; every column has shape (n,).

    `direction`, int8: 1 enter long, -1 enter short, 0 neither. Nothing is asked for in the first `warm_up` candles: the
    longest warm-up of anything the rules speak of. `conflict_rows`, int64: candles on which both directions were asked
    for, which count as neither.
    """

    direction: Directions
    exit_long: Flags
    exit_short: Flags
    warm_up: int
    conflict_rows: npt.NDArray[np.int64]

    @property
    def conflicts(self) -> int:
        """How many candles asked for both directions."""
        return int(self.conflict_rows.size)


@dataclass(frozen=True, slots=True)
class SignalGrid:
    """The same for all symbols on one time axis, shape (symbols, times); nothing where a symbol has no candle."""

    direction: Directions
    exit_long: Flags
    exit_short: Flags


def evaluate_rules(rules: RuleSet, candles: Candles, parameters: Mapping[str, ParameterValue]) -> RuleSignals:
    """Return what the rules ask for on the candles of one symbol: a function of its arguments alone.

    With a cache on the candles, trials that differ in other parameters than those of the rules share one answer.

    Raises
    ------
    EngineError
        INVALID_STRATEGY for a rule that cannot be evaluated with these parameters, STRATEGY_FAILED for a signal of the
        user's that fails.
    """
    if candles.cache is None:
        return _unpack(_evaluate(rules, candles, parameters))
    names = sorted(find_rule_parameters(rules) & parameters.keys())
    # True and 1 are equal as keys, but not as parameters.
    values = tuple((name, type(parameters[name]).__name__, parameters[name]) for name in names)
    columns = candles.cache.get((candles.key, rules, values), lambda: _evaluate(rules, candles, parameters))
    return _unpack(columns)


def find_rule_parameters(rules: RuleSet) -> set[str]:
    """Return the parameters that the answer can depend on; stops, targets and sizes of the simulation are not among."""
    return set().union(*(find_parameters(each) for each in rules.conditions if each is not None))


def _evaluate(
    rules: RuleSet, candles: Candles, parameters: Mapping[str, ParameterValue]
) -> tuple[npt.NDArray[Any], ...]:
    scope = Scope(candles, parameters, rules.signals)
    truths = [None if condition is None else evaluate_rule(condition, scope) for condition in rules.conditions]
    warm_up = max((truth.warm_up for truth in truths if truth is not None), default=0)
    long, short, exit_long, exit_short = (_to_flags(truth, len(candles), warm_up) for truth in truths)
    direction = long.view(np.int8) - short.view(np.int8)
    return direction, exit_long, exit_short, np.array([warm_up]), np.flatnonzero(long & short)


def _unpack(columns: tuple[npt.NDArray[Any], ...]) -> RuleSignals:
    direction, exit_long, exit_short, warm_up, conflict_rows = columns
    return RuleSignals(direction, exit_long, exit_short, int(warm_up[0]), conflict_rows)


def place_on_grid(by_symbol: Sequence[RuleSignals], has_candle: Flags) -> SignalGrid:
    """Return signals of symbols on their common time axis.

    Parameters
    ----------
    by_symbol : sequence of RuleSignals
        One per symbol, in declared order, each with one row per candle of the symbol.
    has_candle : ndarray of bool, shape (symbols, times)
        Where each symbol has a candle; row s holds as many True as `by_symbol[s]` has rows.
    """
    grid = SignalGrid(
        np.zeros(has_candle.shape, dtype=np.int8),
        np.zeros(has_candle.shape, dtype=np.bool_),
        np.zeros(has_candle.shape, dtype=np.bool_),
    )
    for symbol, signals in enumerate(by_symbol):
        grid.direction[symbol, has_candle[symbol]] = signals.direction
        grid.exit_long[symbol, has_candle[symbol]] = signals.exit_long
        grid.exit_short[symbol, has_candle[symbol]] = signals.exit_short
    return grid


def _to_flags(truth: Truth | None, rows: int, warm_up: int) -> Flags:
    flags = np.zeros(rows, dtype=np.bool_)
    if truth is not None:
        flags[warm_up:] = truth.is_true if truth.is_true.ndim == 0 else truth.is_true[warm_up:]
    return flags
