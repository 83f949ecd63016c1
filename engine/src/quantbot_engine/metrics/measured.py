"""What all figures of a period are made of, and where each of it stands in the rows that kernels fill."""

from typing import Final, NamedTuple

DAY_MS: Final = 86_400_000
# An account that holds less than this share of its initial capital holds nothing: the rest is rounding.
DUST: Final = 1e-12


class Measured(NamedTuple):
    """What happened in a period [start, end]. Money in the account's currency, times in days, returns as fractions."""

    start_equity: float = 0.0
    end_equity: float = 0.0
    lowest_equity: float = 0.0
    max_drawdown: float = 0.0
    days: float = 0.0
    # Daily closes of equity, the start not among them.
    mean_equity: float = 0.0
    ulcer_index: float = 0.0
    longest_drawdown_days: float = 0.0
    current_drawdown_days: float = 0.0
    current_drawdown: float = 0.0
    # Daily returns: number, mean, standard deviation (n - 1), downside deviation to 0 over all n, largest magnitude,
    # sums of those above and below 0 (both positive), correlation with the day before.
    observations: float = 0.0
    mean_return: float = 0.0
    deviation: float = 0.0
    downside: float = 0.0
    largest_return: float = 0.0
    gains: float = 0.0
    falls: float = 0.0
    autocorrelation: float = 0.0
    # Of single backtests only: quantiles, mean of the worst twentieth, worst return, growth-optimal factor.
    quantile_5: float = 0.0
    quantile_95: float = 0.0
    worst_twentieth: float = 0.0
    worst_return: float = 0.0
    best_factor: float = 0.0
    # Trips that ended in the period, net of fees unless it says before fees.
    trades: float = 0.0
    wins: float = 0.0
    losses: float = 0.0
    gross_profit: float = 0.0
    gross_loss: float = 0.0
    fees: float = 0.0
    profit_before_fees: float = 0.0
    largest_win: float = 0.0
    largest_loss: float = 0.0
    losing_streak: float = 0.0
    # Profits over the initial risk if that is known for every trip (`has_risk` 1), else over the money put in.
    has_risk: float = 0.0
    mean_multiple: float = 0.0
    multiple_deviation: float = 0.0
    largest_multiple: float = 0.0
    # Money bought and sold in the period, days with at least one open trip.
    traded: float = 0.0
    exposed_days: float = 0.0
    # Of accounts that are marked at every candle (`is_marked` 1): means of open positions over equity, buying and
    # holding at both ends (0 at the end: it never had a price).
    is_marked: float = 0.0
    mean_gross_exposure: float = 0.0
    mean_net_exposure: float = 0.0
    benchmark_start: float = 0.0
    benchmark_end: float = 0.0


FIELDS: Final = len(Measured._fields)

# Positions in a row, in the order of the fields.
(
    START_EQUITY,
    END_EQUITY,
    LOWEST_EQUITY,
    MAX_DRAWDOWN,
    DAYS,
    MEAN_EQUITY,
    ULCER_INDEX,
    LONGEST_DRAWDOWN_DAYS,
    CURRENT_DRAWDOWN_DAYS,
    CURRENT_DRAWDOWN,
    OBSERVATIONS,
    MEAN_RETURN,
    DEVIATION,
    DOWNSIDE,
    LARGEST_RETURN,
    GAINS,
    FALLS,
    AUTOCORRELATION,
    QUANTILE_5,
    QUANTILE_95,
    WORST_TWENTIETH,
    WORST_RETURN,
    BEST_FACTOR,
    TRADES,
    WINS,
    LOSSES,
    GROSS_PROFIT,
    GROSS_LOSS,
    FEES,
    PROFIT_BEFORE_FEES,
    LARGEST_WIN,
    LARGEST_LOSS,
    LOSING_STREAK,
    HAS_RISK,
    MEAN_MULTIPLE,
    MULTIPLE_DEVIATION,
    LARGEST_MULTIPLE,
    TRADED,
    EXPOSED_DAYS,
    IS_MARKED,
    MEAN_GROSS_EXPOSURE,
    MEAN_NET_EXPOSURE,
    BENCHMARK_START,
    BENCHMARK_END,
) = range(FIELDS)
