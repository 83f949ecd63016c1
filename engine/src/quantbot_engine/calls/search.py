"""The search of a grid with any exits: V1's own where nothing else is asked for, and the best combination of either."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from quantbot_engine.calls.arrays import GridResults
from quantbot_engine.calls.exit_rules.exits import SearchAxes, SearchExits
from quantbot_engine.calls.grid_search import search_grid
from quantbot_engine.calls.simulation import simulate_position
from quantbot_engine.protocol import CapitalSimulationResult, CapitalSimulatorConfig, V1BaselineParams
from quantbot_engine.search.ranking import rank_descending


@dataclass(frozen=True, slots=True)
class Best:
    """The best combination: highest final capital, a tie goes to the earlier grid position."""

    params: V1BaselineParams
    result: CapitalSimulationResult

    @property
    def skipped_by_reason(self) -> dict[str, int]:
        """Number of skipped calls of each reason that occurs."""
        return dict(sorted(Counter(skipped.reason.value for skipped in self.result.skipped_calls).items()))


def search_combinations(
    exits: SearchExits,
    axes: SearchAxes,
    config: CapitalSimulatorConfig,
    workers: int = 1,
    report_done: Callable[[int], None] = lambda _: None,
) -> GridResults:
    """Walk every combination, each with its own fresh capital; results do not depend on the number of workers."""
    if axes.is_v1:
        return search_grid(exits.base, axes.base, config, workers, report_done)
    # Loaded when it is needed, as in `simulation.py`.
    from quantbot_engine.calls.exit_rules import search as further_search

    return further_search.search_combinations(exits, axes, config, workers, report_done)


def find_best(exits: SearchExits, axes: SearchAxes, config: CapitalSimulatorConfig, results: GridResults) -> Best:
    """Return the best combination with its full simulation."""
    position = int(rank_descending(results.final_capital, 1)[0])
    return Best(axes.to_params(position), simulate_position(exits, axes, position, config))
