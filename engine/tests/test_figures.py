"""Figures of a period against numbers worked out by hand, and against the vectors for all implementations."""

import doctest
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ledgers import ledger_of_equity, ledger_of_returns, ledger_of_trips
from quantbot_engine.metrics import exposure_figures, growth_figures, risk_figures, trade_figures
from quantbot_engine.metrics.figures import DETAIL_FIGURES, FIGURES
from quantbot_engine.metrics.ledger import Ledger, cut_at_floor
from quantbot_engine.metrics.measured import DAY_MS
from quantbot_engine.metrics.periods import METRIC_NAMES, measure_figures
from quantbot_engine.metrics.undefined import Figure, Undefined

VECTORS = Path(__file__).parents[3] / "shared" / "conformance" / "statistics-vectors.json"


def figures_of(ledger: Ledger) -> dict[str, Figure]:
    return measure_figures(ledger, ["all"])[0]


# Released in another order than opened; the second and the third at the same moment.
ACCOUNT = ledger_of_trips(
    [
        (0.0, 4.0, 100.0, 60.0, 10.0),
        (1.0, 2.5, 200.0, -90.0, 10.0),
        (1.5, 2.5, 100.0, 40.0, 10.0),
        (6.0, 7.0, 100.0, 10.0, 10.0),
    ],
    days=10.0,
)


def test_returns_and_drawdown_of_an_account() -> None:
    figures = figures_of(ACCOUNT)
    # 1000, then at day 2.5 both 900 and 930 at once, so 930 alone counts; 980 at day 4.
    assert figures["final_balance"] == 980.0
    assert figures["total_return"] == pytest.approx(-0.02)
    assert figures["max_drawdown"] == pytest.approx(0.07)


def test_statistics_of_trips_are_after_fees() -> None:
    figures = figures_of(ACCOUNT)
    assert figures["trades"] == 4
    # +50, -100, +30, and one that the fee ate up: neither won nor lost.
    assert figures["win_rate"] == 0.5
    assert figures["profit_factor"] == pytest.approx(0.8)
    assert figures["expectancy"] == pytest.approx(-5.0)
    assert figures["average_win"] == pytest.approx(40.0)
    assert figures["average_loss"] == pytest.approx(-100.0)
    # 40 of fees on 60 + 40 + 10 won before fees.
    assert figures["fee_share"] == pytest.approx(40 / 110)
    assert figures["trades_per_30d"] == pytest.approx(12.0)


def test_exposure_counts_time_with_any_trip_once() -> None:
    # Days 0 to 4 and 6 to 7 of 10.
    assert figures_of(ACCOUNT)["exposure"] == pytest.approx(0.5)


def test_turnover_is_money_bought_and_sold_over_mean_equity_per_year() -> None:
    bought = 500.0
    sold = 500.0 + 60.0 - 90.0 + 40.0 + 10.0
    # Midnights 1 and 2: 1000, 3: 930, 4 (the trip of day 4 included) to 10: 980.
    mean_equity = (2 * 1000 + 930 + 7 * 980) / 10
    assert figures_of(ACCOUNT)["turnover"] == pytest.approx((bought + sold) / mean_equity * 365.25 / 10)


def test_ratios_are_of_daily_closes_at_midnight() -> None:
    returns = np.array([0, 0, 930 / 1000 - 1, 980 / 930 - 1, 0, 0, 0, 0, 0, 0])
    figures = figures_of(ACCOUNT)
    assert figures["volatility"] == pytest.approx(returns.std(ddof=1) * math.sqrt(365))
    assert figures["sharpe_ratio"] == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(365))
    downside = math.sqrt(np.mean(np.minimum(returns, 0) ** 2))
    assert figures["sortino_ratio"] == pytest.approx(returns.mean() / downside * math.sqrt(365))


def test_growth_of_less_than_thirty_days_is_not_made_yearly() -> None:
    assert figures_of(ACCOUNT)["cagr"] is Undefined.PERIOD_TOO_SHORT
    month = ledger_of_equity([100.0, 101.0], [0, 30])
    assert figures_of(month)["cagr"] == pytest.approx(1.01 ** (365.25 / 30) - 1)


