"""The cache of columns: everything once, never more memory than it may use, and nobody can write into it."""

import numpy as np
import pytest

from indicator_candles import random_candles
from quantbot_engine.indicators.cache import ColumnCache
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.compute import indicator
from quantbot_engine.rules.signals.evaluate import evaluate_signal
from quantbot_engine.rules.signals.registry import BUILT_IN


def cached_candles(cache: ColumnCache, rows: int = 400) -> Candles:
    plain = random_candles(rows)
    return Candles(plain.timestamp, plain.open, plain.high, plain.low, plain.close, plain.volume, cache=cache)


def test_a_sweep_of_crossovers_computes_each_average_once() -> None:
    cache = ColumnCache()
    candles = cached_candles(cache)
    found = BUILT_IN["ma_crossover"]
    pairs = [(fast, slow) for fast in range(2, 8) for slow in range(10, 18)]
    for fast, slow in pairs:
        evaluate_signal(found, candles, found.complete({"fast_period": fast, "slow_period": slow}))
    averages = 6 + 8
    assert cache.misses == averages + len(pairs)
    assert cache.hits == 2 * len(pairs) - averages


def test_a_default_and_the_same_value_written_out_are_the_same() -> None:
    cache = ColumnCache()
    candles = cached_candles(cache)
    first = indicator(candles, "macd", "line")
    second = indicator(candles, "macd", "signal", fast=12, slow=26.0, signal=9)
    assert (cache.misses, cache.hits) == (1, 1)
    assert first is not second


def test_other_candles_and_other_parameters_are_not_mistaken_for_each_other() -> None:
    cache = ColumnCache()
    whole = cached_candles(cache)
    assert indicator(whole, "sma", period=5).size == 400
    assert indicator(whole.first(100), "sma", period=5).size == 100
    assert indicator(whole, "sma", period=6)[10] != indicator(whole, "sma", period=5)[10]
    assert indicator(whole, "highest", period=5)[10] != indicator(whole, "lowest", period=5)[10]
    assert cache.misses == 5


def test_candles_with_the_same_key_share_their_columns() -> None:
    cache = ColumnCache()
    plain = random_candles()
    columns = (plain.timestamp, plain.open, plain.high, plain.low, plain.close, plain.volume)
    one, other = (Candles(*columns, key="slice 1, EURUSD", cache=cache) for _ in range(2))
    assert indicator(one, "rsi") is indicator(other, "rsi")


def test_the_oldest_use_is_forgotten_first_and_memory_stays_in_bounds() -> None:
    column = 400 * 8
    cache = ColumnCache(capacity_bytes=3 * column)
    candles = cached_candles(cache)
    for period in (5, 6, 7, 5, 8):
        indicator(candles, "sma", period=period)
        assert cache.used_bytes <= 3 * column
    assert (cache.misses, cache.hits, cache.evictions) == (4, 1, 1)
    indicator(candles, "sma", period=5)
    assert cache.hits == 2
    indicator(candles, "sma", period=6)
    assert cache.misses == 5


def test_what_does_not_fit_is_computed_and_not_kept() -> None:
    cache = ColumnCache(capacity_bytes=100)
    assert np.isfinite(indicator(cached_candles(cache), "sma")[-1])
    assert cache.used_bytes == 0


def test_nobody_writes_into_the_cache() -> None:
    values = indicator(cached_candles(ColumnCache()), "sma")
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1.0
