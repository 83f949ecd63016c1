"""Objectives that weigh several figures. Formulas and weights are those of docs/assumptions.md, objectives."""

import math

from quantbot_engine.objectives.outcome import Outcome


def utility(outcome: Outcome) -> float:
    """Return, weighed down by drawdown and by few trades; a loss is weighed up by both.

    Examples
    --------
    >>> utility(Outcome(total_return=0.3, max_drawdown=0.0, trades=15)) == 0.3 * math.sqrt(15 / 20)
    True
    """
    weight = math.sqrt(outcome.trades / (outcome.trades + 5.0))
    penalty = 1.0 + 2.0 * math.pow(outcome.max_drawdown, 1.25)
    if outcome.total_return >= 0.0:
        return weight * outcome.total_return / penalty
    return outcome.total_return * penalty / max(weight, 0.2)


def cps_v2(outcome: Outcome) -> float | str:
    """Composite of return over holding, drawdown, Sharpe ratio and activity, in 0 to 1; `no_trades` without trades.

    Examples
    --------
    >>> round(cps_v2(Outcome(total_return=0.0, max_drawdown=0.1, trades=25)), 12)
    0.515
    >>> cps_v2(Outcome(total_return=0.0, max_drawdown=0.0, trades=0))
    'no_trades'
    """
    if outcome.trades == 0.0:
        return "no_trades"
    excess_percent = 100.0 * outcome.total_return - 100.0 * outcome.benchmark_return
    drawdown_percent = 100.0 * outcome.max_drawdown
    activity = math.exp(-(((outcome.trades - 25.0) / 25.0) ** 2))
    score = (
        0.60 * _sigmoid(0.06 * excess_percent)
        + 0.25 * (1.0 - _sigmoid(0.20 * (drawdown_percent - 10.0)))
        + 0.12 * _sigmoid(0.5 * outcome.sharpe)
        + 0.03 * activity
    )
    return score / 2.0 if drawdown_percent > 60.0 else score


def return_dd_ratio(outcome: Outcome) -> float:
    """Return over drawdown, both in percent and the latter at least 1; 0 up to one trade, or below 5 percent.

    Examples
    --------
    >>> return_dd_ratio(Outcome(total_return=0.2, max_drawdown=0.1, trades=50))
    2.0
    """
    percent = 100.0 * outcome.total_return
    if outcome.trades <= 1.0 or percent < 5.0:
        return 0.0
    return percent / max(1.0, 100.0 * outcome.max_drawdown) * min(1.0, math.log(outcome.trades) / math.log(50.0))


def cps(outcome: Outcome) -> float:
    """Composite of profit, preservation, risk, activity and trend, in 0 to 100; at most 50 without trades.

    Examples
    --------
    >>> cps(Outcome(total_return=0.0, max_drawdown=0.0, trades=0))
    42.0
    """
    score = (
        0.30 * profit_points(outcome.total_return, outcome.benchmark_return)
        + 0.25 * preservation_points(outcome.max_drawdown)
        + 0.20 * risk_points(outcome.sharpe, outcome.sortino)
        + 0.15 * activity_points(outcome)
        + 0.10 * 50.0
    )
    return min(score, 50.0) if outcome.trades == 0.0 else score


def profit_points(profit: float, hold: float) -> float:
    """Points (0 to 100) for a return beside that of buying and holding.

    Examples
    --------
    >>> profit_points(0.1, 0.0), profit_points(0.3, 0.2), profit_points(0.2, 0.2)
    (90.0, 100.0, 80.0)
    """
    if abs(hold) < 0.001:
        return _profit_points_alone(profit)
    if profit >= max(1.5 * hold, 0.5 * hold):
        return 100.0
    if profit >= hold:
        return 80.0 + min(20.0, 20.0 * (profit - hold) / (0.5 * abs(hold)))
    if profit >= 0.0:
        return 50.0 + 30.0 * profit / max(abs(hold), 0.01)
    return max(0.0, 50.0 + 100.0 * profit)


def preservation_points(drawdown: float) -> float:
    """Points (0 to 100) for a maximum drawdown, as a positive fraction.

    Examples
    --------
    >>> preservation_points(0.05), preservation_points(0.2)
    (80.0, 40.0)
    """
    for limit, points in ((0.05, 100.0), (0.10, 80.0), (0.15, 60.0), (0.20, 40.0)):
        if drawdown < limit:
            return points
    return max(0.0, 40.0 - 200.0 * (drawdown - 0.20))


def risk_points(sharpe: float, sortino: float) -> float:
    """Points (0 to 100) for the better of the Sharpe ratio and four fifths of the Sortino ratio.

    Examples
    --------
    >>> risk_points(1.2, 0.0), risk_points(0.0, 0.5)
    (60.0, 16.0)
    """
    ratio = max(sharpe, 0.8 * sortino)
    for limit, points in ((2.0, 100.0), (1.5, 80.0), (1.0, 60.0), (0.5, 40.0)):
        if ratio > limit:
            return points
    return max(0.0, 40.0 * ratio)


def activity_points(outcome: Outcome) -> float:
    """Points (0 to 100) for trades per 30 days, judged by whether they paid.

    Examples
    --------
    >>> activity_points(Outcome(total_return=0.1, max_drawdown=0.0, trades=9, trades_per_30d=9.0))
    100.0
    """
    often = outcome.trades_per_30d
    if often == 0.0:
        return 0.0
    if outcome.total_return > 0.0:
        steps = ((often < 3.0, 70.0), (often <= 30.0, 100.0), (outcome.win_rate > 0.6, 100.0))
        return next((points for applies, points in steps if applies), 90.0 if outcome.win_rate > 0.5 else 80.0)
    steps = ((often < 3.0, 40.0), (often <= 10.0, 30.0), (often <= 30.0, 20.0))
    return next((points for applies, points in steps if applies), max(0.0, 20.0 - 0.5 * (often - 30.0)))


def _profit_points_alone(profit: float) -> float:
    if profit >= 0.01:
        return min(100.0, 80.0 + 100.0 * profit)
    if profit > 0.0:
        return 60.0 + 200.0 * profit
    return 40.0 if profit == 0.0 else max(0.0, 40.0 + 200.0 * profit)


def _sigmoid(value: float) -> float:
    if value >= 0.0:
        return 1.0 / (1.0 + math.exp(-min(value, 700.0)))
    grown = math.exp(max(value, -700.0))
    return grown / (1.0 + grown)
