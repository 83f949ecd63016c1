"""One pass over the marks of an account, whatever the number of periods: the sums that their figures are made of.

The marks between two starts of periods are read once; what a period needs is put together from its stretches. These
are the same for every request, so that a figure does not depend on which other periods were asked for.
"""

from typing import Final, NamedTuple

import numpy as np

from quantbot_engine.jit import Float1D, Float2D, Int1D, Int2D, kernel, rule
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.daily_returns import measure_closes, without_dust
from quantbot_engine.metrics.ledger import Trips
from quantbot_engine.metrics.measured import (
    BENCHMARK_END,
    BENCHMARK_START,
    DAY_MS,
    DAYS,
    DUST,
    END_EQUITY,
    EXPOSED_DAYS,
    FIELDS,
    IS_MARKED,
    LOWEST_EQUITY,
    MAX_DRAWDOWN,
    MEAN_GROSS_EXPOSURE,
    MEAN_NET_EXPOSURE,
    START_EQUITY,
    Measured,
)
from quantbot_engine.metrics.trip_sums import measure_traded, measure_trips


class Marks(NamedTuple):
    """The columns of an account, its runs, and the time and money it began with (`start`, ms; `capital`; one each)."""

    marked_ms: Int1D
    equity: Float1D
    exposure: Float1D
    net_exposure: Float1D
    benchmark: Float1D
    start: Int1D
    capital: Float1D
    runs: Int2D


# Columns of a stretch: highest, lowest and deepest fall of its equity, which begins with that of the mark before; sums
# of exposure over equity, and how many marks had any; equity at its end.
PEAK: Final = 0
LOW: Final = 1
FALL: Final = 2
GROSS: Final = 3
NET: Final = 4
EXPOSED: Final = 5
END: Final = 6
_COLUMNS: Final = 7


def measure_marks(account: Account, starts_ms: list[int], all_starts_ms: list[int], *, detail: bool) -> list[Measured]:
    """Return what happened from each of `starts_ms`, each one of `all_starts_ms`, to the last mark."""
    marks = Marks(
        account.marked_ms,
        account.equity,
        account.exposure,
        account.net_exposure,
        account.benchmark,
        np.array([account.start_ms], dtype=np.int64),
        np.array([account.initial_capital]),
        account.list_runs(),
    )
    starts = np.array(starts_ms, dtype=np.int64)
    first = np.searchsorted(account.marked_ms, starts, side="right").astype(np.int64)
    every = np.searchsorted(account.marked_ms, np.array(all_starts_ms), side="right")
    bounds = np.unique(np.append(every, account.marked_ms.size)).astype(np.int64)
    order = np.argsort(account.trips.released_ms, kind="stable").astype(np.int64, copy=False)
    table = np.zeros((starts.size, FIELDS))
    measure_account_periods(marks, (account.trips, order), (starts, first, bounds), detail, table)
    return [Measured(*row) for row in table.tolist()]


