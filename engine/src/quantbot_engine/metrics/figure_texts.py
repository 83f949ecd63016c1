"""What the page docs/metrics.md says of each figure: formula, source, and every reason why it may be undefined."""

from typing import Final, NamedTuple

from quantbot_engine.metrics.undefined import Undefined


class FigureText(NamedTuple):
    """Formula and source of a figure; it is undefined for these reasons only. `note`: what to know before using it."""

    formula: str
    source: str
    undefined: tuple[Undefined, ...] = ()
    note: str = ""


_DEFINITION: Final = "definition"
_GROWTH: Final = (Undefined.NON_POSITIVE_EQUITY, Undefined.PERIOD_TOO_SHORT)
_RATIO: Final = (Undefined.NON_POSITIVE_EQUITY, Undefined.TOO_FEW_OBSERVATIONS)
_TAIL: Final = (Undefined.TOO_FEW_OBSERVATIONS,)
_KELLY: Final = (*_RATIO, Undefined.NO_WINS, Undefined.NO_LOSSES)
_QUALITY: Final = (Undefined.NO_TRADES, Undefined.TOO_FEW_OBSERVATIONS, Undefined.ZERO_VARIANCE)

REASONS: Final[dict[Undefined, str]] = {
    Undefined.NO_TRADES: "no trade ended in the period",
    Undefined.NO_WINS: "no trade, or no day, had a profit",
    Undefined.NO_LOSSES: "no trade, or no day, had a loss",
    Undefined.NO_PROFIT: "no trade had a profit before fees",
    Undefined.NO_DRAWDOWN: "equity was never below an earlier high",
    Undefined.NO_DOWNSIDE: "no day had a loss; for the tail ratio, fewer than one day in twenty",
    Undefined.NO_BENCHMARK: "there is nothing to hold, or it never had a price",
    Undefined.NO_TIME: "the account lasts no time at all",
    Undefined.ZERO_VARIANCE: "all returns are the same up to rounding: s is at most 1e-12 of the largest",
    Undefined.TOO_FEW_OBSERVATIONS: "too few daily returns or trades",
    Undefined.PERIOD_TOO_SHORT: "less than 30 days: their growth over a year is noise",
    Undefined.NON_POSITIVE_EQUITY: "equity was 0 or less, or below 0 for ratios of returns",
    Undefined.ONLY_BREAKEVEN: "every trade ended with exactly nothing",
    Undefined.NO_INITIAL_RISK: "a trade of the period had no stop when it opened, or where it was is not known",
    Undefined.NO_AUTOCORRELATION: "returns do not clearly depend on the day before; the plain ratio holds",
    Undefined.NOT_MARKED: "the account is valued when trades end, not at every candle",
    Undefined.NOT_REPORTED: "the strategy states its figures itself, and not this one",
}

