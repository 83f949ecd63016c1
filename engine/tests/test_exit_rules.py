"""Further exits: the tables against the slow reference, what must hold on every market, and what is refused."""

import itertools
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from msgspec import UNSET

from engine_calls import ask
from further_markets import further_grids, further_params
from in_memory import to_engine_market
from markets import RandomMarket, configs, markets, params, to_request_market
from quantbot_engine.calls.exit_rules.exits import find_search_exits, to_search_axes
from quantbot_engine.calls.exit_rules.search import search_combinations as search_in_tiles
from quantbot_engine.calls.exits import find_exits, to_axes
from quantbot_engine.calls.grid_search import search_grid
from quantbot_engine.calls.grouping import to_group_params
from quantbot_engine.calls.search import search_combinations
from quantbot_engine.calls.simulation import simulate_params, simulate_position
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    CapitalSimulatorConfig,
    GapFill,
    Intrabar,
    LadderRung,
    V1BaselineGrid,
    V1BaselineParams,
)
from quantbot_engine.slices.market import Market
from reference.baseline import Series, Trade, find_interval_s, simulate
from test_agreement_with_reference import check_agreement
from test_properties import alone, cut_after, run

EVERY_OPTION = list(itertools.product(Intrabar, GapFill))


def to_legs(trade: Trade) -> list[tuple[int, float, float, str]]:
    return [(leg.ts_ms, leg.px, leg.fraction, leg.reason) for leg in trade.path.legs] if trade.path.has_ladder else []


def check_further(market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig) -> None:
    engine_market = to_engine_market(market)
    found = simulate_params(engine_market, engine_market.calls, params, config)
    expected = simulate(market.calls, params, config)
    check_agreement(found, expected, config)
    legs = [
        [(leg.ts_ms, leg.px, leg.fraction, leg.reason.value) for leg in trade.legs] for trade in found.completed_trades
    ]
    assert legs == [to_legs(trade) for trade in expected.trades]
    assert [trade.exit_mult for trade in found.completed_trades] == [trade.path.exit_mult for trade in expected.trades]


@pytest.mark.parametrize(("intrabar", "gap_fill"), EVERY_OPTION)
@given(market=markets(), params=further_params, config=configs)
def test_every_exit_agrees_with_the_reference(
    intrabar: Intrabar,
    gap_fill: GapFill,
    market: RandomMarket,
    params: V1BaselineParams,
    config: CapitalSimulatorConfig,
) -> None:
    check_further(market, params, msgspec.structs.replace(config, intrabar=intrabar, gap_fill=gap_fill))


@given(market=markets(), grid=further_grids, config=configs)
def test_every_combination_of_a_grid(
    market: RandomMarket, grid: V1BaselineGrid, config: CapitalSimulatorConfig
) -> None:
    assume_rungs_below(grid)
    engine_market = to_engine_market(market)
    axes = to_search_axes(grid)
    exits = find_search_exits(engine_market, engine_market.calls, axes, config.gap_fill)
    results = search_combinations(exits, axes, config)
    for position in range(axes.combinations):
        found = simulate_position(exits, axes, position, config)
        assert found.final_capital == results.final_capital[position]
        assert found.trades_executed == results.trades_executed[position]
    for position in range(0, axes.combinations, 5):
        check_agreement(
            simulate_position(exits, axes, position, config),
            simulate(market.calls, axes.to_params(position), config),
            config,
        )


def assume_rungs_below(grid: V1BaselineGrid) -> None:
    assert min(grid.tp_mults) > 1.36


