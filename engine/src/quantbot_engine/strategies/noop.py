"""A strategy that does nothing and always reports the same: what a study costs besides its strategy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.strategy import Outcome, Reported, TrialValues

FIGURES: Final = {
    "final_balance": 11_000.0,
    "total_return": 0.1,
    "max_drawdown": 0.05,
    "sharpe_ratio": 1.0,
    "sortino_ratio": 1.5,
    "calmar_ratio": 2.0,
    "win_rate": 0.5,
    "profit_factor": 1.25,
    "trades": 100.0,
    "trades_per_30d": 10.0,
    "benchmark_return": 0.0,
}


@dataclass(frozen=True, slots=True)
class Noop:
    """Takes any parameters and looks at none."""

    reported: Reported

    def evaluate(self, trials: Sequence[TrialValues]) -> Iterator[Outcome]:
        """Yield the same figures for each trial."""
        for _ in trials:
            yield self.reported


def prepare(_market: Market | None, config: Mapping[str, Any]) -> Noop:
    """Return the strategy; it has no settings."""
    if config:
        raise EngineError(
            ErrorCode.INVALID_STUDY, f"strategy noop: expected no config, found {', '.join(config)}", strategy="noop"
        )
    return Noop(Reported(FIGURES))
