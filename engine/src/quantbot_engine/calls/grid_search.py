"""Every combination of a grid on one set of calls, each with its own fresh capital, and the best of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from quantbot_engine.calls.arrays import GridResults, Paths
from quantbot_engine.calls.capital_rules import to_capital_rules
from quantbot_engine.calls.exits import Axes, CallExits, find_grid_position
from quantbot_engine.calls.lane_search import walk_grid
from quantbot_engine.calls.simulation import simulate_combination
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


def search_grid(
    exits: CallExits,
    axes: Axes,
    config: CapitalSimulatorConfig,
    workers: int = 1,
    report_done: Callable[[int], None] = lambda _: None,
) -> GridResults:
    """Walk every combination; the results do not depend on the number of workers."""
    paths = Paths(exits.arrays.entry_row, exits.tables)
    return walk_grid(paths, axes.grid, to_capital_rules(config), workers, report_done)


def find_best(exits: CallExits, axes: Axes, config: CapitalSimulatorConfig, results: GridResults) -> Best:
    """Return the best combination with its full simulation."""
    position = int(rank_descending(results.final_capital, 1)[0])
    return Best(to_params(axes, position), simulate_combination(exits, axes, position, config))


def to_params(axes: Axes, position: int) -> V1BaselineParams:
    """Return the parameters at a position of the grid."""
    target, stop, hold = find_grid_position(axes, position)
    return V1BaselineParams(
        tp_mult=axes.params.tp_mults[target],
        sl_mult=axes.params.sl_mults[stop],
        max_hold_hrs=axes.params.max_hold_hrs[hold],
    )
