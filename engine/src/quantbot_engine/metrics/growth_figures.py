"""Figures of the growth of equity, and of its falls. Pure functions of what was measured."""

import math
from typing import Final

from quantbot_engine.metrics.measured import Measured
from quantbot_engine.metrics.undefined import Figure, Undefined

DAYS_PER_YEAR: Final = 365.25
# A year's growth extrapolated from less is noise.
MIN_CAGR_DAYS: Final = 30


def final_balance(period: Measured) -> Figure:
    """Equity at the end of the period, in money.

    Examples
    --------
    >>> final_balance(Measured(end_equity=1100.0))
    1100.0
    """
    return period.end_equity


def total_return(period: Measured) -> Figure:
    """Growth of equity over the period, as a fraction; 0.1 is ten percent.

    Examples
    --------
    >>> total_return(Measured(start_equity=1000.0, end_equity=1250.0))
    0.25
    """
    if period.start_equity <= 0.0:
        return Undefined.NON_POSITIVE_EQUITY
    return period.end_equity / period.start_equity - 1.0


def max_drawdown(period: Measured) -> Figure:
    """Deepest fall of equity from an earlier high, as a positive fraction of that high; the start counts as one.

    Examples
    --------
    >>> max_drawdown(Measured(start_equity=1000.0, max_drawdown=0.25))
    0.25
    """
    return period.max_drawdown if period.start_equity > 0.0 else Undefined.NON_POSITIVE_EQUITY


def cagr(period: Measured) -> Figure:
    """Yearly growth: (end / start)^(365.25 / days) - 1; total loss is -1 however short the period.

    Examples
    --------
    >>> round(cagr(Measured(start_equity=100.0, end_equity=121.0, days=730.5)), 12)
    0.1
    """
    if period.start_equity <= 0.0 or period.end_equity < 0.0:
        return Undefined.NON_POSITIVE_EQUITY
    if period.end_equity == 0.0:
        return -1.0
    if period.days < MIN_CAGR_DAYS:
        return Undefined.PERIOD_TOO_SHORT
    growth = period.end_equity / period.start_equity
    try:
        return math.exp(math.log(growth) * DAYS_PER_YEAR / period.days) - 1.0
    except OverflowError:
        return Undefined.PERIOD_TOO_SHORT


def mar_ratio(period: Measured) -> Figure:
    """CAGR over maximum drawdown of the whole period. The objective `mar` is another: total return over drawdown.

    Examples
    --------
    >>> round(mar_ratio(Measured(start_equity=100.0, end_equity=121.0, days=730.5, max_drawdown=0.2)), 12)
    0.5
    """
    if period.max_drawdown == 0.0:
        return Undefined.NO_DRAWDOWN
    growth = cagr(period)
    return growth if isinstance(growth, Undefined) else growth / period.max_drawdown


def recovery_factor(period: Measured) -> Figure:
    """Total return over maximum drawdown: how many times the deepest fall was earned.

    Examples
    --------
    >>> recovery_factor(Measured(start_equity=100.0, end_equity=150.0, max_drawdown=0.25))
    2.0
    """
    growth = total_return(period)
    if isinstance(growth, Undefined):
        return growth
    return growth / period.max_drawdown if period.max_drawdown > 0.0 else Undefined.NO_DRAWDOWN


def ulcer_index(period: Measured) -> Figure:
    """Root mean square of the falls below the highest daily close before: depth and length in one fraction.

    Examples
    --------
    >>> ulcer_index(Measured(start_equity=1000.0, observations=10, ulcer_index=0.05))
    0.05
    """
    if period.start_equity <= 0.0:
        return Undefined.NON_POSITIVE_EQUITY
    return period.ulcer_index if period.observations > 0.0 else Undefined.TOO_FEW_OBSERVATIONS


def ulcer_performance_index(period: Measured) -> Figure:
    """CAGR over ulcer index; risk-free rate 0.

    Examples
    --------
    >>> measured = Measured(start_equity=100.0, end_equity=121.0, days=730.5, observations=731, ulcer_index=0.05)
    >>> round(ulcer_performance_index(measured), 12)
    2.0
    """
    if period.ulcer_index == 0.0:
        return Undefined.NO_DRAWDOWN
    growth = cagr(period)
    return growth if isinstance(growth, Undefined) else growth / period.ulcer_index


def longest_drawdown_days(period: Measured) -> Figure:
    """Days from a highest daily close to the first that is as high again, the longest; also if it is still open.

    Examples
    --------
    >>> longest_drawdown_days(Measured(start_equity=1000.0, longest_drawdown_days=42.0))
    42.0
    """
    return period.longest_drawdown_days if period.start_equity > 0.0 else Undefined.NON_POSITIVE_EQUITY


def current_drawdown_days(period: Measured) -> Figure:
    """Days since the highest daily close, 0 if it is the last one.

    Examples
    --------
    >>> current_drawdown_days(Measured(start_equity=1000.0, current_drawdown_days=7.0))
    7.0
    """
    return period.current_drawdown_days if period.start_equity > 0.0 else Undefined.NON_POSITIVE_EQUITY


def current_drawdown(period: Measured) -> Figure:
    """How far the end is below the highest daily close, as a positive fraction of that.

    Examples
    --------
    >>> current_drawdown(Measured(start_equity=1000.0, current_drawdown=0.1))
    0.1
    """
    return period.current_drawdown if period.start_equity > 0.0 else Undefined.NON_POSITIVE_EQUITY
