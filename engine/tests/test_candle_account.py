"""The account of a simulation as figures see it: exposure of both directions, closed trips, buying and holding."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from candle_requests import backtest, hour_ms, hourly, random_closes, reference, rules, to_slice
from engine_calls import ask
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.account_figures import cut_account_at_floor, measure_account
from quantbot_engine.protocol import CandleStrategyConfig, SliceRef
from quantbot_engine.simulate.rules import BasisPointCosts
from quantbot_engine.slices.load import load_slice
from quantbot_engine.strategies.candles.account import to_account
from quantbot_engine.strategies.candles.config import make_rule_program
from quantbot_engine.strategies.candles.trading import CandleTrading

TURNS: dict[str, Any] = {
    "enter_long": "crosses_above(close, sma(5))",
    "exit_long": "crosses_below(close, sma(5))",
    "enter_short": "crosses_below(close, sma(9))",
    "exit_short": "crosses_above(close, sma(9))",
}


def account_of(folder: Path, directions: str, **simulation: Any) -> Account:
    series = [hourly(random_closes(200, 1)), hourly(random_closes(150, 2), start=30)]
    slice_ = SliceRef(**to_slice(folder, *series))
    strategy = rules(**TURNS, simulation={"directions": directions, **simulation})
    program = make_rule_program(msgspec.convert({"rules": strategy}, CandleStrategyConfig))
    trading = CandleTrading(program, load_slice(slice_), None)
    run = trading.run({})
    return to_account(trading.basis, run.result, run.signals.prepared)


@pytest.mark.parametrize(("directions", "sign"), [("long", 1), ("short", -1)])
def test_one_direction_alone_is_all_of_the_exposure(tmp_path: Path, directions: str, sign: int) -> None:
    account = account_of(tmp_path, directions)
    assert account.exposure.max() > 0
    np.testing.assert_array_equal(account.net_exposure, sign * account.exposure)


def test_longs_and_shorts_add_up_to_exposure_and_their_difference_to_net_exposure(tmp_path: Path) -> None:
    account = account_of(tmp_path, "both")
    is_mixed = np.abs(account.net_exposure) < account.exposure - 1e-6
    assert is_mixed.any()
    assert not is_mixed.all()
    assert (np.abs(account.net_exposure) <= account.exposure + 1e-6).all()
    # Where both symbols hold the same direction, or one of them nothing, net and gross are one.
    np.testing.assert_allclose(np.abs(account.net_exposure[~is_mixed]), account.exposure[~is_mixed], rtol=0, atol=2e-6)


@pytest.mark.parametrize("directions", ["long", "short", "both"])
def test_a_search_has_the_figures_of_a_backtest_whatever_ran_before(tmp_path: Path, directions: str) -> None:
    series = [hourly(random_closes(2000, 1)), hourly(random_closes(1500, 2), start=30)]
    strategy = rules(**TURNS, simulation={"directions": directions, "max_hold_candles": 3})
    program = make_rule_program(msgspec.convert({"rules": strategy}, CandleStrategyConfig))
    trading = CandleTrading(program, load_slice(SliceRef(**to_slice(tmp_path, *series))), None)
    periods = ["30d", "all"]
    run = trading.run({})
    expected = measure_account(to_account(trading.basis, run.result, run.signals.prepared), periods)
    # What an earlier trial left in the curves must not be read.
    run.result.equity[:] = np.nan
    run.result.exposure[:] = np.nan
    (account,) = trading.evaluate([{}])
    assert isinstance(account, Account)
    assert measure_account(account, periods) == expected
    floor = 0.99 * account.initial_capital
    cut = cut_account_at_floor(account, floor)
    again = trading.run({})
    complete = cut_account_at_floor(to_account(trading.basis, again.result, again.signals.prepared), floor)
    assert cut is not None
    assert complete is not None
    assert measure_account(cut, periods) == measure_account(complete, periods)


def test_positions_that_stay_open_are_in_the_equity_not_among_the_trips(tmp_path: Path) -> None:
    closed = account_of(tmp_path / "a", "both", max_hold_candles=10**6)
    left = account_of(tmp_path / "b", "both", max_hold_candles=10**6, final_close="leave_open")
    assert left.trips.opened_ms.size < closed.trips.opened_ms.size
    assert left.exposure[-1] > 0
    pnl = float((closed.trips.gross - closed.trips.fee).sum())
    assert closed.equity[-1] == pytest.approx(closed.initial_capital + pnl)


def test_what_closes_a_short_is_its_units_at_the_price_they_were_bought_back_at(tmp_path: Path) -> None:
    account = account_of(tmp_path, "short", costs={"type": "basis_points", "fee_bps": 10.0})
    trips = account.trips
    np.testing.assert_allclose(trips.closed, trips.size - trips.gross, rtol=1e-9)


@pytest.mark.parametrize(
    ("simulation", "fraction"),
    [
        ({"stop_loss": 0.05}, 0.05),
        ({"stop_loss": 0.05, "trailing_stop": 0.02}, 0.02),
        ({"trailing_stop": 0.02}, 0.02),
        ({"stop_loss": 0.05, "trailing_stop": 0.02, "trailing_activation": 0.01}, 0.05),
    ],
)
def test_the_risk_of_a_trip_is_what_its_first_stop_would_have_lost(
    tmp_path: Path, simulation: dict[str, Any], fraction: float
) -> None:
    trips = account_of(tmp_path, "both", **simulation).trips
    np.testing.assert_allclose(trips.risk, fraction * trips.size)


def test_trips_without_a_stop_have_no_risk(tmp_path: Path) -> None:
    assert np.isnan(account_of(tmp_path, "both").trips.risk).all()


@pytest.mark.parametrize("entry_fill", ["next_open", "signal_close"])
def test_a_distance_of_the_signal_is_the_first_stop(tmp_path: Path, entry_fill: str) -> None:
    series = [hourly(random_closes(200, 1)), hourly(random_closes(150, 2), start=30)]
    slice_ = SliceRef(**to_slice(tmp_path, *series))
    # The distance names the candle of the signal: twice its close is never near.
    strategy = rules(**TURNS, stop_distance="close / 2", simulation={"entry_fill": entry_fill, "stop_loss": 0.01})
    program = make_rule_program(msgspec.convert({"rules": strategy}, CandleStrategyConfig))
    trading = CandleTrading(program, load_slice(slice_), None)
    run = trading.run({})
    trips = to_account(trading.basis, run.result, run.signals.prepared).trips
    assert trips.risk.size > 10
    costs = run.result.rules.costs
    assert isinstance(costs, BasisPointCosts)
    slippage = costs.slippage_bps / 10_000
    signs = run.result.trades.direction
    opened = trips.risk * 2
    # Hourly candles of the fixture open at the close before, so both policies fill at the close of the signal.
    np.testing.assert_allclose(trips.size, opened * (1 + signs * slippage), rtol=1e-9)


def test_buying_and_holding_begins_at_the_first_open_of_each_symbol(tmp_path: Path) -> None:
    slice_ = to_slice(tmp_path, hourly([100, 100, 150, 200]), hourly([50, 25], start=2))
    never = rules(enter_long="close < 0")
    curve = ask(backtest(reference(never), slice_))["curve"]
    assert curve["ts_ms"] == [hour_ms(hour) for hour in range(5)]
    assert curve["benchmark"] == [10_000, 10_000, 10_000, 5_000 * 1.5 + 5_000, 5_000 * 2 + 5_000 * 0.5]
    assert set(curve["equity"]) == {10_000}
