"""The engine's trailing stops as a contender: every activation and trail on one set of calls, exits only."""

import numpy as np

from benchmarks.data import INTERVAL_S, CallData, FloatArray
from benchmarks.ours import to_market
from benchmarks.outcome import Exits
from benchmarks.peers.trailing_kernels import END_OF_DATA, TIME_EXIT, TRAILING_STOP
from quantbot_engine.calls.exit_rules.exits import SearchExits, find_search_exits, to_search_axes
from quantbot_engine.protocol import GapFill, V1BaselineGrid

# Never reached, so that only the trailing stop and the deadline are left.
_FAR_TARGET = 1e12
_SECONDS_PER_HOUR = 3600


class OursTrailing:
    """The engine on one set of calls and levels of trailing stops."""

    def __init__(self, data: CallData, levels: tuple[FloatArray, FloatArray], hold_candles: int) -> None:
        self._market = to_market(data)
        self._axes = to_search_axes(
            V1BaselineGrid(
                tp_mults=[_FAR_TARGET],
                sl_mults=[0.0],
                max_hold_hrs=[hold_candles * INTERVAL_S / _SECONDS_PER_HOUR],
                trail_activation_mults=levels[0].tolist(),
                trail_pcts=levels[1].tolist(),
            )
        )

    def find_tables(self, threads: int) -> SearchExits:
        """Find the first meetings of all levels, from raw candles."""
        return find_search_exits(self._market, self._market.calls, self._axes, GapFill.WORSE, threads)


def to_exits(found: SearchExits) -> list[Exits]:
    """Return the exits of every (activation, trail), activations outermost."""
    trailing, hold = found.further.trailing, found.base.tables.hold
    entry_s = found.base.market.candles.timestamp[found.base.arrays.entry_row]
    time_reason = np.where(hold.flag[0] != 0, TIME_EXIT, END_OF_DATA)
    exits = []
    for release_s, price in zip(trailing.release_s, trailing.price, strict=True):
        is_met = release_s <= hold.release_s[0]
        left_s = np.where(is_met, release_s, hold.release_s[0]) - INTERVAL_S
        exits.append(
            Exits(
                row=(left_s - entry_s) // INTERVAL_S,
                reason=np.where(is_met, TRAILING_STOP, time_reason).astype(np.int64),
                price=np.where(is_met, price, hold.price[0]),
            )
        )
    return exits
