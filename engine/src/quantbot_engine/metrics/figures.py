"""Figures of merit of a period: pure functions of what was measured. Undefined is a reason, never a made-up number."""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from quantbot_engine.metrics.measurement import Measured

DAYS_PER_YEAR: Final = 365.25
# Daily returns of markets that never close.
RETURNS_PER_YEAR: Final = 365
# A year's growth extrapolated from less is noise.
MIN_CAGR_DAYS: Final = 30
# One return has no spread.
MIN_OBSERVATIONS: Final = 2
# A standard deviation below this share of the largest return is rounding.
_ROUNDING: Final = 1e-12


class Undefined(StrEnum):
    """Why a figure has no value."""

    NO_TRADES = "no_trades"
    NO_WINS = "no_wins"
    NO_LOSSES = "no_losses"
    NO_PROFIT = "no_profit"
    NO_DRAWDOWN = "no_drawdown"
    NO_DOWNSIDE = "no_downside"
    NO_BENCHMARK = "no_benchmark"
    NO_TIME = "no_time"
    ZERO_VARIANCE = "zero_variance"
    TOO_FEW_OBSERVATIONS = "too_few_observations"
    PERIOD_TOO_SHORT = "period_too_short"
    NON_POSITIVE_EQUITY = "non_positive_equity"
    NOT_REPORTED = "not_reported"


Figure = float | Undefined


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


FIGURES: Final[dict[str, Callable[[Measured], Figure]]] = {
    figure.__name__: figure
    for figure in (
        final_balance,
        total_return,
        max_drawdown,
        cagr,
        volatility,
        sharpe_ratio,
        sortino_ratio,
        mar_ratio,
        trades,
        trades_per_30d,
        win_rate,
        profit_factor,
        expectancy,
        average_win,
        average_loss,
        fee_share,
        exposure,
        turnover,
        benchmark_return,
    )
}
