"""Figures of what was at stake, what it cost, and what holding brought. Pure functions of what was measured."""

from quantbot_engine.metrics.growth_figures import DAYS_PER_YEAR, total_return
from quantbot_engine.metrics.measured import Measured
from quantbot_engine.metrics.risk_figures import ROUNDING
from quantbot_engine.metrics.undefined import Figure, Undefined


def fee_share(period: Measured) -> Figure:
    """Fees of all trips over the profit before fees of those that had one; above 1 the fees took more than was won.

    Examples
    --------
    >>> fee_share(Measured(fees=25.0, profit_before_fees=100.0))
    0.25
    """
    if period.profit_before_fees <= ROUNDING * period.fees:
        return Undefined.NO_PROFIT
    return period.fees / period.profit_before_fees


def exposure(period: Measured) -> Figure:
    """Share of the time with at least one open trip; of candles, if the account is marked at their closes.

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


def mean_gross_exposure(period: Measured) -> Figure:
    """Mean over all candles of the value of open positions, both directions added, over equity.

    Examples
    --------
    >>> mean_gross_exposure(Measured(is_marked=1.0, lowest_equity=900.0, days=9.0, mean_gross_exposure=0.5))
    0.5
    """
    return _mean_exposure(period, period.mean_gross_exposure)


def mean_net_exposure(period: Measured) -> Figure:
    """Mean over all candles of the value of longs less shorts, over equity; negative if mostly short.

    Examples
    --------
    >>> mean_net_exposure(Measured(is_marked=1.0, lowest_equity=900.0, days=9.0, mean_net_exposure=-0.25))
    -0.25
    """
    return _mean_exposure(period, period.mean_net_exposure)


def _mean_exposure(period: Measured, mean: float) -> Figure:
    if period.is_marked == 0.0:
        return Undefined.NOT_MARKED
    if period.days <= 0.0:
        return Undefined.NO_TIME
    return mean if period.lowest_equity > 0.0 else Undefined.NON_POSITIVE_EQUITY


def total_fees(period: Measured) -> Figure:
    """Fees of all trips that ended in the period, both sides, in money.

    Examples
    --------
    >>> total_fees(Measured(fees=25.0))
    25.0
    """
    return period.fees


def benchmark_return(period: Measured) -> Figure:
    """Return of buying and holding. A set of calls has nothing to hold; objectives take it as 0.

    Examples
    --------
    >>> benchmark_return(Measured(benchmark_start=1000.0, benchmark_end=1500.0))
    0.5
    """
    if period.benchmark_start <= 0.0 or period.benchmark_end <= 0.0:
        return Undefined.NO_BENCHMARK
    return period.benchmark_end / period.benchmark_start - 1.0


def excess_return(period: Measured) -> Figure:
    """Total return less that of buying and holding.

    Examples
    --------
    >>> measured = Measured(start_equity=1000.0, end_equity=1250.0, benchmark_start=1000.0, benchmark_end=1500.0)
    >>> excess_return(measured)
    -0.25
    """
    held, earned = benchmark_return(period), total_return(period)
    if isinstance(held, Undefined):
        return held
    return earned if isinstance(earned, Undefined) else earned - held
