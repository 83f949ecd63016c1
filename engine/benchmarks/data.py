"""The data every contender gets: calls with their own candles, a grid, and rules of capital, from fixed seeds.

Prices are random walks with jumps and gaps; volatility differs from call to call (0.2 to 1.2 % a minute).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SEED = 20_260_101
INTERVAL_S = 60
START_S = 1_767_225_600
# One call each 21.6 minutes: 2,000 calls span 43,200 minutes, and larger sets are as dense.
MINUTES_PER_CALL = 21.6
JUMP_SHARE = 0.000_5
JUMP_FACTOR = 15.0
GAP_SHARE = 0.05
ON_THE_MINUTE_SHARE = 0.25
CHUNK_CALLS = 1_000


@dataclass(frozen=True, slots=True)
class CallData:
    """Calls in order of time, each with `candles` one-minute candles of its own; the first is its entry candle.

    Columns are flat, shape (calls * candles,): `timestamp` in Unix seconds, prices as float64. `ts_ms` has one entry a
    call.
    """

    calls: int
    candles: int
    ts_ms: IntArray
    timestamp: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray

    @property
    def candle_bytes(self) -> int:
        """Bytes of open, high, low, close and timestamp."""
        return int(self.timestamp.nbytes * 5)

    @property
    def first_row(self) -> IntArray:
        """Row of each call's first candle, shape (calls,)."""
        return np.arange(self.calls, dtype=np.int64) * self.candles


@dataclass(frozen=True, slots=True)
class GridAxes:
    """The axes of a grid; a position counts targets outermost, then stops, then holding times (hours)."""

    targets: FloatArray
    stops: FloatArray
    hold_hours: FloatArray

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of targets, stops and holding times."""
        return (self.targets.size, self.stops.size, self.hold_hours.size)

    @property
    def combinations(self) -> int:
        """Number of combinations."""
        return int(np.prod(self.shape))


@dataclass(frozen=True, slots=True)
class Combinations:
    """Some combinations of a grid, as columns of shape (combinations,). `position` is the place in grid order."""

    position: IntArray
    target: FloatArray
    stop: FloatArray
    hold_ms: IntArray

    def __len__(self) -> int:
        return int(self.position.size)


@dataclass(frozen=True, slots=True)
class CapitalSpec:
    """Rules of capital and fills, with the defaults of docs/assumptions.md. `cost_bps` is fee plus slippage a side."""

    initial_capital: float = 10_000.0
    max_allocation: float = 0.04
    max_risk: float = 200.0
    max_positions: int = 25
    min_size: float = 10.0
    fee_bps: float = 30.0
    slippage_bps: float = 10.0
    intrabar: str = "stop_first"
    gap_fill: str = "worse"


def make_calls(calls: int, candles: int, seed: int = SEED) -> CallData:
    """Return calls with candles; the same arguments give the same bytes."""
    rng = np.random.default_rng([seed, calls, candles])
    start_min = np.sort(rng.integers(0, int(calls * MINUTES_PER_CALL), calls))
    start_s = START_S + start_min * INTERVAL_S
    # Up to a minute before the candle, and often on its second, so that releases and calls fall together.
    early_ms = np.where(rng.random(calls) < ON_THE_MINUTE_SHARE, 0, rng.integers(0, INTERVAL_S * 1000, calls))
    ts_ms = start_s * 1000 - early_ms
    order = np.argsort(ts_ms, kind="stable")
    columns = {name: np.empty((calls, candles)) for name in ("open", "high", "low", "close")}
    for first in range(0, calls, CHUNK_CALLS):
        chunk = slice(first, min(first + CHUNK_CALLS, calls))
        _walk_prices(np.random.default_rng([seed, calls, candles, first]), {k: v[chunk] for k, v in columns.items()})
    timestamp = start_s[order][:, None] + np.arange(candles, dtype=np.int64) * INTERVAL_S
    flat = {name: column.reshape(-1) for name, column in columns.items()}
    return CallData(
        calls=calls, candles=candles, ts_ms=ts_ms[order].astype(np.int64), timestamp=timestamp.reshape(-1), **flat
    )


def make_grid(targets: int, stops: int, holds: int) -> GridAxes:
    """Return a grid of this many levels; targets, stops and deadlines all end a good part of the trades."""
    return GridAxes(
        targets=1.0 + np.geomspace(0.05, 1.5, targets),
        stops=1.0 - np.geomspace(0.05, 0.6, stops),
        hold_hours=np.linspace(0.5, 18.0, holds),
    )


def take_combinations(axes: GridAxes, positions: IntArray) -> Combinations:
    """Return the combinations at these positions of the grid."""
    target, stop, hold = np.unravel_index(positions, axes.shape)
    hold_ms = np.floor(axes.hold_hours * 3_600_000).astype(np.int64)
    return Combinations(positions, axes.targets[target], axes.stops[stop], hold_ms[hold])


def sample_combinations(axes: GridAxes, count: int, seed: int = SEED) -> Combinations:
    """Return `count` combinations drawn without repetition, in grid order; all of them if there are not more."""
    if count >= axes.combinations:
        return take_combinations(axes, np.arange(axes.combinations, dtype=np.int64))
    drawn = np.random.default_rng([seed, count]).choice(axes.combinations, count, replace=False)
    return take_combinations(axes, np.sort(drawn).astype(np.int64))


def _walk_prices(rng: np.random.Generator, columns: dict[str, FloatArray]) -> None:
    """Fill one chunk of columns, shape (calls, candles), in place."""
    shape = columns["close"].shape
    sigma = rng.uniform(0.002, 0.012, (shape[0], 1))
    step = rng.standard_normal(shape) * sigma
    jumps = rng.random(shape, dtype=np.float32) < JUMP_SHARE
    step[jumps] *= JUMP_FACTOR
    # A jump mostly happens between two candles, and its candle has long wicks.
    gap = np.where(jumps, 0.8, np.where(rng.random(shape, dtype=np.float32) < GAP_SHARE, 0.5, 0.0)) * step
    wick = np.where(jumps, JUMP_FACTOR, 1.0) * sigma
    close = columns["close"]
    np.cumsum(step, axis=1, out=close)
    start = rng.normal(0.0, 2.0, (shape[0], 1))
    opening = columns["open"]
    opening[:, :1] = start
    opening[:, 1:] = close[:, :-1] + start + gap[:, 1:]
    close += start
    np.exp(close, out=close)
    np.exp(opening, out=opening)
    np.maximum(opening, close, out=columns["high"])
    np.minimum(opening, close, out=columns["low"])
    columns["high"] *= 1.0 + rng.random(shape, dtype=np.float32) * wick
    columns["low"] /= 1.0 + rng.random(shape, dtype=np.float32) * wick
