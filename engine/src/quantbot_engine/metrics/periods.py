"""Periods counted back from the end of the data, and all figures of each."""

from collections.abc import Sequence
from typing import Final

from quantbot_engine.metrics.figures import FIGURES
from quantbot_engine.metrics.growth_figures import DAYS_PER_YEAR, mar_ratio
from quantbot_engine.metrics.ledger import Ledger
from quantbot_engine.metrics.measurement import DAY_MS, measure
from quantbot_engine.metrics.undefined import Figure

# Days of a period; `all` is the whole ledger.
PERIOD_DAYS: Final[dict[str, float]] = {"30d": 30, "90d": 90, "1y": 365, "all": float("inf")}
# The Calmar ratio looks at no more than the last 36 months (Young 1991).
CALMAR_DAYS: Final = 3 * DAYS_PER_YEAR

METRIC_NAMES: Final = [*FIGURES, "calmar_ratio"]


def measure_figures(ledger: Ledger, periods: Sequence[str]) -> list[dict[str, Figure]]:
    """Return all figures of each period, in the order asked for.

    Equity of a period goes on from what the account had when it began. A period longer than the data is all of them.
    """
    starts = [_start_of(ledger, PERIOD_DAYS[period]) for period in periods]
    recent = _start_of(ledger, CALMAR_DAYS)
    # Periods longer than the data are one and the same.
    distinct = list(dict.fromkeys([*starts, recent]))
    measured = dict(zip(distinct, measure(ledger, distinct), strict=True))
    figures = {
        start: {name: figure(period) for name, figure in FIGURES.items()}
        | {"calmar_ratio": mar_ratio(measured[max(start, recent)])}
        for start, period in measured.items()
    }
    return [figures[start] for start in starts]


def _start_of(ledger: Ledger, days: float) -> int:
    return ledger.start_ms if days == float("inf") else max(ledger.start_ms, ledger.end_ms - round(days * DAY_MS))
