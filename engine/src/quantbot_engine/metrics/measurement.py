"""One pass over the trips of an account: the sums that all figures of a period are made of.

Daily returns are those of equity at UTC midnights; the first and the last day may be incomplete (docs/assumptions.md).
"""

from typing import NamedTuple

import numpy as np

from quantbot_engine.jit import Float2D, Int1D, kernel, rule
from quantbot_engine.metrics.ledger import Ledger, Trips

DAY_MS = 86_400_000


class Measured(NamedTuple):
    """What happened in a period [start, end]. Money in the account's currency, times in days, returns as fractions."""

    start_equity: float = 0.0
    end_equity: float = 0.0
    lowest_equity: float = 0.0
    # Daily closes of equity, the start not among them.
    mean_equity: float = 0.0
    max_drawdown: float = 0.0
    days: float = 0.0
    # Daily returns: number, mean, standard deviation (n - 1), downside deviation to 0 over all n, largest magnitude.
    observations: float = 0.0
    mean_return: float = 0.0
    deviation: float = 0.0
    downside: float = 0.0
    largest_return: float = 0.0
    # Trips that ended in the period, net of fees unless it says before fees.
    trades: float = 0.0
    wins: float = 0.0
    losses: float = 0.0
    gross_profit: float = 0.0
    gross_loss: float = 0.0
    fees: float = 0.0
    profit_before_fees: float = 0.0
    # Money bought and sold in the period, and days with at least one open trip.
    traded: float = 0.0
    exposed_days: float = 0.0


FIELDS = len(Measured._fields)


def measure(ledger: Ledger, starts_ms: list[int]) -> list[Measured]:
    """Return what happened from each of the times to the end of the ledger; a time before its start means its start."""
    starts = np.maximum(np.array(starts_ms, dtype=np.int64), ledger.start_ms)
    table = np.zeros((starts.size, FIELDS))
    capital = (ledger.initial_capital, ledger.final_capital)
    measure_periods(ledger.trips, ledger.settling_order(), capital, (ledger.start_ms, ledger.end_ms), starts, table)
    return [Measured(*row) for row in table.tolist()]


@rule
def _measure_returns(equity: float, closes: Float2D, count: int, row: Float2D) -> None:
    """Fill the figures of daily returns from the closes in `closes[0]`; they end with the first close of 0 or less."""
    returns = closes[1]
    observations = 0
    total = 0.0
    mean_equity = 0.0
    for day in range(count):
        mean_equity += closes[0, day]
    before = equity
    for day in range(count):
        if before <= 0.0:
            break
        returns[day] = closes[0, day] / before - 1.0
        total += returns[day]
        observations += 1
        before = closes[0, day]
    row[0, 3] = mean_equity / count if count > 0 else equity
    row[0, 6] = observations
    if observations == 0:
        return
    mean = total / observations
    squares = 0.0
    downside = 0.0
    largest = 0.0
    for day in range(observations):
        squares += (returns[day] - mean) ** 2
        downside += min(returns[day], 0.0) ** 2
        largest = max(largest, abs(returns[day]))
    row[0, 7] = mean
    row[0, 8] = np.sqrt(squares / (observations - 1)) if observations > 1 else 0.0
    row[0, 9] = np.sqrt(downside / observations)
    row[0, 10] = largest


@rule
def _measure_exposure(trips: Trips, start_ms: int, end_ms: int, row: Float2D) -> None:
    """Fill money traded, and the days that are covered by at least one trip; trips are in order of opening."""
    covered_until = start_ms
    covered = 0
    traded = 0.0
    for trip in range(trips.opened_ms.size):
        opened = trips.opened_ms[trip]
        released = min(trips.released_ms[trip], end_ms)
        first = max(opened, covered_until)
        if released > first:
            covered += released - first
            covered_until = released
        if opened >= start_ms:
            traded += trips.size[trip]
        if released > start_ms:
            traded += trips.size[trip] + trips.gross[trip]
    row[0, 18] = traded
    row[0, 19] = covered / DAY_MS


@kernel
def measure_periods(
    trips: Trips, order: Int1D, capital: tuple[float, float], span: tuple[int, int], starts: Int1D, table: Float2D
) -> None:
    """Fill one row of `table`, shape (periods, FIELDS), for each of the periods that begin at `starts` (ms)."""
    end_ms = span[1]
    count = order.size
    closes = np.zeros((2, (span[1] - span[0]) // DAY_MS + 3))
    for period in range(starts.size):
        start_ms = starts[period]
        row = table[period : period + 1]
        equity = capital[0]
        first = 0
        while first < count and start_ms > span[0] and trips.released_ms[order[first]] <= start_ms:
            trip = order[first]
            equity = capital[1] if first == count - 1 else equity + (trips.gross[trip] - trips.fee[trip])
            first += 1
        row[0, 0] = equity
        start_equity = equity
        peak = equity
        lowest = equity
        drawdown = 0.0
        days = 0
        midnight = (start_ms // DAY_MS + 1) * DAY_MS
        for position in range(first, count):
            trip = order[position]
            released = trips.released_ms[trip]
            while midnight < released and midnight < end_ms:
                closes[0, days] = equity
                days += 1
                midnight += DAY_MS
            pnl = trips.gross[trip] - trips.fee[trip]
            equity = capital[1] if position == count - 1 else equity + pnl
            if position == count - 1 or trips.released_ms[order[position + 1]] != released:
                peak = max(peak, equity)
                lowest = min(lowest, equity)
                if peak > 0.0:
                    drawdown = max(drawdown, (peak - equity) / peak)
            row[0, 11] += 1.0
            if pnl > 0.0:
                row[0, 12] += 1.0
                row[0, 14] += pnl
            elif pnl < 0.0:
                row[0, 13] += 1.0
                row[0, 15] -= pnl
            row[0, 16] += trips.fee[trip]
            row[0, 17] += max(trips.gross[trip], 0.0)
        while midnight < end_ms:
            closes[0, days] = equity
            days += 1
            midnight += DAY_MS
        if end_ms > start_ms:
            closes[0, days] = equity
            days += 1
        row[0, 1] = equity
        row[0, 2] = lowest
        row[0, 4] = drawdown
        row[0, 5] = (end_ms - start_ms) / DAY_MS
        _measure_returns(start_equity, closes, days, row)
        _measure_exposure(trips, start_ms, end_ms, row)
