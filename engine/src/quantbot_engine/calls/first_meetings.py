"""The path of every call: where it enters, and where it first meets each target, stop and deadline.

Every candle of a call is read once, whatever the number of levels: the first meeting of a higher target cannot come
before that of a lower one, so one pass with a pointer into each sorted list finds them all. Only the next level of
each list is compared, with 32 candles at a time; times and opens are read where one is met, and nowhere else.
"""

from quantbot_engine.calls.arrays import NO_CANDLES, NO_ENTRY, CallArrays, CandleArrays, Levels, LevelTable, Tables
from quantbot_engine.jit import Int1D, kernel, rule
from quantbot_engine.lanes import ALL_LANES, LANES, first_lane, less, load, splat

GAP_LEVEL = 2
GAP_OPEN = 1
_INFINITY = float("inf")


@rule
def first_row_at(timestamp: Int1D, first: int, end: int, time_ms: int) -> int:
    """Return the first row in [first, end) with a timestamp (s) at or after `time_ms`; `end` if there is none."""
    low = first
    high = end
    while low < high:
        middle = (low + high) >> 1
        if timestamp[middle] * 1000 >= time_ms:
            high = middle
        else:
            low = middle + 1
    return low


@rule
def fill_target(target: float, open_price: float, gap_fill: int) -> float:
    """Return the price at which a target is filled on a candle that reaches it."""
    if gap_fill == GAP_OPEN and open_price > target:
        return open_price
    return target


@rule
def fill_stop(stop: float, open_price: float, gap_fill: int) -> float:
    """Return the price at which a stop is filled on a candle that reaches it."""
    if gap_fill != GAP_LEVEL and open_price < stop:
        return open_price
    return stop


@rule
def _record(
    table: LevelTable, cell: tuple[int, int], release_s: int, price: float, entry_price: float, flag: bool
) -> None:
    table.release_s[cell] = release_s
    table.price[cell] = price
    table.multiple[cell] = price / entry_price
    table.flag[cell] = 1 if flag else 0


@kernel
def find_entries(
    candles: CandleArrays, calls: CallArrays, series_offset: Int1D, series_rows: Int1D, series: Int1D
) -> None:
    """Fill `calls.entry_row` and `calls.end_row`: the entry candle is the first that opens at or after the call."""
    for call in range(calls.ts_ms.size):
        owner = series[call]
        if owner < 0 or series_rows[owner] == 0:
            calls.entry_row[call] = NO_CANDLES
            continue
        first = series_offset[owner]
        end = first + series_rows[owner]
        entry = first_row_at(candles.timestamp, first, end, calls.ts_ms[call])
        calls.end_row[call] = end
        calls.entry_row[call] = entry if entry < end else NO_ENTRY


@rule
def _first_row_near(timestamp: Int1D, guess: int, rows: tuple[int, int], time_ms: int) -> int:
    """Return what `first_row_at` does, at once if candles stand where they would without gaps."""
    if rows[0] < guess < rows[1] and timestamp[guess - 1] * 1000 < time_ms <= timestamp[guess] * 1000:
        return guess
    return first_row_at(timestamp, rows[0], rows[1], time_ms)


@rule
def _find_deadlines(candles: CandleArrays, calls: CallArrays, call: int, levels: Levels, table: LevelTable) -> int:
    """Fill the holding times of one call; return the end of the rows that targets and stops can still be met on."""
    entry = calls.entry_row[call]
    end = calls.end_row[call]
    entry_price = candles.close[entry]
    entry_ms = candles.timestamp[entry] * 1000
    interval_ms = calls.interval_s[call] * 1000
    first = entry + 1
    last_needed: int = first
    for hold in range(levels.hold_ms.size):
        guess = entry + (levels.hold_ms[hold] + interval_ms - 1) // interval_ms
        first = _first_row_near(candles.timestamp, guess, (first, end), entry_ms + levels.hold_ms[hold])
        exit_row = min(first, end - 1)
        release_s = candles.timestamp[exit_row] + calls.interval_s[call]
        _record(table, (hold, call), release_s, candles.close[exit_row], entry_price, first < end)
        last_needed = min(first + 1, end)
    return last_needed


@rule
def _next_meeting(candles: CandleArrays, rows: tuple[int, int], target: float, stop: float) -> int:
    """Return the first row in [first, end) that reaches the target or the stop, LANES rows at a time; else the end."""
    high, low = candles.high, candles.low
    row, end = rows
    targets, stops = splat(target), splat(stop)
    while row + LANES <= end:
        missed = less(load(high, row), targets) & less(stops, load(low, row))
        if missed != ALL_LANES:
            return int(row + first_lane(ALL_LANES & ~missed))
        row += LANES
    while row < end and high[row] < target and low[row] > stop:
        row += 1
    return row


@kernel
def find_first_meetings(
    candles: CandleArrays, calls: CallArrays, levels: Levels, gap_fill: int, tables: Tables, span: tuple[int, int]
) -> None:
    """Fill the tables (all but `bucket`) for the calls in the half-open span."""
    targets = levels.target_mult.size
    stops = levels.stop_mult.size
    for call in range(span[0], span[1]):
        entry = calls.entry_row[call]
        if entry < 0:
            continue
        entry_price = candles.close[entry]
        interval_s = calls.interval_s[call]
        end = _find_deadlines(candles, calls, call, levels, tables.hold)
        met_targets = 0
        met_stops = 0
        target = entry_price * levels.target_mult[0]
        stop = entry_price * levels.stop_mult[0]
        row = entry + 1
        while row < end:
            row = _next_meeting(candles, (row, end), target, stop)
            if row == end:
                break
            high, low, open_price = candles.high[row], candles.low[row], candles.open[row]
            release_s = candles.timestamp[row] + interval_s
            while met_targets < targets and high >= target:
                price = fill_target(target, open_price, gap_fill)
                _record(tables.target, (met_targets, call), release_s, price, entry_price, open_price >= target)
                met_targets += 1
                target = entry_price * levels.target_mult[met_targets] if met_targets < targets else _INFINITY
            while met_stops < stops and low <= stop:
                price = fill_stop(stop, open_price, gap_fill)
                _record(tables.stop, (met_stops, call), release_s, price, entry_price, open_price <= stop)
                met_stops += 1
                stop = entry_price * levels.stop_mult[met_stops] if met_stops < stops else -1.0
            if met_targets == targets and met_stops == stops:
                break
            row += 1