TEXTS: Final[dict[str, FigureText]] = {
    "final_balance": FigureText("equity at the end", _DEFINITION),
    "total_return": FigureText("end / start - 1", _DEFINITION, (Undefined.NON_POSITIVE_EQUITY,)),
    "cagr": FigureText(
        "(end / start)^(365.25 / days) - 1", _DEFINITION, _GROWTH, "A total loss is -1 however short the period."
    ),
    "max_drawdown": FigureText(
        "largest (high - equity) / high, over all values of equity",
        _DEFINITION,
        (Undefined.NON_POSITIVE_EQUITY,),
        "The first high is the equity at the start, so a loss on the first day counts. Above 1 if equity fell below 0.",
    ),
    "recovery_factor": FigureText(
        "total_return / max_drawdown", _DEFINITION, (Undefined.NON_POSITIVE_EQUITY, Undefined.NO_DRAWDOWN)
    ),
    "longest_drawdown_days": FigureText(
        "longest time from a highest daily close to the first close that is as high again, or to the end",
        _DEFINITION,
        (Undefined.NON_POSITIVE_EQUITY,),
        "A fall that is made good within one day does not count.",
    ),
    "current_drawdown": FigureText(
        "(high - end) / high, of daily closes", _DEFINITION, (Undefined.NON_POSITIVE_EQUITY,)
    ),
    "current_drawdown_days": FigureText(
        "time from the highest daily close to the end, 0 at a high", _DEFINITION, (Undefined.NON_POSITIVE_EQUITY,)
    ),
    "ulcer_index": FigureText(
        "sqrt(sum of d^2 / n), d the fall below the highest daily close", "Martin and McCann 1989", _RATIO
    ),
    "ulcer_performance_index": FigureText(
        "cagr / ulcer_index", "Martin and McCann 1989", (*_GROWTH, Undefined.NO_DRAWDOWN)
    ),
    "mar_ratio": FigureText(
        "cagr / max_drawdown",
        "Managed Account Reports",
        (*_GROWTH, Undefined.NO_DRAWDOWN),
        "Of the whole period: what many tools call Calmar. The objective `mar` has total return instead of CAGR.",
    ),
    "calmar_ratio": FigureText(
        "cagr / max_drawdown, both of at most the last 36 months", "Young 1991", (*_GROWTH, Undefined.NO_DRAWDOWN)
    ),
    "volatility": FigureText("s sqrt(365)", _DEFINITION, (Undefined.TOO_FEW_OBSERVATIONS,)),
    "sharpe_ratio": FigureText("m / s sqrt(365)", "Sharpe 1994", (*_RATIO, Undefined.ZERO_VARIANCE)),
    "sharpe_standard_error": FigureText(
        "sqrt((1 + q^2 / 2) / n) sqrt(365), q = m / s",
        "Lo 2002",
        (*_RATIO, Undefined.ZERO_VARIANCE),
        "2.1 ± 0.9: about two times in three the true ratio is within one standard error. It does not know how many "
        "variants were tried.",
    ),
    "sharpe_ratio_autocorrelated": FigureText(
        "m / s × 365 / sqrt(365 + 2 sum of (365 - k) r^k for k < 365), r the correlation with the day before",
        "Lo 2002, with correlations of AR(1)",
        (*_RATIO, Undefined.ZERO_VARIANCE, Undefined.NO_AUTOCORRELATION),
        "Stated only if |r| > 2 / sqrt(n). Smooth equity flatters the plain ratio; with r above 0 this one is lower.",
    ),
    "sortino_ratio": FigureText(
        "m / sqrt(mean of min(return, 0)^2) sqrt(365), the mean over all days",
        "Sortino and Price 1994",
        (*_RATIO, Undefined.NO_DOWNSIDE),
    ),
    "omega_ratio": FigureText(
        "sum of daily gains / sum of daily losses", "Keating and Shadwick 2002", (*_RATIO, Undefined.NO_DOWNSIDE)
    ),
    "value_at_risk_95": FigureText(
        "5 % quantile of daily returns, type 7", "Hyndman and Fan 1996", _TAIL, "Needs 20 days."
    ),
    "expected_shortfall_95": FigureText(
        "mean of the worst n / 20 daily returns, the last one with the fraction that is left",
        "Acerbi and Tasche 2002",
        _TAIL,
        "Also called CVaR. Needs 20 days.",
    ),
    "tail_ratio": FigureText(
        "|95 % quantile| / |5 % quantile| of daily returns",
        _DEFINITION,
        (*_TAIL, Undefined.NO_DOWNSIDE),
        "Needs 20 days.",
    ),
    "kelly_factor": FigureText(
        "f at which the mean of log(1 + f return) is largest, f not below 0",
        "Kelly 1956, on the returns as they were",
        _KELLY,
        "An upper bound: it takes the past for certain. 1 is the sizes of this backtest, 0 means do not trade this. "
        "Needs 20 days.",
    ),
    "half_kelly_factor": FigureText("kelly_factor / 2", "Thorp 2006", _KELLY),
    "trades": FigureText("trades that ended in the period", _DEFINITION),
    "trades_per_30d": FigureText("trades / (days / 30)", _DEFINITION, (Undefined.NO_TIME,)),
    "win_rate": FigureText(
        "wins / trades", _DEFINITION, (Undefined.NO_TRADES,), "A trade that breaks even is no win and no loss."
    ),
    "win_rate_decided": FigureText(
        "wins / (wins + losses)", _DEFINITION, (Undefined.NO_TRADES, Undefined.ONLY_BREAKEVEN)
    ),
    "profit_factor": FigureText("money won / money lost", _DEFINITION, (Undefined.NO_TRADES, Undefined.NO_LOSSES)),
    "payoff_ratio": FigureText(
        "average_win / |average_loss|", _DEFINITION, (Undefined.NO_TRADES, Undefined.NO_WINS, Undefined.NO_LOSSES)
    ),
    "expectancy": FigureText("(money won - money lost) / trades", _DEFINITION, (Undefined.NO_TRADES,)),
    "expectancy_ratio": FigureText(
        "expectancy / |average_loss|", _DEFINITION, (Undefined.NO_TRADES, Undefined.NO_LOSSES)
    ),
    "average_win": FigureText("money won / wins", _DEFINITION, (Undefined.NO_WINS,)),
    "average_loss": FigureText("-money lost / losses", _DEFINITION, (Undefined.NO_LOSSES,)),
    "largest_win": FigureText("largest profit of a trade", _DEFINITION, (Undefined.NO_WINS,)),
    "largest_loss": FigureText("largest loss of a trade, negative", _DEFINITION, (Undefined.NO_LOSSES,)),
    "losing_streak": FigureText("most losses in a row, in order of ending", _DEFINITION),
    "mean_r": FigureText(
        "mean of R = profit / initial risk",
        "Tharp 2008",
        (Undefined.NO_TRADES, Undefined.NO_INITIAL_RISK),
        "The initial risk is what the first stop would have lost. If one trade had none, there is no mean.",
    ),
    "system_quality_number": FigureText(
        "sqrt(trades) × mean of R / standard deviation of R (n - 1)",
        "Tharp 2008",
        _QUALITY,
        "Without a stop for every trade R is the profit over the money put in. A t-statistic: it grows with the number "
        "of trades.",
    ),
    "system_quality_number_100": FigureText(
        "sqrt(min(trades, 100)) × mean of R / standard deviation of R (n - 1)", "Tharp 2008", _QUALITY
    ),
    "exposure": FigureText(
        "candles that close with an open position / candles",
        _DEFINITION,
        (Undefined.NO_TIME,),
        "For sets of calls, time with at least one open trade / time.",
    ),
    "mean_gross_exposure": FigureText(
        "mean over candles of (longs + shorts) / equity",
        _DEFINITION,
        (Undefined.NOT_MARKED, Undefined.NO_TIME, Undefined.NON_POSITIVE_EQUITY),
        "Above 1 is leverage.",
    ),
    "mean_net_exposure": FigureText(
        "mean over candles of (longs - shorts) / equity",
        _DEFINITION,
        (Undefined.NOT_MARKED, Undefined.NO_TIME, Undefined.NON_POSITIVE_EQUITY),
    ),
    "turnover": FigureText(
        "(bought + sold) / mean of daily closes of equity / years",
        _DEFINITION,
        (Undefined.NO_TIME, Undefined.NON_POSITIVE_EQUITY),
        "Both ways: half of it is the one-way figure. Positions that are still open at the end are not in it.",
    ),
    "total_fees": FigureText("fees of the trades that ended in the period, both sides", _DEFINITION),
    "fee_share": FigureText(
        "total_fees / profit before fees of the trades that had one", _DEFINITION, (Undefined.NO_PROFIT,)
    ),
    "benchmark_return": FigureText(
        "end / start - 1 of the initial capital bought and held",
        _DEFINITION,
        (Undefined.NO_BENCHMARK,),
        "Before the first price it is the capital, not yet spent. Sets of calls have none; objectives take it as 0.",
    ),
    "excess_return": FigureText(
        "total_return - benchmark_return", _DEFINITION, (Undefined.NO_BENCHMARK, Undefined.NON_POSITIVE_EQUITY)
    ),
}

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Growth": ("final_balance", "total_return", "cagr", "benchmark_return", "excess_return"),
    "Drawdown": (
        "max_drawdown",
        "longest_drawdown_days",
        "current_drawdown",
        "current_drawdown_days",
        "ulcer_index",
        "recovery_factor",
        "ulcer_performance_index",
        "mar_ratio",
        "calmar_ratio",
    ),
    "Daily returns": (
        "volatility",
        "sharpe_ratio",
        "sharpe_standard_error",
        "sharpe_ratio_autocorrelated",
        "sortino_ratio",
        "omega_ratio",
        "value_at_risk_95",
        "expected_shortfall_95",
        "tail_ratio",
        "kelly_factor",
        "half_kelly_factor",
    ),
    "Trades": (
        "trades",
        "trades_per_30d",
        "win_rate",
        "win_rate_decided",
        "profit_factor",
        "payoff_ratio",
        "expectancy",
        "expectancy_ratio",
        "average_win",
        "average_loss",
        "largest_win",
        "largest_loss",
        "losing_streak",
        "mean_r",
        "system_quality_number",
        "system_quality_number_100",
    ),
    "Use and costs of money": (
        "exposure",
        "mean_gross_exposure",
        "mean_net_exposure",
        "turnover",
        "total_fees",
        "fee_share",
    ),
}
