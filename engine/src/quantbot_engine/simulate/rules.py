"""Every policy of a simulation on candles, with the default that flatters a strategy least; stored with the result.

The meaning of each is in docs/assumptions.md, strategies on candles. Ratios are fractions: 0.02 is two percent.
"""

import math
from collections.abc import Iterator
from typing import Literal

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode

Sizing = Literal["equity_fraction", "amount", "risk_fraction", "risk_amount", "units"]
BASIS_POINTS = 10_000.0
# Shares of a ladder that add up to one within this tolerance close the whole position.
WHOLE = 1.0 - 1e-9
MOST_POSITIONS = 1000


class BasisPointCosts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="basis_points"):
    """Costs of an exchange, per side: fee of the notional, a fixed fee per fill (money), slippage of the price."""

    fee_bps: float = 30.0
    fixed_fee: float = 0.0
    slippage_bps: float = 10.0


class SwapCosts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="swap"):
    """Costs of a decentralised exchange: rungs of (notional, round-trip loss rate), rising, and gas in money."""

    rungs: tuple[tuple[float, float], ...]
    gas_buy: float
    gas_sell: float


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partial exit: at this profit (fraction of the entry price), this share of the units bought."""

    profit: float
    share: float


class SimulationRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How signals become fills. `None` switches a rule off."""

    initial_capital: float = 10_000.0
    entry_fill: Literal["next_open", "signal_close"] = "next_open"
    intrabar: Literal["stop_first", "target_first"] = "stop_first"
    gap_fill: Literal["worse", "open", "level"] = "worse"
    # An order filled inside a candle: is its stop tested on that candle? Its target never is.
    inside_entry_exits: Literal["stop", "none"] = "stop"
    final_close: Literal["close", "leave_open"] = "close"
    directions: Literal["long", "short", "both"] = "both"

    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    # Profit from which the trailing stop is in force; 0: from the entry on.
    trailing_activation: float = 0.0
    break_even_trigger: float | None = None
    break_even_offset: float = 0.0
    max_hold_candles: int | None = None
    max_hold_s: int | None = None
    ladder: tuple[Rung, ...] = ()

    scale_in: bool = False
    # Positions open at once per symbol; without `scale_in` it is one.
    max_positions: int = 1
    # Fraction of a symbol's units that an exit signal closes, first in first out.
    partial_close_pct: float = 1.0

    sizing: Sizing = "equity_fraction"
    size: float = 0.1
    # 0: units of any size.
    lot_size: float = 0.0
    min_order_value: float = 0.0
    max_position_size: float | None = None
    costs: BasisPointCosts | SwapCosts = BasisPointCosts()

    max_drawdown: float | None = None
    daily_loss_limit: float | None = None
    # Candles of its symbol for which a limit or stop order waits; None: until it is replaced or cancelled.
    order_valid_candles: int | None = 1


def check_rules(rules: SimulationRules) -> None:
    """Refuse rules that are out of range or contradict each other: INVALID_REQUEST with field and finding."""
    for field, expected, is_met in _expectations(rules):
        if not is_met:
            raise EngineError(
                ErrorCode.INVALID_REQUEST,
                f"{field}: expected {expected}, found {_read(rules, field)!r}; correct this field of the rules",
                field=field,
            )


def _expectations(rules: SimulationRules) -> Iterator[tuple[str, str, bool]]:
    yield "initial_capital", "money above 0", 0 < rules.initial_capital < math.inf
    for field in ("take_profit", "break_even_trigger", "max_position_size"):
        yield field, "a fraction above 0", _is_unset_or_within(rules, field, 0, math.inf)
    for field in ("stop_loss", "trailing_stop", "max_drawdown", "daily_loss_limit"):
        yield field, "a fraction above 0 and below 1", _is_unset_or_within(rules, field, 0, 1)
    for field in ("max_hold_candles", "max_hold_s", "order_valid_candles"):
        yield field, "a whole number of 1 or more", _is_unset_or_within(rules, field, 0, 2**62)
    yield "trailing_activation", "a fraction of 0 or more", 0 <= rules.trailing_activation < math.inf
    yield "break_even_offset", "a fraction of 0 or more below the trigger", _is_offset_below_trigger(rules)
    yield "max_positions", "from 1 to 1000", 1 <= rules.max_positions <= MOST_POSITIONS
    yield "max_positions", "1 unless scale_in is true", rules.scale_in or rules.max_positions == 1
    yield "partial_close_pct", "a fraction above 0, at most 1", 0 < rules.partial_close_pct <= 1
    yield "size", "a number above 0", 0 < rules.size < math.inf
    yield "lot_size", "a number of 0 or more", 0 <= rules.lot_size < math.inf
    yield "min_order_value", "money of 0 or more", 0 <= rules.min_order_value < math.inf
    profits = [rung.profit for rung in rules.ladder]
    is_rising = all(0 < profit < math.inf for profit in profits) and profits == sorted(set(profits))
    yield "ladder", "profits above 0 that rise", is_rising
    shares = [rung.share for rung in rules.ladder]
    yield "ladder", "shares above 0 that add up to at most 1", all(x > 0 for x in shares) and sum(shares) <= 2 - WHOLE
    yield from _cost_expectations(rules)


def _cost_expectations(rules: SimulationRules) -> Iterator[tuple[str, str, bool]]:
    costs = rules.costs
    if isinstance(costs, BasisPointCosts):
        yield "costs", "fees of 0 or more", 0 <= costs.fee_bps < BASIS_POINTS and 0 <= costs.fixed_fee < math.inf
        yield "costs", "slippage from 0 to below 10000 bps", 0 <= costs.slippage_bps < BASIS_POINTS
        return
    notionals = [notional for notional, _ in costs.rungs]
    is_rising = len(notionals) > 0 and all(0 < n < math.inf for n in notionals) and notionals == sorted(set(notionals))
    yield "costs", "at least one rung, with notionals above 0 that rise", is_rising
    yield "costs", "loss rates from 0 to below 1", all(0 <= rate < 1 for _, rate in costs.rungs)
    yield "costs", "gas of 0 or more", 0 <= costs.gas_buy < math.inf and 0 <= costs.gas_sell < math.inf
    yield "directions", "long, since tokens cannot be sold short through a swap", rules.directions == "long"


def _is_offset_below_trigger(rules: SimulationRules) -> bool:
    trigger = rules.break_even_trigger
    return rules.break_even_offset >= 0 and (trigger is None or rules.break_even_offset < trigger)


def _is_unset_or_within(rules: SimulationRules, field: str, above: float, below: float) -> bool:
    value = getattr(rules, field)
    return value is None or above < value < below


def _read(rules: SimulationRules, field: str) -> object:
    return msgspec.to_builtins(getattr(rules, field))
