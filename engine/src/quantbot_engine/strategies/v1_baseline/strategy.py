"""The V1 baseline in a study: every trial is one combination on all chosen calls with its own finite capital."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quantbot_engine.calls.selection import select_calls
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.strategy import Failure, Outcome, TrialValues
from quantbot_engine.strategies.v1_baseline.block import CallSet, to_call_set, walk_block
from quantbot_engine.strategies.v1_baseline.parameters import V1Config, read_config, to_settings


@dataclass(frozen=True, slots=True)
class V1Baseline:
    """The chosen calls with the fixed settings of the study."""

    chosen: CallSet
    config: V1Config

    def evaluate(self, trials: Sequence[TrialValues]) -> Iterator[Outcome]:
        """Yield the account of each trial; all trials share one reading of the candles."""
        found = [to_settings(values, self.config) for values in trials]
        ledgers = walk_block(self.chosen, [trial for trial in found if not isinstance(trial, Failure)])
        for trial in found:
            yield trial if isinstance(trial, Failure) else next(ledgers)


def prepare(market: Market | None, config: Mapping[str, Any]) -> V1Baseline:
    """Return the strategy on the calls of these callers.

    Raises
    ------
    EngineError
        INVALID_STUDY for a config that it cannot take or without a slice; NO_CALLS if none are left.
    """
    if market is None:
        raise EngineError(ErrorCode.INVALID_STUDY, "strategy v1_baseline: expected a slice with calls, found none")
    known = read_config(config)
    return V1Baseline(to_call_set(market, select_calls(market.calls, known.caller_groups)), known)
