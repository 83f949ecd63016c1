"""A figure is a number, or the reason why it is none. Undefined is never a made-up number."""

from enum import StrEnum


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
    ONLY_BREAKEVEN = "only_breakeven"
    NO_INITIAL_RISK = "no_initial_risk"
    NO_AUTOCORRELATION = "no_autocorrelation"
    NOT_MARKED = "not_marked"
    NOT_REPORTED = "not_reported"


Figure = float | Undefined