def test_a_period_goes_on_from_the_equity_at_its_beginning() -> None:
    account = ledger_of_trips([(0, 10, 100, 500, 0), (50, 60, 100, -300, 0), (75, 80, 100, 60, 0)], days=100.0)
    month, quarter, year, whole = measure_figures(account, ["30d", "90d", "1y", "all"])
    assert [one["trades"] for one in (month, quarter, year, whole)] == [1, 2, 3, 3]
    assert month["total_return"] == pytest.approx(60 / 1200)
    # The first trip ended with the very moment in which the last 90 days began.
    assert quarter["total_return"] == pytest.approx(1260 / 1500 - 1)
    assert quarter["max_drawdown"] == pytest.approx(0.2)
    assert whole["total_return"] == pytest.approx(0.26)
    assert year == whole
    assert month["final_balance"] == whole["final_balance"] == 1260.0
    # Within the last 30 days 5 had a trip; within the last 90 also 10 before them.
    assert month["exposure"] == pytest.approx(5 / 30)
    assert quarter["exposure"] == pytest.approx(15 / 90)


def test_a_trip_that_is_open_when_a_period_begins_counts_from_then() -> None:
    account = ledger_of_trips([(0, 80, 100, 50, 0)], days=100.0)
    month = measure_figures(account, ["30d"])[0]
    assert month["trades"] == 1
    assert month["exposure"] == pytest.approx(10 / 30)


def test_calmar_looks_at_three_years_and_mar_at_all() -> None:
    account = ledger_of_equity([1000.0, 500.0, 1000.0, 900.0, 1800.0], [0, 100, 700, 800, 1800])
    figures = figures_of(account)
    assert figures["mar_ratio"] == pytest.approx((1.8 ** (365.25 / 1800) - 1) / 0.5)
    # The last 36 months begin at day 704.25, with 1000.
    assert figures["calmar_ratio"] == pytest.approx((1.8 ** (1 / 3) - 1) / 0.1)


def test_no_trades_leave_a_flat_account() -> None:
    figures = figures_of(ledger_of_trips([], days=40.0))
    assert figures["final_balance"] == 1000.0
    assert figures["total_return"] == figures["max_drawdown"] == figures["volatility"] == figures["cagr"] == 0.0
    assert figures["exposure"] == figures["turnover"] == figures["trades_per_30d"] == 0.0
    for name in ("win_rate", "profit_factor", "expectancy"):
        assert figures[name] is Undefined.NO_TRADES
    assert figures["average_win"] is Undefined.NO_WINS
    assert figures["average_loss"] is Undefined.NO_LOSSES
    assert figures["fee_share"] is Undefined.NO_PROFIT
    assert figures["benchmark_return"] is Undefined.NO_BENCHMARK


def test_an_account_that_lasts_no_time_at_all() -> None:
    figures = figures_of(ledger_of_trips([], days=0.0))
    assert figures["total_return"] == 0.0
    assert figures["exposure"] is Undefined.NO_TIME
    assert figures["sharpe_ratio"] is Undefined.TOO_FEW_OBSERVATIONS


@pytest.mark.parametrize("ledger", [ACCOUNT, ledger_of_trips([], 3.0), ledger_of_returns([0.1, -1.0, 0.0])])
def test_every_figure_is_finite_or_has_a_reason(ledger: Ledger) -> None:
    for figures in measure_figures(ledger, ["30d", "90d", "1y", "all"]):
        assert sorted(figures) == sorted(METRIC_NAMES)
        assert all(isinstance(value, Undefined) or math.isfinite(value) for value in figures.values())


def test_an_account_is_cut_where_it_falls_below_the_floor() -> None:
    cut = cut_at_floor(ACCOUNT, 940.0)
    assert cut is not None
    assert cut.end_ms == 2.5 * DAY_MS
    assert cut.final_capital == pytest.approx(930.0)
    # The first trip was still open.
    assert cut.trips.size.tolist() == [200.0, 100.0]
    assert figures_of(cut)["trades"] == 2
    assert figures_of(cut)["max_drawdown"] == pytest.approx(0.07)


