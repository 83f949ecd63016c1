"""Working memory of the walk in lanes (`lane_walk.py`), sized so that it does not grow with the number of calls."""

from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from quantbot_engine.calls.arrays import CapitalRules, LevelTable
from quantbot_engine.jit import Float1D, Index1D, Int1D
from quantbot_engine.lanes import LANES

# Calls that are merged before their walks go on: their rows fit the processor's second cache.
BLOCK_CALLS: Final = 256
# Walks of one tile that are under way together, one for each holding time; beyond this much they take turns.
STATE_BYTES: Final = 24 * 2**20
_LINE_BYTES: Final = 64

T = TypeVar("T", bound=np.generic)


class LaneRows(NamedTuple):
    """What comes of each call of a block in each lane if no deadline comes first; [call, lane], flat.

    `release_s` is whole seconds, as float64 so that lanes can compare it.
    """

    release_s: Float1D
    multiple: Float1D
    bucket: Index1D


class LaneGroups(NamedTuple):
    """The same releases by call instead of by lane: lanes that are released together, earliest first.

    Those of call c of the block are [c * LANES, end[c]).
    """

    end: Int1D
    release_s: Int1D
    bucket: Index1D
    lanes: Index1D


class Walks(NamedTuple):
    """The state of the walks of a tile: for each holding time LANES capitals, and the positions they hold.

    A call that is traded in any lane takes a slot, which has LANES proceeds and sizes, and one node for each of its
    different release times. `tail` of a bucket (modulo its length) is the last node of a ring in order of
    (release, opening); -1: empty. `free` is a stack of slots of height `height`; `open_lanes`: not settled yet.
    """

    cash: Float1D
    open_cost: Float1D
    positions: Index1D
    trades: Index1D
    height: Int1D
    free: Index1D
    open_lanes: Index1D
    proceeds: Float1D
    size: Float1D
    follower: Index1D
    release_s: Int1D
    lanes: Index1D
    tail: Index1D


class LaneScratch(NamedTuple):
    """Everything one thread needs to walk tiles."""

    rows: LaneRows
    groups: LaneGroups
    walks: Walks


class LaneSizes(NamedTuple):
    """How much memory a walk needs: slots of positions, buckets (a power of two), and walks that fit together."""

    slots: int
    buckets: int
    walks: int


def find_sizes(entry_row: npt.NDArray[np.int64], hold: LevelTable, rules: CapitalRules) -> LaneSizes:
    """Return the sizes for these calls: no position waits longer than the longest holding time lets it."""
    reach = hold.bucket[-1] - np.arange(entry_row.size)
    longest = int(np.max(reach[entry_row >= 0], initial=0))
    slots = min(longest + 1, rules.max_positions * LANES)
    buckets = 1 << (longest + 1).bit_length()
    walk_bytes = slots * LANES * 32 + buckets * 4
    return LaneSizes(slots, buckets, max(1, min(hold.bucket.shape[0], STATE_BYTES // walk_bytes)))


def allocate_lane_scratch(sizes: LaneSizes) -> LaneScratch:
    """Return the working memory of one thread; pages of it that are never used cost nothing."""
    rows = BLOCK_CALLS * LANES
    state = sizes.walks * LANES
    slots = sizes.walks * sizes.slots
    nodes = slots * LANES
    return LaneScratch(
        rows=LaneRows(_floats(rows), _floats(rows), _indices(rows)),
        groups=LaneGroups(np.zeros(BLOCK_CALLS, dtype=np.int64), _ints(rows), _indices(rows), _indices(rows)),
        walks=Walks(
            cash=_floats(state),
            open_cost=_floats(state),
            positions=_indices(state),
            trades=_indices(state),
            height=np.zeros(sizes.walks, dtype=np.int64),
            free=np.zeros(slots, dtype=np.int32),
            open_lanes=np.zeros(slots, dtype=np.int32),
            proceeds=_floats(nodes),
            size=_floats(nodes),
            follower=_indices(nodes),
            release_s=_ints(nodes),
            lanes=_indices(nodes),
            tail=np.full(sizes.walks * sizes.buckets, -1, dtype=np.int32),
        ),
    )


def _floats(size: int) -> Float1D:
    return _align(np.zeros(size + LANES), size)


def _indices(size: int) -> Index1D:
    return _align(np.zeros(size + LANES, dtype=np.int32), size)


def _ints(size: int) -> Int1D:
    return _align(np.zeros(size + LANES, dtype=np.int64), size)


def _align(padded: npt.NDArray[T], size: int) -> npt.NDArray[T]:
    """Return `size` elements that start on a line of the cache, which vector loads want."""
    first = -padded.ctypes.data % _LINE_BYTES // padded.itemsize
    return padded[first : first + size]
