"""The walk of finite capital through all calls, for every combination of a grid (docs/assumptions.md, capital).

For a pair of target and stop the two tables become one: what is met first. Each holding time then walks through the
calls once, touching each once. Settling order is (release time, order of opening), exactly: float addition is not
associative, and results must not depend on who computes them.

This is the form for one combination, which also tells what became of each call. Grids take `lane_walk.py`, which is the
same walk for 32 combinations at once and ends with the same bits. The border to further exits is the same for both:
exits become level tables (release, multiple, bucket, whether met at the open), a pair of them is merged into arrays
with one entry a call (in lanes: one a call and lane), and the walk reads nothing but these and the table of holding
times.
"""

from quantbot_engine.calls.arrays import (
    MET_AMBIGUOUS,
    MET_STOP,
    MET_TARGET,
    NO_CANDLES,
    SKIPPED_CAPITAL,
    SKIPPED_MAX_POSITIONS,
    SKIPPED_NO_CANDLES,
    SKIPPED_NO_ENTRY,
    TRADED,
    CapitalRules,
    Grid,
    GridResults,
    LevelTable,
    Paths,
    Scratch,
)
from quantbot_engine.jit import Int1D, kernel, rule


@rule
def _first_met(target_s: int, stop_s: int, target_at_open: int, stop_at_open: int, target_first: bool) -> int:
    """Return which level counts when both may be met; on one candle, a level met at its open came before the other."""
    if target_s < stop_s:
        return MET_TARGET
    if stop_s < target_s:
        return MET_STOP
    if stop_at_open:
        return MET_STOP
    if target_at_open:
        return MET_TARGET
    return MET_AMBIGUOUS | (MET_TARGET if target_first else MET_STOP)


@rule
def merge_pair(
    target: LevelTable, stop: LevelTable, rows: tuple[int, int], target_first: bool, scratch: Scratch
) -> None:
    """Write into `scratch` which of one target and one stop each call meets first, and what follows from it."""
    target_release = target.release_s[rows[0]]
    stop_release = stop.release_s[rows[1]]
    target_open = target.flag[rows[0]]
    stop_open = stop.flag[rows[1]]
    target_multiple = target.multiple[rows[0]]
    stop_multiple = stop.multiple[rows[1]]
    target_bucket = target.bucket[rows[0]]
    stop_bucket = stop.bucket[rows[1]]
    release, multiple, bucket, first_met = scratch.release_s, scratch.multiple, scratch.bucket, scratch.met
    for call in range(target_release.size):
        met = _first_met(target_release[call], stop_release[call], target_open[call], stop_open[call], target_first)
        is_target = met & MET_TARGET != 0
        first_met[call] = met
        release[call] = target_release[call] if is_target else stop_release[call]
        multiple[call] = target_multiple[call] if is_target else stop_multiple[call]
        bucket[call] = target_bucket[call] if is_target else stop_bucket[call]


@rule
def walk_calls(
    entry_row: Int1D, hold: LevelTable, hold_row: int, sl_mult: float, rules: CapitalRules, scratch: Scratch
) -> tuple[float, int]:
    """Walk one combination, with its pair already in `scratch`. Return final capital and the number of trades.

    A bucket is a ring in order of (release, opening): `tail` names its last position, which its first one follows.
    One long function on purpose: handing these arrays on for every call costs eight times what the walk does.
    """
    level_release, level_multiple, level_bucket = scratch.release_s, scratch.multiple, scratch.bucket
    sizes, proceeds, open_release, outcome = scratch.size, scratch.proceeds, scratch.open_release_s, scratch.outcome
    follower, tail = scratch.next_in_bucket, scratch.tail
    hold_release = hold.release_s[hold_row]
    hold_multiple = hold.multiple[hold_row]
    hold_bucket = hold.bucket[hold_row]
    count = entry_row.size
    stop_distance = 1.0 - sl_mult
    is_risk_amount = rules.max_risk >= 1.0
    size_by_risk = rules.max_risk / stop_distance
    max_risk = rules.max_risk
    max_allocation = rules.max_allocation
    min_size = rules.min_size
    max_positions = rules.max_positions
    cost_bps = rules.cost_bps
    cash = rules.initial_capital
    open_cost = 0.0
    open_positions = 0
    trades = 0
    for call in range(count + 1):
        last = tail[call]
        if last >= 0:
            tail[call] = -1
            position = follower[last]
            while True:
                cash += proceeds[position]
                open_cost -= sizes[position]
                open_positions -= 1
                if position == last:
                    break
                position = follower[position]
            if open_positions == 0:
                # Rounding dust must not outlive the positions it came from.
                open_cost = 0.0
        if call == count:
            break
        if open_positions >= max_positions:
            outcome[call] = SKIPPED_MAX_POSITIONS
            continue
        if entry_row[call] < 0:
            outcome[call] = SKIPPED_NO_CANDLES if entry_row[call] == NO_CANDLES else SKIPPED_NO_ENTRY
            continue
        if not is_risk_amount:
            size_by_risk = max_risk * (cash + open_cost) / stop_distance
        size = max_allocation * cash
        size = min(size, size_by_risk)
        size = min(size, cash)
        if size < min_size:
            outcome[call] = SKIPPED_CAPITAL
            continue
        cash -= size
        open_cost += size
        open_positions += 1
        trades += 1
        is_level = level_release[call] <= hold_release[call]
        multiple = level_multiple[call] if is_level else hold_multiple[call]
        release_s = level_release[call] if is_level else hold_release[call]
        bucket = level_bucket[call] if is_level else hold_bucket[call]
        gross = size * (multiple - 1.0)
        fee = size * cost_bps / 10000.0 * 2.0
        outcome[call] = TRADED
        sizes[call] = size
        proceeds[call] = size + (gross - fee)
        open_release[call] = release_s
        last = tail[bucket]
        if last < 0:
            follower[call] = call
            tail[bucket] = call
        elif open_release[last] <= release_s:
            follower[call] = follower[last]
            follower[last] = call
            tail[bucket] = call
        else:
            before = last
            while open_release[follower[before]] <= release_s:
                before = follower[before]
            follower[call] = follower[before]
            follower[before] = call
    return cash, trades


@kernel
def walk_pairs(
    paths: Paths, grid: Grid, rules: CapitalRules, scratch: Scratch, results: GridResults, span: tuple[int, int]
) -> None:
    """Walk all holding times of the (target, stop) pairs in the half-open span and write their results by position."""
    stops = grid.stop_row.size
    holds = grid.hold_row.size
    tables = paths.tables
    for pair in range(span[0], span[1]):
        stop_position = pair % stops
        sl_mult = grid.stop_mult[stop_position]
        rows = (grid.target_row[pair // stops], grid.stop_row[stop_position])
        merge_pair(tables.target, tables.stop, rows, rules.target_first, scratch)
        for hold in range(holds):
            final, trades = walk_calls(paths.entry_row, tables.hold, grid.hold_row[hold], sl_mult, rules, scratch)
            results.final_capital[pair * holds + hold] = final
            results.trades_executed[pair * holds + hold] = trades
