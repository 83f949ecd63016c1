"""Figures of the trades of a period: how often, and how well. Pure functions of what was measured."""

import math

from quantbot_engine.metrics.measured import Measured
from quantbot_engine.metrics.risk_figures import MIN_OBSERVATIONS, ROUNDING
from quantbot_engine.metrics.undefined import Figure, Undefined


def trades(period: Measured) -> Figure:
    """Trips that ended in the period.

    Examples
    --------
    >>> trades(Measured(trades=12.0))
    12.0
    """
    return period.trades


def trades_per_30d(period: Measured) -> Figure:
    """Trips that ended in the period, per 30 days.

    Examples
    --------
    >>> trades_per_30d(Measured(trades=12.0, days=90.0))
    4.0
    """
    return period.trades / (period.days / 30.0) if period.days > 0.0 else Undefined.NO_TIME


def win_rate(period: Measured) -> Figure:
    """Share of trips with a profit after fees; a trip that breaks even is no win.

    Examples
    --------
    >>> win_rate(Measured(trades=8.0, wins=4.0))
    0.5
    """
    return period.wins / period.trades if period.trades > 0.0 else Undefined.NO_TRADES


def profit_factor(period: Measured) -> Figure:
    """Money won over money lost, after fees.

    Examples
    --------
    >>> profit_factor(Measured(trades=8.0, gross_profit=500.0, gross_loss=250.0))
    2.0
    """
    if period.trades == 0.0:
        return Undefined.NO_TRADES
    if period.gross_loss <= ROUNDING * period.gross_profit:
        return Undefined.NO_LOSSES
    return period.gross_profit / period.gross_loss


def expectancy(period: Measured) -> Figure:
    """Mean profit of a trip after fees, in money.

    Examples
    --------
    >>> expectancy(Measured(trades=5.0, gross_profit=500.0, gross_loss=250.0))
    50.0
    """
    if period.trades == 0.0:
        return Undefined.NO_TRADES
    return (period.gross_profit - period.gross_loss) / period.trades


def average_win(period: Measured) -> Figure:
    """Mean profit of winning trips after fees, in money.

    Examples
    --------
    >>> average_win(Measured(wins=4.0, gross_profit=500.0))
    125.0
    """
    return period.gross_profit / period.wins if period.wins > 0.0 else Undefined.NO_WINS


def average_loss(period: Measured) -> Figure:
    """Mean result of losing trips after fees, in money: negative.

    Examples
    --------
    >>> average_loss(Measured(losses=4.0, gross_loss=300.0))
    -75.0
    """
    return -period.gross_loss / period.losses if period.losses > 0.0 else Undefined.NO_LOSSES


def win_rate_decided(period: Measured) -> Figure:
    """Share of wins among the trips that did not break even.

    Examples
    --------
    >>> win_rate_decided(Measured(trades=8.0, wins=3.0, losses=1.0))
    0.75
    """
    decided = period.wins + period.losses
    if decided > 0.0:
        return period.wins / decided
    return Undefined.ONLY_BREAKEVEN if period.trades > 0.0 else Undefined.NO_TRADES


def payoff_ratio(period: Measured) -> Figure:
    """Average win over average loss, after fees, the loss without its sign.

    Examples
    --------
    >>> payoff_ratio(Measured(trades=8.0, wins=4.0, gross_profit=500.0, losses=3.0, gross_loss=225.0))
    1.6666666666666667
    """
    if period.trades == 0.0:
        return Undefined.NO_TRADES
    if period.wins == 0.0:
        return Undefined.NO_WINS
    factor = profit_factor(period)
    return factor if isinstance(factor, Undefined) else factor * period.losses / period.wins


def expectancy_ratio(period: Measured) -> Figure:
    """Mean profit of a trip over the average loss without its sign: what each unit that is usually lost earns.

    Examples
    --------
    >>> expectancy_ratio(Measured(trades=10.0, losses=4.0, gross_profit=500.0, gross_loss=400.0))
    0.1
    """
    factor = profit_factor(period)
    return factor if isinstance(factor, Undefined) else (factor - 1.0) * period.losses / period.trades


def mean_r(period: Measured) -> Figure:
    """Mean of R, the profit of a trip after fees over what it would have lost at its first stop.

    Examples
    --------
    >>> mean_r(Measured(trades=8.0, has_risk=1.0, mean_multiple=0.34375))
    0.34375
    """
    if period.trades == 0.0:
        return Undefined.NO_TRADES
    return period.mean_multiple if period.has_risk > 0.0 else Undefined.NO_INITIAL_RISK


def system_quality_number(period: Measured) -> Figure:
    """sqrt(trades) times mean over standard deviation (n - 1) of R (Tharp 2008).

    Where a trip had no stop, its risk is taken to be the money put in, for all trips of the period.

    Examples
    --------
    >>> measured = Measured(trades=16.0, mean_multiple=0.25, multiple_deviation=0.5, largest_multiple=1.0)
    >>> system_quality_number(measured)
    2.0
    """
    return _quality_of(period, period.trades)


def system_quality_number_100(period: Measured) -> Figure:
    """System quality number as if there were at most 100 trips, so that many trades alone are no quality.

    Examples
    --------
    >>> measured = Measured(trades=400.0, mean_multiple=0.25, multiple_deviation=0.5, largest_multiple=1.0)
    >>> system_quality_number_100(measured)
    5.0
    """
    return _quality_of(period, min(period.trades, 100.0))


def _quality_of(period: Measured, count: float) -> Figure:
    if period.trades == 0.0:
        return Undefined.NO_TRADES
    if period.trades < MIN_OBSERVATIONS:
        return Undefined.TOO_FEW_OBSERVATIONS
    if period.multiple_deviation <= ROUNDING * period.largest_multiple:
        return Undefined.ZERO_VARIANCE
    return math.sqrt(count) * period.mean_multiple / period.multiple_deviation


def largest_win(period: Measured) -> Figure:
    """Best result of a trip after fees, in money.

    Examples
    --------
    >>> largest_win(Measured(wins=4.0, largest_win=200.0))
    200.0
    """
    return period.largest_win if period.wins > 0.0 else Undefined.NO_WINS


def largest_loss(period: Measured) -> Figure:
    """Worst result of a trip after fees, in money: negative.

    Examples
    --------
    >>> largest_loss(Measured(losses=4.0, largest_loss=-100.0))
    -100.0
    """
    return period.largest_loss if period.losses > 0.0 else Undefined.NO_LOSSES


def losing_streak(period: Measured) -> Figure:
    """Most trips in a row that ended with a loss, in order of ending; breaking even ends a streak.

    Examples
    --------
    >>> losing_streak(Measured(losing_streak=5.0))
    5.0
    """
    return period.losing_streak
