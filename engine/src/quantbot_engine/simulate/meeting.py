"""What one candle meets of a position's levels: the one place that decides between stop and target."""

import numpy as np

from quantbot_engine.jit import bare_rule
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import (
    AMBIGUOUS,
    ENTRY_PRICE,
    FIRST_UNITS,
    NEXT_RUNG,
    RUNG,
    STOP,
    STOP_REASON,
    TARGET,
    UNITS,
    Book,
    Records,
    Rules,
)
from quantbot_engine.simulate.fills import close_units
from quantbot_engine.simulate.levels import arm_rung, find_stop_fill, find_target_fill
from quantbot_engine.simulate.sizing import LOT_TOLERANCE


@bare_rule
def _fill_rungs(
    book: Book, records: Records, rules: Rules, place: tuple[int, int], reach: tuple[float, float], when: int
) -> bool:
    """Sell the rungs that a candle reaches; tell whether the position is gone. `reach`: open and best price."""
    symbol, row = place
    number = book.number[row]
    side = book.side[symbol]
    shares = rules.ladders.share
    lot = rules.entries.lot_size
    while reach[1] >= number[NEXT_RUNG]:
        rung = book.whole[row, RUNG]
        price = side * find_target_fill(number[NEXT_RUNG], reach[0], rules.policies.gap_fill)
        units = shares[rung] * number[FIRST_UNITS]
        if lot > 0.0:
            units = np.floor(units / lot + LOT_TOLERANCE) * lot
        if rules.exits.sells_all and rung == shares.size - 1:
            units = number[UNITS]
        book.whole[row, RUNG] = rung + 1
        number[NEXT_RUNG] = arm_rung(number[ENTRY_PRICE], side, rung + 1, number[TARGET], rules.ladders.profit)
        if units > 0.0 and close_units(book, records, rules, place, (units, price), (when, codes.LADDER)):
            return True
    return False


@bare_rule
def meet(
    book: Book, records: Records, rules: Rules, place: tuple[int, int], prices: tuple[float, float, float], when: int
) -> bool:
    """Fill what a candle meets of a position's levels; tell whether the position is gone. `prices`: open, worst, best.

    The one place that decides when stop and target lie in the same candle.
    """
    opened, worst, best = prices
    symbol, row = place
    number = book.number[row]
    side = book.side[symbol]
    gap_fill = rules.policies.gap_fill
    stop = number[STOP]
    stop_deal = (number[UNITS], side * find_stop_fill(stop, opened, gap_fill))
    stop_reason = book.whole[row, STOP_REASON]
    is_stopped = worst <= stop
    if is_stopped:
        is_at_open = opened <= stop
        is_reached = best >= number[NEXT_RUNG] or best >= number[TARGET]
        if is_reached and not is_at_open:
            book.tally[AMBIGUOUS] += 1
        if is_at_open or not is_reached or not rules.policies.target_first:
            return close_units(book, records, rules, place, stop_deal, (when, stop_reason))
    if _fill_rungs(book, records, rules, place, (opened, best), when):
        return True
    if best >= number[TARGET]:
        deal = (number[UNITS], side * find_target_fill(number[TARGET], opened, gap_fill))
        return close_units(book, records, rules, place, deal, (when, codes.TAKE_PROFIT))
    if is_stopped:
        return close_units(book, records, rules, place, (number[UNITS], stop_deal[1]), (when, stop_reason))
    return False
