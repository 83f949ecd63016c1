"""Where every call first meets each further level: trailing and break-even stops, rungs, targets that change with time.

A stop that moves is another level, not another path: the stop in force is the highest of all, so it is first met where
any of them is. Each kind therefore has a table of its own, and a grid costs their sum, not their product.
"""

from quantbot_engine.calls.arrays import NEVER, CallArrays, CandleArrays, LevelTable
from quantbot_engine.calls.exit_rules.arrays import DecayTable, FurtherLevels, FurtherTables
from quantbot_engine.calls.first_meetings import fill_stop, fill_target, first_row_at
from quantbot_engine.jit import Float1D, Float2D, Int1D, Int2D, kernel, rule

_INFINITY = float("inf")


@rule
def _record(
    table: LevelTable, cell: tuple[int, int], release_s: int, price: float, entry_price: float, flag: bool
) -> None:
    table.release_s[cell] = release_s
    table.price[cell] = price
    table.multiple[cell] = price / entry_price
    table.flag[cell] = 1 if flag else 0


@rule
def _copy(table: LevelTable, source: tuple[int, int], cell: tuple[int, int]) -> None:
    table.release_s[cell] = table.release_s[source]
    table.price[cell] = table.price[source]
    table.multiple[cell] = table.multiple[source]
    table.flag[cell] = table.flag[source]


@rule
def _first_reaching(high: Float1D, first: int, level: float) -> int:
    """Return the first candle from `first` on with a high at or above the level; their number if there is none."""
    step = first
    while step < high.size and high[step] < level:
        step += 1
    return step


@rule
def _find_trailing(
    candles: CandleArrays, span: tuple[int, int, int, int], levels: FurtherLevels, fill: int, table: LevelTable
) -> None:
    """Fill the trailing stops of one call; `span` is its entry row, the end of its rows, the call, its interval.

    Where an activation comes before the meeting that an earlier activation led to, that meeting stands: only trails
    that were met before must be looked for again. Trails are met in order of width, so these are the tightest ones.
    """
    entry, end, call, interval_s = span
    high = candles.high[entry + 1 : end]
    low = candles.low[entry + 1 : end]
    entry_price = candles.close[entry]
    trails = levels.keep.size
    activated = 0
    for activation in range(levels.activation_mult.size):
        activated = _first_reaching(high, activated, entry_price * levels.activation_mult[activation])
        if activated == high.size:
            return
        first = activation * trails
        # A meeting up to the activating candle is too early; its release is at or before the end of that candle.
        activated_s = candles.timestamp[entry + 1 + activated] + interval_s
        wanted = trails
        if activation > 0:
            wanted = 0
            while wanted < trails and table.release_s[first - trails + wanted, call] <= activated_s:
                wanted += 1
            for trail in range(wanted, trails):
                _copy(table, (first - trails + trail, call), (first + trail, call))
        # No earlier candle has reached this level, so the candle that does is the peak.
        peak = high[activated]
        met = 0
        step = activated + 1
        while met < wanted and step < high.size:
            while met < wanted and low[step] <= peak * levels.keep[met]:
                row = entry + 1 + step
                level = peak * levels.keep[met]
                price = fill_stop(level, candles.open[row], fill)
                release_s = candles.timestamp[row] + interval_s
                _record(table, (first + met, call), release_s, price, entry_price, candles.open[row] <= level)
                met += 1
            peak = max(peak, high[step])
            step += 1


@rule
def _find_break_evens(
    candles: CandleArrays, span: tuple[int, int, int, int], triggers: Float1D, fill: int, table: LevelTable
) -> None:
    """Fill the break-even stops of one call, triggers rising; `span` as for trailing stops."""
    entry, end, call, interval_s = span
    high = candles.high[entry + 1 : end]
    low = candles.low[entry + 1 : end]
    entry_price = candles.close[entry]
    triggered = 0
    met = 0
    for trigger in range(triggers.size):
        triggered = _first_reaching(high, triggered, entry_price * triggers[trigger])
        if triggered == high.size:
            return
        met = max(met, triggered + 1)
        while met < low.size and low[met] > entry_price:
            met += 1
        if met == low.size:
            return
        row = entry + 1 + met
        price = fill_stop(entry_price, candles.open[row], fill)
        release_s = candles.timestamp[row] + interval_s
        _record(table, (trigger, call), release_s, price, entry_price, candles.open[row] <= entry_price)


