"""Figures and objectives of a period as they cross the border."""

from collections.abc import Mapping
from typing import Any

from quantbot_engine.protocol import PeriodFigures

# Name → value, or the reason why there is none.
Figures = Mapping[str, float | str]


def to_period_figures(period: Any, metrics: Figures, objectives: Figures) -> PeriodFigures:
    """Return both kinds of figures as they cross the border: null and a reason where there is no number."""
    both = (*metrics.items(), *objectives.items())
    return PeriodFigures(
        period=period,
        metrics={name: None if isinstance(value, str) else value for name, value in metrics.items()},
        objectives={name: None if isinstance(value, str) else value for name, value in objectives.items()},
        null_reasons={name: str(value) for name, value in both if isinstance(value, str)},
    )
