"""The sweep over strategies on candles: crossings of two averages, each pair with every stop and every target.

What all contenders trade by: long when the fast average crosses above the slow one, out when it crosses below; both at
the close of that candle. Stops and targets are fractions of the entry price, tested from the next candle on, the stop
first; beyond a gap both fill at the open. All money goes in; no costs. What is open at the end is valued, not closed.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.data import SEED, CallData, FloatArray, IntArray, make_calls

BoolArray = npt.NDArray[np.bool_]
INITIAL_CAPITAL = 10_000.0


class Combination(NamedTuple):
    """Lengths in candles, levels as fractions of the entry price."""

    fast: int
    slow: int
    stop: float
    target: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """All combinations; a position counts pairs of averages outermost, then stops, then targets.

    `fast` and `slow` have one entry a pair, shape (pairs,).
    """

    fast: IntArray
    slow: IntArray
    stops: FloatArray
    targets: FloatArray

    def __len__(self) -> int:
        return self.fast.size * self.per_pair

    @property
    def per_pair(self) -> int:
        """Combinations of one pair of averages."""
        return int(self.stops.size * self.targets.size)

    def combination(self, position: int) -> Combination:
        """Return what stands at a position."""
        pair, levels = divmod(position, self.per_pair)
        stop, target = divmod(levels, self.targets.size)
        return Combination(
            int(self.fast[pair]), int(self.slow[pair]), float(self.stops[stop]), float(self.targets[target])
        )

    def spread(self, pairs: int) -> "Sweep":
        """Return the sweep of so many pairs alone, from the first to the last at equal distances."""
        chosen = np.linspace(0, self.fast.size - 1, min(pairs, self.fast.size)).astype(np.int64)
        return Sweep(self.fast[chosen], self.slow[chosen], self.stops, self.targets)

    def positions_of(self, pairs: IntArray) -> IntArray:
        """Return the positions of all combinations of some pairs."""
        positions: IntArray = (pairs[:, None] * self.per_pair + np.arange(self.per_pair)).reshape(-1)
        return positions

    def sample(self, count: int) -> IntArray:
        """Return positions drawn without repetition, in order."""
        drawn = np.random.default_rng([SEED, count]).choice(len(self), min(count, len(self)), replace=False)
        return np.sort(drawn).astype(np.int64)


def make_sweep(fasts: int, slows: int) -> Sweep:
    """Return every fast length with every slow one, five stops and five targets."""
    fast, slow = np.meshgrid(np.arange(5, 5 + 5 * fasts, 5), np.arange(110, 110 + 10 * slows, 10), indexing="ij")
    return Sweep(
        fast=fast.reshape(-1).astype(np.int64),
        slow=slow.reshape(-1).astype(np.int64),
        stops=np.geomspace(0.01, 0.16, 5),
        targets=np.geomspace(0.02, 0.32, 5),
    )


def make_candles(candles: int) -> CallData:
    """Return one series of minutes, a walk with jumps and gaps.

    Candles with a gap do not turn back: of one that opens beyond the target and falls to the stop, vectorbt takes the
    stop, ours what it met first.
    """
    data = make_calls(1, candles)
    gap = np.zeros(candles)
    gap[1:] = data.open[1:] - data.close[:-1]
    low = np.where(gap > 0.0, np.minimum(data.open, data.close), data.low)
    high = np.where(gap < 0.0, np.maximum(data.open, data.close), data.high)
    return replace(data, low=low, high=high)


def find_crossings(data: CallData, fast: int, slow: int) -> tuple[BoolArray, BoolArray]:
    """Return where the fast average crosses above and below the slow one, as flags, shape (candles,)."""
    is_above = _average(data.close, fast)[slow - fast :] > _average(data.close, slow)
    above, below = (np.zeros(data.candles, dtype=np.bool_) for _ in range(2))
    above[slow:] = is_above[1:] & ~is_above[:-1]
    below[slow:] = ~is_above[1:] & is_above[:-1]
    return above, below


def _average(values: FloatArray, length: int) -> FloatArray:
    sums = np.cumsum(np.insert(values, 0, 0.0))
    return (sums[length:] - sums[:-length]) / length
