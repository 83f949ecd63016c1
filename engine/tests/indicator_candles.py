"""Candles for the tests of indicators, signals and rules: random walks with still stretches, and hypothesis' own."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from quantbot_engine.indicators.cache import ColumnCache
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.slices.market import FloatColumn

START = 1_700_000_000


def candles_from_closes(closes: Sequence[float], spread: float = 0.0, cache: ColumnCache | None = None) -> Candles:
    """Return hourly candles that open at the close before, `spread` of their price above and below it."""
    close = np.array(closes, dtype=np.float64)
    opening = np.concatenate([close[:1], close[:-1]])
    high = np.maximum(opening, close) * (1 + spread)
    low = np.minimum(opening, close) * (1 - spread)
    timestamp = START + 3600 * np.arange(close.size, dtype=np.int64)
    return Candles(timestamp, opening, high, low, close, np.ones(close.size), cache=cache)


def random_candles(rows: int = 400, seed: int = 7, interval_s: int = 3600) -> Candles:
    """Return a random walk in which every eighth stretch of ten candles stands still without volume."""
    rng = np.random.default_rng(seed)
    is_still = np.repeat(rng.random(rows // 10 + 1) < 0.125, 10)[:rows]
    close = 100 * np.exp(np.cumsum(np.where(is_still, 0, rng.normal(0, 0.02, rows))))
    opening = np.concatenate([close[:1], close[:-1]])
    high = np.where(is_still, np.maximum(opening, close), np.maximum(opening, close) * (1 + rng.random(rows) / 50))
    low = np.where(is_still, np.minimum(opening, close), np.minimum(opening, close) * (1 - rng.random(rows) / 50))
    volume = np.where(is_still, 0.0, rng.integers(0, 1000, rows) * np.where(rng.random(rows) < 0.05, 20, 1))
    timestamp = START + interval_s * np.arange(rows, dtype=np.int64)
    return Candles(timestamp, opening, high, low, close, volume.astype(np.float64))


def scaled(candles: Candles, factor: float) -> Candles:
    opening, high, low, close = (candles.column(name) * factor for name in ("open", "high", "low", "close"))
    return Candles(candles.timestamp, opening, high, low, close, candles.volume)


# Multiples of eighths: sums are exact, and prices repeat.
PRICES = st.integers(1, 40).map(lambda eighths: eighths / 8)
SERIES = st.lists(PRICES, min_size=1, max_size=60)


@st.composite
def candles(draw: st.DrawFn) -> Candles:
    rows = draw(st.lists(st.tuples(PRICES, PRICES, PRICES, PRICES, st.integers(0, 9)), min_size=1, max_size=60))
    ordered = [(*sorted(row[:4]), row[4]) for row in rows]
    low, first, second, high, volume = (np.array(column, dtype=np.float64) for column in zip(*ordered, strict=True))
    steps = draw(st.lists(st.sampled_from([3600, 7200, 50_000]), min_size=len(rows), max_size=len(rows)))
    timestamp = START + np.cumsum(np.array(steps, dtype=np.int64))
    return Candles(timestamp, first, high, low, second, volume)


def assert_same(found: npt.NDArray[np.float64], expected: FloatColumn, tolerance: float = 0.0) -> None:
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
