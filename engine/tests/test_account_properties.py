"""What holds for every account: finite figures with the documented reasons, whatever happened to the money."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts import account_of_equity, account_of_returns, accounts, trips_between
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.account_figures import measure_account
from quantbot_engine.metrics.figure_texts import TEXTS
from quantbot_engine.metrics.ledger import Ledger, Trips
from quantbot_engine.metrics.measured import DAY_MS
from quantbot_engine.metrics.periods import measure_figures
from quantbot_engine.metrics.undefined import Figure, Undefined

PERIODS = ["30d", "90d", "1y", "all"]
MONEY = {"final_balance", "expectancy", "average_win", "average_loss", "largest_win", "largest_loss", "total_fees"}
daily_returns = st.lists(st.floats(-0.3, 0.3), min_size=3, max_size=60)


def figures_of(account: Account) -> dict[str, Figure]:
    return measure_account(account, ["all"], detail=True)[0]


@given(accounts())
def test_every_figure_is_finite_or_undefined_for_a_documented_reason(account: Account) -> None:
    for figures in measure_account(account, PERIODS, detail=True):
        for name, value in figures.items():
            if isinstance(value, Undefined):
                assert value in TEXTS[name].undefined, name
            else:
                assert math.isfinite(value), name


@given(trips_between(0.0, 100.0), st.floats(100.0, 500.0))
def test_figures_of_an_account_at_cost_are_too(trips: Trips, days: float) -> None:
    final = 1000.0 + float(np.sum(trips.gross - trips.fee))
    ledger = Ledger(trips, 1000.0, final, start_ms=0, end_ms=round(days * DAY_MS))
    for figures in measure_figures(ledger, PERIODS, detail=True):
        for name, value in figures.items():
            assert value in TEXTS[name].undefined if isinstance(value, Undefined) else math.isfinite(value), name


@given(accounts())
def test_twice_the_money_is_the_same_account(account: Account) -> None:
    trips = account.trips
    twice = replace(
        account,
        initial_capital=2.0 * account.initial_capital,
        equity=2.0 * account.equity,
        exposure=2.0 * account.exposure,
        net_exposure=2.0 * account.net_exposure,
        benchmark=2.0 * account.benchmark,
        trips=trips._replace(
            size=2.0 * trips.size, gross=2.0 * trips.gross, fee=2.0 * trips.fee, risk=2.0 * trips.risk
        ),
    )
    for name, value in figures_of(account).items():
        doubled = figures_of(twice)[name]
        if isinstance(value, Undefined):
            assert doubled is value, name
        else:
            assert doubled == pytest.approx(2.0 * value if name in MONEY else value, rel=1e-12), name


@given(daily_returns, st.integers(1, 40))
def test_a_flat_stretch_does_not_make_the_sharpe_ratio_larger(returns: list[float], days: int) -> None:
    before = figures_of(account_of_returns(returns))["sharpe_ratio"]
    after = figures_of(account_of_returns([*returns, *[0.0] * days]))["sharpe_ratio"]
    assume(not isinstance(before, Undefined) and not isinstance(after, Undefined))
    assert abs(float(after)) <= abs(float(before)) * (1 + 1e-9) + 1e-9


@given(st.lists(st.floats(100.0, 3000.0), min_size=90, max_size=90))
def test_a_period_as_long_as_the_data_is_all_of_them(equity: list[float]) -> None:
    quarter, year, whole = measure_account(account_of_equity([1000.0, *equity]), ["90d", "1y", "all"], detail=True)
    assert quarter == year == whole


@given(st.lists(st.floats(100.0, 3000.0), min_size=31, max_size=120))
def test_a_period_is_the_account_that_starts_with_it(equity: list[float]) -> None:
    account = account_of_equity([1000.0, *equity], exposure=[0.25 * value for value in equity])
    month = measure_account(account, ["30d"], detail=True)[0]
    days = [float(day) for day in range(len(equity) - 30, len(equity) + 1)]
    values = [1000.0, *equity][-31:]
    alone = figures_of(account_of_equity(values, days, exposure=[0.25 * value for value in values[1:]]))
    assert month == alone


@given(accounts())
def test_figures_are_those_of_a_slow_computation(account: Account) -> None:
    figures = figures_of(account)
    equity = [account.initial_capital, *account.equity.tolist()]
    falls = [1.0 - value / max(equity[: at + 1]) for at, value in enumerate(equity)]
    assert figures["max_drawdown"] == pytest.approx(max(falls), abs=1e-12)
    assume(account.marked_ms.size > 0 and min(equity) > 1e-3)
    closes = _closes(account)
    returns = np.array(closes[1:]) / np.array(closes[:-1]) - 1.0
    squares = [(1.0 - close / max(closes[: day + 1])) ** 2 for day, close in enumerate(closes)]
    assert figures["ulcer_index"] == pytest.approx(math.sqrt(sum(squares) / len(returns)), abs=1e-9)
    assert figures["mean_gross_exposure"] == pytest.approx(float(np.mean(account.exposure / account.equity)), abs=1e-9)
    if not isinstance(figures["sharpe_ratio"], Undefined):
        ratio = returns.mean() / returns.std(ddof=1) * math.sqrt(365)
        assert figures["sharpe_ratio"] == pytest.approx(ratio, rel=1e-9, abs=1e-9)
    if not isinstance(figures["value_at_risk_95"], Undefined):
        assert figures["value_at_risk_95"] == pytest.approx(np.quantile(returns, 0.05), abs=1e-12)
    if not isinstance(figures["kelly_factor"], Undefined) and float(figures["kelly_factor"]) > 0.0:
        factor = float(figures["kelly_factor"])
        growth = [np.log1p(scale * factor * returns).mean() for scale in (0.99, 1.0)]
        assert growth[1] >= growth[0] - 1e-12


def _closes(account: Account) -> list[float]:
    """Return equity at the start, at each midnight after it, and at the end."""
    end_ms = int(account.marked_ms[-1])
    first = (account.start_ms // DAY_MS + 1) * DAY_MS
    times = [*range(first, end_ms, DAY_MS), end_ms]
    equity = [account.initial_capital, *account.equity.tolist()]
    return [equity[0], *(equity[sum(1 for mark in account.marked_ms.tolist() if mark <= at)] for at in times)]
