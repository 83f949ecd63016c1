"""The one loop over candles (docs/assumptions.md, strategies on candles).

Order of events at a time t, over all symbols that have a candle there, in their declared order:

1. Open. a) Positions whose stop, rung or target lies at or beyond the open fill as the gap rule says. b) Waiting exits
   fill at the open, oldest position first. c) Waiting entries fill at the open: market orders, and limit and stop
   orders that the open has reached.
2. Inside. a) Limit and stop entries that the candle reaches fill at their price; they see the cash and the places that
   were free after the open, because nobody knows what the candle did first. b) Stops, rungs and targets of all
   positions, those entered at this open among them. Of a position entered inside this candle only the stop is tested.
3. Close. a) Stops move by this candle's extreme, for the next candle on. b) Time limits close at the close. c) Equity
   is marked. d) Drawdown and daily loss are judged. e) Signals become orders; with `signal_close` exits and then
   market entries fill now, at this close.

After the last time everything open is closed at the last close of its symbol, or valued at it.

Candles on which none of this can happen, but equity is marked, are not gone through one by one: see stretches.py.

One long function on purpose: the order of events is read from top to bottom in one place.
"""

import numpy as np

from quantbot_engine.jit import Float2D, bare_kernel, bare_rule
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import (
    AGE,
    AMBIGUOUS,
    BEST,
    CASH,
    ENTERED_INSIDE,
    ENTRY_PRICE,
    ENTRY_TIME,
    EQUITY,
    EQUITY_MARK,
    EXIT,
    EXIT_VALUE,
    EXPOSURE_MARK,
    FIRST_STOP,
    FIRST_STOP_REASON,
    FIRST_UNITS,
    KIND,
    LEFT,
    NEXT_RUNG,
    PNL,
    PRICE,
    SIDE,
    STOP,
    STOP_REASON,
    TARGET,
    UNITS,
    WORST,
    Book,
    MarketArrays,
    Records,
    Rules,
    SignalArrays,
)
from quantbot_engine.simulate.entries import drop_order, enter, place_order
from quantbot_engine.simulate.fills import close_first_in, close_units, find_worth, record_trade
from quantbot_engine.simulate.levels import find_order_fill, raise_stop
from quantbot_engine.simulate.meeting import meet
from quantbot_engine.simulate.stretches import find_entry, find_time, hold, record_run

DAY_S = 86_400


@bare_rule
def _empty(book: Book) -> None:
    """Leave no position, no order and no count in the book."""
    book.held[:] = 0
    book.order[:] = 0
    book.tally[:] = 0
    book.shortfalls[:] = 0
    book.last_close[:] = 0.0


@bare_rule
def _note_closes(book: Book, closes: Float2D, time: int) -> None:
    """Remember the close of every symbol that is held."""
    for symbol in range(book.held.size):
        if book.held[symbol] > 0:
            book.last_close[symbol] = closes[symbol, time]


@bare_rule
def _close_all_at_open(book: Book) -> None:
    """Order everything that is open to be closed because the account has lost too much."""
    for symbol in range(book.held.size):
        if book.held[symbol] > 0:
            book.order[symbol, EXIT] = codes.EXIT_BY_DRAWDOWN


@bare_rule
def _mark(book: Book) -> tuple[float, float]:
    """Return equity and exposure at the last closes, as the loop does on every candle."""
    positions = book.number.shape[0] // book.held.size
    equity = book.account[CASH]
    exposure = 0.0
    for symbol in range(book.held.size):
        price = book.last_close[symbol]
        first = symbol * positions
        for row in range(first, first + book.held[symbol]):
            exposure += book.number[row, UNITS] * price
            equity += find_worth(book.number[row, UNITS], book.number[row, ENTRY_PRICE], price, book.side[symbol])
    return equity, exposure


