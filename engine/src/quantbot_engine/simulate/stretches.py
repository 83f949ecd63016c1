"""Stretches of candles on which nothing can be filled: found, marked and left behind at once.

The loop of kernel.py says what a candle does. Here is only known on which candles it would do nothing but mark the
account: nothing is open and no entry is signalled, or positions are open, no order waits, and neither a level nor a
time limit nor a signal is met. What a stretch leaves behind is, to the last bit, what the loop would have left.
"""

import numpy as np

from quantbot_engine.jit import Flag1D, Flag2D, Float1D, Float2D, Int1D, Int2D, bare_kernel, bare_rule
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import (
    AGE,
    BEST,
    CASH,
    ENTRY_PRICE,
    ENTRY_TIME,
    EQUITY,
    EQUITY_MARK,
    EXPOSURE_MARK,
    FIRST_STOP,
    FIRST_STOP_REASON,
    NEXT_RUNG,
    RUNS,
    STOP,
    STOP_REASON,
    TARGET,
    UNITS,
    WORST,
    Book,
    MarketArrays,
    Policies,
    Records,
    Rules,
)
from quantbot_engine.simulate.fills import find_worth
from quantbot_engine.simulate.levels import raise_stop

# Candles looked at together: a few vectors of the processor.
BLOCK = 32
# A stretch is looked through in pieces that double from the first length to the last: short enough to waste little
# where something happens soon, and to stay in the fastest cache while it is read and marked.
FIRST_PIECE = 64
LAST_PIECE = 1024


@bare_rule
def find_time(timestamp: Int1D, first: int, when: int) -> int:
    """Return the first position from `first` on whose time is `when` or later, T if there is none."""
    low = first
    high = timestamp.size
    while low < high:
        middle = (low + high) // 2
        if timestamp[middle] < when:
            low = middle + 1
        else:
            high = middle
    return low


@bare_rule
def _find_bits(actions: Flag1D, bits: int) -> int:
    """Return the first position at which an action has any of these bits, the size if none has."""
    size = actions.size
    place = 0
    while place + BLOCK <= size:
        block = actions[place : place + BLOCK]
        seen = np.uint8(0)
        for index in range(BLOCK):
            seen |= block[index]
        if seen & bits != 0:
            break
        place += BLOCK
    while place < size and actions[place] & bits == 0:
        place += 1
    return place


@bare_rule
def find_entry(action: Flag2D, time: int, bits: int) -> int:
    """Return the first time from `time` on at which any symbol signals an entry, T if there is none."""
    symbols: int = action.shape[0]
    times: int = action.shape[1]
    if symbols == 1:
        return time + _find_bits(action[0, time:], bits)
    length = FIRST_PIECE
    while time < times:
        end = min(time + length, times)
        reached = end
        for symbol in range(symbols):
            reached = time + _find_bits(action[symbol, time:reached], bits)
        if reached < end:
            return reached
        time = end
        length = min(2 * length, LAST_PIECE)
    return times


@bare_rule
def _find_level(lows: Float1D, highs: Float1D, below: float, above: float) -> int:
    """Return the first candle that reaches one of two constant prices, the size if none does."""
    size = lows.size
    place = 0
    while place + BLOCK <= size:
        low = lows[place : place + BLOCK]
        high = highs[place : place + BLOCK]
        is_met = False
        for index in range(BLOCK):
            is_met |= (low[index] <= below) | (high[index] >= above)
        if is_met:
            break
        place += BLOCK
    while place < size and lows[place] > below and highs[place] < above:
        place += 1
    return place


@bare_rule
def _find_moving_level(lows: Float1D, highs: Float1D, book: Book, rules: Rules, row: int, side: int) -> int:
    """Return the first candle that reaches the target, or the stop where the candles before it have moved it."""
    number = book.number[row]
    exits = rules.exits
    entry = number[ENTRY_PRICE]
    at_entry = (number[FIRST_STOP], book.whole[row, FIRST_STOP_REASON])
    stop = number[STOP]
    best_seen = number[BEST]
    reach = min(number[NEXT_RUNG], number[TARGET])
    for place in range(lows.size):
        best = highs[place] if side > 0 else -lows[place]
        worst = lows[place] if side > 0 else -highs[place]
        if worst <= stop or best >= reach:
            return place
        if best > best_seen:
            best_seen = best
            stop, _ = raise_stop(entry, side, best, at_entry, exits)
    return lows.size


