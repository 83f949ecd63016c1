"""From an entry signal to a position: the waiting order of a symbol, what stands in its way, and what it buys."""

import numpy as np

from quantbot_engine.jit import Float2D, bare_rule
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import (
    ABOVE_TOP_RUNG,
    AGE,
    BEST,
    CASH,
    COSTS,
    ENTERED_INSIDE,
    ENTRY_PRICE,
    ENTRY_TIME,
    EQUITY,
    FIRST_STOP,
    FIRST_STOP_REASON,
    FIRST_UNITS,
    ID,
    KIND,
    LEFT,
    NEXT_RUNG,
    PNL,
    PRICE,
    RUNG,
    SHORTFALLS,
    SIDE,
    SIGNAL_TIME,
    SIZE,
    STOP,
    STOP_DISTANCE,
    STOP_REASON,
    TARGET,
    TARGET_DISTANCE,
    TRADES,
    UNITS,
    WORST,
    Book,
    Records,
    Rules,
    SignalArrays,
)
from quantbot_engine.simulate.fills import record_fill
from quantbot_engine.simulate.levels import arm_liquidation, arm_rung, arm_stop, arm_target, raise_stop
from quantbot_engine.simulate.sizing import find_limit, find_purchase, find_wish


@bare_rule
def _is_wished(values: Float2D, symbol: int, time: int) -> bool:
    """Tell whether an optional column is not given, or holds a usable number here."""
    return values.size == 0 or 0.0 < values[symbol, time] < np.inf


@bare_rule
def place_order(book: Book, records: Records, signals: SignalArrays, rules: Rules, symbol: int, time: int) -> None:
    """Turn an entry signal into the waiting order of its symbol; one that waited is replaced."""
    if book.order[symbol, KIND] != codes.NO_ORDER:
        drop_order(book, records, symbol, time, codes.REPLACED)
    action = signals.action[symbol, time]
    order = book.order[symbol]
    kind = codes.MARKET
    if action & codes.AT_LIMIT != 0:
        kind = codes.LIMIT
    elif action & codes.AT_STOP != 0:
        kind = codes.STOP_ORDER
    order[KIND] = kind
    order[SIDE] = 1 if action & codes.ENTER_LONG != 0 else -1
    order[SIGNAL_TIME] = time
    order[LEFT] = rules.policies.order_valid
    is_defined = _is_wished(signals.stop_distance, symbol, time) and _is_wished(signals.target_distance, symbol, time)
    if kind != codes.MARKET:
        is_defined = is_defined and 0.0 < signals.price[symbol, time] < np.inf
        book.wish[symbol, PRICE] = signals.price[symbol, time]
    if not is_defined:
        drop_order(book, records, symbol, time, codes.UNDEFINED)
        return
    book.wish[symbol, SIZE] = signals.size[symbol, time] if signals.size.size > 0 else np.nan
    has_stop = signals.stop_distance.size > 0
    book.wish[symbol, STOP_DISTANCE] = signals.stop_distance[symbol, time] if has_stop else np.nan
    has_target = signals.target_distance.size > 0
    book.wish[symbol, TARGET_DISTANCE] = signals.target_distance[symbol, time] if has_target else np.nan


@bare_rule
def record_shortfall(
    book: Book, records: Records, symbol: int, when: int, reason: int, money: tuple[float, float]
) -> None:
    """Count an entry order that got less than it asked for, and write it down if there is room."""
    book.shortfalls[reason] += 1
    place = book.tally[SHORTFALLS]
    book.tally[SHORTFALLS] += 1
    if place >= records.shortfall.shape[0]:
        return
    row = records.shortfall[place]
    row[0] = when
    row[1] = symbol
    row[2] = book.order[symbol, SIDE]
    row[3] = reason
    row[4] = book.order[symbol, SIGNAL_TIME]
    records.shortfall_number[place, 0] = money[0]
    records.shortfall_number[place, 1] = money[1]


@bare_rule
def drop_order(book: Book, records: Records, symbol: int, when: int, reason: int) -> None:
    """End the waiting entry order of a symbol unfilled."""
    record_shortfall(book, records, symbol, when, reason, (0.0, 0.0))
    book.order[symbol, KIND] = codes.NO_ORDER


@bare_rule
def _find_obstacle(book: Book, rules: Rules, symbol: int, blocked: int) -> int:
    """Return why a symbol's waiting order may not open a position now, IN_FULL if it may."""
    if blocked != codes.IN_FULL:
        return blocked
    if book.held[symbol] == 0:
        return codes.IN_FULL
    if book.side[symbol] != book.order[symbol, SIDE]:
        return codes.OPPOSITE_POSITION
    if not rules.entries.scale_in:
        return codes.POSITION_OPEN
    if book.held[symbol] >= rules.entries.max_positions:
        return codes.MAX_POSITIONS
    return codes.IN_FULL


