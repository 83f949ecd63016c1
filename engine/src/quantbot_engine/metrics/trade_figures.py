"""Figures of the trades of a period: how often, how well, at what cost. Pure functions of what was measured."""

from quantbot_engine.metrics.growth_figures import DAYS_PER_YEAR
from quantbot_engine.metrics.measurement import Measured
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
    return period.gross_profit / period.gross_loss if period.gross_loss > 0.0 else Undefined.NO_LOSSES


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


def fee_share(period: Measured) -> Figure:
    """Fees of all trips over the profit before fees of those that had one; above 1 the fees took more than was won.

    Examples
    --------
    >>> fee_share(Measured(fees=25.0, profit_before_fees=100.0))
    0.25
    """
    return period.fees / period.profit_before_fees if period.profit_before_fees > 0.0 else Undefined.NO_PROFIT


def exposure(period: Measured) -> Figure:
    """Share of the time with at least one open trip.

    Examples
    --------
    >>> exposure(Measured(exposed_days=3.0, days=12.0))
    0.25
    """
    return period.exposed_days / period.days if period.days > 0.0 else Undefined.NO_TIME


def turnover(period: Measured) -> Figure:
    """Money bought and sold over the mean of the daily closes of equity, per year.

    Examples
    --------
    >>> turnover(Measured(traded=5000.0, mean_equity=1000.0, days=365.25))
    5.0
    """
    if period.days <= 0.0:
        return Undefined.NO_TIME
    if period.mean_equity <= 0.0:
        return Undefined.NON_POSITIVE_EQUITY
    return period.traded / period.mean_equity / (period.days / DAYS_PER_YEAR)


def benchmark_return(_period: Measured) -> Figure:
    """Return of buying and holding: a set of calls has nothing to hold, objectives take it as 0.

    Examples
    --------
    >>> benchmark_return(Measured()).value
    'no_benchmark'
    """
    return Undefined.NO_BENCHMARK
