"""Accounts written down by hand: equity at given times, or a list of trips."""

from collections.abc import Sequence

import numpy as np

from quantbot_engine.metrics.ledger import Ledger, Trips
from quantbot_engine.metrics.measured import DAY_MS

NOON_MS = DAY_MS // 2


def ledger_of_trips(
    rows: Sequence[tuple[float, float, float, float, float]],
    days: float,
    initial: float = 1000.0,
    final: float | None = None,
) -> Ledger:
    """Return an account of trips (opened day, released day, size, gross, fee), in order of opening."""
    columns = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    trips = Trips(
        opened_ms=np.round(columns[0] * DAY_MS).astype(np.int64),
        released_ms=np.round(columns[1] * DAY_MS).astype(np.int64),
        size=np.ascontiguousarray(columns[2]),
        gross=np.ascontiguousarray(columns[3]),
        fee=np.ascontiguousarray(columns[4]),
    )
    ending = initial + float(np.sum(trips.gross - trips.fee)) if final is None else final
    return Ledger(trips, initial, ending, start_ms=0, end_ms=round(days * DAY_MS))


def ledger_of_equity(equity: Sequence[float], days: Sequence[float] | None = None) -> Ledger:
    """Return an account that has these values at these days (0, 1, 2, ...), each change by a trip of that moment."""
    at = list(range(len(equity))) if days is None else list(days)
    rows = [
        (before, after, 1.0, new - old, 0.0)
        for before, after, old, new in zip(at[:-1], at[1:], equity[:-1], equity[1:], strict=True)
        if new != old
    ]
    return ledger_of_trips(rows, at[-1], initial=equity[0], final=equity[-1])


def ledger_of_returns(returns: Sequence[float]) -> Ledger:
    """Return an account with these daily returns."""
    return ledger_of_equity([1000.0, *(1000.0 * np.cumprod(1.0 + np.array(returns, dtype=np.float64))).tolist()])