@bare_rule
def _find_meeting(lows: Float1D, highs: Float1D, book: Book, rules: Rules, row: int, side: int) -> int:
    """Return the first candle that meets a level of a position, the size if none does."""
    if rules.exits.trail > 0.0 or rules.exits.break_even > 0.0:
        return _find_moving_level(lows, highs, book, rules, row, side)
    stop = book.number[row, STOP]
    reach = min(book.number[row, NEXT_RUNG], book.number[row, TARGET])
    if stop == -np.inf and reach == np.inf:
        return lows.size
    if side > 0:
        return _find_level(lows, highs, stop, reach)
    return _find_level(lows, highs, -reach, -stop)


@bare_rule
def _find_deadline(timestamp: Int1D, book: Book, rules: Rules, time: int) -> int:
    """Return the first time at which a time limit closes an open position, T if none does."""
    deadline = int(timestamp.size)
    positions = book.number.shape[0] // book.held.size
    for symbol in range(book.held.size):
        first = symbol * positions
        for row in range(first, first + book.held[symbol]):
            if rules.exits.hold_candles > 0:
                deadline = min(deadline, time + max(rules.exits.hold_candles - book.whole[row, AGE] - 1, 0))
            if rules.exits.hold_s > 0:
                when = timestamp[book.whole[row, ENTRY_TIME]] + rules.exits.hold_s
                deadline = min(deadline, find_time(timestamp, time, when))
    return deadline


@bare_rule
def _find_end(market: MarketArrays, action: Flag2D, book: Book, rules: Rules, start: int, end: int) -> int:
    """Return the first time from `start` on at which a symbol signals what counts or a position meets a level."""
    positions = book.number.shape[0] // book.held.size
    entries = rules.policies.entries
    for symbol in range(book.held.size):
        side = book.side[symbol]
        bits = entries
        if book.held[symbol] > 0:
            bits |= codes.NO_CANDLE | (codes.EXIT_LONG if side > 0 else codes.EXIT_SHORT)
        end = start + _find_bits(action[symbol, start:end], bits)
        first = symbol * positions
        for row in range(first, first + book.held[symbol]):
            lows = market.low[symbol, start:end]
            highs = market.high[symbol, start:end]
            end = start + _find_meeting(lows, highs, book, rules, row, side)
    return end


@bare_rule
def record_run(book: Book, records: Records, start: int, end: int) -> None:
    """Write down that the account was marked at all times from `start` to before `end`."""
    if end == start:
        return
    place = book.tally[RUNS]
    book.tally[RUNS] += 1
    if place < records.run.shape[0]:
        records.run[place, 0] = start
        records.run[place, 1] = end


@bare_kernel
def mark_flat(curve: Float2D, runs: Int2D, capital: float) -> None:
    """Write the marks between the runs, where nothing is open and equity is what it was, at first the capital."""
    equity = capital
    time = 0
    for run in range(runs.shape[0] + 1):
        is_last = run == runs.shape[0]
        end = curve.shape[1] if is_last else runs[run, 0]
        curve[EQUITY_MARK, time:end] = equity
        curve[EXPOSURE_MARK, time:end] = 0.0
        if not is_last:
            time = runs[run, 1]
            equity = curve[EQUITY_MARK, time - 1]


@bare_rule
def _mark_open(closes: Float2D, book: Book, curve: Float2D, start: int, end: int) -> None:
    """Mark the account at every close, adding positions in the order in which the loop adds them."""
    cash = book.account[CASH]
    equity = curve[EQUITY_MARK, start:end]
    exposure = curve[EXPOSURE_MARK, start:end]
    positions = book.number.shape[0] // book.held.size
    is_first = True
    for symbol in range(book.held.size):
        prices = closes[symbol, start:end]
        side = book.side[symbol]
        first = symbol * positions
        for row in range(first, first + book.held[symbol]):
            units = book.number[row, UNITS]
            entry = book.number[row, ENTRY_PRICE]
            if is_first:
                for place in range(prices.size):
                    exposure[place] = units * prices[place]
                    equity[place] = cash + find_worth(units, entry, prices[place], side)
            else:
                for place in range(prices.size):
                    exposure[place] += units * prices[place]
                    equity[place] += find_worth(units, entry, prices[place], side)
            is_first = False


