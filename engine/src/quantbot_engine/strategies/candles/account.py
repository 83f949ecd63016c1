"""What the account of a simulation is to metrics: marks at the close of candles, round trips, buying and holding."""

from dataclasses import dataclass, field

import numpy as np

from quantbot_engine.jit import Float1D, Float2D, Int1D
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.ledger import Trips
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.preparation import IN_KERNELS, PreparedSignals
from quantbot_engine.simulate.result import SimulationResult
from quantbot_engine.strategies.candles.first_stops import find_first_stops
from quantbot_engine.strategies.candles.market import MS_PER_S
from quantbot_engine.strategies.candles.net_exposure import find_net_exposure


@dataclass(frozen=True, slots=True)
class AccountBasis:
    """What all accounts on one market share.

    `growth`, shape (T,): worth of one unit of money, bought and held. `closes`, shape (S, T): where a symbol has no
    candle, its last close. `benchmarks`: worth of the initial capital of the account made last.
    """

    market: CandleMarket
    start_ms: int
    marked_ms: Int1D
    growth: Float1D
    closes: Float2D
    benchmarks: dict[float, Float1D] = field(default_factory=dict)

    def hold(self, capital: float) -> Float1D:
        """Return the worth of this capital, bought and held; trials that begin with the same share it."""
        if capital not in self.benchmarks:
            self.benchmarks.clear()
            self.benchmarks[capital] = self.growth * capital
        return self.benchmarks[capital]


def to_basis(market: CandleMarket) -> AccountBasis:
    """Return marks and benchmark: each symbol that has candles is bought for an equal part at its first open."""
    has_any = market.has_candle.any(axis=1)
    closes = carry_closes(market)
    parts = []
    for symbol in np.flatnonzero(has_any).tolist():
        first = int(np.argmax(market.has_candle[symbol]))
        part = closes[symbol] / market.open[symbol, first]
        part[:first] = 1.0
        parts.append(part)
    return AccountBasis(
        market=market,
        start_ms=int(market.timestamp[0]) * MS_PER_S,
        marked_ms=(market.timestamp + market.interval_s) * MS_PER_S,
        growth=np.mean(parts, axis=0),
        closes=closes,
    )


def carry_closes(market: CandleMarket) -> Float2D:
    """Return the last known close at each time, shape (S, T); times before the first have the first."""
    known = market.has_candle
    if known.all():
        return np.require(market.close, np.float64, IN_KERNELS)
    times = np.arange(known.shape[1])
    last = np.maximum.accumulate(np.where(known, times, np.argmax(known, axis=1)[:, None]), axis=1)
    return np.ascontiguousarray(np.take_along_axis(market.close, last, axis=1))


def to_account(basis: AccountBasis, result: SimulationResult, signals: PreparedSignals) -> Account:
    """Return the account; positions that are still open are in its equity, not among its trips.

    `signals`: those that were simulated; they tell the first stop of each trip.
    """
    capital = result.rules.initial_capital
    return Account(
        start_ms=basis.start_ms,
        initial_capital=capital,
        marked_ms=basis.marked_ms,
        equity=result.equity,
        exposure=result.exposure,
        net_exposure=find_net_exposure(basis.closes, result),
        benchmark=basis.hold(capital),
        trips=_to_trips(basis.market, result, signals),
        runs=result.runs,
    )


def _to_trips(market: CandleMarket, result: SimulationResult, signals: PreparedSignals) -> Trips:
    """Return closed positions. Their money is back when the candle of the exit ends, where equity shows it."""
    trades = result.trades
    is_closed = trades.reason != codes.STILL_OPEN
    costs = trades.costs[is_closed]
    units = trades.units[is_closed]
    return Trips(
        opened_ms=trades.entry_timestamp[is_closed] * MS_PER_S,
        released_ms=(trades.exit_timestamp[is_closed] + market.interval_s) * MS_PER_S,
        size=units * trades.entry_price[is_closed],
        gross=trades.pnl[is_closed] + costs,
        fee=costs,
        risk=units * find_first_stops(market, result, signals)[is_closed],
        closed=units * trades.exit_price[is_closed],
    )