@bare_rule
def _end_data(book: Book, records: Records, rules: Rules, when: int) -> None:
    """Close or value what is open after the last candle, and drop the orders that wait."""
    positions = book.number.shape[0] // book.held.size
    for symbol in range(book.held.size):
        if book.order[symbol, KIND] != codes.NO_ORDER:
            drop_order(book, records, symbol, when, codes.DATA_ENDED)
        price = book.last_close[symbol]
        first = symbol * positions
        if not rules.policies.leave_open:
            close_first_in(book, records, rules, symbol, (1.0, price), (when, codes.END_OF_DATA))
        for row in range(first, first + book.held[symbol]):
            number = book.number[row]
            units = number[UNITS]
            pnl = number[PNL] + book.side[symbol] * (price - number[ENTRY_PRICE]) * units
            mean = price
            if units < number[FIRST_UNITS]:
                mean = (number[EXIT_VALUE] + units * price) / number[FIRST_UNITS]
            record_trade(book, records, symbol, row, (when, codes.STILL_OPEN), (mean, pnl))


@bare_kernel
def run_candles(
    market: MarketArrays, signals: SignalArrays, rules: Rules, book: Book, records: Records, curve: Float2D
) -> None:
    """Trade the signals through all candles, from an account of initial capital alone.

    What stands in book, records and curve before is of no account. The curve is written on the runs of the records and
    at the last time; between runs nothing is open.
    """
    _empty(book)
    timestamp = market.timestamp
    opens, highs, lows, closes = market.open, market.high, market.low, market.close
    action = signals.action
    number, whole = book.number, book.whole
    held, sides, order, wish, account = book.held, book.side, book.order, book.wish, book.account
    exits = rules.exits
    policies = rules.policies
    gap_fill = policies.gap_fill
    at_signal_close = policies.at_signal_close
    entries = policies.entries
    heeded = entries | codes.ANY_EXIT
    stop_inside = policies.stop_inside
    max_drawdown = policies.max_drawdown
    daily_loss = policies.daily_loss
    hold_candles = exits.hold_candles
    hold_s = exits.hold_s
    is_stop_moving = exits.trail > 0.0 or exits.break_even > 0.0
    symbols = held.size
    positions = number.shape[0] // symbols
    last_close = book.last_close
    times = timestamp.size
    equity = policies.initial_capital
    exposure = 0.0
    account[CASH] = equity
    account[EQUITY] = equity
    peak = equity
    day_start = equity
    day_end = times if daily_loss <= 0.0 else 0
    is_halted = False
    is_day_lost = False
    is_busy = False
    is_order_waiting = False
    marked_from = 0
    time = 0
    while time < times:
        if not is_busy:
            start = time
            time = find_entry(action, start, entries)
            if time > start:
                record_run(book, records, marked_from, start)
                marked_from = time
        elif not is_order_waiting:
            start = time
            so_far = (start, day_end, peak, day_start, is_day_lost)
            time, peak, is_ended, is_day_lost = hold(market, action, rules, book, curve, so_far)
            if time > start:
                equity = curve[EQUITY_MARK, time - 1]
                exposure = curve[EXPOSURE_MARK, time - 1]
                _note_closes(book, closes, time - 1)
            if is_ended:
                is_halted = True
                _close_all_at_open(book)
        if time == times:
            break
        if time >= day_end:
            day_end = find_time(timestamp, time, (timestamp[time] // DAY_S + 1) * DAY_S)
            day_start = equity
            is_day_lost = False
        if is_busy:
            blocked = codes.BY_DRAWDOWN if is_halted else codes.BY_DAILY_LOSS if is_day_lost else codes.IN_FULL
            for symbol in range(symbols):
                if held[symbol] == 0 or action[symbol, time] & codes.NO_CANDLE != 0:
                    continue
                side = sides[symbol]
                opened = side * opens[symbol, time]
                first = symbol * positions
                row = first
                while row < first + held[symbol]:
                    is_met = opened <= number[row, STOP] or opened >= min(number[row, NEXT_RUNG], number[row, TARGET])
                    if is_met and meet(book, records, rules, (symbol, row), (opened, opened, opened), time):
                        continue
                    row += 1
                if order[symbol, EXIT] != codes.NO_EXIT:
                    reason = codes.SIGNAL
                    fraction = policies.partial_close
                    if order[symbol, EXIT] == codes.EXIT_BY_DRAWDOWN:
                        reason = codes.MAX_DRAWDOWN
                        fraction = 1.0
                    order[symbol, EXIT] = codes.NO_EXIT
                    close_first_in(book, records, rules, symbol, (fraction, opens[symbol, time]), (time, reason))
            is_waiting = False
            for symbol in range(symbols):
                if order[symbol, KIND] == codes.NO_ORDER or action[symbol, time] & codes.NO_CANDLE != 0:
                    continue
                price = opens[symbol, time]
                if order[symbol, KIND] != codes.MARKET:
                    side = order[symbol, SIDE]
                    opened = side * price
                    level = side * wish[symbol, PRICE]
                    # The open alone: what the candle does afterwards comes later.
                    fill, _ = find_order_fill(order[symbol, KIND], level, (opened, opened, opened), gap_fill)
                    if np.isnan(fill):
                        is_waiting = True
                        continue
                    price = side * fill
                enter(book, records, rules, symbol, price, (time, blocked, codes.DURING, codes.NO_ORDER))
            if is_waiting:
                for symbol in range(symbols):
                    if order[symbol, KIND] == codes.NO_ORDER or action[symbol, time] & codes.NO_CANDLE != 0:
                        continue
                    side = order[symbol, SIDE]
                    kind = order[symbol, KIND]
                    opened = side * opens[symbol, time]
                    high = side * highs[symbol, time]
                    low = side * lows[symbol, time]
                    level = side * wish[symbol, PRICE]
                    fill, _ = find_order_fill(kind, level, (opened, min(low, high), max(low, high)), gap_fill)
                    if not np.isnan(fill):
                        enter(book, records, rules, symbol, side * fill, (time, blocked, codes.DURING, kind))
                        continue
                    order[symbol, LEFT] -= 1
                    if order[symbol, LEFT] == 0:
                        drop_order(book, records, symbol, time, codes.EXPIRED)
            for symbol in range(symbols):
                if held[symbol] == 0 or action[symbol, time] & codes.NO_CANDLE != 0:
                    continue
                side = sides[symbol]
                price = closes[symbol, time]
                last_close[symbol] = price
                opened = side * opens[symbol, time]
                best = highs[symbol, time] if side > 0 else -lows[symbol, time]
                worst = lows[symbol, time] if side > 0 else -highs[symbol, time]
                first = symbol * positions
                row = first
                while row < first + held[symbol]:
                    best_seen = best
                    worst_seen = worst
                    inside = whole[row, ENTERED_INSIDE]
                    stop = number[row, STOP]
                    if inside != 0:
                        if stop_inside and worst <= stop:
                            if inside == codes.STOP_ORDER:
                                book.tally[AMBIGUOUS] += 1
                            deal = (number[row, UNITS], side * stop)
                            close_units(book, records, rules, (symbol, row), deal, (time, whole[row, STOP_REASON]))
                            continue
                        whole[row, ENTERED_INSIDE] = 0
                        best_seen = side * price
                        worst_seen = side * price
                    else:
                        is_met = worst <= stop or best >= min(number[row, NEXT_RUNG], number[row, TARGET])
                        if is_met and meet(book, records, rules, (symbol, row), (opened, worst, best), time):
                            continue
                    number[row, WORST] = min(number[row, WORST], worst_seen)
                    if best_seen > number[row, BEST]:
                        number[row, BEST] = best_seen
                        if is_stop_moving:
                            at_entry = (number[row, FIRST_STOP], whole[row, FIRST_STOP_REASON])
                            level, reason = raise_stop(number[row, ENTRY_PRICE], side, best_seen, at_entry, exits)
                            number[row, STOP] = level
                            whole[row, STOP_REASON] = reason
                    age = whole[row, AGE] + 1
                    whole[row, AGE] = age
                    is_late = hold_candles > 0 and age >= hold_candles
                    if hold_s > 0 and timestamp[time] - timestamp[whole[row, ENTRY_TIME]] >= hold_s:
                        is_late = True
                    if is_late:
                        deal = (number[row, UNITS], price)
                        close_units(book, records, rules, (symbol, row), deal, (time, codes.TIME_EXIT))
                        continue
                    row += 1
            equity = account[CASH]
            exposure = 0.0
            for symbol in range(symbols):
                price = last_close[symbol]
                first = symbol * positions
                for row in range(first, first + held[symbol]):
                    exposure += number[row, UNITS] * price
                    equity += find_worth(number[row, UNITS], number[row, ENTRY_PRICE], price, sides[symbol])
            account[EQUITY] = equity
            peak = max(peak, equity)
            if max_drawdown > 0.0 and not is_halted and peak - equity >= max_drawdown * peak:
                is_halted = True
                for symbol in range(symbols):
                    if held[symbol] > 0:
                        order[symbol, EXIT] = codes.EXIT_BY_DRAWDOWN
                    if order[symbol, KIND] != codes.NO_ORDER:
                        drop_order(book, records, symbol, time, codes.BY_DRAWDOWN)
            if daily_loss > 0.0 and day_start - equity >= daily_loss * day_start:
                is_day_lost = True
        is_signal = False
        for symbol in range(symbols):
            signal = action[symbol, time]
            if signal & heeded == 0:
                continue
            is_signal = True
            if held[symbol] > 0 and signal & (codes.EXIT_LONG if sides[symbol] > 0 else codes.EXIT_SHORT) != 0:
                if at_signal_close:
                    deal = (policies.partial_close, closes[symbol, time])
                    close_first_in(book, records, rules, symbol, deal, (time, codes.SIGNAL))
                elif order[symbol, EXIT] == codes.NO_EXIT:
                    order[symbol, EXIT] = codes.EXIT_BY_SIGNAL
            if order[symbol, KIND] != codes.NO_ORDER:
                bit = codes.EXIT_LONG if order[symbol, SIDE] > 0 else codes.EXIT_SHORT
                if signal & bit != 0:
                    drop_order(book, records, symbol, time, codes.CANCELLED)
            if signal & entries != 0:
                place_order(book, records, signals, rules, symbol, time)
                if is_halted and order[symbol, KIND] != codes.NO_ORDER:
                    drop_order(book, records, symbol, time, codes.BY_DRAWDOWN)
        if is_signal and at_signal_close:
            blocked = codes.BY_DAILY_LOSS if is_day_lost else codes.IN_FULL
            for symbol in range(symbols):
                if order[symbol, KIND] == codes.MARKET:
                    last_close[symbol] = closes[symbol, time]
                    enter(
                        book,
                        records,
                        rules,
                        symbol,
                        closes[symbol, time],
                        (time, blocked, codes.AT_CLOSE, codes.NO_ORDER),
                    )
            equity, exposure = _mark(book)
            account[EQUITY] = equity
        if is_busy or is_signal:
            # Fills at this close have moved equity, which the next candle must judge.
            is_busy = is_signal and at_signal_close
            is_order_waiting = is_busy
            for symbol in range(symbols):
                is_ordered = order[symbol, KIND] != codes.NO_ORDER
                is_order_waiting = is_order_waiting or is_ordered or order[symbol, EXIT] != codes.NO_EXIT
                is_busy = is_busy or is_ordered or held[symbol] > 0
        curve[EQUITY_MARK, time] = equity
        curve[EXPOSURE_MARK, time] = exposure
        time += 1
    record_run(book, records, marked_from, times)
    _end_data(book, records, rules, times - 1)
    equity, exposure = _mark(book)
    curve[EQUITY_MARK, times - 1] = equity
    curve[EXPOSURE_MARK, times - 1] = exposure
