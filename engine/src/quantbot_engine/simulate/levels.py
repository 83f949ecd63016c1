"""Exit rules as levels: where a new position's stop and target lie, how stops move, at which price a level fills.

Levels and prices are signed (price times direction): a stop is met at or below it, a target at or above it, for both
directions alike. A rule that is off yields a level that no price meets.
"""

import numpy as np

from quantbot_engine.jit import Float1D, bare_rule
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import Costs, ExitRules


@bare_rule
def arm_stop(price: float, side: int, distance: float, exits: ExitRules) -> float:
    """Return the level of the stop loss at entry; `distance` (price units) replaces the rules' fraction unless NaN."""
    if not np.isnan(distance):
        return side * (price - side * distance)
    if exits.stop_loss > 0.0:
        return side * (price * (1.0 - side * exits.stop_loss))
    return -np.inf


@bare_rule
def arm_target(price: float, side: int, distance: float, exits: ExitRules) -> float:
    """Return the level of the take profit at entry, as `arm_stop` does for the stop."""
    if not np.isnan(distance):
        return side * (price + side * distance)
    if exits.take_profit > 0.0:
        return side * (price * (1.0 + side * exits.take_profit))
    return np.inf


@bare_rule
def arm_liquidation(price: float, side: int, units: float, costs: Costs) -> float:
    """Return the level at which closing a short would use up the money set aside for it, costs included."""
    if side > 0:
        return -np.inf
    return -((2.0 * price * units - costs.fixed_fee) / (units * (1.0 + costs.fee) * (1.0 + costs.slippage)))


@bare_rule
def raise_stop(price: float, side: int, best: float, first: tuple[float, int], exits: ExitRules) -> tuple[float, int]:
    """Return the stop in force after the best price `best`, and its reason: of equal levels the one named first.

    `first`: level and reason of the stop at entry, before break-even and trailing stop.
    """
    level, reason = first
    if exits.break_even > 0.0 and best >= side * (price * (1.0 + side * exits.break_even)):
        break_even = side * (price * (1.0 + side * exits.break_even_offset))
        if break_even > level:
            level = break_even
            reason = codes.BREAK_EVEN
    if exits.trail > 0.0 and best >= side * (price * (1.0 + side * exits.activation)):
        trailing = side * ((side * best) * (1.0 - side * exits.trail))
        if trailing > level:
            level = trailing
            reason = codes.TRAILING_STOP
    return level, reason


@bare_rule
def arm_rung(price: float, side: int, rung: int, target: float, profits: Float1D) -> float:
    """Return the level of a rung of the ladder; rungs at or beyond the target are left to the target."""
    if rung >= profits.size:
        return np.inf
    level = side * (price * (1.0 + side * profits[rung]))
    return level if level < target else np.inf


@bare_rule
def find_stop_fill(level: float, opened: float, gap_fill: int) -> float:
    """Return where a stop fills; a candle that opened beyond it gives a worse price, unless `level`."""
    return level if gap_fill == codes.GAP_LEVEL else min(level, opened)


@bare_rule
def find_target_fill(level: float, opened: float, gap_fill: int) -> float:
    """Return where a target fills; a candle that opened beyond it gives a better price with `open` only."""
    return max(level, opened) if gap_fill == codes.GAP_OPEN else level


@bare_rule
def find_order_fill(kind: int, level: float, candle: tuple[float, float, float], gap_fill: int) -> tuple[float, bool]:
    """Return where a limit or stop entry fills on a candle (NaN: not at all), and whether that was inside it.

    `candle`: open, worst and best price. An entry buys: a limit is met from above, a stop from below.
    """
    opened, worst, best = candle
    if kind == codes.LIMIT:
        if opened <= level:
            return (opened if gap_fill == codes.GAP_OPEN else level), False
        return (level if worst <= level else np.nan), True
    if opened >= level:
        return (level if gap_fill == codes.GAP_LEVEL else opened), False
    return (level if best >= level else np.nan), True
