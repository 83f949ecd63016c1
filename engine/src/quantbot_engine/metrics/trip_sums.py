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
def measure_trips(trips: Trips, ended: Int1D, row: Float1D) -> None:
    """Fill the results of the trips at the positions `ended`, in order of ending."""
    streak = 0
    has_risk = trips.risk.size == trips.size.size
    for trip in ended:
        pnl = trips.gross[trip] - trips.fee[trip]
        if pnl > 0.0:
            row[WINS] += 1.0
            row[GROSS_PROFIT] += pnl
        elif pnl < 0.0:
            row[LOSSES] += 1.0
            row[GROSS_LOSS] -= pnl
        streak = streak + 1 if pnl < 0.0 else 0
        row[LOSING_STREAK] = max(row[LOSING_STREAK], streak)
        row[LARGEST_WIN] = max(row[LARGEST_WIN], pnl)
        row[LARGEST_LOSS] = min(row[LARGEST_LOSS], pnl)
        row[FEES] += trips.fee[trip]
        row[PROFIT_BEFORE_FEES] += max(trips.gross[trip], 0.0)
        if has_risk:
            has_risk = trips.risk[trip] > 0.0
    row[TRADES] = ended.size
    if ended.size > 0:
        row[HAS_RISK] = 1.0 if has_risk else 0.0
        _measure_multiples(trips, trips.risk if has_risk else trips.size, ended, row)


@rule
def _multiple(trips: Trips, stakes: Float1D, trip: int) -> float:
    return (trips.gross[trip] - trips.fee[trip]) / stakes[trip] if stakes[trip] > 0.0 else 0.0


@rule
def _measure_multiples(trips: Trips, stakes: Float1D, ended: Int1D, row: Float1D) -> None:
    total = 0.0
    largest = 0.0
    for trip in ended:
        one = _multiple(trips, stakes, trip)
        total += one
        largest = max(largest, abs(one))
    mean = total / ended.size
    squares = 0.0
    for trip in ended:
        squares += (_multiple(trips, stakes, trip) - mean) ** 2
    row[MEAN_MULTIPLE] = mean
    row[LARGEST_MULTIPLE] = largest
    row[MULTIPLE_DEVIATION] = np.sqrt(squares / (ended.size - 1)) if ended.size > 1 else 0.0


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