@given(market=markets(), params=params, config=configs)
def test_without_further_exits_the_tiles_are_v1_to_the_bit(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> None:
    engine_market = to_engine_market(market)
    grid = V1BaselineGrid(tp_mults=[params.tp_mult, 1.5, 2.0], sl_mults=[0.5, params.sl_mult], max_hold_hrs=[0.1, 1.0])
    axes = to_search_axes(grid)
    exits = find_search_exits(engine_market, engine_market.calls, axes, config.gap_fill)
    v1_axes = to_axes(grid)
    v1_exits = find_exits(engine_market, engine_market.calls, v1_axes.levels, config.gap_fill)
    tiles = search_in_tiles(exits, axes, config, 1, lambda _: None)
    v1 = search_grid(v1_exits, v1_axes, config)
    assert np.array_equal(tiles.final_capital, v1.final_capital)
    assert np.array_equal(tiles.trades_executed, v1.trades_executed)


@given(market=markets(), params=params, config=configs)
def test_a_ladder_that_is_never_reached_is_v1_to_the_bit(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> None:
    far = msgspec.structs.replace(params, tp_mult=1000.0)
    with_ladder = msgspec.structs.replace(far, ladder=[LadderRung(mult=900.0, fraction=0.5)])
    plain, laddered = run(market, far, config), run(market, with_ladder, config)
    assert laddered.final_capital == plain.final_capital
    assert [trade.pnl for trade in laddered.completed_trades] == [trade.pnl for trade in plain.completed_trades]
    assert laddered.capital_curve == plain.capital_curve


@given(market=markets(), params=further_params, config=configs)
def test_cutting_the_data_after_an_exit_never_changes_that_trade(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> None:
    for call in market.calls[:8]:
        for trade in run(alone(market, call.id), params, config).completed_trades:
            if trade.exit_reason.value == "end_of_data":
                continue
            cut = cut_after(alone(market, call.id), call.id, trade.exit_ts_ms)
            assert run(cut, params, config).completed_trades == [trade]


@given(market=markets(), params=further_params, config=configs)
def test_no_money_appears_or_vanishes_in_parts(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> None:
    result = run(market, params, config)
    gained = sum(trade.pnl for trade in result.completed_trades)
    assert result.final_capital == pytest.approx(config.initial_capital + gained, rel=1e-9, abs=1e-9)
    for trade in result.completed_trades:
        if trade.legs:
            assert sum(leg.fraction for leg in trade.legs) == pytest.approx(1, abs=1e-12)
            assert trade.exit_ts_ms == trade.legs[-1].ts_ms
            assert all(earlier.ts_ms <= later.ts_ms for earlier, later in itertools.pairwise(trade.legs))


@given(market=markets(), grid=further_grids, config=configs)
def test_the_number_of_workers_changes_nothing(
    market: RandomMarket, grid: V1BaselineGrid, config: CapitalSimulatorConfig
) -> None:
    engine_market = to_engine_market(market)
    axes = to_search_axes(grid)
    alone, together = (
        search_combinations(_exits_of(engine_market, axes, config, workers), axes, config, workers)
        for workers in (1, 3)
    )
    assert np.array_equal(alone.final_capital, together.final_capital)
    assert np.array_equal(alone.trades_executed, together.trades_executed)


def _exits_of(market: Market, axes: Any, config: CapitalSimulatorConfig, workers: int) -> Any:
    return find_search_exits(market, market.calls, axes, config.gap_fill, workers)


@given(market=markets(), grid=further_grids, config=configs)
def test_callers_alone_are_searched_as_if_the_others_did_not_exist(
    market: RandomMarket, grid: V1BaselineGrid, config: CapitalSimulatorConfig
) -> None:
    plain = {id(series): Series(series.candles, None) for series in market.series}
    if any(find_interval_s(plain[id(series)]) != find_interval_s(series) for series in market.series):
        return
    request = {
        "param_grid": msgspec.to_builtins(grid),
        "simulator_config": msgspec.to_builtins(config),
        **to_request_market(market),
    }
    per_caller = ask({"operation": "optimize_per_caller", **request})
    for caller, found in per_caller.items():
        own = ask({"operation": "optimize", "caller_groups": [caller], **request})
        assert found["grid_final_capital"] == own["grid_final_capital"]
        assert found["best_plateau"] == own["best_plateau"]


def _ladder(text: str) -> list[Any]:
    rungs = [part.split(":") for part in text.split(",")]
    return [{"mult": float(mult), "fraction": float(fraction)} for mult, fraction in rungs]


def _ask_grid(**grid: Any) -> Any:
    market = {
        "calls": [{"id": "a", "mint": "A", "caller": "Ann", "ts_ms": 0}],
        "candles_by_call_id": {
            "a": [{"timestamp": 60 * row, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1} for row in range(3)]
        },
    }
    return ask({"operation": "optimize", "param_grid": grid, **market})


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"tp_mults": [3, 2], "ladders": [_ladder("1.5:0.5,2:0.2")]}, r"ladder 1\.5:0\.5, 2:0\.2 with tp_mult 2;"),
        ({"ladders": [_ladder("1.2:0.6,1.3:0.6")]}, "add up to at most 1"),
        ({"ladders": [_ladder("1.3:0.2,1.2:0.2")]}, "rising mult"),
        ({"ladders": [[]]}, "at least one rung"),
        ({"target_decays": [[{"after_hrs": 2, "tp_mult": 2}, {"after_hrs": 1, "tp_mult": 2}]]}, "rising after_hrs"),
        ({"target_decays": [[]]}, "at least one step"),
        ({"trail_activation_mults": [1.5]}, "expected trail_pcts beside it"),
    ],
)
def test_what_cannot_be_combined_is_refused_by_name(grid: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message) as refused:
        _ask_grid(**grid)
    assert refused.value.code.value == "INVALID_REQUEST"


def test_an_absent_axis_and_null_alone_are_the_same_search() -> None:
    absent = _ask_grid(tp_mults=[2, 3])
    explicit = _ask_grid(tp_mults=[2, 3], trail_pcts=[None], break_even_mults=[None], ladders=[None])
    assert absent == explicit
    assert "trailing" not in absent["best_params"]


def _best(**further: Any) -> V1BaselineParams:
    return msgspec.convert({"tp_mult": 3.0, "sl_mult": 0.5, "max_hold_hrs": 1.0, **further}, V1BaselineParams)


def test_a_group_has_means_of_stops_that_all_have_and_the_most_frequent_ladder() -> None:
    common, rare = _ladder("2:0.5"), _ladder("1.5:0.5")
    group = to_group_params(
        [
            _best(trailing={"activation_mult": 1.0, "trail_pct": 0.1}, ladder=rare),
            _best(trailing={"activation_mult": 2.0, "trail_pct": 0.3}, ladder=common),
            _best(trailing={"activation_mult": 3.0, "trail_pct": 0.2}, ladder=common, break_even={"trigger_mult": 2}),
        ]
    )
    assert group.trailing is not UNSET
    assert group.trailing.activation_mult == 2.0
    assert group.trailing.trail_pct == pytest.approx(0.2)
    assert group.break_even is UNSET
    assert msgspec.to_builtins(group.ladder) == common


def test_equally_frequent_ladders_go_to_the_first() -> None:
    first, second = _ladder("2:0.5"), _ladder("1.5:0.5")
    assert msgspec.to_builtins(to_group_params([_best(ladder=first), _best(ladder=second)]).ladder) == first
    assert to_group_params([_best(), _best(ladder=second)]).ladder is UNSET
