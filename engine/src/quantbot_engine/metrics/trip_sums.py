"""Sums over the trips of a period: what they won, lost and cost, how much was traded, how long one was open."""

import numpy as np

from quantbot_engine.jit import Float1D, Int1D, rule
from quantbot_engine.metrics.ledger import Trips
from quantbot_engine.metrics.measured import (
    FEES,
    GROSS_LOSS,
    GROSS_PROFIT,
    HAS_RISK,
    LARGEST_LOSS,
    LARGEST_MULTIPLE,
    LARGEST_WIN,
    LOSING_STREAK,
    LOSSES,
    MEAN_MULTIPLE,
    MULTIPLE_DEVIATION,
    PROFIT_BEFORE_FEES,
    TRADED,
    TRADES,
    WINS,
)


@rule
def _has_all_risks(trips: Trips, ended: Int1D) -> bool:
    if trips.risk.size < trips.size.size:
        return False
    for trip in ended:
        if not trips.risk[trip] > 0.0:
            return False
    return ended.size > 0


@rule
def measure_trips(trips: Trips, ended: Int1D, row: Float1D) -> None:
    """Fill the results of the trips at the positions `ended`, in order of ending."""
    has_risk = _has_all_risks(trips, ended)
    row[HAS_RISK] = 1.0 if has_risk else 0.0
    _measure_multiples(trips, trips.risk if has_risk else trips.size, ended, row)
    wins = 0
    losses = 0
    won = 0.0
    lost = 0.0
    fees = 0.0
    before_fees = 0.0
    best = 0.0
    worst = 0.0
    streak = 0
    longest = 0
    for trip in ended:
        pnl = trips.gross[trip] - trips.fee[trip]
        if pnl > 0.0:
            wins += 1
            won += pnl
        elif pnl < 0.0:
            losses += 1
            lost -= pnl
        streak = streak + 1 if pnl < 0.0 else 0
        longest = max(longest, streak)
        best = max(best, pnl)
        worst = min(worst, pnl)
        fees += trips.fee[trip]
        before_fees += max(trips.gross[trip], 0.0)
    row[TRADES] = ended.size
    row[WINS] = wins
    row[LOSSES] = losses
    row[GROSS_PROFIT] = won
    row[GROSS_LOSS] = lost
    row[FEES] = fees
    row[PROFIT_BEFORE_FEES] = before_fees
    row[LARGEST_WIN] = best
    row[LARGEST_LOSS] = worst
    row[LOSING_STREAK] = longest


@rule
def _measure_multiples(trips: Trips, stakes: Float1D, ended: Int1D, row: Float1D) -> None:
    """Fill mean and spread of profits over stakes, summed as distances from the first one.

    Sums of the multiples themselves would lose the spread of nearly equal ones to rounding.
    """
    origin = 0.0
    total = 0.0
    squares = 0.0
    largest = 0.0
    for position in range(ended.size):
        trip = ended[position]
        multiple = (trips.gross[trip] - trips.fee[trip]) / stakes[trip] if stakes[trip] > 0.0 else 0.0
        if position == 0:
            origin = multiple
        total += multiple - origin
        squares += (multiple - origin) ** 2
        largest = max(largest, abs(multiple))
    row[LARGEST_MULTIPLE] = largest
    if ended.size > 0:
        mean = total / ended.size
        row[MEAN_MULTIPLE] = origin + mean
        if ended.size > 1:
            row[MULTIPLE_DEVIATION] = np.sqrt(max(squares - total * mean, 0.0) / (ended.size - 1))


@rule
def measure_traded(trips: Trips, start_ms: int, row: Float1D) -> None:
    """Fill the money of the fills after `start_ms`; one that opened at the start is among them."""
    traded = 0.0
    has_closed = trips.closed.size == trips.size.size
    for trip in range(trips.opened_ms.size):
        if trips.opened_ms[trip] >= start_ms:
            traded += trips.size[trip]
        if trips.released_ms[trip] > start_ms:
            traded += trips.closed[trip] if has_closed else trips.size[trip] + trips.gross[trip]
    row[TRADED] = traded


@rule
def measure_covered_ms(trips: Trips, start_ms: int, end_ms: int) -> int:
    """Return how long at least one trip was open; trips are in order of opening."""
    covered_until = start_ms
    covered = 0
    for trip in range(trips.opened_ms.size):
        released = min(trips.released_ms[trip], end_ms)
        first = max(trips.opened_ms[trip], covered_until)
        if released > first:
            covered += released - first
            covered_until = released
    return covered
