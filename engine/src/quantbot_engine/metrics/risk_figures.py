"""Figures of daily returns: spread, tails, and growth over either. Pure functions of what was measured."""

import math
from typing import Final

from quantbot_engine.metrics.measured import Measured
from quantbot_engine.metrics.undefined import Figure, Undefined

# Daily returns of markets that never close.
RETURNS_PER_YEAR: Final = 365
# One return has no spread.
MIN_OBSERVATIONS: Final = 2
# One day in twenty needs twenty.
MIN_TAIL_OBSERVATIONS: Final = 20
# A standard deviation below this share of the largest return is rounding.
ROUNDING: Final = 1e-12


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
    if period.deviation <= ROUNDING * period.largest_return:
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
    if period.downside <= ROUNDING * period.largest_return:
        return Undefined.NO_DOWNSIDE
    return period.mean_return / period.downside * math.sqrt(RETURNS_PER_YEAR)


def sharpe_standard_error(period: Measured) -> Figure:
    """Uncertainty of the Sharpe ratio: its standard error if returns are independent and normal (Lo 2002).

    Examples
    --------
    >>> round(sharpe_standard_error(Measured(observations=365, mean_return=0.001, deviation=0.02)), 6)
    1.000625
    """
    sharpe = sharpe_ratio(period)
    if isinstance(sharpe, Undefined):
        return sharpe
    return math.sqrt((RETURNS_PER_YEAR + 0.5 * sharpe**2) / period.observations)


def sharpe_ratio_autocorrelated(period: Measured) -> Figure:
    """Sharpe ratio made yearly for returns that depend on the day before (Lo 2002), if they clearly do.

    Lo's factor with the correlations of AR(1), r^k at lag k: hundreds of lags measured one by one would be noise. It is
    undefined while |r| is at most 2 / sqrt(n), where the plain ratio holds.

    Examples
    --------
    >>> measured = Measured(observations=1000, mean_return=0.001, deviation=0.02, autocorrelation=0.2)
    >>> round(sharpe_ratio_autocorrelated(measured), 6)
    0.780403
    """
    sharpe = sharpe_ratio(period)
    if isinstance(sharpe, Undefined):
        return sharpe
    if abs(period.autocorrelation) <= 2.0 / math.sqrt(period.observations):
        return Undefined.NO_AUTOCORRELATION
    daily = sharpe / math.sqrt(RETURNS_PER_YEAR)
    return daily * autocorrelated_factor(period.autocorrelation, RETURNS_PER_YEAR)


def autocorrelated_factor(correlation: float, periods: int) -> float:
    """Return q / sqrt(q + 2 sum of (q - k) r^k for k below q): what makes a ratio of one period one of `periods`.

    Examples
    --------
    >>> round(autocorrelated_factor(0.2, 12), 4)
    2.8788
    """
    geometric = (1.0 - correlation**periods) / (1.0 - correlation)
    weighted = correlation / (1.0 - correlation) * (periods - geometric)
    return periods / math.sqrt(periods + 2.0 * weighted)


def omega_ratio(period: Measured) -> Figure:
    """Sum of daily gains over the sum of daily losses, both as fractions of equity.

    Examples
    --------
    >>> omega_ratio(Measured(observations=10, gains=0.5, falls=0.25, largest_return=0.1))
    2.0
    """
    if period.lowest_equity < 0.0:
        return Undefined.NON_POSITIVE_EQUITY
    if period.observations < MIN_OBSERVATIONS:
        return Undefined.TOO_FEW_OBSERVATIONS
    if period.falls <= ROUNDING * period.largest_return:
        return Undefined.NO_DOWNSIDE
    return period.gains / period.falls


def value_at_risk_95(period: Measured) -> Figure:
    """Return that one day in twenty stays below; a loss is negative.

    Examples
    --------
    >>> value_at_risk_95(Measured(observations=100, quantile_5=-0.03))
    -0.03
    """
    return period.quantile_5 if period.observations >= MIN_TAIL_OBSERVATIONS else Undefined.TOO_FEW_OBSERVATIONS


def expected_shortfall_95(period: Measured) -> Figure:
    """Mean return of the worst twentieth of the days (CVaR), a loss is negative.

    Examples
    --------
    >>> expected_shortfall_95(Measured(observations=100, worst_twentieth=-0.045))
    -0.045
    """
    return period.worst_twentieth if period.observations >= MIN_TAIL_OBSERVATIONS else Undefined.TOO_FEW_OBSERVATIONS


def tail_ratio(period: Measured) -> Figure:
    """Return that one day in twenty exceeds over the one that one in twenty stays below, both without sign.

    Examples
    --------
    >>> tail_ratio(Measured(observations=100, quantile_5=-0.02, quantile_95=0.03, largest_return=0.1))
    1.5
    """
    if period.observations < MIN_TAIL_OBSERVATIONS:
        return Undefined.TOO_FEW_OBSERVATIONS
    if period.quantile_5 >= -ROUNDING * period.largest_return:
        return Undefined.NO_DOWNSIDE
    return abs(period.quantile_95) / -period.quantile_5


def kelly_factor(period: Measured) -> Figure:
    """Factor on all sizes under which these days would have grown the account most: at most that, never more.

    It maximises the mean of log(1 + f r); 0 if the mean return is not above 0.

    Examples
    --------
    >>> measured = Measured(observations=40, gains=0.3, falls=0.2, largest_return=0.1, worst_return=-0.1, best_factor=4)
    >>> kelly_factor(measured)
    4.0
    """
    if period.lowest_equity < 0.0:
        return Undefined.NON_POSITIVE_EQUITY
    if period.observations < MIN_TAIL_OBSERVATIONS:
        return Undefined.TOO_FEW_OBSERVATIONS
    if period.gains <= ROUNDING * period.largest_return:
        return Undefined.NO_WINS
    if -period.worst_return <= ROUNDING * period.largest_return:
        return Undefined.NO_LOSSES
    return float(period.best_factor)


def half_kelly_factor(period: Measured) -> Figure:
    """Half of the Kelly factor: most of the growth for half of the risk, and room for an edge that was overestimated.

    Examples
    --------
    >>> measured = Measured(observations=40, gains=0.3, falls=0.2, largest_return=0.1, worst_return=-0.1, best_factor=4)
    >>> half_kelly_factor(measured)
    2.0
    """
    factor = kelly_factor(period)
    return factor if isinstance(factor, Undefined) else 0.5 * factor
