"""What the account of a simulation is to metrics: marks at the close of candles, round trips, buying and holding."""

from dataclasses import dataclass

import numpy as np

from quantbot_engine.jit import Float1D, Float2D, Int1D
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.ledger import Trips
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.preparation import PreparedSignals
from quantbot_engine.simulate.result import SimulationResult
from quantbot_engine.strategies.candles.first_stops import find_first_stops
from quantbot_engine.strategies.candles.market import MS_PER_S


@dataclass(frozen=True, slots=True)
class AccountBasis:
    """What all accounts on one market share. `growth`, shape (T,): worth of one unit of money, bought and held."""

    market: CandleMarket
    start_ms: int
    marked_ms: Int1D
    growth: Float1D


def to_basis(market: CandleMarket) -> AccountBasis:
    """Return marks and benchmark: each symbol that has candles is bought for an equal part at its first open."""
    has_any = market.has_candle.any(axis=1)
    parts = []
    for symbol in np.flatnonzero(has_any).tolist():
        first = int(np.argmax(market.has_candle[symbol]))
        part = carry_forward(market.close[symbol], market.has_candle[symbol]) / market.open[symbol, first]
        part[:first] = 1.0
        parts.append(part)
    return AccountBasis(
        market=market,
        start_ms=int(market.timestamp[0]) * MS_PER_S,
        marked_ms=(market.timestamp + market.interval_s) * MS_PER_S,
        growth=np.mean(parts, axis=0),
    )


def carry_forward(values: Float1D, is_known: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Float1D:
    """Return the last known value at each time, shape (T,); times before the first have the first."""
    if is_known.all():
        return values
    last = np.maximum.accumulate(np.where(is_known, np.arange(values.size), int(np.argmax(is_known))))
    return values[last]


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
        net_exposure=_find_net_exposure(basis.market, result),
        benchmark=basis.growth * capital,
        trips=_to_trips(basis.market, result, signals),
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


def _find_net_exposure(market: CandleMarket, result: SimulationResult) -> Float1D:
    """Return longs less shorts at each close; held units follow from the fills only where there are both."""
    is_long = result.trades.direction > 0
    if is_long.all():
        return result.exposure
    if not is_long.any():
        return -result.exposure
    net = np.zeros(market.timestamp.size)
    rows = np.searchsorted(market.timestamp, result.fills.timestamp)
    for symbol in np.unique(result.fills.symbol).tolist():
        is_own = result.fills.symbol == symbol
        units: Float2D = np.zeros((1, net.size))
        np.add.at(units[0], rows[is_own], (result.fills.units * result.fills.side)[is_own])
        prices = carry_forward(market.close[symbol], market.has_candle[symbol])
        net += np.cumsum(units[0]) * prices
    return net
