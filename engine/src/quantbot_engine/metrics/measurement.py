"""One pass over the trips of an account: the sums that all figures of a period are made of.

Daily returns are those of equity at UTC midnights; the first and the last day may be incomplete (docs/metrics.md).
"""

import numpy as np

from quantbot_engine.jit import Float2D, Int1D, kernel
from quantbot_engine.metrics.daily_returns import measure_closes, without_dust
from quantbot_engine.metrics.ledger import Ledger, Trips
from quantbot_engine.metrics.measured import (
    DAY_MS,
    DAYS,
    END_EQUITY,
    EXPOSED_DAYS,
    FIELDS,
    LOWEST_EQUITY,
    MAX_DRAWDOWN,
    START_EQUITY,
    Measured,
)
from quantbot_engine.metrics.trip_sums import measure_covered_ms, measure_traded, measure_trips


def measure(ledger: Ledger, starts_ms: list[int], *, detail: bool) -> list[Measured]:
    """Return what happened from each of the times to the end of the ledger; a time before its start means its start."""
    starts = np.maximum(np.array(starts_ms, dtype=np.int64), ledger.start_ms)
    table = np.zeros((starts.size, FIELDS))
    capital = (ledger.initial_capital, ledger.final_capital)
    span = (ledger.start_ms, ledger.end_ms)
    measure_periods(ledger.trips, ledger.settling_order(), (capital, span, detail), starts, table)
    return [Measured(*row) for row in table.tolist()]


@kernel
def measure_periods(
    trips: Trips,
    order: Int1D,
    account: tuple[tuple[float, float], tuple[int, int], bool],
    starts: Int1D,
    table: Float2D,
) -> None:
    """Fill one row of `table`, shape (periods, FIELDS), for each of the periods that begin at `starts` (ms).

    `account`: capital at both ends, times of both ends, and whether the tails of returns are wanted.
    """
    capital, span, is_detailed = account
    end_ms = span[1]
    count = order.size
    closes = np.zeros((span[1] - span[0]) // DAY_MS + 3)
    returns = np.zeros(closes.size)
    for period in range(starts.size):
        start_ms = starts[period]
        row = table[period]
        equity = capital[0]
        first = 0
        while first < count and start_ms > span[0] and trips.released_ms[order[first]] <= start_ms:
            trip = order[first]
            equity = capital[1] if first == count - 1 else equity + (trips.gross[trip] - trips.fee[trip])
            first += 1
        row[START_EQUITY] = without_dust(equity, capital[0])
        peak = equity
        lowest = equity
        drawdown = 0.0
        days = 0
        midnight = (start_ms // DAY_MS + 1) * DAY_MS
        for position in range(first, count):
            trip = order[position]
            released = trips.released_ms[trip]
            while midnight < released and midnight < end_ms:
                closes[days] = without_dust(equity, capital[0])
                days += 1
                midnight += DAY_MS
            equity = capital[1] if position == count - 1 else equity + (trips.gross[trip] - trips.fee[trip])
            if position == count - 1 or trips.released_ms[order[position + 1]] != released:
                peak = max(peak, equity)
                lowest = min(lowest, equity)
                if peak > 0.0:
                    drawdown = max(drawdown, (peak - equity) / peak)
        while midnight < end_ms:
            closes[days] = without_dust(equity, capital[0])
            days += 1
            midnight += DAY_MS
        if end_ms > start_ms:
            closes[days] = without_dust(equity, capital[0])
            days += 1
        row[END_EQUITY] = equity
        row[LOWEST_EQUITY] = lowest
        row[MAX_DRAWDOWN] = drawdown
        row[DAYS] = (end_ms - start_ms) / DAY_MS
        row[EXPOSED_DAYS] = measure_covered_ms(trips, start_ms, end_ms) / DAY_MS
        measure_closes(row[START_EQUITY], closes[:days], (start_ms, end_ms), returns, is_detailed, row)
        measure_trips(trips, order[first:], row)
        measure_traded(trips, start_ms, row)
