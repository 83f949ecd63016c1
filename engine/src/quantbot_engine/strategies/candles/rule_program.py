"""A strategy of rules: its conditions as a tree, its parameters, and what follows from both on candles."""

from collections.abc import Mapping, Sequence

import numpy as np

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.problems import refuse
from quantbot_engine.protocol import CandleStrategyConfig, Expression, Parameter, RuleStrategy
from quantbot_engine.rules.expression import evaluate_series
from quantbot_engine.rules.rule_set import RuleSet, evaluate_rules, find_rule_parameters
from quantbot_engine.rules.scope import Scope
from quantbot_engine.rules.signals.registry import read_signals
from quantbot_engine.rules.steps import to_condition
from quantbot_engine.rules.tokens import names_in
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.rules import SimulationRules
from quantbot_engine.slices.market import FloatColumn
from quantbot_engine.strategies.candles.asked import Asked, silence
from quantbot_engine.strategies.candles.parameters import resolve_parameters
from quantbot_engine.strategies.candles.program import Answer, Parameters, ParameterValue
from quantbot_engine.strategies.candles.settings import merge_settings, to_simulation_rules


class RuleProgram:
    """A strategy of rules, made once for many trials.

    Raises
    ------
    EngineError
        INVALID_STRATEGY for conditions that do not add up, FILE_NOT_FOUND or INVALID_STRATEGY for signal files.
    """

    summary = "A strategy of rules."

    def __init__(self, config: CandleStrategyConfig, strategy: RuleStrategy) -> None:
        self.strategy = strategy
        self.rule_set = RuleSet(
            enter_long=to_condition(strategy.enter_long, "enter_long"),
            enter_short=to_condition(strategy.enter_short, "enter_short"),
            exit_long=to_condition(strategy.exit_long, "exit_long"),
            exit_short=to_condition(strategy.exit_short, "exit_short"),
            signals=read_signals(config.signal_files),
        )
        if strategy.order_kind != "market" and strategy.order_price is None:
            raise refuse(f"order: expected a price for {strategy.order_kind} orders, found none", role="order_price")
        self._said = merge_settings([config.defaults, strategy.simulation, config.overrides])
        given = {
            "price": strategy.order_price if strategy.order_kind != "market" else None,
            "stop_distance": strategy.stop_distance,
            "target_distance": strategy.target_distance,
        }
        self._numbers: Mapping[str, Expression] = {name: each for name, each in given.items() if each is not None}
        speaks_of = find_rule_parameters(self.rule_set).union(*(names_in(each) for each in self._numbers.values()))
        self._reads = frozenset(speaks_of & {parameter.name for parameter in strategy.parameters})

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.strategy.name

    def complete(self, given: Parameters) -> dict[str, ParameterValue]:
        """Return all parameters in declared order."""
        return resolve_parameters(self.strategy.parameters, given)

    def to_rules(self, parameters: Parameters) -> SimulationRules:
        """Return every policy of the simulation."""
        rules = to_simulation_rules(self._said, parameters)
        has_stop = rules.stop_loss is not None or "stop_distance" in self._numbers
        if rules.sizing.startswith("risk") and not has_stop:
            message = (
                f"simulation: sizing {rules.sizing}: expected a stop loss, found none; give stop_loss or a distance"
            )
            raise refuse(message, setting="sizing")
        return rules

    def ask(self, symbols: Sequence[Candles], parameters: Parameters) -> Answer:
        """Return what the rules ask for on each symbol."""
        return Answer(tuple(self._ask_one(candles, parameters) for candles in symbols), self._reads)

    def list_space(self) -> list[Parameter]:
        """Return nothing: what a study searches stands in its own file."""
        return []

    def list_expressions(self) -> dict[str, Expression]:
        """Return the expressions with a value per candle, by their role: price and distances of orders."""
        return dict(self._numbers)

    def _ask_one(self, candles: Candles, parameters: Parameters) -> Asked:
        found = evaluate_rules(self.rule_set, candles, parameters)
        scope = Scope(candles, parameters, self.rule_set.signals)
        numbers: dict[str, FloatColumn] = {}
        warm_up = found.warm_up
        for name, expression in self._numbers.items():
            number = evaluate_series(expression, scope)
            numbers[name] = number.values
            warm_up = max(warm_up, number.warm_up)
        is_longer = warm_up > found.warm_up
        return Asked(
            direction=silence(found.direction, warm_up) if is_longer else found.direction,
            exit_long=silence(found.exit_long, warm_up) if is_longer else found.exit_long,
            exit_short=silence(found.exit_short, warm_up) if is_longer else found.exit_short,
            warm_up=warm_up,
            conflicts=found.conflict_rows[found.conflict_rows >= warm_up],
            order_kind=self._to_order_kinds(len(candles)),
            **numbers,
        )

    def _to_order_kinds(self, rows: int) -> "np.ndarray[tuple[int], np.dtype[np.uint8]] | None":
        kind = codes.ORDER_KINDS.index(self.strategy.order_kind)
        return None if kind == 0 else np.full(rows, kind, dtype=np.uint8)
