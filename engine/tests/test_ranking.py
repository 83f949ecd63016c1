"""The ranking that ignores capital, the best plateau, the overview of a large grid: against counting cell by cell."""

import itertools
import statistics
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import UNSET

from further_markets import further_grids
from in_memory import to_engine_market
from markets import HOLDS, STOPS, TARGETS, RandomMarket, configs, markets
from quantbot_engine.calls.arrays import GridResults
from quantbot_engine.calls.exit_rules.exits import SearchAxes, find_search_exits, to_search_axes
from quantbot_engine.calls.overview import to_overview
from quantbot_engine.calls.plateau import find_best_plateau
from quantbot_engine.calls.ranking import TILE, rank_combinations
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    CapitalSimulatorConfig,
    LadderRung,
    RankedTrades,
    RankFigure,
    RankRequest,
    V1BaselineGrid,
    V1BaselineParams,
    V1BaselineRanking,
)
from reference.baseline import find_path

TOLERANCE = 1e-9

v1_grids = st.builds(
    V1BaselineGrid,
    tp_mults=st.lists(TARGETS, min_size=1, max_size=5),
    sl_mults=st.lists(STOPS, min_size=1, max_size=5),
    max_hold_hrs=st.lists(HOLDS, min_size=1, max_size=4),
)
grids = st.one_of(v1_grids, further_grids.map(lambda grid: msgspec.structs.replace(grid, ladders=UNSET)))


def rank(
    market: RandomMarket, grid: V1BaselineGrid, config: CapitalSimulatorConfig, workers: int = 1, **more: Any
) -> tuple[SearchAxes, V1BaselineRanking]:
    engine_market = to_engine_market(market)
    axes = to_search_axes(grid)
    exits = find_search_exits(engine_market, engine_market.calls, axes, config.gap_fill)
    request = RankRequest(param_grid=grid, simulator_config=config, **{"limit": 10_000, **more})
    return axes, rank_combinations(exits, axes, request, workers)