@rule
def _close_days(closes: Float1D, days: int, equity: float, span: tuple[int, int], capital: float) -> int:
    """Write equity at the midnights after the `days` there are, from one time (ms) to before another; return all."""
    midnight = (span[0] // DAY_MS + 1 + days) * DAY_MS
    while span[1] > midnight:
        closes[days] = without_dust(equity, capital)
        days += 1
        midnight += DAY_MS
    return days


@rule
def _read_marks(marks: Marks, bounds: Int1D, stretches: Float2D, closes: Float1D) -> int:
    """Fill the stretches, and equity at each UTC midnight after the start, last at the end; return how many.

    Between two runs nothing changes: equity of the midnights there is that of the mark before.
    """
    days = 0
    equity = marks.capital[0]
    start_ms = marks.start[0]
    midnight = (start_ms // DAY_MS + 1) * DAY_MS
    count = marks.equity.size
    dust = DUST * equity
    run = 0
    first = 0
    for stretch in range(bounds.size):
        peak = equity
        trough = equity
        lowest = equity
        fall = 0.0
        gross = 0.0
        net = 0.0
        exposed = 0
        while run < marks.runs.shape[0] and marks.runs[run, 0] < bounds[stretch]:
            for mark in range(max(marks.runs[run, 0], first), min(marks.runs[run, 1], bounds[stretch])):
                if marks.marked_ms[mark] > midnight:
                    days = _close_days(closes, days, equity, (start_ms, marks.marked_ms[mark]), marks.capital[0])
                    midnight = (start_ms // DAY_MS + 1 + days) * DAY_MS
                equity = marks.equity[mark]
                if equity > peak:
                    # The fall from the old peak is over: one division for each, not for each mark.
                    if peak > 0.0:
                        fall = max(fall, (peak - trough) / peak)
                    lowest = min(lowest, trough)
                    peak = equity
                    trough = equity
                trough = min(trough, equity)
                if marks.exposure[mark] > 0.0:
                    exposed += 1
                    if equity > dust:
                        share = 1.0 / equity
                        gross += marks.exposure[mark] * share
                        net += marks.net_exposure[mark] * share
            if marks.runs[run, 1] > bounds[stretch]:
                break
            run += 1
        row = stretches[stretch]
        row[PEAK] = peak
        row[LOW] = min(lowest, trough)
        row[FALL] = max(fall, (peak - trough) / peak) if peak > 0.0 else fall
        row[GROSS] = gross
        row[NET] = net
        row[EXPOSED] = exposed
        row[END] = equity
        first = bounds[stretch]
    if count > 0 and marks.marked_ms[count - 1] > start_ms:
        days = _close_days(closes, days, equity, (start_ms, marks.marked_ms[count - 1]), marks.capital[0])
        closes[days] = without_dust(equity, marks.capital[0])
        days += 1
    return days


@rule
def _join_stretches(stretches: Float2D, bounds: Int1D, first: int, row: Float1D) -> None:
    """Fill what the stretches from the mark `first` on have in common: a fall may begin in one and end in another."""
    peak = row[START_EQUITY]
    lowest = peak
    fall = 0.0
    gross = 0.0
    net = 0.0
    exposed = 0.0
    for stretch in range(bounds.size):
        if bounds[stretch] > first:
            one = stretches[stretch]
            if peak > 0.0:
                fall = max(fall, (peak - one[LOW]) / peak)
            fall = max(fall, one[FALL])
            peak = max(peak, one[PEAK])
            lowest = min(lowest, one[LOW])
            gross += one[GROSS]
            net += one[NET]
            exposed += one[EXPOSED]
    row[LOWEST_EQUITY] = lowest
    row[MAX_DRAWDOWN] = fall
    marks = bounds[bounds.size - 1] - first
    if marks > 0:
        row[MEAN_GROSS_EXPOSURE] = gross / marks
        row[MEAN_NET_EXPOSURE] = net / marks
        row[EXPOSED_DAYS] = row[DAYS] * (exposed / marks)


@rule
def _find_fall(marks: Marks, first: int, equity: float) -> float:
    """Return the deepest fall from the mark `first` on, which begins with this equity."""
    peak = equity
    fall = 0.0
    for run in range(marks.runs.shape[0]):
        for mark in range(max(marks.runs[run, 0], first), marks.runs[run, 1]):
            equity = marks.equity[mark]
            peak = max(peak, equity)
            if peak > 0.0:
                fall = max(fall, (peak - equity) / peak)
    return fall


@rule
def _find_equity(stretches: Float2D, bounds: Int1D, first: int, capital: float) -> float:
    """Return the equity before the mark `first`, which is the first of all or of a stretch."""
    equity = capital
    for stretch in range(bounds.size):
        if bounds[stretch] <= first:
            equity = stretches[stretch, END]
    return equity


@rule
def _measure_benchmark(marks: Marks, first: int, row: Float1D) -> None:
    """Before its first price the benchmark is the initial capital, not yet spent."""
    count = marks.benchmark.size
    before = marks.benchmark[first - 1] if first > 0 else marks.capital[0]
    row[BENCHMARK_START] = marks.capital[0] if np.isnan(before) else without_dust(before, marks.capital[0])
    if count > 0 and not np.isnan(marks.benchmark[count - 1]):
        row[BENCHMARK_END] = marks.benchmark[count - 1]


@kernel
def measure_account_periods(
    marks: Marks, traded: tuple[Trips, Int1D], cuts: tuple[Int1D, Int1D, Int1D], is_detailed: bool, table: Float2D
) -> None:
    """Fill one row of `table`, shape (periods, FIELDS), for each period.

    `traded`: trips and their order of ending. `cuts`: starts of periods (ms), their first marks, and the ends of the
    stretches, rising, the last of them the number of marks.
    """
    trips, order = traded
    starts, firsts, bounds = cuts
    count = marks.equity.size
    start_ms = marks.start[0]
    end_ms = marks.marked_ms[count - 1] if count > 0 else start_ms
    stretches = np.zeros((bounds.size, _COLUMNS))
    closes = np.zeros((end_ms - start_ms) // DAY_MS + 3)
    days = _read_marks(marks, bounds, stretches, closes)
    returns = np.zeros(days)
    for period in range(starts.size):
        row = table[period]
        first = firsts[period]
        from_ms = starts[period]
        row[IS_MARKED] = 1.0
        row[DAYS] = (end_ms - from_ms) / DAY_MS
        row[START_EQUITY] = without_dust(_find_equity(stretches, bounds, first, marks.capital[0]), marks.capital[0])
        row[END_EQUITY] = stretches[bounds.size - 1, END]
        _join_stretches(stretches, bounds, first, row)
        if row[LOWEST_EQUITY] < 0.0:
            # Of equity below 0 the fall is a larger share of a lower high: only the highs of the period itself count.
            row[MAX_DRAWDOWN] = _find_fall(marks, first, row[START_EQUITY])
        _measure_benchmark(marks, first, row)
        skipped = from_ms // DAY_MS - start_ms // DAY_MS
        measure_closes(row[START_EQUITY], closes[skipped:days], (from_ms, end_ms), returns, is_detailed, row)
        ended = 0
        while ended < order.size and from_ms > start_ms and trips.released_ms[order[ended]] <= from_ms:
            ended += 1
        measure_trips(trips, order[ended:], row)
        measure_traded(trips, from_ms, row)
