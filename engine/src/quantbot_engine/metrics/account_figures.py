"""All figures of an account that is marked at every candle, for each period, and where it falls below a floor."""

from collections.abc import Sequence

import numpy as np

from quantbot_engine.jit import Float1D, Int2D, kernel
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.account_measurement import measure_marks
from quantbot_engine.metrics.ledger import take_trips
from quantbot_engine.metrics.periods import CALMAR_DAYS, PERIOD_DAYS, figures_of_periods, start_of
from quantbot_engine.metrics.undefined import Figure


def measure_account(account: Account, periods: Sequence[str], *, detail: bool = False) -> list[dict[str, Figure]]:
    """Return the figures of each period, in the order asked for: METRIC_NAMES, with `detail` DETAIL_NAMES.

    A period is of the candles that closed after its start, and of the trips that ended after it.

    Parameters
    ----------
    periods : sequence of str
        Names of PERIOD_DAYS; a period longer than the data is all of them.
    detail : bool
        Also the figures for one backtest alone, which a search of thousands does without.
    """
    end_ms = int(account.marked_ms[-1]) if account.marked_ms.size > 0 else account.start_ms
    span = (account.start_ms, end_ms)
    every = [start_of(span, days) for days in (*PERIOD_DAYS.values(), CALMAR_DAYS)]
    return figures_of_periods(
        periods, span, lambda starts: measure_marks(account, starts, every, detail=detail), detail=detail
    )


def cut_account_at_floor(account: Account, floor: float) -> Account | None:
    """Return the account up to the first mark with equity below `floor` (money), None if there is none.

    Trips that were still open then are left out; equity has what they were worth.
    """
    runs = account.list_runs()
    count = _find_below(account.equity, runs, floor, account.initial_capital) + 1
    if count > account.marked_ms.size:
        return None
    return Account(
        start_ms=account.start_ms,
        initial_capital=account.initial_capital,
        marked_ms=account.marked_ms[:count],
        equity=account.equity[:count],
        exposure=account.exposure[:count],
        net_exposure=account.net_exposure[:count],
        benchmark=account.benchmark[:count],
        trips=take_trips(account.trips, np.flatnonzero(account.trips.released_ms <= account.marked_ms[count - 1])),
        runs=np.minimum(runs[runs[:, 0] < count], count),
    )


@kernel
def _find_below(equity: Float1D, runs: Int2D, floor: float, capital: float) -> int:
    """Return the first mark with equity below the floor, the number of marks if there is none."""
    is_marked_first = runs.shape[0] > 0 and runs[0, 0] == 0
    if equity.size > 0 and not is_marked_first and capital < floor:
        return 0
    for run in range(runs.shape[0]):
        for mark in range(runs[run, 0], runs[run, 1]):
            if equity[mark] < floor:
                return mark
    return equity.size
