"""Which call is the first to find a position's money free again: known beforehand for every call and level.

The walk through capital then needs no heap: a position goes into the bucket of that call, and waits there.
"""

import numpy as np

from quantbot_engine.calls.arrays import NEVER, LevelTable, Tables
from quantbot_engine.jit import Int1D, kernel, rule


@rule
def _index_calls(ts_ms: Int1D, shift: int) -> Int1D:
    """Return for each 2**shift milliseconds from the first call on the first call in or after them."""
    count = ts_ms.size
    index = np.empty(((ts_ms[count - 1] - ts_ms[0]) >> shift) + 1, dtype=np.int64)
    call = 0
    for step in range(index.size):
        while (ts_ms[call] - ts_ms[0]) >> shift < step:
            call += 1
        index[step] = call
    return index


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
def _fill_buckets(ts_ms: Int1D, index: Int1D, shift: int, table: LevelTable) -> None:
    count = ts_ms.size
    last_ms = ts_ms[count - 1]
    for level in range(table.release_s.shape[0]):
        release_s, bucket = table.release_s[level], table.bucket[level]
        for call in range(count):
            if release_s[call] >= NEVER or release_s[call] * 1000 > last_ms:
                bucket[call] = count
                continue
            release_ms = release_s[call] * 1000
            # What comes before the call itself cannot be, but for calls without a path, which nobody reads.
            near = index[max(0, release_ms - ts_ms[0]) >> shift]
            bucket[call] = near if ts_ms[near] >= release_ms else _first_call_at(ts_ms, near + 1, release_ms)


@kernel
def fill_release_buckets(ts_ms: Int1D, tables: Tables) -> None:
    """Fill `bucket` of all three tables for calls at these times (rising)."""
    if ts_ms.size == 0:
        return
    # About two steps a call: nearly always the index names the bucket, or the call before it.
    shift = 0
    while (ts_ms[ts_ms.size - 1] - ts_ms[0]) >> shift > 2 * ts_ms.size:
        shift += 1
    index = _index_calls(ts_ms, shift)
    _fill_buckets(ts_ms, index, shift, tables.target)
    _fill_buckets(ts_ms, index, shift, tables.stop)
    _fill_buckets(ts_ms, index, shift, tables.hold)
