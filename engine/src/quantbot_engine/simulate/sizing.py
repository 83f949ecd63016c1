"""How many units an entry order buys, what they cost, and which limit cut it (docs/assumptions.md, sizes)."""

import numpy as np

from quantbot_engine.jit import Float1D, bare_rule
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import EntryRules, Rules

# Units are counted in lots with this tolerance: 0.3 of a lot of 0.1 is three lots.
LOT_TOLERANCE = 1e-9


@bare_rule
def find_swap_rung(notional: float, notionals: Float1D) -> int:
    """Return the smallest rung at or above a notional, the top rung above all."""
    for rung in range(notionals.size):
        if notional <= notionals[rung]:
            return rung
    return notionals.size - 1


@bare_rule
def find_exit_cost(notional: float, rules: Rules) -> float:
    """Return the costs of selling (or buying back) this notional, in money."""
    if rules.ladders.notional.size > 0:
        rung = find_swap_rung(notional, rules.ladders.notional)
        return float(notional * rules.ladders.loss_rate[rung] / 2.0 + rules.costs.gas_sell)
    return notional * rules.costs.fee + rules.costs.fixed_fee


@bare_rule
def to_units(spend: float, price: float, rules: Rules) -> float:
    """Return the units that this money buys, costs included; not above 0 if the costs take it all."""
    if rules.ladders.notional.size > 0:
        rung = find_swap_rung(spend, rules.ladders.notional)
        return float((spend - (spend * rules.ladders.loss_rate[rung] / 2.0 + rules.costs.gas_buy)) / price)
    return (spend - rules.costs.fixed_fee) / (price * (1.0 + rules.costs.fee))


@bare_rule
def to_spend(units: float, price: float, rules: Rules) -> float:
    """Return the money that buys these units, costs included."""
    notional = units * price
    if rules.ladders.notional.size > 0:
        spend = 0.0
        for rung in range(rules.ladders.notional.size):
            spend = float((notional + rules.costs.gas_buy) / (1.0 - rules.ladders.loss_rate[rung] / 2.0))
            if spend <= rules.ladders.notional[rung]:
                return spend
        return spend
    return notional + (notional * rules.costs.fee + rules.costs.fixed_fee)


@bare_rule
def find_wish(size: float, price: float, stop_gap: float, equity: float, rules: Rules) -> tuple[float, float]:
    """Return the money an order asks for, and the units if it asks for units (else 0). NaN: it cannot be said."""
    sizing = rules.entries.sizing
    if not 0.0 < size < np.inf:
        return np.nan, 0.0
    if sizing == codes.BY_EQUITY:
        return size * equity, 0.0
    if sizing == codes.BY_AMOUNT:
        return size, 0.0
    units = size
    if sizing == codes.BY_RISK:
        units = size * equity / stop_gap
    elif sizing == codes.BY_RISK_AMOUNT:
        units = size / stop_gap
    if not 0.0 < units < np.inf:
        return np.nan, 0.0
    return to_spend(units, price, rules), units


@bare_rule
def find_limit(asked: float, cash: float, room: float, entries: EntryRules) -> tuple[float, int]:
    """Return the money an order may spend of what it asked, and what cut it. `room`: left to the largest position."""
    given = asked
    cut = codes.IN_FULL
    if entries.max_position_size > 0.0 and room < given:
        given = room
        cut = codes.BY_MAX_POSITION_SIZE
    if cash < given:
        given = cash
        cut = codes.BY_CASH
    return given, cut


@bare_rule
def find_purchase(given: float, wished_units: float, price: float, cash: float, rules: Rules) -> tuple[float, float]:
    """Return units and the money they take, rounded down to whole lots: 0 units if no lot is left, -1 if costs eat all.

    `wished_units`: units of an order that is filled in full, 0 if the money decides.
    """
    units = wished_units if wished_units > 0.0 else to_units(given, price, rules)
    if units <= 0.0:
        return -1.0, 0.0
    lot = rules.entries.lot_size
    if lot > 0.0:
        lots = np.floor(units / lot + LOT_TOLERANCE)
        units = lots * lot
        if units > 0.0 and to_spend(units, price, rules) > cash * (1.0 + 1e-12):
            units = (lots - 1.0) * lot
    elif wished_units <= 0.0:
        return units, given
    if units <= 0.0:
        return units, 0.0
    return units, min(to_spend(units, price, rules), cash)
