"""Periods counted back from the end of the data, and all figures of each."""

from collections.abc import Callable, Sequence
from typing import Final

from quantbot_engine.metrics.figures import DETAIL_FIGURES, FIGURES
from quantbot_engine.metrics.growth_figures import DAYS_PER_YEAR, mar_ratio
from quantbot_engine.metrics.ledger import Ledger
from quantbot_engine.metrics.measured import DAY_MS, Measured
from quantbot_engine.metrics.measurement import measure
from quantbot_engine.metrics.undefined import Figure

# Days of a period; `all` is everything.
PERIOD_DAYS: Final[dict[str, float]] = {"30d": 30, "90d": 90, "1y": 365, "all": float("inf")}
# The Calmar ratio looks at no more than the last 36 months (Young 1991).
CALMAR_DAYS: Final = 3 * DAYS_PER_YEAR

METRIC_NAMES: Final = [*FIGURES, "calmar_ratio"]
DETAIL_NAMES: Final = [*METRIC_NAMES, *DETAIL_FIGURES]


def measure_figures(ledger: Ledger, periods: Sequence[str], *, detail: bool = False) -> list[dict[str, Figure]]:
    """Return the figures of each period, in the order asked for: METRIC_NAMES, with `detail` DETAIL_NAMES.

    Equity of a period goes on from what the account had when it began. A period longer than the data is all of them.
    """
    return figures_of_periods(
        periods, (ledger.start_ms, ledger.end_ms), lambda starts: measure(ledger, starts, detail=detail), detail=detail
    )


def figures_of_periods(
    periods: Sequence[str],
    span: tuple[int, int],
    measure_from: Callable[[list[int]], list[Measured]],
    *,
    detail: bool,
) -> list[dict[str, Figure]]:
    """Return the figures of each period of an account that lasts from `span[0]` to `span[1]` (ms).

    `measure_from` says what happened from each of the times that it is given to the end.
    """
    starts = [start_of(span, PERIOD_DAYS[period]) for period in periods]
    recent = start_of(span, CALMAR_DAYS)
    # Periods longer than the data are one and the same.
    distinct = list(dict.fromkeys([*starts, recent]))
    measured = dict(zip(distinct, measure_from(distinct), strict=True))
    wanted = FIGURES | DETAIL_FIGURES if detail else FIGURES
    figures = {
        start: {name: figure(measured[start]) for name, figure in wanted.items()}
        | {"calmar_ratio": mar_ratio(measured[max(start, recent)])}
        for start in dict.fromkeys(starts)
    }
    return [figures[start] for start in starts]


def start_of(span: tuple[int, int], days: float) -> int:
    """Return when the last `days` of the span begin, in Unix milliseconds; not before the span does."""
    return span[0] if days == float("inf") else max(span[0], span[1] - round(days * DAY_MS))
