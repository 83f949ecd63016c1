"""The walk of finite capital for 32 combinations at once: what `capital_walk.py` does, in the same order, in lanes.

Pairs of target and stop that lie beside each other mostly leave a call on the same candle. So a tile of 32 pairs
shares its control flow: a call that is opened becomes one node for each different release time among its lanes, and
settling a node adds its proceeds in those lanes. Each lane settles in order of (release, opening), to the last bit.

The border to other exits: fill a block of `LaneRows` (release, multiple and bucket of each call in each lane), group it
with `group_releases`, then let `walk_block` go on for each holding time. Only the filling knows what the exits are.
"""

from typing import Any, NamedTuple

from quantbot_engine.calls.arrays import MET_TARGET, CapitalRules, GridResults, LevelTable, Paths, Tables
from quantbot_engine.calls.capital_walk import _first_met
from quantbot_engine.calls.lane_arrays import BLOCK_CALLS, LaneGroups, LaneRows, LaneScratch, Walks
from quantbot_engine.jit import Float1D, Int1D, kernel, rule
from quantbot_engine.lanes import (
    LANE_SHIFT,
    LANES,
    equal,
    first_lane,
    get,
    less,
    load,
    minimum,
    put,
    select,
    splat,
    store,
)


class Tiles(NamedTuple):
    """The pairs of a grid in tiles of LANES: rows of the tables, stop multiples, positions in grid order.

    Pairs stand in an order that puts neighbours on both axes into one tile; the last tile may be incomplete.
    `hold_row` is the row of each holding time of the grid.
    """

    target_row: Int1D
    stop_row: Int1D
    stop_mult: Float1D
    position: Int1D
    hold_row: Int1D


@rule
def merge_lane(tables: Tables, pair: tuple[int, int, int], target_first: bool, rows: LaneRows, block: Any) -> None:
    """Write into `rows` what each call of the block meets first in one lane; `pair`: target row, stop row, lane."""
    target_release, stop_release = tables.target.release_s[pair[0]], tables.stop.release_s[pair[1]]
    target_open, stop_open = tables.target.flag[pair[0]], tables.stop.flag[pair[1]]
    target_multiple, stop_multiple = tables.target.multiple[pair[0]], tables.stop.multiple[pair[1]]
    target_bucket, stop_bucket = tables.target.bucket[pair[0]], tables.stop.bucket[pair[1]]
    release, multiple, bucket = rows.release_s, rows.multiple, rows.bucket
    for call in range(block[0], block[1]):
        met = _first_met(target_release[call], stop_release[call], target_open[call], stop_open[call], target_first)
        is_target = met & MET_TARGET != 0
        cell = ((call - block[0]) << LANE_SHIFT) + pair[2]
        put(release, cell, float(target_release[call] if is_target else stop_release[call]))
        put(multiple, cell, target_multiple[call] if is_target else stop_multiple[call])
        put(bucket, cell, int(target_bucket[call] if is_target else stop_bucket[call]))


@rule
def group_releases(rows: LaneRows, longest: LevelTable, groups: LaneGroups, block: Any) -> None:
    """Group the lanes of each call of the block by release; what comes after its longest holding time is left out."""
    last_hold = longest.release_s[longest.release_s.shape[0] - 1]
    release, bucket = rows.release_s, rows.bucket
    group_release, group_bucket, group_lanes = groups.release_s, groups.bucket, groups.lanes
    for call in range(block[0], block[1]):
        first = (call - block[0]) << LANE_SHIFT
        end = first
        found = load(release, first)
        rest = less(found, splat(float(last_hold[call] + 1)))
        while rest != 0:
            lane = first_lane(rest)
            release_s = get(release, first + lane)
            same = equal(found, splat(release_s)) & rest
            rest &= ~same
            at = end
            while at > first and get(group_release, at - 1) > int(release_s):
                put(group_release, at, get(group_release, at - 1))
                put(group_bucket, at, get(group_bucket, at - 1))
                put(group_lanes, at, get(group_lanes, at - 1))
                at -= 1
            put(group_release, at, int(release_s))
            put(group_bucket, at, get(bucket, first + lane))
            put(group_lanes, at, same)
            end += 1
        groups.end[call - block[0]] = end