def test_between_trips_that_end_together_there_is_no_floor_to_fall_through() -> None:
    assert cut_at_floor(ACCOUNT, 930.0) is None
    assert cut_at_floor(ledger_of_trips([], 3.0), 999.0) is None


def read_vector(name: str) -> dict[str, Any]:
    if not VECTORS.is_file():
        pytest.skip("the vectors for all implementations are not beside this repository")
    vectors = json.loads(VECTORS.read_text())["vectors"]
    return next(vector for vector in vectors if vector["name"] == f"metrics.{name}")


def test_vector_of_returns_and_growth() -> None:
    vector = read_vector("return_cagr_irregular")
    stamps = np.array(vector["inputs"]["timestamps_utc"], dtype="datetime64[D]").astype(np.int64)
    figures = figures_of(ledger_of_equity(vector["inputs"]["equity"], (stamps - stamps[0]).tolist()))
    assert figures["total_return"] == pytest.approx(vector["expected"]["total_return"], rel=1e-9)
    assert figures["cagr"] == pytest.approx(vector["expected"]["cagr_36525"], rel=1e-9)


def test_vector_of_the_sharpe_ratio() -> None:
    vector = read_vector("sharpe_daily_365_vs_252")
    figures = figures_of(ledger_of_returns(vector["inputs"]["returns"]))
    assert figures["sharpe_ratio"] == pytest.approx(vector["expected"]["sharpe_365"], rel=1e-9)
    assert figures["volatility"] == pytest.approx(vector["expected"]["vol_365"], rel=1e-9)


def test_vector_of_the_sortino_ratio() -> None:
    vector = read_vector("sortino_conventions")
    figures = figures_of(ledger_of_returns(vector["inputs"]["returns"]))
    assert figures["sortino_ratio"] == pytest.approx(vector["expected"]["sortino_full_sample"], rel=1e-9)


def test_vector_of_the_drawdown() -> None:
    vector = read_vector("drawdown_value_duration")
    figures = figures_of(ledger_of_equity(vector["inputs"]["equity"]))
    assert figures["max_drawdown"] == pytest.approx(-vector["expected"]["max_drawdown"], rel=1e-9)


def test_vector_of_trade_statistics() -> None:
    vector = read_vector("trade_statistics")
    rows = [(float(day), day + 1.0, 100.0, pnl, 0.0) for day, pnl in enumerate(vector["inputs"]["pnl"])]
    figures = figures_of(ledger_of_trips(rows, days=8.0))
    expected = vector["expected"]
    names = {
        "trades": "trades",
        "win_rate": "win_rate_all",
        "profit_factor": "profit_factor",
        "average_win": "avg_win",
        "average_loss": "avg_loss",
        "expectancy": "expectancy",
    }
    for name, theirs in names.items():
        assert figures[name] == pytest.approx(expected[theirs], rel=1e-9), name


def test_vector_of_edge_cases() -> None:
    vector = read_vector("edge_cases")
    ours = {"sharpe": "sharpe_ratio", "sortino": "sortino_ratio", "calmar": "calmar_ratio"}
    for case, expected in zip(vector["inputs"]["cases"], vector["expected"]["cases"], strict=True):
        ledger = ledger_of_equity(case["equity"]) if "equity" in case else ledger_of_returns(case["returns"])
        figures = figures_of(ledger)
        for name, value in expected.items():
            figure = figures.get(ours.get(name.removesuffix("_reason"), name.removesuffix("_reason")))
            if figure is None or (value is None and not name.endswith("_reason")):
                continue
            # Theirs is negative.
            wanted = -value if name == "max_drawdown" else value
            where = f"{case['case']}: {name}"
            assert figure == (wanted if isinstance(wanted, str) else pytest.approx(wanted, rel=1e-9, abs=1e-12)), where


def test_the_examples_in_the_documentation_hold() -> None:
    ended = [doctest.testmod(module) for module in (exposure_figures, growth_figures, risk_figures, trade_figures)]
    assert all(one.failed == 0 for one in ended)


@pytest.mark.parametrize("figure", [*FIGURES.values(), *DETAIL_FIGURES.values()], ids=lambda figure: figure.__name__)
def test_every_figure_has_an_example(figure: Any) -> None:
    assert doctest.DocTestFinder().find(figure)[0].examples