@rule
def _find_rungs(
    candles: CandleArrays, span: tuple[int, int, int, int], mults: Float1D, fill: int, table: LevelTable
) -> None:
    """Fill the rungs of one call, multiples rising; `span` as for trailing stops."""
    entry, end, call, interval_s = span
    high = candles.high[entry + 1 : end]
    entry_price = candles.close[entry]
    step = 0
    for rung in range(mults.size):
        level = entry_price * mults[rung]
        step = _first_reaching(high, step, level)
        if step == high.size:
            return
        row = entry + 1 + step
        price = fill_target(level, candles.open[row], fill)
        release_s = candles.timestamp[row] + interval_s
        _record(table, (rung, call), release_s, price, entry_price, candles.open[row] >= level)


@rule
def _find_decays(
    candles: CandleArrays,
    span: tuple[int, int, int, int],
    after_ms: Int2D,
    mults: Float2D,
    fill: int,
    table: DecayTable,
) -> None:
    """Fill the targets that change with time of one call; `span` as for trailing stops."""
    entry, end, call, interval_s = span
    entry_price = candles.close[entry]
    entry_ms = candles.timestamp[entry] * 1000
    steps = after_ms.shape[1]
    for decay in range(after_ms.shape[0]):
        first = first_row_at(candles.timestamp, entry + 1, end, entry_ms + after_ms[decay, 0])
        table.limit_s[decay, call] = candles.timestamp[first] + interval_s if first < end else NEVER
        for step in range(steps):
            last = end
            if step + 1 < steps:
                last = first_row_at(candles.timestamp, first, end, entry_ms + after_ms[decay, step + 1])
            level = entry_price * mults[decay, step]
            row = first + _first_reaching(candles.high[first:last], 0, level)
            if row < last:
                price = fill_target(level, candles.open[row], fill)
                release_s = candles.timestamp[row] + interval_s
                at_open = candles.open[row] >= level
                _record(table.met, (decay, call), release_s, price, entry_price, at_open)
                table.level_mult[decay, call] = mults[decay, step]
                break
            first = last


@kernel
def find_further_meetings(
    candles: CandleArrays,
    calls: CallArrays,
    levels: FurtherLevels,
    options: tuple[int, int],
    tables: FurtherTables,
    block: tuple[int, int],
) -> None:
    """Fill the tables (all but `bucket`) for the calls in the half-open block.

    `options`: the code of gap_fill, and the longest holding time in ms, after which nothing can be met.
    """
    fill, longest_ms = options
    for call in range(block[0], block[1]):
        entry = calls.entry_row[call]
        if entry < 0:
            continue
        end = calls.end_row[call]
        deadline = first_row_at(candles.timestamp, entry + 1, end, candles.timestamp[entry] * 1000 + longest_ms)
        end = min(deadline + 1, end)
        span = (entry, end, call, calls.interval_s[call])
        if levels.keep.size > 0:
            _find_trailing(candles, span, levels, fill, tables.trailing)
        _find_break_evens(candles, span, levels.trigger_mult, fill, tables.break_even)
        _find_rungs(candles, span, levels.rung_mult, fill, tables.rung)
        _find_decays(candles, span, levels.decay_after_ms, levels.decay_mult, fill, tables.decay)


@rule
def _first_call_at(ts_ms: Int1D, first: int, release_ms: int) -> int:
    """Return the first call from `first` on with a time at or after `release_ms`; their number if there is none."""
    low = first
    high = ts_ms.size
    while low < high:
        middle = (low + high) >> 1
        if ts_ms[middle] >= release_ms:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def fill_any_buckets(ts_ms: Int1D, table: LevelTable, run: int) -> None:
    """Fill `bucket` of a table whose rows are met later and later only inside runs of `run` rows."""
    count = ts_ms.size
    for call in range(count):
        bucket = call
        for level in range(table.release_s.shape[0]):
            release_s = table.release_s[level, call]
            if level % run == 0:
                bucket = call
            elif release_s == table.release_s[level - 1, call]:
                table.bucket[level, call] = bucket
                continue
            bucket = count if release_s >= NEVER else _first_call_at(ts_ms, bucket, release_s * 1000)
            table.bucket[level, call] = bucket