@rule
def start_walk(walks: Walks, walk: int, slots: int, initial_capital: float) -> None:
    """Set one walk of a tile to its beginning; its buckets are empty after each walk."""
    first = walk << LANE_SHIFT
    store(walks.cash, first, splat(initial_capital))
    store(walks.open_cost, first, splat(0.0))
    store(walks.positions, first, splat(0))
    store(walks.trades, first, splat(0))
    walks.height[walk] = slots
    for slot in range(slots):
        walks.free[walk * slots + slot] = walk * slots + slot


@rule
def walk_block(
    paths: Paths, rows: tuple[int, int, int], stop_mult: Any, rules: CapitalRules, scratch: LaneScratch, block: Any
) -> None:
    """Let one walk go on over the calls of a block, which are merged and grouped in `scratch`.

    `rows`: number of the walk, row of its holding time, lanes in use. `stop_mult`: of each lane, for sizing.
    """
    walk, hold_row, used_lanes = rows
    walks, groups, level_multiple = scratch.walks, scratch.groups, scratch.rows.multiple
    follower, node_release, node_lanes, proceeds = walks.follower, walks.release_s, walks.lanes, walks.proceeds
    sizes, open_lanes, free, tail = walks.size, walks.open_lanes, walks.free, walks.tail
    group_end, group_release, group_bucket, group_lanes = groups.end, groups.release_s, groups.bucket, groups.lanes
    entry_row = paths.entry_row
    hold_release = paths.tables.hold.release_s[hold_row]
    hold_multiple = paths.tables.hold.multiple[hold_row]
    hold_bucket = paths.tables.hold.bucket[hold_row]
    count = entry_row.size
    buckets = tail.size // walks.height.size
    first_bucket = walk * buckets
    bottom = walk * (free.size // walks.height.size)
    # A single test for both: sizes need the cost of open positions only when risk is a fraction of equity.
    follows_equity = rules.max_risk < 1.0
    stop_distance = splat(1.0) - stop_mult
    max_risk = splat(rules.max_risk)
    size_by_risk = max_risk / stop_distance
    max_allocation, min_size, cost_bps = splat(rules.max_allocation), splat(rules.min_size), splat(rules.cost_bps)
    max_positions = splat(min(rules.max_positions, count + 1))
    one, no_position = splat(1), splat(0)
    zero, unit, two, ten_thousand = splat(0.0), splat(1.0), splat(2.0), splat(10000.0)
    state = walk << LANE_SHIFT
    cash, open_cost = load(walks.cash, state), load(walks.open_cost, state)
    positions, trades = load(walks.positions, state), load(walks.trades, state)
    height = bottom + walks.height[walk]
    end = block[1] + 1 if block[1] == count else block[1]
    for call in range(block[0], end):
        place = first_bucket + (call & (buckets - 1))
        last = get(tail, place)
        if last >= 0:
            put(tail, place, -1)
            node = get(follower, last)
            while True:
                slot = node >> LANE_SHIFT
                settled = get(node_lanes, node)
                cash = select(settled, cash + load(proceeds, slot << LANE_SHIFT), cash)
                positions = select(settled, positions - one, positions)
                if follows_equity:
                    open_cost = select(settled, open_cost - load(sizes, slot << LANE_SHIFT), open_cost)
                still_open = get(open_lanes, slot) ^ settled
                put(open_lanes, slot, still_open)
                if still_open == 0:
                    put(free, height, slot)
                    height += 1
                if node == last:
                    break
                node = get(follower, node)
            if follows_equity:
                # Rounding dust must not outlive the positions it came from.
                open_cost = select(equal(positions, no_position), zero, open_cost)
        if call == count or get(entry_row, call) < 0:
            continue
        if follows_equity:
            size_by_risk = max_risk * (cash + open_cost) / stop_distance
        size = minimum(minimum(max_allocation * cash, size_by_risk), cash)
        opened = less(positions, max_positions) & used_lanes & ~less(size, min_size)
        if opened == 0:
            continue
        cash = select(opened, cash - size, cash)
        positions = select(opened, positions + one, positions)
        trades = select(opened, trades + one, trades)
        if follows_equity:
            open_cost = select(opened, open_cost + size, open_cost)
        height -= 1
        slot = get(free, height)
        put(open_lanes, slot, opened)
        node = slot << LANE_SHIFT
        deadline_s = get(hold_release, call)
        group = (call - block[0]) << LANE_SHIFT
        level_multiples = load(level_multiple, group)
        groups_end = get(group_end, call - block[0])
        rest = opened
        at_deadline = 0
        while rest != 0:
            if group < groups_end and get(group_release, group) <= deadline_s:
                released = rest & get(group_lanes, group)
                release_s = get(group_release, group)
                bucket = get(group_bucket, group)
                group += 1
                if released == 0:
                    continue
            else:
                released = rest
                release_s = deadline_s
                bucket = get(hold_bucket, call)
                at_deadline = rest
            rest &= ~released
            put(node_release, node, release_s)
            put(node_lanes, node, released)
            place = first_bucket + (bucket & (buckets - 1))
            last = get(tail, place)
            if last < 0:
                put(follower, node, node)
                put(tail, place, node)
            elif get(node_release, last) <= release_s:
                put(follower, node, get(follower, last))
                put(follower, last, node)
                put(tail, place, node)
            else:
                before = last
                while get(node_release, get(follower, before)) <= release_s:
                    before = get(follower, before)
                put(follower, node, get(follower, before))
                put(follower, before, node)
            node += 1
        multiple = select(at_deadline, splat(get(hold_multiple, call)), level_multiples)
        gross = size * (multiple - unit)
        fee = size * cost_bps / ten_thousand * two
        store(proceeds, slot << LANE_SHIFT, size + (gross - fee))
        if follows_equity:
            store(sizes, slot << LANE_SHIFT, size)
    put(walks.height, walk, height - bottom)
    store(walks.cash, state, cash)
    store(walks.open_cost, state, open_cost)
    store(walks.positions, state, positions)
    store(walks.trades, state, trades)


@kernel
def walk_tiles(
    paths: Paths, tiles: Tiles, rules: CapitalRules, scratch: LaneScratch, results: GridResults, span: tuple[int, int]
) -> None:
    """Walk a half-open span of turns: all turns of the first tile, then of the next (`lane_search.py`).

    A turn is as many holding times of one tile as `scratch` has walks.
    """
    count = paths.entry_row.size
    holds = tiles.hold_row.size
    walks = scratch.walks.height.size
    slots = scratch.walks.free.size // walks
    turns = (holds + walks - 1) // walks
    for turn in range(span[0], span[1]):
        first_pair = turn // turns * LANES
        first_hold = turn % turns * walks
        end_hold = min(first_hold + walks, holds)
        used = min(LANES, tiles.position.size - first_pair)
        stop_mult = load(tiles.stop_mult, first_pair)
        for hold in range(first_hold, end_hold):
            start_walk(scratch.walks, hold - first_hold, slots, rules.initial_capital)
        for first in range(0, count, BLOCK_CALLS):
            block = (first, min(first + BLOCK_CALLS, count))
            for lane in range(LANES):
                pair = (tiles.target_row[first_pair + lane], tiles.stop_row[first_pair + lane], lane)
                merge_lane(paths.tables, pair, rules.target_first, scratch.rows, block)
            group_releases(scratch.rows, paths.tables.hold, scratch.groups, block)
            for hold in range(first_hold, end_hold):
                walk = (hold - first_hold, tiles.hold_row[hold], (1 << used) - 1)
                walk_block(paths, walk, stop_mult, rules, scratch, block)
        for hold in range(first_hold, end_hold):
            for lane in range(used):
                cell = ((hold - first_hold) << LANE_SHIFT) + lane
                position = tiles.position[first_pair + lane] * holds + hold
                results.final_capital[position] = scratch.walks.cash[cell]
                results.trades_executed[position] = scratch.walks.trades[cell]
