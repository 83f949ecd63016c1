"""Many walks side by side in lanes: each as if it were alone, over several blocks of calls and tiles of pairs."""

import numpy as np
import pytest

from benchmarks.data import CapitalSpec, make_calls
from benchmarks.ours import to_config, to_market
from quantbot_engine.calls import lane_arrays
from quantbot_engine.calls.exits import Axes, CallExits, find_exits, to_axes
from quantbot_engine.calls.grid_search import search_grid
from quantbot_engine.calls.simulation import simulate_combination
from quantbot_engine.protocol import CapitalSimulatorConfig, V1BaselineGrid

CALLS = lane_arrays.BLOCK_CALLS * 2 + 88
# 42 pairs are a whole tile and a part of one; neither axis is sorted, and levels repeat.
GRID = V1BaselineGrid(
    tp_mults=[1.5, 1.05, 1.2, 2.5, 1.1, 1.05, 1.3], sl_mults=[0.9, 0.5, 0.95, 0.8, 0.9, 0.0], max_hold_hrs=[2, 0.5, 48]
)
CHECKED = 30


@pytest.fixture(scope="module")
def found() -> tuple[CallExits, Axes]:
    market = to_market(make_calls(CALLS, 300))
    axes = to_axes(GRID)
    return find_exits(market, market.calls, axes.levels, to_config(CapitalSpec()).gap_fill), axes


def check(found: tuple[CallExits, Axes], config: CapitalSimulatorConfig, workers: int = 1) -> None:
    exits, axes = found
    results = search_grid(exits, axes, config, workers)
    for position in np.linspace(0, axes.combinations - 1, CHECKED).astype(int).tolist():
        alone = simulate_combination(exits, axes, position, config)
        assert alone.final_capital == results.final_capital[position]
        assert alone.trades_executed == results.trades_executed[position]


def test_every_lane_ends_with_the_capital_of_a_walk_of_its_own(found: tuple[CallExits, Axes]) -> None:
    check(found, to_config(CapitalSpec()))


@pytest.mark.parametrize("risk", [0.01, 0.5])
def test_sizes_that_follow_equity_do_so_in_every_lane(found: tuple[CallExits, Axes], risk: float) -> None:
    check(found, to_config(CapitalSpec(max_risk=risk, max_allocation=1.0)))


@pytest.mark.parametrize("positions", [1, 3])
def test_lanes_skip_calls_when_their_own_positions_are_at_the_limit(
    found: tuple[CallExits, Axes], positions: int
) -> None:
    check(found, to_config(CapitalSpec(max_positions=positions)))


def test_lanes_run_out_of_money_one_by_one(found: tuple[CallExits, Axes]) -> None:
    check(found, to_config(CapitalSpec(max_risk=1e6, max_allocation=1.0, max_positions=1_000_000)))


def test_positions_beyond_the_memory_take_turns(found: tuple[CallExits, Axes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_arrays, "STATE_BYTES", 1)
    check(found, to_config(CapitalSpec()))


def test_threads_share_holding_times_when_there_are_few_tiles(found: tuple[CallExits, Axes]) -> None:
    check(found, to_config(CapitalSpec()), workers=3)
