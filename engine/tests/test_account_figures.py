"""Figures of marked accounts against numbers worked out by hand, and against the vectors for all implementations."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from accounts import account_of_equity, account_of_returns
from ledgers import ledger_of_returns, ledger_of_trips
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.account_figures import cut_account_at_floor, measure_account
from quantbot_engine.metrics.measured import DAY_MS
from quantbot_engine.metrics.periods import DETAIL_NAMES, METRIC_NAMES, measure_figures
from quantbot_engine.metrics.risk_figures import autocorrelated_factor
from quantbot_engine.metrics.undefined import Figure, Undefined
from test_figures import read_vector


def figures_of(account: Account) -> dict[str, Figure]:
    return measure_account(account, ["all"], detail=True)[0]


def test_a_search_has_the_same_figures_without_those_of_single_backtests() -> None:
    account = account_of_returns([0.01, -0.02, 0.03])
    short, long = measure_account(account, ["all"])[0], figures_of(account)
    assert sorted(short) == sorted(METRIC_NAMES)
    assert sorted(long) == sorted(DETAIL_NAMES)
    assert short == {name: long[name] for name in METRIC_NAMES}


def test_drawdown_is_of_all_marks_and_counts_from_the_initial_capital() -> None:
    # Within one day 10 % lost and won back.
    account = account_of_equity([1000.0, 900.0, 1000.0, 1100.0], [0.0, 0.25, 0.5, 1.0])
    assert figures_of(account)["max_drawdown"] == pytest.approx(0.1)
    assert figures_of(account)["longest_drawdown_days"] == 0.0
    assert figures_of(account)["recovery_factor"] == pytest.approx(1.0)


def test_a_fall_that_begins_before_a_period_counts_from_the_equity_at_its_start() -> None:
    account = account_of_equity([1000.0, 2000.0, 1000.0, 800.0, 900.0], [0.0, 10.0, 65.0, 80.0, 95.0])
    month, quarter, whole = measure_account(account, ["30d", "90d", "all"])
    assert month["max_drawdown"] == pytest.approx(0.2)
    assert quarter["max_drawdown"] == whole["max_drawdown"] == pytest.approx(0.6)
    assert month["total_return"] == pytest.approx(-0.1)
    # Equity stays at its high until the mark of day 65: day 64 is the last that closes there.
    assert whole["longest_drawdown_days"] == pytest.approx(31.0)


def test_a_figure_does_not_depend_on_the_other_periods_asked_for() -> None:
    random = np.random.default_rng(5)
    equity = np.concatenate(([1000.0], 1000.0 * np.cumprod(1.0 + random.normal(0.0, 0.01, 5000))))
    account = account_of_equity(equity.tolist(), (np.arange(5001) / 3.0).tolist(), exposure=equity[1:].tolist())
    together = measure_account(account, ["30d", "90d", "1y", "all"])
    alone = [measure_account(account, [period])[0] for period in ("30d", "90d", "1y", "all")]
    assert together == alone


def test_daily_closes_are_the_last_marks_at_or_before_midnight_and_days_without_marks_are_flat() -> None:
    # Starts at 18:00; marks at 23:00, at midnight itself, and three days later.
    account = account_of_equity([1000.0, 990.0, 1010.0, 1020.0], [0.75, 0.96, 1.0, 4.0])
    returns = np.array([1010.0 / 1000.0, 1.0, 1.0, 1020.0 / 1010.0]) - 1.0
    assert figures_of(account)["volatility"] == pytest.approx(returns.std(ddof=1) * math.sqrt(365))


def test_exposure_is_of_candles_and_of_equity() -> None:
    account = account_of_equity(
        [1000.0, 1000.0, 500.0, 1000.0, 2000.0], exposure=[0.0, 500.0, 250.0, 1000.0], net=[0.0, 500.0, -250.0, -1000.0]
    )
    figures = figures_of(account)
    assert figures["exposure"] == pytest.approx(0.75)
    assert figures["mean_gross_exposure"] == pytest.approx((0 + 1 + 0.25 + 0.5) / 4)
    assert figures["mean_net_exposure"] == pytest.approx((0 + 1 - 0.25 - 0.5) / 4)


def test_holding_starts_with_the_capital_until_there_is_a_price() -> None:
    held = [math.nan, 1000.0, 1500.0]
    figures = figures_of(account_of_equity([1000.0, 1000.0, 1100.0, 1200.0], benchmark=held))
    assert figures["benchmark_return"] == pytest.approx(0.5)
    assert figures["excess_return"] == pytest.approx(-0.3)
    unpriced = figures_of(account_of_equity([1000.0, 1100.0]))
    assert unpriced["benchmark_return"] is unpriced["excess_return"] is Undefined.NO_BENCHMARK


def test_a_period_of_holding_starts_with_what_was_held_then() -> None:
    account = account_of_equity([1000.0] * 4, [0.0, 50.0, 70.0, 100.0], benchmark=[2000.0, 2500.0, 3000.0])
    assert measure_account(account, ["30d"])[0]["benchmark_return"] == pytest.approx(0.2)


def test_turnover_of_shorts_is_what_their_fills_were_worth() -> None:
    trips = ledger_of_trips([(0, 1, 500, 100, 0)], days=2.0).trips
    account = account_of_equity([1000.0, 1100.0, 1100.0], trips=trips._replace(closed=np.array([400.0])))
    assert figures_of(account)["turnover"] == pytest.approx(900.0 / 1100.0 * 365.25 / 2)


def test_r_is_known_only_if_every_trade_had_a_stop() -> None:
    trips = ledger_of_trips([(0, 1, 100, 10, 0), (0, 2, 100, -10, 0)], days=2.0).trips
    known = account_of_equity([1000.0] * 3, trips=trips._replace(risk=np.array([5.0, 10.0])))
    assert figures_of(known)["mean_r"] == pytest.approx(0.5)
    partly = account_of_equity([1000.0] * 3, trips=trips._replace(risk=np.array([5.0, math.nan])))
    assert figures_of(partly)["mean_r"] is Undefined.NO_INITIAL_RISK
    assert figures_of(account_of_equity([1000.0] * 3, trips=trips))["mean_r"] is Undefined.NO_INITIAL_RISK


def test_losses_in_a_row_end_with_a_win_or_with_nothing() -> None:
    rows = [(0.0, day + 1.0, 10.0, pnl, 0.0) for day, pnl in enumerate([-1, -2, 0, -3, 5, -1, -1, -1])]
    figures = figures_of(account_of_equity([100.0] * 9, trips=ledger_of_trips(rows, 8.0).trips))
    assert figures["losing_streak"] == 3
    assert figures["largest_loss"] == -3
    assert figures["largest_win"] == 5


@pytest.mark.parametrize("days", [[0.0], [0.0, 0.0]])
def test_an_account_of_no_time_has_reasons_instead_of_ratios(days: list[float]) -> None:
    figures = figures_of(account_of_equity([1000.0] * len(days), days))
    assert figures["final_balance"] == 1000.0
    assert figures["exposure"] is figures["mean_gross_exposure"] is Undefined.NO_TIME
    assert figures["ulcer_index"] is figures["kelly_factor"] is Undefined.TOO_FEW_OBSERVATIONS


def test_equity_below_zero_has_no_ratios_but_a_drawdown_above_one() -> None:
    figures = figures_of(account_of_equity([100.0, 110.0, -22.0, 30.0], exposure=[1.0, 1.0, 1.0]))
    assert figures["max_drawdown"] == pytest.approx(1.2)
    for name in ("sharpe_ratio", "omega_ratio", "kelly_factor", "mean_gross_exposure"):
        assert figures[name] is Undefined.NON_POSITIVE_EQUITY, name


def test_a_period_after_ruin_has_no_growth() -> None:
    month = measure_account(account_of_equity([100.0, 0.0, 0.0], [0.0, 10.0, 60.0]), ["30d"])[0]
    for name in ("total_return", "cagr", "max_drawdown", "ulcer_index", "turnover"):
        assert month[name] is Undefined.NON_POSITIVE_EQUITY, name


def test_an_account_is_cut_at_the_first_mark_below_the_floor() -> None:
    trips = ledger_of_trips([(0, 1, 10, 1, 0), (1, 3, 10, 1, 0)], days=3.0).trips
    account = account_of_equity([1000.0, 900.0, 790.0, 1200.0], trips=trips)
    cut = cut_account_at_floor(account, 800.0)
    assert cut is not None
    assert cut.equity.tolist() == [900.0, 790.0]
    assert cut.trips.released_ms.tolist() == [DAY_MS]
    assert figures_of(cut)["max_drawdown"] == pytest.approx(0.21)
    assert cut_account_at_floor(account, 790.0) is None


def test_vector_of_drawdown_durations() -> None:
    vector = read_vector("drawdown_value_duration")
    expected = vector["expected"]
    for figures in (
        figures_of(account_of_equity(vector["inputs"]["equity"])),
        measure_figures(ledger_of_returns(_returns_of(vector["inputs"]["equity"])), ["all"], detail=True)[0],
    ):
        assert figures["max_drawdown"] == pytest.approx(-expected["max_drawdown"], rel=1e-9)
        assert figures["longest_drawdown_days"] == expected["longest_underwater_bars"]
        assert figures["current_drawdown"] == pytest.approx(-expected["current_drawdown"], rel=1e-9)
        assert figures["current_drawdown_days"] == expected["current_underwater_bars"]


def _returns_of(equity: list[float]) -> list[float]:
    return [float(after / before - 1.0) for before, after in pairwise(equity)]


def test_vector_of_edge_cases() -> None:
    vector = read_vector("edge_cases")
    ours = {"sharpe": "sharpe_ratio", "sortino": "sortino_ratio", "calmar": "calmar_ratio"}
    # What depends on trades is tested with a ledger, which has one for each change of equity.
    names = ("total_return", "max_drawdown", "cagr", "sharpe", "sortino", "calmar")
    for case, expected in zip(vector["inputs"]["cases"], vector["expected"]["cases"], strict=True):
        account = account_of_equity(case["equity"]) if "equity" in case else account_of_returns(case["returns"])
        figures = figures_of(account)
        for name in names:
            if name in expected:
                value = expected.get(f"{name}_reason", expected[name])
                # Theirs is negative.
                wanted = -value if name == "max_drawdown" else value
                figure = figures[ours.get(name, name)]
                where = f"{case['case']}: {name}"
                assert figure == (wanted if isinstance(wanted, str) else pytest.approx(wanted, rel=1e-9)), where


def test_vector_of_the_ulcer_index() -> None:
    vector = read_vector("ulcer_index")
    figures = figures_of(account_of_equity(vector["inputs"]["equity"]))
    assert figures["ulcer_index"] == pytest.approx(vector["expected"]["ulcer_index"], rel=1e-9)


def test_vector_of_the_standard_error() -> None:
    vector = read_vector("sharpe_daily_365_vs_252")
    figures = figures_of(account_of_returns(vector["inputs"]["returns"]))
    error = vector["expected"]["lo_se_per_period"] * math.sqrt(365)
    assert figures["sharpe_ratio"] == pytest.approx(vector["expected"]["sharpe_365"], rel=1e-9)
    assert figures["sharpe_standard_error"] == pytest.approx(error, rel=1e-9)


def test_vector_of_value_at_risk() -> None:
    vector = read_vector("var_cvar")
    figures = figures_of(account_of_returns(vector["inputs"]["returns"]))
    assert figures["value_at_risk_95"] == pytest.approx(vector["expected"]["var_hist_type7_5"], rel=1e-9)
    assert figures["expected_shortfall_95"] == pytest.approx(vector["expected"]["es_acerbi_tasche_5"], rel=1e-9)


def test_vector_of_trade_statistics() -> None:
    vector = read_vector("trade_statistics")
    rows = [(float(day), day + 1.0, 100.0, pnl, 0.0) for day, pnl in enumerate(vector["inputs"]["pnl"])]
    trips = ledger_of_trips(rows, 8.0).trips._replace(risk=np.full(8, 100.0))
    figures = figures_of(account_of_equity([1000.0] * 9, trips=trips))
    names = {
        "win_rate_decided": "win_rate_excl_breakeven",
        "payoff_ratio": "payoff_ratio",
        "expectancy_ratio": "expectancy_ratio_per_avg_loss",
        "mean_r": "expectancy_r",
        "system_quality_number": "sqn_r",
        "system_quality_number_100": "sqn_r",
        "largest_win": "largest_win",
        "largest_loss": "largest_loss",
        "losing_streak": "max_consecutive_losses",
    }
    for name, theirs in names.items():
        assert figures[name] == pytest.approx(vector["expected"][theirs], rel=1e-9), name


# Twenty-four days; losses, gains, a flat day and no order among them.
RETURNS = [Fraction(value, 1000) for value in (100, -50, 200, -100, 0, 150, -75, 50)] * 3


def test_omega_is_gains_over_losses() -> None:
    gains, losses = sum(one for one in RETURNS if one > 0), -sum(one for one in RETURNS if one < 0)
    assert figures_of(account_of_returns(list(map(float, RETURNS))))["omega_ratio"] == pytest.approx(
        float(gains / losses), rel=1e-9
    )


def test_tails_are_weighed_against_each_other() -> None:
    ordered = sorted(RETURNS)

    def quantile(share: Fraction) -> Fraction:
        at = (len(ordered) - 1) * share
        below = int(at)
        return ordered[below] + (at - below) * (ordered[below + 1] - ordered[below])

    figures = figures_of(account_of_returns(list(map(float, RETURNS))))
    ratio = abs(quantile(Fraction(19, 20))) / abs(quantile(Fraction(1, 20)))
    assert figures["tail_ratio"] == pytest.approx(float(ratio), rel=1e-9)
    # 24 / 20 of the days: the worst one, and a fifth of the next.
    shortfall = (ordered[0] + Fraction(1, 5) * ordered[1]) / Fraction(6, 5)
    assert figures["expected_shortfall_95"] == pytest.approx(float(shortfall), rel=1e-9)


def test_the_kelly_factor_is_where_the_growth_is_largest() -> None:
    figures = figures_of(account_of_returns(list(map(float, RETURNS))))
    # The published solution for these eight returns.
    assert figures["kelly_factor"] == pytest.approx(3.7390, abs=5e-5)
    assert figures["half_kelly_factor"] == pytest.approx(1.8695, abs=5e-5)
    assert figures_of(account_of_returns([-0.02, 0.01] * 10))["kelly_factor"] == 0.0
    assert figures_of(account_of_returns([-0.02, -0.01] * 10))["kelly_factor"] is Undefined.NO_WINS
    assert figures_of(account_of_returns([0.02, 0.01] * 10))["kelly_factor"] is Undefined.NO_LOSSES


@pytest.mark.parametrize("correlation", [0.2, -0.3, 0.9])
def test_the_factor_of_autocorrelated_returns_is_the_sum_over_all_lags(correlation: float) -> None:
    weighted = sum((365 - lag) * correlation**lag for lag in range(1, 365))
    assert autocorrelated_factor(correlation, 365) == pytest.approx(365 / math.sqrt(365 + 2 * weighted), rel=1e-12)


def test_smooth_equity_lowers_the_sharpe_ratio_and_independent_returns_leave_it() -> None:
    random = np.random.default_rng(8)
    noise = random.normal(0.001, 0.01, 501)
    smooth = figures_of(account_of_returns(((noise[1:] + noise[:-1]) / 2).tolist()))
    assert float(smooth["sharpe_ratio_autocorrelated"]) < float(smooth["sharpe_ratio"])
    independent = figures_of(account_of_returns(noise.tolist()))
    assert independent["sharpe_ratio_autocorrelated"] is Undefined.NO_AUTOCORRELATION


def test_upi_is_growth_over_ulcer_index() -> None:
    figures = figures_of(account_of_equity([100.0, 80.0, 121.0], [0.0, 365.25, 730.5]))
    # Closes below the high: from day 366 (the first midnight after the mark) to day 730.
    ulcer = math.sqrt(365 * 0.2**2 / 731)
    assert figures["ulcer_index"] == pytest.approx(ulcer, rel=1e-9)
    assert figures["ulcer_performance_index"] == pytest.approx(0.1 / ulcer, rel=1e-9)


def test_calmar_looks_at_three_years_and_mar_at_all() -> None:
    figures = figures_of(account_of_equity([1000.0, 500.0, 1000.0, 900.0, 1800.0], [0, 100, 700, 800, 1800]))
    assert figures["mar_ratio"] == pytest.approx((1.8 ** (365.25 / 1800) - 1) / 0.5)
    assert figures["calmar_ratio"] == pytest.approx((1.8 ** (1 / 3) - 1) / 0.1)
