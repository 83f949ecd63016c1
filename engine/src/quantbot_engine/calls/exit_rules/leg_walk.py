"""The walk of finite capital through positions that leave in parts.

It is the walk of `capital_walk.py` with one difference: what waits in a bucket is a part of a position, and the last
part gives the place free. That one stays as it is because it is the hot path of every search without a ladder.
"""

from quantbot_engine.calls.arrays import (
    NO_CANDLES,
    SKIPPED_CAPITAL,
    SKIPPED_MAX_POSITIONS,
    SKIPPED_NO_CANDLES,
    SKIPPED_NO_ENTRY,
    TRADED,
    CapitalRules,
)
from quantbot_engine.calls.exit_rules.arrays import Legs, LegScratch
from quantbot_engine.jit import Int1D, rule


@rule
def walk_legs(
    entry_row: Int1D, legs: Legs, sl_mult: float, rules: CapitalRules, scratch: LegScratch
) -> tuple[float, int]:
    """Walk one combination, with the legs of every call known. Return final capital and the number of trades.

    Buckets are rings in order of (release, opening, leg), as in `walk_calls`.
    """
    sizes, outcome = scratch.size, scratch.outcome
    leg_size, proceeds, follower, tail = scratch.leg_size, scratch.proceeds, scratch.follower, scratch.tail
    width = legs.release_s.shape[1]
    release = legs.release_s.reshape(legs.release_s.size)
    count = entry_row.size
    cash = rules.initial_capital
    open_cost = 0.0
    open_positions = 0
    trades = 0
    for call in range(count + 1):
        last = tail[call]
        if last >= 0:
            tail[call] = -1
            leg = follower[last]
            while True:
                cash += proceeds[leg]
                open_cost -= leg_size[leg]
                if leg % width == legs.parts[leg // width] - 1:
                    open_positions -= 1
                if leg == last:
                    break
                leg = follower[leg]
            if open_positions == 0:
                # Rounding dust must not outlive the positions it came from.
                open_cost = 0.0
        if call == count:
            break
        if open_positions >= rules.max_positions:
            outcome[call] = SKIPPED_MAX_POSITIONS
            continue
        if entry_row[call] < 0:
            outcome[call] = SKIPPED_NO_CANDLES if entry_row[call] == NO_CANDLES else SKIPPED_NO_ENTRY
            continue
        risk = rules.max_risk
        if risk < 1.0:
            risk *= cash + open_cost
        size = rules.max_allocation * cash
        size = min(size, risk / (1.0 - sl_mult))
        size = min(size, cash)
        if size < rules.min_size:
            outcome[call] = SKIPPED_CAPITAL
            continue
        cash -= size
        open_cost += size
        open_positions += 1
        trades += 1
        outcome[call] = TRADED
        sizes[call] = size
        for place in range(legs.parts[call]):
            leg = call * width + place
            part = size * legs.fraction[call, place]
            gross = part * (legs.multiple[call, place] - 1.0)
            fee = part * rules.cost_bps / 10000.0 * 2.0
            leg_size[leg] = part
            proceeds[leg] = part + (gross - fee)
            bucket = legs.bucket[call, place]
            last = tail[bucket]
            if last < 0:
                follower[leg] = leg
                tail[bucket] = leg
            elif release[last] <= release[leg]:
                follower[leg] = follower[last]
                follower[last] = leg
                tail[bucket] = leg
            else:
                before = last
                while release[follower[before]] <= release[leg]:
                    before = follower[before]
                follower[leg] = follower[before]
                follower[before] = leg
    return cash, trades