@bare_rule
def _open_position(
    book: Book,
    records: Records,
    rules: Rules,
    symbol: int,
    bought: tuple[float, float, float],
    how: tuple[int, int, int],
) -> None:
    """Pay for a position and arm its levels.

    `bought`: units, price, money; `how`: time, age, kind of the order if it is filled inside a candle.
    """
    units, price, spent = bought
    side = book.order[symbol, SIDE]
    swap = rules.ladders.notional
    if swap.size > 0 and spent > swap[swap.size - 1]:
        book.tally[ABOVE_TOP_RUNG] += 1
    cost = units * price * rules.costs.fee + rules.costs.fixed_fee
    if swap.size > 0:
        cost = spent - units * price
    book.account[CASH] -= spent
    row = symbol * (book.number.shape[0] // book.held.size) + book.held[symbol]
    book.held[symbol] += 1
    book.side[symbol] = side
    number = book.number[row]
    whole = book.whole[row]
    stop = arm_stop(price, side, book.wish[symbol, STOP_DISTANCE], rules.exits)
    target = arm_target(price, side, book.wish[symbol, TARGET_DISTANCE], rules.exits)
    reason = codes.STOP_LOSS
    liquidation = arm_liquidation(price, side, units, rules.costs)
    if liquidation > stop:
        stop = liquidation
        reason = codes.LIQUIDATION
    number[:] = 0.0
    number[UNITS] = units
    number[FIRST_UNITS] = units
    number[ENTRY_PRICE] = price
    number[TARGET] = target
    number[NEXT_RUNG] = arm_rung(price, side, 0, target, rules.ladders.profit)
    number[BEST] = side * price
    number[WORST] = side * price
    number[FIRST_STOP] = stop
    number[PNL] = -cost
    number[COSTS] = cost
    whole[ID] = book.tally[TRADES]
    whole[ENTRY_TIME] = how[0]
    whole[AGE] = how[1]
    whole[FIRST_STOP_REASON] = reason
    whole[RUNG] = 0
    whole[ENTERED_INSIDE] = how[2]
    number[STOP], whole[STOP_REASON] = raise_stop(price, side, side * price, (stop, reason), rules.exits)
    book.tally[TRADES] += 1
    record_fill(book, records, (symbol, side, whole[ID]), how[0], codes.ENTRY, (units, price, cost))


@bare_rule
def enter(
    book: Book, records: Records, rules: Rules, symbol: int, level: float, how: tuple[int, int, int, int]
) -> None:
    """Fill the waiting entry order of a symbol as far as limits and cash allow, else write down why not.

    `level`: price before slippage; `how`: time, what blocks entries, age (codes.py), kind of the order if it is filled
    inside a candle. The constants in it have names because Numba compiles anew for each literal in a tuple.
    """
    side = book.order[symbol, SIDE]
    book.order[symbol, KIND] = codes.NO_ORDER
    obstacle = _find_obstacle(book, rules, symbol, how[1])
    if obstacle != codes.IN_FULL:
        record_shortfall(book, records, symbol, how[0], obstacle, (0.0, 0.0))
        return
    price = level * (1.0 + side * rules.costs.slippage)
    wish = book.wish[symbol]
    stop = arm_stop(price, side, wish[STOP_DISTANCE], rules.exits)
    equity = book.account[EQUITY]
    cash = book.account[CASH]
    size = rules.entries.size if np.isnan(wish[SIZE]) else wish[SIZE]
    asked, wished_units = find_wish(size, price, side * price - stop, equity, rules)
    if np.isnan(asked):
        record_shortfall(book, records, symbol, how[0], codes.UNDEFINED, (0.0, 0.0))
        return
    positions = book.number.shape[0] // book.held.size
    first = symbol * positions
    owned = 0.0
    for position in range(first, first + book.held[symbol]):
        owned += book.number[position, UNITS] * price
    room = rules.entries.max_position_size * equity - owned
    given, cut = find_limit(asked, cash, room, rules.entries)
    if given <= (0.0 if cut == codes.IN_FULL else rules.entries.dust):
        reason = codes.BY_CASH if cut == codes.IN_FULL else cut
        record_shortfall(book, records, symbol, how[0], reason, (asked, 0.0))
        return
    wished_units = wished_units if cut == codes.IN_FULL else 0.0
    units, spent = find_purchase(given, wished_units, price, cash, rules)
    if units <= 0.0:
        reason = codes.BY_LOT_SIZE if units == 0.0 else codes.BY_COSTS
        record_shortfall(book, records, symbol, how[0], reason, (asked, 0.0))
        return
    if spent < rules.entries.min_order_value:
        record_shortfall(book, records, symbol, how[0], codes.BY_MINIMUM, (asked, 0.0))
        return
    if cut != codes.IN_FULL:
        record_shortfall(book, records, symbol, how[0], cut, (asked, spent))
    _open_position(book, records, rules, symbol, (units, price, spent), (how[0], how[2], how[3]))
