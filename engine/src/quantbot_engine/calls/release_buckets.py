"""Which call is the first to find a position's money free again: known beforehand for every call and level.

The walk through capital then needs no heap: a position goes into the bucket of that call, and waits there.
"""

from quantbot_engine.calls.arrays import NEVER, LevelTable, Tables
from quantbot_engine.jit import Int1D, kernel, rule


@rule
def _first_call_at(ts_ms: Int1D, first: int, release_ms: int) -> int:
    """Return the first call from `first` on with a time at or after `release_ms`, by doubling steps, then halving."""
    count = ts_ms.size
    step = 1
    low = first
    high = first
    while high < count and ts_ms[high] < release_ms:
        low = high + 1
        high += step
        step *= 2
    high = min(high, count)
    while low < high:
        middle = (low + high) >> 1
        if ts_ms[middle] >= release_ms:
            high = middle
        else:
            low = middle + 1
    return low


@rule
def _fill_buckets(ts_ms: Int1D, table: LevelTable) -> None:
    count = ts_ms.size
    for call in range(count):
        # Levels further away are met later, so each search starts where the one before ended.
        bucket = call
        for level in range(table.release_s.shape[0]):
            release_s = table.release_s[level, call]
            bucket = count if release_s >= NEVER else _first_call_at(ts_ms, bucket, release_s * 1000)
            table.bucket[level, call] = bucket


@kernel
def fill_release_buckets(ts_ms: Int1D, tables: Tables) -> None:
    """Fill `bucket` of all three tables for calls at these times (rising)."""
    _fill_buckets(ts_ms, tables.target)
    _fill_buckets(ts_ms, tables.stop)
    _fill_buckets(ts_ms, tables.hold)
