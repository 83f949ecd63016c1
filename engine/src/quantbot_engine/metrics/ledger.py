"""What a strategy did with its money: round trips, and the account around them. All figures are made of this."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from quantbot_engine.jit import Float1D, Int1D

_UNKNOWN: Final[Float1D] = np.zeros(0)


class Trips(NamedTuple):
    """Round trips in order of opening; arrays of shape (n,).

    Times in Unix milliseconds, money in the account's currency. `released_ms`: when the money came back; `gross`:
    profit before fees; `fee`: fees of both sides. Both of the last may be empty, which is: not known. `risk`: what was
    lost at the first stop, not a number where there was none; `closed`: money of the fills that closed the trip, else
    `size + gross`, which is what a long brings back.
    """

    opened_ms: Int1D
    released_ms: Int1D
    size: Float1D
    gross: Float1D
    fee: Float1D
    risk: Float1D = _UNKNOWN
    closed: Float1D = _UNKNOWN


@dataclass(frozen=True, slots=True)
class Ledger:
    """Round trips of one account between `start_ms` and `end_ms`; `final_capital` is what it holds when all are over.

    Equity is equity at cost: it changes when a trip is over, in order of (release, opening).
    """

    trips: Trips
    initial_capital: float
    final_capital: float
    start_ms: int
    end_ms: int

    def settling_order(self) -> Int1D:
        """Return the positions of the trips in order of (release, opening), shape (n,)."""
        return np.argsort(self.trips.released_ms, kind="stable").astype(np.int64, copy=False)


def take_trips(trips: Trips, positions: Int1D) -> Trips:
    """Return the trips at these positions."""
    return Trips(
        opened_ms=trips.opened_ms[positions],
        released_ms=trips.released_ms[positions],
        size=trips.size[positions],
        gross=trips.gross[positions],
        fee=trips.fee[positions],
        risk=trips.risk[positions] if trips.risk.size > 0 else trips.risk,
        closed=trips.closed[positions] if trips.closed.size > 0 else trips.closed,
    )


def cut_at_floor(ledger: Ledger, floor: float) -> Ledger | None:
    """Return the account up to the first moment its equity is below `floor` (money), None if it never is.

    Trips that were still open then are left out: their money is in the account at cost.
    """
    order = ledger.settling_order()
    trips = ledger.trips
    equity = ledger.initial_capital + np.cumsum((trips.gross - trips.fee)[order])
    released = trips.released_ms[order]
    is_last_of_time = np.append(released[1:] != released[:-1], True) if released.size > 0 else np.zeros(0, dtype=bool)
    below = np.flatnonzero((equity < floor) & is_last_of_time)
    if below.size == 0:
        return None
    end_ms = int(released[below[0]])
    kept = np.flatnonzero(trips.released_ms <= end_ms)
    return Ledger(
        trips=take_trips(trips, kept),
        initial_capital=ledger.initial_capital,
        final_capital=float(equity[below[0]]),
        start_ms=ledger.start_ms,
        end_ms=end_ms,
    )
