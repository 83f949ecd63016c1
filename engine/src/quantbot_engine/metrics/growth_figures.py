"""Figures of the equity of a period: growth, risk, and one over the other. Pure functions of what was measured."""

import math
from typing import Final

from quantbot_engine.metrics.measurement import Measured
from quantbot_engine.metrics.undefined import Figure, Undefined

DAYS_PER_YEAR: Final = 365.25
# Daily returns of markets that never close.
RETURNS_PER_YEAR: Final = 365
# A year's growth extrapolated from less is noise.
MIN_CAGR_DAYS: Final = 30
# One return has no spread.
MIN_OBSERVATIONS: Final = 2
# A standard deviation below this share of the largest return is rounding.
_ROUNDING: Final = 1e-12


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
    """Deepest fall of equity at cost from an earlier peak, as a positive fraction of that peak.

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


def volatility(period: Measured) -> Figure:
    """Spread of daily returns: their standard deviation (n - 1) times sqrt(365).

    Examples
    --------
    >>> round(volatility(Measured(observations=10, deviation=0.02)), 6)
    0.382099
    """
    if period.observations < MIN_OBSERVATIONS:
        return Undefined.TOO_FEW_OBSERVATIONS
    return period.deviation * math.sqrt(RETURNS_PER_YEAR)


def sharpe_ratio(period: Measured) -> Figure:
    """Mean over standard deviation (n - 1) of daily returns, times sqrt(365); risk-free rate 0 (Sharpe 1994).

    Examples
    --------
    >>> round(sharpe_ratio(Measured(observations=10, mean_return=0.001, deviation=0.02, largest_return=0.05)), 6)
    0.955249
    """
    if period.lowest_equity < 0.0:
        return Undefined.NON_POSITIVE_EQUITY
    if period.observations < MIN_OBSERVATIONS:
        return Undefined.TOO_FEW_OBSERVATIONS
    if period.deviation <= _ROUNDING * period.largest_return:
        return Undefined.ZERO_VARIANCE
    return period.mean_return / period.deviation * math.sqrt(RETURNS_PER_YEAR)


def sortino_ratio(period: Measured) -> Figure:
    """Mean over downside deviation of daily returns (over all of them), times sqrt(365) (Sortino and Price 1994).

    Examples
    --------
    >>> round(sortino_ratio(Measured(observations=10, mean_return=0.001, downside=0.01, largest_return=0.05)), 6)
    1.910497
    """
    if period.lowest_equity < 0.0:
        return Undefined.NON_POSITIVE_EQUITY
    if period.observations < MIN_OBSERVATIONS:
        return Undefined.TOO_FEW_OBSERVATIONS
    if period.downside <= _ROUNDING * period.largest_return:
        return Undefined.NO_DOWNSIDE
    return period.mean_return / period.downside * math.sqrt(RETURNS_PER_YEAR)


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
