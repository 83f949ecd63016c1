"""The peer to beat: what a good engineer writes first in Numba.

Candles of a call are replayed until the exit, for every combination; a binary heap of open positions walks the capital.
One form does combination by combination; the blocked one replays a block of combinations for one call at a time,
so that the call's candles stay in the processor's cache.
"""

from typing import NamedTuple

from quantbot_engine.jit import Float1D, Float2D, Index2D, Int1D, kernel, rule

TAKE_PROFIT = 0
STOP_LOSS = 1
TIME_EXIT = 2
END_OF_DATA = 3

GAP_OPEN = 1
GAP_LEVEL = 2


class ReplayCalls(NamedTuple):
    """Calls in order of time and their candles; rows of a call are [first_row, end_row), the first is its entry."""

    timestamp: Int1D
    open: Float1D
    high: Float1D
    low: Float1D
    close: Float1D
    ts_ms: Int1D
    first_row: Int1D
    end_row: Int1D


class ReplayCombinations(NamedTuple):
    """One entry per combination; holding times in milliseconds."""

    target: Float1D
    stop: Float1D
    hold_ms: Int1D


class ReplayRules(NamedTuple):
    """Fills and capital. `gap_fill`: 0 worse, 1 open, 2 level."""

    target_first: bool
    gap_fill: int
    interval_s: int
    initial_capital: float
    max_allocation: float
    max_risk: float
    max_positions: int
    min_size: float
    cost_bps: float


class Heap(NamedTuple):
    """Open positions ordered by (release time, order of opening), with size and proceeds; shape (positions,)."""

    release_s: Int1D
    opened: Int1D
    size: Float1D
    proceeds: Float1D


@rule
def _find_deadline(timestamp: Int1D, span: tuple[int, int], deadline_ms: int) -> int:
    """Return the first row of the half-open span at or after the deadline, else its end."""
    low, high = span
    while low < high:
        middle = (low + high) >> 1
        if timestamp[middle] * 1000 >= deadline_ms:
            high = middle
        else:
            low = middle + 1
    return low


@rule
def replay(
    calls: ReplayCalls, call: int, level: tuple[float, float, int], rules: ReplayRules
) -> tuple[int, int, float]:
    """Return row, reason and price of the exit of one call; `level` is (target mult, stop mult, hold in ms).

    The deadline is looked up first, so that the loop over candles compares nothing but highs and lows.
    """
    entry = calls.first_row[call]
    end = calls.end_row[call]
    target = calls.close[entry] * level[0]
    stop = calls.close[entry] * level[1]
    deadline = _find_deadline(calls.timestamp, (entry + 1, end), calls.timestamp[entry] * 1000 + level[2])
    last = min(deadline, end - 1)
    high = calls.high[entry + 1 : last + 1]
    low = calls.low[entry + 1 : last + 1]
    for step in range(high.size):
        if low[step] <= stop or high[step] >= target:
            return _fill(calls, entry + 1 + step, (target, stop), rules)
    return last, TIME_EXIT if deadline < end else END_OF_DATA, calls.close[last]


@rule
def _fill(calls: ReplayCalls, row: int, price: tuple[float, float], rules: ReplayRules) -> tuple[int, int, float]:
    """Return row, reason and fill price on a candle that meets the target or the stop; `price` is (target, stop)."""
    target, stop = price
    opened = calls.open[row]
    is_stop = calls.low[row] <= stop
    if is_stop and calls.high[row] >= target:
        # A level that the open has met was met first; else the rule decides.
        is_stop = opened <= stop or (opened < target and not rules.target_first)
    if is_stop:
        return row, STOP_LOSS, opened if rules.gap_fill != GAP_LEVEL and opened < stop else stop
    return row, TAKE_PROFIT, opened if rules.gap_fill == GAP_OPEN and opened > target else target


@rule
def _is_before(heap: Heap, a: int, b: int) -> bool:
    if heap.release_s[a] != heap.release_s[b]:
        return bool(heap.release_s[a] < heap.release_s[b])
    return bool(heap.opened[a] < heap.opened[b])


@rule
def _swap(heap: Heap, a: int, b: int) -> None:
    heap.release_s[a], heap.release_s[b] = heap.release_s[b], heap.release_s[a]
    heap.opened[a], heap.opened[b] = heap.opened[b], heap.opened[a]
    heap.size[a], heap.size[b] = heap.size[b], heap.size[a]
    heap.proceeds[a], heap.proceeds[b] = heap.proceeds[b], heap.proceeds[a]


@rule
def _sift_up(heap: Heap, count: int) -> None:
    child = count - 1
    while child > 0:
        parent = (child - 1) >> 1
        if not _is_before(heap, child, parent):
            return
        _swap(heap, child, parent)
        child = parent


