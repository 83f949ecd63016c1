"""The `config` of a strategy on candles → what it is asked through: its program."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.problems import refuse
from quantbot_engine.protocol import CandleStrategyConfig, ErrorCode, TimeRange
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.candle_strategy import CandleStrategy
from quantbot_engine.strategies.candles.program import Program
from quantbot_engine.strategies.candles.python_program import PythonProgram
from quantbot_engine.strategies.candles.rule_program import RuleProgram
from quantbot_engine.strategies.strategy import PreparedStrategy

TRADING = "quantbot_engine.strategies.candles.trading"


@dataclass(frozen=True, slots=True)
class CandleStrategyEntry:
    """A strategy on candles of the registry: how its program is made from the config of a request."""

    name: str
    make: Callable[[CandleStrategyConfig], Program]

    def to_program(self, config: Mapping[str, Any]) -> Program:
        """Return the program; INVALID_STRATEGY for a config or a strategy that cannot be used."""
        try:
            return self.make(msgspec.convert(dict(config), CandleStrategyConfig))
        except msgspec.ValidationError as error:
            raise refuse(f"strategy {self.name}: config: {error}", strategy=self.name) from error

    def prepare(self, market: Market | None, config: Mapping[str, Any], range_: TimeRange | None) -> PreparedStrategy:
        """Return the strategy on the candles of a slice; INVALID_STUDY without one."""
        program = self.to_program(config)
        if market is None:
            message = f"strategy {self.name}: expected a slice with candles, found none"
            raise EngineError(ErrorCode.INVALID_STUDY, message, strategy=self.name)
        # Kernels load with the first strategy that trades on candles, not with every study.
        prepared: PreparedStrategy = importlib.import_module(TRADING).CandleTrading(program, market, range_)
        return prepared


def make_rule_program(config: CandleStrategyConfig) -> Program:
    """Return the program of the rules in a config; INVALID_STRATEGY if there are none."""
    if config.rules is None:
        raise refuse("strategy rules: expected rules in the config, found none", strategy="rules")
    return RuleProgram(config, config.rules)


def make_python_program(strategy: type[CandleStrategy], file: str, config: CandleStrategyConfig) -> Program:
    """Return the program of a class of the user's; INVALID_STRATEGY if the config holds rules."""
    if config.rules is not None:
        raise refuse(f"strategy file {file}: expected a config without rules, found some", file=file)
    return PythonProgram(strategy, file, config)
