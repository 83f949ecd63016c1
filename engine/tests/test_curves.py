"""Reduced curves keep every high and low, and months add up to the whole."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import account_of_equity, accounts
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.curves import monthly_returns, reduce_curve
from quantbot_engine.metrics.measured import DAY_MS

FEBRUARY = datetime(2024, 2, 15, tzinfo=UTC).timestamp() * 1000 / DAY_MS


def test_a_short_curve_is_kept_as_it_is() -> None:
    account = account_of_equity(
        [1000.0, 1200.0, 900.0, 0.0], exposure=[600.0, 0.0, 10.0], benchmark=[np.nan, 1000.0, 1100.0]
    )
    curve = reduce_curve(account, 100)
    assert curve.ts_ms == [0, DAY_MS, 2 * DAY_MS, 3 * DAY_MS]
    assert curve.equity == [1000.0, 1200.0, 900.0, 0.0]
    assert curve.drawdown == pytest.approx([0.0, 0.0, -0.25, -1.0])
    # Of no equity nothing is a share.
    assert curve.exposure == pytest.approx([0.0, 0.5, 0.0, 0.0])
    assert curve.benchmark == [1000.0, None, 1000.0, 1100.0]
    assert not curve.is_reduced


def test_an_account_without_marks_is_its_start() -> None:
    account = account_of_equity([1000.0])
    assert reduce_curve(account, 2).equity == [1000.0]
    assert monthly_returns(account) == []


def test_a_fall_between_two_points_is_seen_in_the_drawdown() -> None:
    account = account_of_equity([1000.0, 500.0, 1000.0])
    assert reduce_curve(account, 2).equity == [1000.0, 1000.0]
    assert reduce_curve(account, 2).drawdown == [0.0, -0.5]


@given(accounts(), st.integers(2, 40))
def test_a_reduced_curve_has_the_ends_the_extremes_and_the_deepest_fall(account: Account, points: int) -> None:
    full, curve = reduce_curve(account, 1000), reduce_curve(account, points)
    assert len(curve.ts_ms) <= points
    assert (curve.ts_ms[0], curve.ts_ms[-1]) == (full.ts_ms[0], full.ts_ms[-1])
    assert (curve.equity[0], curve.equity[-1]) == (full.equity[0], full.equity[-1])
    assert curve.ts_ms == sorted(set(curve.ts_ms))
    assert min(curve.drawdown) == min(full.drawdown)
    assert curve.is_reduced == (len(full.ts_ms) > points)
    if points > 3:
        assert max(curve.equity) == max(full.equity)
        assert min(curve.equity) == min(full.equity)


def test_months_end_with_the_mark_at_midnight() -> None:
    # Leap year: 29 February 00:00 is day 14, 1 March 00:00 day 15 from the start.
    account = account_of_equity(
        [1000.0, 1100.0, 1210.0, 605.0], [FEBRUARY, FEBRUARY + 14, FEBRUARY + 15, FEBRUARY + 80]
    )
    assert monthly_returns(account) == [
        ("2024-02", pytest.approx(0.21)),
        ("2024-03", 0.0),
        ("2024-04", 0.0),
        ("2024-05", pytest.approx(-0.5)),
    ]


def test_a_year_ends_with_december() -> None:
    december = datetime(2023, 12, 20, tzinfo=UTC).timestamp() * 1000 / DAY_MS
    account = account_of_equity([1000.0, 1100.0, 990.0], [december, december + 5, december + 20])
    assert [month for month, _ in monthly_returns(account)] == ["2023-12", "2024-01"]


def test_months_after_ruin_have_no_return() -> None:
    account = account_of_equity([1000.0, 0.0, 0.0], [FEBRUARY, FEBRUARY + 1, FEBRUARY + 60])
    assert monthly_returns(account) == [("2024-02", -1.0)]


@given(st.lists(st.floats(100.0, 3000.0), min_size=1, max_size=200))
def test_months_one_after_the_other_make_the_total_return(equity: list[float]) -> None:
    account = account_of_equity([1000.0, *equity], [FEBRUARY + 0.3 + day for day in range(len(equity) + 1)])
    growth = np.prod([1.0 + value for _, value in monthly_returns(account)])
    assert growth == pytest.approx(equity[-1] / 1000.0, rel=1e-9)
