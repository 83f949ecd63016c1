"""The plain loops over candles as contenders: in Numba, and the same lines in Python."""

from typing import Any

import numpy as np

from benchmarks.data import CallData, IntArray
from benchmarks.outcome import Outcome
from benchmarks.peers.crossing_kernels import Series, replay_crossings, replay_signals
from benchmarks.sweep import INITIAL_CAPITAL, Combination, Sweep, find_crossings

# No stop and no target: levels that no price meets.
OUT_OF_REACH = (2.0, 1e18)


def _to_series(data: CallData) -> Series:
    return Series(data.open, data.high, data.low, data.close)


class NaiveSingle:
    """One backtest on signals that are there; marks the account at every close, writes no fills."""

    def __init__(self, data: CallData, one: Combination, *, with_levels: bool, in_python: bool = False) -> None:
        above, below = find_crossings(data, one.fast, one.slow)
        self._candles = _to_series(data)
        self._signals = (above.view(np.uint8), below.view(np.uint8))
        self._levels = (one.stop, one.target) if with_levels else OUT_OF_REACH
        self._curve = np.zeros(data.candles)
        replay: Any = replay_signals
        self._replay = _in_python(replay) if in_python else replay

    def run(self) -> Outcome:
        """Go through all candles once."""
        self._curve[0] = INITIAL_CAPITAL
        trades = self._replay(self._candles, *self._signals, self._levels, self._curve)
        return Outcome(self._curve[-1:].copy(), np.array([trades]))


class NaiveSweep:
    """Some combinations of a sweep, everything anew for each."""

    def __init__(self, data: CallData, sweep: Sweep, positions: IntArray) -> None:
        combinations = [sweep.combination(int(position)) for position in positions]
        self._candles = _to_series(data)
        self._lengths = np.array([(one.fast, one.slow) for one in combinations], dtype=np.int64)
        self._levels = np.array([(one.stop, one.target, INITIAL_CAPITAL) for one in combinations])
        self._signals = (np.zeros(data.candles, dtype=np.uint8), np.zeros(data.candles, dtype=np.uint8))
        self._curve = np.zeros(data.candles)

    def run(self) -> Outcome:
        """Replay the combinations one after the other."""
        levels = self._levels.copy()
        trades = np.zeros(levels.shape[0], dtype=np.int64)
        replay_crossings(self._candles, self._lengths, levels, self._signals, self._curve, trades)
        return Outcome(levels[:, 2].copy(), trades)


def _in_python(replay: Any) -> Any:
    """Return the same loop as Python runs it."""
    trade = replay.py_func.__globals__["_trade"].py_func

    def run(*arguments: Any) -> int:
        found: int = trade(*arguments)
        return found

    return run
