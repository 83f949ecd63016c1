"""Which calls an operation is about: all, or those of named callers."""

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.slices.call_rules import take_calls
from quantbot_engine.slices.market import CallTable, IntColumn

LISTED_CALLERS = 20


def select_calls(calls: CallTable, caller_groups: list[str]) -> CallTable:
    """Return the calls of these callers (an empty list: all of them); none left is NO_CALLS."""
    wanted = set(caller_groups)
    positions = [index for index, caller in enumerate(calls.callers) if not wanted or caller in wanted]
    if not positions:
        raise _no_calls(calls, caller_groups)
    if len(positions) == len(calls):
        return calls
    return take_calls(calls, np.array(positions, dtype=np.int64))


def group_by_caller(calls: CallTable) -> dict[str, IntColumn]:
    """Return the positions of each caller's calls; callers in order of first appearance."""
    positions: dict[str, list[int]] = {}
    for index, caller in enumerate(calls.callers):
        positions.setdefault(caller, []).append(index)
    return {caller: np.array(indices, dtype=np.int64) for caller, indices in positions.items()}


def _no_calls(calls: CallTable, caller_groups: list[str]) -> EngineError:
    callers = list(dict.fromkeys(calls.callers))
    if not callers:
        return EngineError(ErrorCode.NO_CALLS, "expected at least one call; found none in the market", callers=[])
    shown = ", ".join(callers[:LISTED_CALLERS]) + (", ..." if len(callers) > LISTED_CALLERS else "")
    return EngineError(
        ErrorCode.NO_CALLS,
        f"expected calls by {', '.join(caller_groups)}; found calls by {len(callers)} other callers: {shown}",
        caller_groups=caller_groups,
        callers=callers[:LISTED_CALLERS],
    )
