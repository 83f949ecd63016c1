"""From calls as they come to calls in order: unique ids, sorted by time."""

from collections import Counter

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.slices.market import CallTable


def order_calls(calls: CallTable) -> CallTable:
    """Return the calls in order of `ts_ms`, ties in input order; a duplicate id is INVALID_MARKET_DATA."""
    if len(set(calls.ids)) != len(calls.ids):
        repeated = [call_id for call_id, count in Counter(calls.ids).items() if count > 1]
        raise EngineError(
            ErrorCode.INVALID_MARKET_DATA,
            f'call ids must be unique; found "{repeated[0]}" more than once ({len(repeated)} ids repeat)',
            call_ids=repeated[:20],
        )
    return take_calls(calls, np.argsort(calls.ts_ms, kind="stable").astype(np.int64))


def take_calls(calls: CallTable, positions: np.ndarray[tuple[int], np.dtype[np.int64]]) -> CallTable:
    """Return the calls at these positions, in the order of the positions."""
    order = positions.tolist()
    return CallTable(
        ids=[calls.ids[position] for position in order],
        callers=[calls.callers[position] for position in order],
        ts_ms=calls.ts_ms[positions],
        series=calls.series[positions],
    )
