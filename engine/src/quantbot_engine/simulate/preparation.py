"""What many simulations of a search share: candles and signals in the form of kernels, and the arrays they fill.

A search prepares its market once, the signals once for each distinct set of them, and hands both, with one workspace,
to `simulate_prepared` for every combination of rules.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from quantbot_engine.jit import Float2D
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import (
    Book,
    MarketArrays,
    Records,
    SignalArrays,
    allocate_book,
    allocate_curve,
    allocate_records,
)
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.signals import NOT_GIVEN, Signals, check_signals, to_action

# Largest room for a first run; one that needs more is repeated with exactly what it needed. Pages that nothing is
# written to take no memory.
FIRST_ROOM = 65_536
# A signal that stays on while a position is open is one shortfall a candle: these many are kept, all are counted.
SHORTFALL_ROOM = 10_000
# C-contiguous and writable: another layout would be another signature of the kernel.
IN_KERNELS: list[Literal["C", "W"]] = ["C", "W"]


@dataclass(frozen=True, slots=True)
class PreparedMarket:
    """Candles as kernels take them, for any number of simulations: see `prepare_market`."""

    market: CandleMarket
    arrays: MarketArrays


@dataclass(frozen=True, slots=True)
class PreparedSignals:
    """Signals as kernels take them, for any rules, whatever their `directions`: see `prepare_signals`.

    `entries`: how many entry signals there are, in both directions.
    """

    arrays: SignalArrays
    entries: int


def prepare_market(market: CandleMarket) -> PreparedMarket:
    """Return the candles as kernels take them; columns are copied only if their layout is another."""
    arrays = MarketArrays(
        timestamp=np.require(market.timestamp, np.int64, IN_KERNELS),
        open=_to_column(market.open),
        high=_to_column(market.high),
        low=_to_column(market.low),
        close=_to_column(market.close),
    )
    return PreparedMarket(market, arrays)


def prepare_signals(market: PreparedMarket, signals: Signals) -> PreparedSignals:
    """Check signals against the market and return them as kernels take them.

    Raises INVALID_REQUEST, with the field, if they do not fit.
    """
    check_signals(signals, market.arrays.close.shape)
    arrays = SignalArrays(
        action=to_action(signals, market.market.has_candle),
        price=_to_column(signals.price),
        size=_to_column(signals.size),
        stop_distance=_to_column(signals.stop_distance),
        target_distance=_to_column(signals.target_distance),
    )
    return PreparedSignals(arrays, int(np.count_nonzero(arrays.action & codes.ANY_ENTRY)))


@dataclass(slots=True)
class Workspace:
    """The arrays that simulations fill, kept from one to the next, so that a search allocates them once.

    They grow with the longest market and the most fills seen. What a simulation returns then lies in them (`equity` and
    `exposure`): it holds until the next simulation with the same workspace. Not for two threads at once.
    """

    _book: Book = field(default_factory=lambda: allocate_book(1, 1, len(codes.SHORTFALL_REASONS)))
    _records: Records = field(default_factory=lambda: allocate_records(0, 0, SHORTFALL_ROOM, 0))
    _curve: Float2D = field(default_factory=lambda: allocate_curve(0))

    def take_book(self, symbols: int, positions: int) -> Book:
        """Return a book of this size; what stands in it is of no account."""
        if self._book.held.size != symbols or self._book.number.shape[0] != symbols * positions:
            self._book = allocate_book(symbols, positions, len(codes.SHORTFALL_REASONS))
        return self._book

    def take_records(self, fills: int, trades: int, runs: int) -> Records:
        """Return room for at least this many fills, trades and runs."""
        kept = self._records
        asked = (fills, trades, runs)
        has = (kept.fill.shape[0], kept.trade.shape[0], kept.run.shape[0])
        if any(more > room for more, room in zip(asked, has, strict=True)):
            most_fills, most_trades, most_runs = (max(pair) for pair in zip(asked, has, strict=True))
            self._records = allocate_records(most_fills, most_trades, SHORTFALL_ROOM, most_runs)
        return self._records

    def take_curve(self, times: int) -> Float2D:
        """Return an array of shape (2, times)."""
        if self._curve.shape[1] != times:
            self._curve = allocate_curve(times)
        return self._curve


def _to_column(values: Float2D | None) -> Float2D:
    """Return the values as kernels take them; a copy only if they are not."""
    return NOT_GIVEN if values is None else np.require(values, np.float64, IN_KERNELS)
