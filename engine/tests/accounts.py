"""Marked accounts written down by hand, and random ones: equity at given times with what was open then."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from ledgers import ledger_of_trips
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.ledger import Trips
from quantbot_engine.metrics.measured import DAY_MS

NO_TRIPS = ledger_of_trips([], 0.0).trips


def account_of_equity(
    equity: Sequence[float],
    days: Sequence[float] | None = None,
    *,
    exposure: Sequence[float] | None = None,
    net: Sequence[float] | None = None,
    benchmark: Sequence[float] | None = None,
    trips: Trips = NO_TRIPS,
) -> Account:
    """Return an account that has these values at these days (0, 1, 2, ...), the first one when it starts.

    Exposure and benchmark are of the marks, one fewer than values of equity.
    """
    at = np.arange(len(equity)) if days is None else np.array(days, dtype=np.float64)
    marks = len(equity) - 1
    gross = np.array([0.0] * marks if exposure is None else exposure, dtype=np.float64)
    return Account(
        start_ms=round(float(at[0]) * DAY_MS),
        initial_capital=float(equity[0]),
        marked_ms=np.round(at[1:] * DAY_MS).astype(np.int64),
        equity=np.array(equity[1:], dtype=np.float64),
        exposure=gross,
        net_exposure=gross.copy() if net is None else np.array(net, dtype=np.float64),
        benchmark=np.array([np.nan] * marks if benchmark is None else benchmark, dtype=np.float64),
        trips=trips,
    )


def account_of_returns(returns: Sequence[float]) -> Account:
    """Return an account with these daily returns."""
    return account_of_equity([1000.0, *(1000.0 * np.cumprod(1.0 + np.array(returns, dtype=np.float64))).tolist()])


_money = st.floats(0.0, 2000.0)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Return an account with marks a few hours to some weeks apart; equity may fall to 0 and below."""
    steps = draw(st.lists(st.sampled_from([1, 4, 24, 24, 24, 30, 500]), min_size=0, max_size=80))
    days = (np.cumsum([draw(st.integers(0, 30)), *steps]) / 24.0).tolist()
    count = len(steps)
    lowest = draw(st.sampled_from([1.0, 1.0, 0.0, -500.0]))
    equity = [1000.0, *draw(st.lists(st.floats(lowest, 3000.0), min_size=count, max_size=count))]
    gross = draw(st.lists(_money | st.just(0.0), min_size=count, max_size=count))
    share = draw(st.floats(-1.0, 1.0))
    priced = draw(st.integers(0, count))
    held = draw(st.lists(st.floats(1.0, 5000.0), min_size=count, max_size=count))
    return account_of_equity(
        equity,
        days,
        exposure=gross,
        net=[share * value for value in gross],
        benchmark=[np.nan] * priced + held[priced:],
        trips=draw(trips_between(days[0], days[-1])),
    )


@st.composite
def trips_between(draw: st.DrawFn, start: float, end: float) -> Trips:
    """Return trips between two days, some of them with an initial risk."""
    within = st.floats(start, end)
    pnl = st.sampled_from([0.0, 10.0]) | st.floats(-500.0, 500.0)
    rows = draw(st.lists(st.tuples(within, within, st.floats(1.0, 1000.0), pnl, st.floats(0.0, 10.0)), max_size=12))
    ordered = sorted((min(row[:2]), max(row[:2]), *row[2:]) for row in rows)
    trips = ledger_of_trips(ordered, end).trips
    risk = draw(st.sampled_from([None, 5.0, 0.0, np.nan]))
    return trips if risk is None else trips._replace(risk=np.full(len(rows), risk))