@bare_rule
def _judge(equity: Float1D, policies: Policies, peak: float, day_start: float) -> tuple[int, float, bool, bool]:
    """Return how many closes pass until the drawdown ends trading, the peak, whether it does, whether a day is lost."""
    is_day_lost = False
    for place in range(equity.size):
        peak = max(peak, equity[place])
        if policies.daily_loss > 0.0 and day_start - equity[place] >= policies.daily_loss * day_start:
            is_day_lost = True
        if policies.max_drawdown > 0.0 and peak - equity[place] >= policies.max_drawdown * peak:
            return place + 1, peak, True, is_day_lost
    return equity.size, peak, False, is_day_lost


@bare_rule
def _find_extremes(lows: Float1D, highs: Float1D) -> tuple[float, float]:
    """Return the lowest low and the highest high, in four chains that do not wait for each other."""
    low_0, low_1, low_2, low_3 = lows[0], lows[0], lows[0], lows[0]
    high_0, high_1, high_2, high_3 = highs[0], highs[0], highs[0], highs[0]
    whole = lows.size // 4 * 4
    for place in range(0, whole, 4):
        low_0 = min(low_0, lows[place])
        low_1 = min(low_1, lows[place + 1])
        low_2 = min(low_2, lows[place + 2])
        low_3 = min(low_3, lows[place + 3])
        high_0 = max(high_0, highs[place])
        high_1 = max(high_1, highs[place + 1])
        high_2 = max(high_2, highs[place + 2])
        high_3 = max(high_3, highs[place + 3])
    for place in range(whole, lows.size):
        low_0 = min(low_0, lows[place])
        high_0 = max(high_0, highs[place])
    return min(low_0, low_1, low_2, low_3), max(high_0, high_1, high_2, high_3)


@bare_rule
def _age_positions(market: MarketArrays, book: Book, rules: Rules, start: int, end: int) -> None:
    """Let open positions have seen the candles of a stretch: extremes, moved stops, age."""
    positions = book.number.shape[0] // book.held.size
    for symbol in range(book.held.size):
        if book.held[symbol] == 0:
            continue
        side = book.side[symbol]
        low, high = _find_extremes(market.low[symbol, start:end], market.high[symbol, start:end])
        best = high if side > 0 else -low
        worst = low if side > 0 else -high
        first = symbol * positions
        for row in range(first, first + book.held[symbol]):
            number = book.number[row]
            book.whole[row, AGE] += end - start
            number[WORST] = min(number[WORST], worst)
            if best > number[BEST]:
                number[BEST] = best
                at_entry = (number[FIRST_STOP], book.whole[row, FIRST_STOP_REASON])
                level, reason = raise_stop(number[ENTRY_PRICE], side, best, at_entry, rules.exits)
                number[STOP] = level
                book.whole[row, STOP_REASON] = reason


@bare_rule
def hold(
    market: MarketArrays,
    action: Flag2D,
    rules: Rules,
    book: Book,
    curve: Float2D,
    since: tuple[int, int, float, float, bool],
) -> tuple[int, float, bool, bool]:
    """Hold what is open until a candle may do more than mark it.

    `since`: time, the end of its day, highest equity so far, equity at the start of the day, whether the day is lost.
    Return the time of that candle, highest equity, whether the drawdown ended trading, whether the day is lost.
    """
    start, day_end, peak, day_start, is_day_lost = since
    policies = rules.policies
    has_limits = policies.max_drawdown > 0.0 or policies.daily_loss > 0.0
    last = min(_find_deadline(market.timestamp, book, rules, start), day_end)
    length = FIRST_PIECE
    is_halted = False
    while start < last and not is_halted:
        planned = min(start + length, last)
        end = _find_end(market, action, book, rules, start, planned)
        if end == start:
            break
        _mark_open(market.close, book, curve, start, end)
        if has_limits:
            passed, peak, is_halted, is_lost = _judge(curve[EQUITY_MARK, start:end], policies, peak, day_start)
            is_day_lost = is_day_lost or is_lost
            end = start + passed
        _age_positions(market, book, rules, start, end)
        book.account[EQUITY] = curve[EQUITY_MARK, end - 1]
        start = end
        if end < planned:
            break
        length = min(2 * length, LAST_PIECE)
    return start, peak, is_halted, is_day_lost
