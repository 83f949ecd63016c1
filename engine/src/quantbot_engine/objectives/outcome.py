"""The figures that composite objectives are made of."""

from typing import NamedTuple


class Outcome(NamedTuple):
    """What a period brought. Returns and drawdown as fractions; an undefined ratio, rate or benchmark counts as 0."""

    total_return: float
    # Positive.
    max_drawdown: float
    trades: float
    sharpe: float = 0.0
    sortino: float = 0.0
    win_rate: float = 0.0
    # Buying and holding.
    benchmark_return: float = 0.0
    trades_per_30d: float = 0.0