def count_trades(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> tuple[list[float], list[float]]:
    """Return net returns and hours of all calls that have an entry, one by one."""
    cost = (config.taker_fee_bps + config.slippage_bps) / 10000 * 2
    paths = [path for call in market.calls if not isinstance(path := find_path(call, params, config), str)]
    returns = [path.exit_px / path.entry_px - 1 - cost for path in paths]
    return returns, [(path.exit_ts_ms - path.entry_ts_ms) / 3_600_000 for path in paths]


def has_trades(market: RandomMarket) -> bool:
    plain = V1BaselineParams(tp_mult=2.0, sl_mult=0.5)
    return any(not isinstance(find_path(call, plain, CapitalSimulatorConfig()), str) for call in market.calls)


def check_figures(found: RankedTrades, returns: list[float], hours: list[float]) -> None:
    gain, loss = sum(r for r in returns if r > 0), -sum(r for r in returns if r <= 0)
    assert found.expectancy == pytest.approx(statistics.fmean(returns), rel=TOLERANCE, abs=TOLERANCE)
    assert found.win_rate == sum(r > 0 for r in returns) / len(returns)
    assert found.gross_profit == pytest.approx(gain, rel=TOLERANCE, abs=TOLERANCE)
    assert found.gross_loss == pytest.approx(loss, rel=TOLERANCE, abs=TOLERANCE)
    assert found.mean_hold_hrs == pytest.approx(statistics.fmean(hours), rel=TOLERANCE, abs=TOLERANCE)
    if found.profit_factor is not None:
        assert found.profit_factor == pytest.approx(gain / loss, rel=TOLERANCE)
    if found.sharpe_per_trade is not None:
        deviation = statistics.stdev(returns)
        assert found.sharpe_per_trade == pytest.approx(statistics.fmean(returns) / deviation, rel=1e-6, abs=TOLERANCE)


@given(market=markets(), grid=grids, config=configs)
def test_figures_are_those_of_the_trades_one_by_one(
    market: RandomMarket, grid: V1BaselineGrid, config: CapitalSimulatorConfig
) -> None:
    assume(has_trades(market))
    axes, ranking = rank(market, grid, config)
    assert ranking.params_evaluated == axes.combinations == len(ranking.ranked)
    for row in ranking.ranked[:30]:
        returns, hours = count_trades(market, row.params, config)
        assert ranking.trades == len(returns)
        check_figures(row, returns, hours)
    expectancies = [row.expectancy for row in ranking.ranked]
    assert expectancies == sorted(expectancies, reverse=True)


@given(market=markets(), grid=grids, config=configs, figure=st.sampled_from(list(RankFigure)), limit=st.integers(1, 9))
def test_a_shorter_ranking_is_the_head_of_the_whole_whatever_the_workers(
    market: RandomMarket, grid: V1BaselineGrid, config: CapitalSimulatorConfig, figure: RankFigure, limit: int
) -> None:
    assume(has_trades(market))
    _, whole = rank(market, grid, config, rank_by=figure)
    _, head = rank(market, grid, config, workers=3, rank_by=figure, limit=limit)
    assert head.ranked == whole.ranked[:limit]
    values = [getattr(row, figure.value) for row in whole.ranked]
    defined = [value for value in values if value is not None]
    assert values[: len(defined)] == sorted(defined, reverse=True)


@given(market=markets(), config=configs)
def test_a_grid_of_several_tiles_is_ranked_like_its_parts(market: RandomMarket, config: CapitalSimulatorConfig) -> None:
    assume(has_trades(market))
    targets = [1.05 + 0.03 * step for step in range(TILE + 7)]
    _, ranking = rank(market, V1BaselineGrid(tp_mults=targets, sl_mults=[0.9, 0.5], max_hold_hrs=[0.2]), config)
    assert len(ranking.ranked) == 2 * (TILE + 7)
    for row in ranking.ranked[::17]:
        check_figures(row, *count_trades(market, row.params, config))


def test_ladders_cannot_be_ranked() -> None:
    grid = V1BaselineGrid(tp_mults=[2.0], ladders=[[LadderRung(mult=1.5, fraction=0.5)]])
    with pytest.raises(EngineError, match="use optimize for ladders"):
        rank(RandomMarket([], []), grid, CapitalSimulatorConfig())


def test_a_plateau_is_the_best_mean_over_neighbours_in_order_of_value() -> None:
    axes = to_search_axes(V1BaselineGrid(tp_mults=[3.0, 1.5, 2.0], sl_mults=[0.5, 0.9], max_hold_hrs=[1.0]))
    final = np.array([9.0, 0.0, 5.0, 5.0, 6.0, 5.0])
    plateau = find_best_plateau(axes, final)
    # In order of value: 1.5 (5, 5), 2 (6, 5), 3 (9, 0). Around 1.5: 21 / 4; around 2: 30 / 6; around 3: 20 / 4.
    assert (plateau.params.tp_mult, plateau.params.sl_mult) == (1.5, 0.5)
    assert (plateau.score, plateau.cells, plateau.own_final_capital) == (21 / 4, 4, 5.0)


def test_off_is_next_to_nothing() -> None:
    grid = V1BaselineGrid(tp_mults=[2.0], sl_mults=[0.5], max_hold_hrs=[1.0], trail_pcts=[None, 0.1, 0.2])
    plateau = find_best_plateau(to_search_axes(grid), np.array([7.0, 8.0, 5.0]))
    assert (plateau.score, plateau.cells) == (7.0, 1)
    assert plateau.params.trailing is UNSET


@given(data=st.data(), grid=further_grids)
def test_a_plateau_is_what_counting_neighbours_finds(data: st.DataObject, grid: V1BaselineGrid) -> None:
    axes = to_search_axes(grid)
    cells = st.lists(st.integers(0, 50).map(float), min_size=axes.combinations, max_size=axes.combinations)
    final = np.array(data.draw(cells))
    further = axes.further.axes
    values: list[list[Any]] = [
        grid.tp_mults,
        grid.sl_mults,
        grid.max_hold_hrs,
        further.activations,
        further.trails,
        further.break_evens,
    ]
    scores = []
    shaped = final.reshape(axes.shape)
    for position in itertools.product(*(range(size) for size in axes.shape)):
        near = [neighbours(axis, index) for axis, index in zip(values, position, strict=False)]
        around = [shaped[(*cell, *position[6:])] for cell in itertools.product(*near)]
        scores.append(sum(around) / len(around))
    plateau = find_best_plateau(axes, final)
    assert plateau.score == pytest.approx(max(scores))
    assert plateau.params in [
        axes.to_params(position) for position, score in enumerate(scores) if score == pytest.approx(max(scores))
    ]


def neighbours(values: list[Any], index: int) -> list[int]:
    """Return the position itself and the first positions of the next values below and above."""
    value = values[index]
    if value is None:
        return [index]
    below = max([other for other in values if other is not None and other < value], default=None)
    above = min([other for other in values if other is not None and other > value], default=None)
    return [index, *(values.index(other) for other in (below, above) if other is not None)]


def test_an_overview_has_the_best_of_each_bucket() -> None:
    targets = [1.5 + 0.01 * step for step in range(100)]
    axes = to_search_axes(V1BaselineGrid(tp_mults=targets[::-1], sl_mults=[0.9, 0.5], max_hold_hrs=[1.0, 2.0]))
    final = np.arange(400.0)
    overview = to_overview(axes, GridResults(final, np.arange(400)))
    assert len(overview.tp_from) == 40
    assert overview.tp_from[0] == targets[0]
    assert overview.tp_to[-1] == targets[-1]
    assert (overview.sl_from, overview.sl_to) == ([0.5, 0.9], [0.5, 0.9])
    # The lowest targets are last in the grid, and 0.5 after 0.9; the longer holding time is better.
    assert overview.best_final_capital[0] == 399.0
    assert overview.trades_executed[0] == 399
    assert overview.best_final_capital[1] == 397.0
