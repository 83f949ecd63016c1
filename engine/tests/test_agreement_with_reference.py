"""The fast engine against the slow reference on random markets: exits exactly, money to the last bit or nearly so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from in_memory import to_engine_market
from markets import HOLDS, STOPS, TARGETS, RandomMarket, configs, markets, params
from quantbot_engine.calls.exits import find_exits, to_axes
from quantbot_engine.calls.grid_search import search_grid, to_params
from quantbot_engine.calls.simulation import simulate_combination, simulate_params
from quantbot_engine.protocol import (
    CapitalSimulationResult,
    CapitalSimulatorConfig,
    V1BaselineGrid,
    V1BaselineParams,
)
from reference.baseline import Outcome, simulate


def check_agreement(found: CapitalSimulationResult, expected: Outcome, config: CapitalSimulatorConfig) -> None:
    """Exits are equal to the bit. Money too, unless sizes follow equity, whose sum over positions has another order."""
    rel = 0.0 if config.max_risk_per_trade >= 1 else 1e-9
    assert [
        (trade.call_id, trade.entry_ts_ms, trade.exit_ts_ms, trade.entry_px, trade.exit_px, trade.exit_reason.value)
        for trade in found.completed_trades
    ] == [
        (
            trade.call_id,
            trade.path.entry_ts_ms,
            trade.path.exit_ts_ms,
            trade.path.entry_px,
            trade.path.exit_px,
            trade.path.reason,
        )
        for trade in expected.trades
    ]
    assert [(skipped.call_id, skipped.reason.value) for skipped in found.skipped_calls] == expected.skipped
    assert found.ambiguous_exits == expected.ambiguous_exits
    sizes = [trade.size for trade in expected.trades]
    pnls = [trade.pnl for trade in expected.trades]
    assert [trade.size for trade in found.completed_trades] == pytest.approx(sizes, rel=rel, abs=rel)
    assert [trade.pnl for trade in found.completed_trades] == pytest.approx(pnls, rel=rel, abs=rel)
    assert found.final_capital == pytest.approx(expected.final_capital, rel=rel, abs=rel)


@given(market=markets(), params=params, config=configs)
def test_one_combination(market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig) -> None:
    engine_market = to_engine_market(market)
    found = simulate_params(engine_market, engine_market.calls, params, config)
    check_agreement(found, simulate(market.calls, params, config), config)


@given(
    market=markets(),
    config=configs,
    grid=st.builds(
        V1BaselineGrid,
        tp_mults=st.lists(TARGETS, min_size=1, max_size=4),
        sl_mults=st.lists(STOPS, min_size=1, max_size=4),
        max_hold_hrs=st.lists(HOLDS, min_size=1, max_size=3),
    ),
)
def test_every_combination_of_a_grid(
    market: RandomMarket, config: CapitalSimulatorConfig, grid: V1BaselineGrid
) -> None:
    engine_market = to_engine_market(market)
    axes = to_axes(grid)
    exits = find_exits(engine_market, engine_market.calls, axes.levels, config.gap_fill)
    results = search_grid(exits, axes, config)
    for position in range(axes.combinations):
        found = simulate_combination(exits, axes, position, config)
        # The search and the full simulation are the same walk: equal to the last bit, always.
        assert found.final_capital == results.final_capital[position]
        assert found.trades_executed == results.trades_executed[position]
        check_agreement(found, simulate(market.calls, to_params(axes, position), config), config)


@given(market=markets(), params=params, config=configs)
def test_the_capital_curve(market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig) -> None:
    engine_market = to_engine_market(market)
    found = simulate_params(engine_market, engine_market.calls, params, config)
    expected = simulate(market.calls, params, config)
    curve = dict(zip(found.capital_curve.ts_ms[1:], found.capital_curve.equity[1:], strict=True))
    equity = config.initial_capital
    for ts_ms, value in expected.curve[1:]:
        equity = curve.pop(ts_ms, equity)
        assert equity == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert curve == {}
    assert found.capital_curve.ts_ms[0] == expected.curve[0][0]
    if found.completed_trades and len(found.capital_curve.equity) > 1:
        assert found.capital_curve.equity[-1] == found.final_capital
