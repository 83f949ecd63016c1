"""Several levels as the one that is in force: stops that move become one row of stops, timed targets one of targets."""

from quantbot_engine.calls.arrays import LevelTable
from quantbot_engine.calls.exit_rules.arrays import FurtherTables, Targets
from quantbot_engine.jit import Int2D, kernel, rule


@rule
def _take_row(source: LevelTable, row: int, merged: LevelTable, at: int) -> None:
    merged.release_s[at] = source.release_s[row]
    merged.price[at] = source.price[row]
    merged.multiple[at] = source.multiple[row]
    merged.flag[at] = source.flag[row]
    merged.bucket[at] = source.bucket[row]


@rule
def _raise_stop(source: LevelTable, row: int, merged: LevelTable, at: int) -> None:
    """Let a second stop act beside the one in `merged`: the earlier is met; on one candle the higher fills."""
    release = source.release_s[row]
    price = source.price[row]
    multiple = source.multiple[row]
    flag = source.flag[row]
    bucket = source.bucket[row]
    merged_release = merged.release_s[at]
    merged_price = merged.price[at]
    merged_multiple = merged.multiple[at]
    merged_flag = merged.flag[at]
    merged_bucket = merged.bucket[at]
    for call in range(release.size):
        is_earlier = release[call] < merged_release[call]
        is_higher = release[call] == merged_release[call] and price[call] > merged_price[call]
        if is_earlier or is_higher:
            merged_price[call] = price[call]
            merged_multiple[call] = multiple[call]
        if is_earlier:
            merged_release[call] = release[call]
            merged_flag[call] = flag[call]
            merged_bucket[call] = bucket[call]
        elif release[call] == merged_release[call]:
            merged_flag[call] |= flag[call]


@kernel
def merge_stops(stop: LevelTable, further: FurtherTables, rows: Int2D, merged: LevelTable) -> None:
    """Fill a row of `merged` for each of `rows`: the stop loss, the trailing and the break-even row (-1: none)."""
    for at in range(rows.shape[0]):
        _take_row(stop, rows[at, 0], merged, at)
        if rows[at, 1] >= 0:
            _raise_stop(further.trailing, rows[at, 1], merged, at)
        if rows[at, 2] >= 0:
            _raise_stop(further.break_even, rows[at, 2], merged, at)


@kernel
def merge_targets(target: LevelTable, further: FurtherTables, rows: Int2D, merged: Targets) -> None:
    """Fill a row of `merged` for each of `rows`: the row of the target and of the decay (-1: none).

    `level_mult` is filled only with a decay; without one it is not needed.
    """
    decay = further.decay
    for at in range(rows.shape[0]):
        _take_row(target, rows[at, 0], merged.met, at)
        row = rows[at, 1]
        if row < 0:
            merged.level_mult[at, :] = float("inf")
            continue
        for call in range(target.release_s.shape[1]):
            if merged.met.release_s[at, call] < decay.limit_s[row, call]:
                merged.level_mult[at, call] = float("inf")
            else:
                merged.met.release_s[at, call] = decay.met.release_s[row, call]
                merged.met.price[at, call] = decay.met.price[row, call]
                merged.met.multiple[at, call] = decay.met.multiple[row, call]
                merged.met.flag[at, call] = decay.met.flag[row, call]
                merged.met.bucket[at, call] = decay.met.bucket[row, call]
                merged.level_mult[at, call] = decay.level_mult[row, call]
