"""What a fill does to cash, positions and records: the only places where money moves.

A long pays for its units and gets their price back. A short sets the same money aside, in addition to what its sale
brought in, and gets back twice the entry price less the price at which it buys back. So cash here is free cash.
"""

import numpy as np

from quantbot_engine.jit import bare_rule
from quantbot_engine.simulate.arrays import (
    ABOVE_TOP_RUNG,
    BEST,
    CASH,
    COSTS,
    ENTRY_PRICE,
    ENTRY_TIME,
    EXIT_VALUE,
    FILLS,
    FIRST_UNITS,
    ID,
    NUMBERS,
    PNL,
    UNITS,
    WHOLES,
    WORST,
    Book,
    Records,
    Rules,
)
from quantbot_engine.simulate.sizing import LOT_TOLERANCE, find_exit_cost


@bare_rule
def record_fill(
    book: Book, records: Records, who: tuple[int, int, int], when: int, reason: int, numbers: tuple[float, float, float]
) -> None:
    """`who`: symbol, +1 bought or -1 sold, position; `numbers`: units, price, costs."""
    place = book.tally[FILLS]
    book.tally[FILLS] += 1
    if place >= records.fill.shape[0]:
        return
    row = records.fill[place]
    row[0] = when
    row[1] = who[0]
    row[2] = who[1]
    row[3] = reason
    row[4] = who[2]
    for column in range(3):
        records.fill_number[place, column] = numbers[column]
    records.fill_number[place, 3] = book.account[CASH]


@bare_rule
def record_trade(
    book: Book, records: Records, symbol: int, row: int, when: tuple[int, int], ended: tuple[float, float]
) -> None:
    """Write the trade of a position. `when`: time, reason; `ended`: mean exit price, pnl."""
    identity = book.whole[row, ID]
    if identity >= records.trade.shape[0]:
        return
    whole = records.trade[identity]
    whole[0] = symbol
    whole[1] = book.side[symbol]
    whole[2] = book.whole[row, ENTRY_TIME]
    whole[3] = when[0]
    whole[4] = when[1]
    entry = book.number[row, ENTRY_PRICE]
    signed = book.side[symbol] * entry
    number = records.trade_number[identity]
    number[0] = book.number[row, FIRST_UNITS]
    number[1] = entry
    number[2] = ended[0]
    number[3] = ended[1]
    number[4] = book.number[row, COSTS]
    number[5] = (book.number[row, WORST] - signed) / entry
    number[6] = (book.number[row, BEST] - signed) / entry


@bare_rule
def find_worth(units: float, entry: float, price: float, side: int) -> float:
    """Return the money that closing units at a price gives back before costs; below 0 beyond a short's collateral."""
    return units * price if side > 0 else units * (2.0 * entry - price)


@bare_rule
def close_units(
    book: Book, records: Records, rules: Rules, place: tuple[int, int], deal: tuple[float, float], why: tuple[int, int]
) -> bool:
    """Close units of a position; tell whether it is gone, and the rows after it have moved up.

    `place`: symbol, row; `deal`: units, price before slippage; `why`: time, reason.
    """
    symbol, row = place
    side = book.side[symbol]
    number = book.number[row]
    units = min(deal[0], number[UNITS])
    price = deal[1] * (1.0 - side * rules.costs.slippage)
    entry = number[ENTRY_PRICE]
    notional = units * price
    returned = find_worth(units, entry, price, side)
    cost = min(find_exit_cost(notional, rules), max(returned, 0.0))
    swap = rules.ladders.notional
    if swap.size > 0 and notional > swap[swap.size - 1]:
        book.tally[ABOVE_TOP_RUNG] += 1
    book.account[CASH] += returned - cost
    number[PNL] += side * (price - entry) * units - cost
    number[COSTS] += cost
    number[EXIT_VALUE] += notional
    record_fill(book, records, (symbol, -side, book.whole[row, ID]), why[0], why[1], (units, price, cost))
    if units < number[UNITS]:
        number[UNITS] -= units
        return False
    number[BEST] = max(number[BEST], side * price)
    number[WORST] = min(number[WORST], side * price)
    mean = price if units == number[FIRST_UNITS] else number[EXIT_VALUE] / number[FIRST_UNITS]
    record_trade(book, records, symbol, row, why, (mean, number[PNL]))
    last = (symbol + 1) * (book.number.shape[0] // book.held.size) - 1
    for later in range(row, last):
        for column in range(NUMBERS):
            book.number[later, column] = book.number[later + 1, column]
        for column in range(WHOLES):
            book.whole[later, column] = book.whole[later + 1, column]
    book.held[symbol] -= 1
    return True


@bare_rule
def close_first_in(
    book: Book, records: Records, rules: Rules, symbol: int, deal: tuple[float, float], why: tuple[int, int]
) -> None:
    """Close a fraction of a symbol's units, oldest position first, rounded up to whole lots.

    `deal`: fraction, price before slippage; `why`: time, reason.
    """
    row = symbol * (book.number.shape[0] // book.held.size)
    if deal[0] >= 1.0:
        while book.held[symbol] > 0:
            close_units(book, records, rules, (symbol, row), (book.number[row, UNITS], deal[1]), why)
        return
    total = 0.0
    for position in range(row, row + book.held[symbol]):
        total += book.number[position, UNITS]
    wanted = total * deal[0]
    lot = rules.entries.lot_size
    if lot > 0.0:
        wanted = np.ceil(wanted / lot - LOT_TOLERANCE) * lot
    while book.held[symbol] > 0:
        units = book.number[row, UNITS]
        # What differs by rounding alone is the same number of units.
        if wanted < units * (1.0 - LOT_TOLERANCE):
            close_units(book, records, rules, (symbol, row), (wanted, deal[1]), why)
            return
        close_units(book, records, rules, (symbol, row), (units, deal[1]), why)
        wanted -= units
        if wanted <= units * LOT_TOLERANCE:
            return