@rule
def _sift_down(heap: Heap, count: int) -> None:
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= count:
            return
        if child + 1 < count and _is_before(heap, child + 1, child):
            child += 1
        if not _is_before(heap, child, parent):
            return
        _swap(heap, child, parent)
        parent = child


@rule
def _size_of(stop: float, cash: float, open_cost: float, rules: ReplayRules) -> float:
    risk = rules.max_risk if rules.max_risk >= 1.0 else rules.max_risk * (cash + open_cost)
    return min(risk / (1.0 - stop), rules.max_allocation * cash, cash)


@rule
def _put(heap: Heap, count: int, release_s: int, opened: int, money: tuple[float, float]) -> None:
    heap.release_s[count] = release_s
    heap.opened[count] = opened
    heap.size[count] = money[0]
    heap.proceeds[count] = money[1]
    _sift_up(heap, count + 1)


@kernel
def replay_and_walk(
    calls: ReplayCalls,
    combinations: ReplayCombinations,
    rules: ReplayRules,
    heap: Heap,
    results: tuple[Float1D, Int1D],
    span: tuple[int, int],
) -> None:
    """Walk the combinations of the half-open span; a call is replayed when its position is opened."""
    for combination in range(span[0], span[1]):
        stop = combinations.stop[combination]
        level = (combinations.target[combination], stop, combinations.hold_ms[combination])
        cash = rules.initial_capital
        open_cost = 0.0
        count = 0
        trades = 0
        for call in range(calls.ts_ms.size + 1):
            is_end = call == calls.ts_ms.size
            while count > 0 and (is_end or heap.release_s[0] * 1000 <= calls.ts_ms[call]):
                cash += heap.proceeds[0]
                open_cost -= heap.size[0]
                count -= 1
                _swap(heap, 0, count)
                _sift_down(heap, count)
            if is_end or count >= rules.max_positions:
                continue
            size = _size_of(stop, cash, open_cost, rules)
            if size < rules.min_size:
                continue
            row, _reason, price = replay(calls, call, level, rules)
            gross = size * (price / calls.close[calls.first_row[call]] - 1.0)
            fee = size * rules.cost_bps / 10000.0 * 2.0
            cash -= size
            open_cost += size
            _put(heap, count, calls.timestamp[row] + rules.interval_s, trades, (size, size + (gross - fee)))
            count += 1
            trades += 1
        results[0][combination] = cash
        results[1][combination] = trades


@kernel
def replay_block(
    calls: ReplayCalls,
    combinations: ReplayCombinations,
    rules: ReplayRules,
    found: tuple[Index2D, Index2D, Float2D],
    span: tuple[int, int],
) -> None:
    """Fill exit row, reason and price, shape (combinations of the span, calls), call by call."""
    for call in range(calls.ts_ms.size):
        for combination in range(span[0], span[1]):
            level = (
                combinations.target[combination],
                combinations.stop[combination],
                combinations.hold_ms[combination],
            )
            row, reason, price = replay(calls, call, level, rules)
            found[0][combination - span[0], call] = row
            found[1][combination - span[0], call] = reason
            found[2][combination - span[0], call] = price


@kernel
def walk_block(
    calls: ReplayCalls,
    stops: Float1D,
    rules: ReplayRules,
    found: tuple[Index2D, Float2D],
    heap: Heap,
    results: tuple[Float1D, Int1D],
) -> None:
    """Walk combinations whose exits (row and price) were found before; one row of `found` is one combination."""
    for combination in range(stops.size):
        cash = rules.initial_capital
        open_cost = 0.0
        count = 0
        trades = 0
        for call in range(calls.ts_ms.size + 1):
            is_end = call == calls.ts_ms.size
            while count > 0 and (is_end or heap.release_s[0] * 1000 <= calls.ts_ms[call]):
                cash += heap.proceeds[0]
                open_cost -= heap.size[0]
                count -= 1
                _swap(heap, 0, count)
                _sift_down(heap, count)
            if is_end or count >= rules.max_positions:
                continue
            size = _size_of(stops[combination], cash, open_cost, rules)
            if size < rules.min_size:
                continue
            row = found[0][combination, call]
            gross = size * (found[1][combination, call] / calls.close[calls.first_row[call]] - 1.0)
            fee = size * rules.cost_bps / 10000.0 * 2.0
            cash -= size
            open_cost += size
            _put(heap, count, calls.timestamp[row] + rules.interval_s, trades, (size, size + (gross - fee)))
            count += 1
            trades += 1
        results[0][combination] = cash
        results[1][combination] = trades
