"""What an account is drawn from: its curve with fewer points, and what each month brought."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from quantbot_engine.jit import Float1D, Int1D
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.measured import DUST

# Of each stretch of a reduced curve: the lowest, the highest and the last.
_KEPT_OF_STRETCH = 3
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ReducedCurve:
    """Points of an account in order of time, the first the start with the initial capital; columns of equal length.

    `ts_ms`: Unix milliseconds. `drawdown`: 0 or less, fraction of the highest equity before, the deepest since the last
    point. `exposure`: value of open positions over equity, 0 where equity is 0 or less. `benchmark`: money, None before
    the first price.
    """

    ts_ms: list[int]
    equity: list[float]
    drawdown: list[float]
    exposure: list[float]
    benchmark: list[float | None]
    is_reduced: bool


def reduce_curve(account: Account, points: int) -> ReducedCurve:
    """Return the curve with at most `points` points (2 or more): each stretch keeps lowest, highest and last."""
    ts_ms = np.concatenate(([account.start_ms], account.marked_ms))
    equity = np.concatenate(([account.initial_capital], account.equity))
    peaks = np.maximum.accumulate(equity)
    kept = _choose_points(equity, points)
    # Every point answers for what fell since the one before it.
    drawdown = np.minimum.reduceat(equity / peaks - 1.0, np.concatenate(([0], kept[:-1] + 1)))
    dust = DUST * account.initial_capital
    exposure = np.concatenate(([0.0], account.exposure))[kept]
    shares = np.divide(exposure, equity[kept], out=np.zeros(kept.size), where=equity[kept] > dust)
    benchmark = np.concatenate(([account.initial_capital], account.benchmark))[kept]
    return ReducedCurve(
        ts_ms=ts_ms[kept].tolist(),
        equity=equity[kept].tolist(),
        drawdown=drawdown.tolist(),
        exposure=shares.tolist(),
        benchmark=[None if np.isnan(value) else value for value in benchmark.tolist()],
        is_reduced=kept.size < equity.size,
    )


def _choose_points(equity: Float1D, points: int) -> Int1D:
    """Return the positions to keep, rising, with the first and the last."""
    count = equity.size
    if count <= points:
        return np.arange(count)
    stretches = max(1, (points - 1) // _KEPT_OF_STRETCH)
    edges = 1 + np.linspace(0, count - 1, stretches + 1).astype(np.int64)
    kept = {0}
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        stretch = equity[first:end]
        extremes = (
            {first + int(np.argmin(stretch)), first + int(np.argmax(stretch))} if points > _KEPT_OF_STRETCH else ()
        )
        kept.update(extremes, (end - 1,))
    return np.array(sorted(kept), dtype=np.int64)


def monthly_returns(account: Account) -> list[tuple[str, float]]:
    """Return the change of equity over each UTC month as (`2024-02`, fraction); the first and last may be incomplete.

    A mark at midnight belongs to the month that ends with it. Months that begin with equity of 0 or less have no return
    and are left out.
    """
    if account.marked_ms.size == 0:
        return []
    months = _months_between(account.start_ms, int(account.marked_ms[-1]))
    ends = np.array([end_ms for _name, end_ms in months])
    last = np.searchsorted(account.marked_ms, ends, side="right")
    equity = np.concatenate(([account.initial_capital], account.equity))[last].tolist()
    before = [account.initial_capital, *equity[:-1]]
    return [
        (name, after / start - 1.0)
        for (name, _end_ms), start, after in zip(months, before, equity, strict=True)
        if start > DUST * account.initial_capital
    ]


def _months_between(start_ms: int, end_ms: int) -> list[tuple[str, int]]:
    """Return the months that have time in (start, end], each with its end in Unix milliseconds."""
    start = datetime.fromtimestamp(start_ms / 1000, UTC)
    year, month = start.year, start.month
    found: list[tuple[str, int]] = []
    while not found or found[-1][1] < end_ms:
        name = f"{year:04}-{month:02}"
        year, month = year + month // _MONTHS, month % _MONTHS + 1
        found.append((name, round(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1000))
    return found
