"""vectorbt as a peer: its stop simulation, one combination at a time, columns are calls. An optional package.

Its rules inside a candle are ours with `stop_first` and `gap_fill: open`; it enters at a close and tests stops from the
next candle on. It has no holding time: the deadline goes in as an exit signal, which a stop of its candle precedes.
Levels must be exact in binary (1.25, 0.875), because it takes distances and we take multiples.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.data import INTERVAL_S, CallData, Combinations
from benchmarks.outcome import Exits

MS_PER_CANDLE = INTERVAL_S * 1000


def is_installed() -> bool:
    """Whether the package can be imported here."""
    return find_spec("vectorbt") is not None


def list_engines() -> list[str]:
    """Return the compute engines that it has here: its Rust one is a package of its own."""
    return ["numba", "rust"] if find_spec("vectorbt_rust") is not None else ["numba"]


class VectorbtExits:
    """Candles as matrices of shape (candles, calls), prepared once and not timed."""

    def __init__(self, data: CallData, combinations: Combinations, engine: str) -> None:
        shape = (data.calls, data.candles)
        self._portfolio: Any = import_module("vectorbt").Portfolio
        self._engine = engine
        self._combinations = combinations
        self._open, self._high, self._low, self._close = (
            np.ascontiguousarray(column.reshape(shape).T) for column in (data.open, data.high, data.low, data.close)
        )
        self._entries = np.zeros(self._close.shape, dtype=np.bool_)
        self._entries[0] = True

    def run(self) -> list[Exits]:
        """Return the exits of every combination."""
        return [self.find_exits(number) for number in range(len(self._combinations))]

    def find_exits(self, number: int) -> Exits:
        """Simulate one combination; its records do not tell the reason of an exit."""
        combinations = self._combinations
        candles = self._close.shape[0]
        deadline = -(-int(combinations.hold_ms[number]) // MS_PER_CANDLE)
        exits = np.zeros(self._close.shape, dtype=np.bool_)
        exits[min(deadline, candles - 1)] = True
        portfolio = self._portfolio.from_signals(
            self._close,
            entries=self._entries,
            exits=exits,
            open=self._open,
            high=self._high,
            low=self._low,
            price=self._close,
            sl_stop=1.0 - float(combinations.stop[number]),
            tp_stop=float(combinations.target[number]) - 1.0,
            stop_entry_price="close",
            freq="1min",
            engine=self._engine,
        )
        orders: Any = portfolio.orders.values
        is_exit = orders["side"] == 1
        return Exits(row=orders["idx"][is_exit].astype(np.int64), reason=None, price=orders["price"][is_exit])
