"""Many simulations on what was prepared once give what each would give alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantbot_engine.errors import EngineError
from quantbot_engine.simulate import simulation
from quantbot_engine.simulate.preparation import Workspace, prepare_market, prepare_signals
from quantbot_engine.simulate.result import SimulationResult
from quantbot_engine.simulate.rules import SimulationRules
from quantbot_engine.simulate.simulation import simulate_candles, simulate_prepared
from reference.candles import Signal
from simulate_markets import Case, cases, read_fills, read_shortfalls, read_trades, rule_sets, to_market, to_signals
from simulate_policies import make_long_case


def check_same(found: SimulationResult, alone: SimulationResult) -> None:
    assert read_fills(found) == read_fills(alone)
    assert read_trades(found) == read_trades(alone)
    assert read_shortfalls(found) == read_shortfalls(alone)
    assert found.shortfall_counts == alone.shortfall_counts
    for name in ("equity", "cash", "exposure"):
        assert np.array_equal(getattr(found, name), getattr(alone, name)), name
    assert (found.ambiguous, found.above_top_rung) == (alone.ambiguous, alone.above_top_rung)


@given(groups=st.lists(st.tuples(cases(), st.lists(rule_sets(), min_size=1, max_size=4)), min_size=1, max_size=3))
def test_one_workspace_serves_all_markets_and_rules(groups: list[tuple[Case, list[SimulationRules]]]) -> None:
    workspace = Workspace()
    for case, rule_list in groups:
        market = prepare_market(to_market(case))
        signals = prepare_signals(market, to_signals(case))
        for rules in rule_list:
            found = simulate_prepared(market, signals, rules, workspace)
            check_same(found, simulate_candles(to_market(case), to_signals(case), rules))


@given(case=cases(), rules=rule_sets())
def test_a_search_is_given_the_account_wherever_anything_was_open(case: Case, rules: SimulationRules) -> None:
    market = prepare_market(to_market(case))
    signals = prepare_signals(market, to_signals(case))
    full = simulate_prepared(market, signals, rules, Workspace())
    bare = simulate_prepared(market, signals, rules, Workspace(), has_curves=False)
    is_marked = np.zeros(full.equity.size, dtype=np.bool_)
    for first, end in bare.runs.tolist():
        is_marked[first:end] = True
    assert np.array_equal(bare.equity[is_marked], full.equity[is_marked])
    assert np.array_equal(bare.exposure[is_marked], full.exposure[is_marked])
    assert not full.exposure[~is_marked].any()
    assert not np.diff(full.equity, prepend=rules.initial_capital)[~is_marked].any()
    assert bare.final_equity == full.final_equity


@pytest.mark.parametrize("is_traded", [True, False])
def test_what_finds_no_room_at_first_is_there_in_the_end(monkeypatch: pytest.MonkeyPatch, is_traded: bool) -> None:
    case = make_long_case(4, 400, 1, 0.2)
    market = prepare_market(to_market(case))
    given = to_signals(case)
    undefined = np.full(given.direction.shape, np.nan)
    signals = prepare_signals(market, given if is_traded else replace(given, stop_distance=undefined))
    rules = SimulationRules(max_hold_candles=1, size=0.1)
    expected = simulate_prepared(market, signals, rules, Workspace())
    monkeypatch.setattr(simulation, "FIRST_ROOM", 1)
    found = simulate_prepared(market, signals, rules, Workspace())
    assert len(found.runs) > 1
    assert (found.trades.pnl.size > 1) == is_traded
    assert np.array_equal(found.runs, expected.runs)
    check_same(found, expected)


def test_fills_and_trades_of_a_result_outlive_the_next_simulation() -> None:
    case = make_long_case(1, 300, 1, 0.1)
    market = prepare_market(to_market(case))
    signals = prepare_signals(market, to_signals(case))
    workspace = Workspace()
    first = simulate_prepared(market, signals, SimulationRules(stop_loss=0.01), workspace)
    fills, trades, shortfalls = read_fills(first), read_trades(first), read_shortfalls(first)
    simulate_prepared(market, signals, SimulationRules(directions="short", size=0.9), workspace)
    assert len(fills) > 10
    assert (read_fills(first), read_trades(first), read_shortfalls(first)) == (fills, trades, shortfalls)


def test_a_single_fill_outlives_the_next_simulation() -> None:
    long = make_long_case(2, 20, 1, 0.0)
    case = replace(long, signals={"A": {0: Signal(direction=1)}})
    market = prepare_market(to_market(case))
    signals = prepare_signals(market, to_signals(case))
    workspace = Workspace()
    first = simulate_prepared(market, signals, SimulationRules(final_close="leave_open", size=0.5), workspace)
    units = first.fills.units.tolist()
    simulate_prepared(market, signals, SimulationRules(final_close="leave_open", size=0.1), workspace)
    assert first.fills.units.tolist() == units


def test_size_by_risk_without_a_stop_is_refused() -> None:
    case = make_long_case(3, 20, 1, 0.5)
    market = prepare_market(to_market(case))
    signals = prepare_signals(market, to_signals(case))
    with pytest.raises(EngineError, match="expected a stop loss"):
        simulate_prepared(market, signals, SimulationRules(sizing="risk_fraction"), Workspace())
