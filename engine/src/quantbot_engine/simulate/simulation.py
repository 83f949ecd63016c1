"""Strategies on candles, from signals to results: checks, the form that kernels take, room for what happens."""

from typing import Literal

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.jit import Float1D, Float2D
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import (
    FILLS,
    TRADES,
    Costs,
    EntryRules,
    ExitRules,
    Ladders,
    MarketArrays,
    Policies,
    Rules,
    SignalArrays,
    allocate_book,
    allocate_records,
)
from quantbot_engine.simulate.kernel import run_candles
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.result import SimulationResult, to_result
from quantbot_engine.simulate.rules import BASIS_POINTS, WHOLE, BasisPointCosts, SimulationRules, SwapCosts, check_rules
from quantbot_engine.simulate.signals import NOT_GIVEN, Signals, check_signals, to_action

# Largest room for a first run; one that needs more is repeated with exactly what it needed. Pages that nothing is
# written to take no memory.
FIRST_ROOM = 65_536
# A signal that stays on while a position is open is one shortfall a candle: these many are kept, all are counted.
SHORTFALL_ROOM = 10_000
# C-contiguous and writable: another layout would be another signature of the kernel.
IN_KERNELS: list[Literal["C", "W"]] = ["C", "W"]
# Cash below this share of the initial capital is rounding, not money.
DUST = 1e-9


def simulate_candles(market: CandleMarket, signals: Signals, rules: SimulationRules) -> SimulationResult:
    """Trade signals on candles with one account.

    Parameters
    ----------
    market : CandleMarket
        Candles of all symbols, in the order in which they have access to cash.
    signals : Signals
        What the strategy asks for at the close of each candle, arrays shaped like the market's.
    rules : SimulationRules
        Policies, exits, sizes, costs and limits.

    Returns
    -------
    SimulationResult
        Fills, trades, shortfalls and the account over time, with the rules.

    Raises
    ------
    EngineError
        INVALID_REQUEST if rules or signals are out of range or do not fit the market.
    """
    check_rules(rules)
    shape = market.close.shape
    check_signals(signals, shape)
    _check_together(signals, rules)
    candles = MarketArrays(
        timestamp=np.require(market.timestamp, np.int64, IN_KERNELS),
        open=_to_column(market.open),
        high=_to_column(market.high),
        low=_to_column(market.low),
        close=_to_column(market.close),
    )
    asked = SignalArrays(
        action=to_action(signals, market.has_candle, rules.directions),
        price=_to_column(signals.price),
        size=_to_column(signals.size),
        stop_distance=_to_column(signals.stop_distance),
        target_distance=_to_column(signals.target_distance),
    )
    values = to_kernel_rules(rules)
    # An entry signal opens one position at most, which most often takes one fill to close, or one for each rung.
    entries = int(np.count_nonzero(asked.action & codes.ANY_ENTRY))
    trades = min(entries, FIRST_ROOM)
    fills = min(entries * (2 + len(rules.ladder)), FIRST_ROOM)
    while True:
        book = allocate_book(shape[0], rules.max_positions, len(codes.SHORTFALL_REASONS))
        records = allocate_records(fills, trades, SHORTFALL_ROOM, shape[1])
        run_candles(candles, asked, values, book, records)
        if book.tally[FILLS] <= fills and book.tally[TRADES] <= trades:
            return to_result(market.symbols, candles.timestamp, rules, book, records)
        fills, trades = int(book.tally[FILLS]), int(book.tally[TRADES])


def to_kernel_rules(rules: SimulationRules) -> Rules:
    """Return the rules as numbers; what is off is 0, or -1 for counts."""
    costs = rules.costs
    return Rules(
        exits=ExitRules(
            stop_loss=rules.stop_loss or 0.0,
            take_profit=rules.take_profit or 0.0,
            trail=rules.trailing_stop or 0.0,
            activation=rules.trailing_activation,
            break_even=rules.break_even_trigger or 0.0,
            break_even_offset=rules.break_even_offset,
            hold_candles=rules.max_hold_candles or -1,
            hold_s=rules.max_hold_s or -1,
            sells_all=sum(rung.share for rung in rules.ladder) >= WHOLE,
        ),
        entries=EntryRules(
            sizing=codes.SIZINGS.index(rules.sizing),
            size=rules.size,
            lot_size=rules.lot_size,
            min_order_value=rules.min_order_value,
            max_position_size=rules.max_position_size or 0.0,
            dust=DUST * rules.initial_capital,
            max_positions=rules.max_positions,
            scale_in=rules.scale_in,
        ),
        costs=_to_costs(costs),
        policies=Policies(
            gap_fill=codes.GAP_FILLS.index(rules.gap_fill),
            order_valid=rules.order_valid_candles or -1,
            initial_capital=rules.initial_capital,
            partial_close=rules.partial_close_pct,
            max_drawdown=rules.max_drawdown or 0.0,
            daily_loss=rules.daily_loss_limit or 0.0,
            at_signal_close=rules.entry_fill == "signal_close",
            target_first=rules.intrabar == "target_first",
            stop_inside=rules.inside_entry_exits == "stop",
            leave_open=rules.final_close == "leave_open",
        ),
        ladders=Ladders(
            profit=np.array([rung.profit for rung in rules.ladder], dtype=np.float64),
            share=np.array([rung.share for rung in rules.ladder], dtype=np.float64),
            notional=_to_rungs(costs, 0),
            loss_rate=_to_rungs(costs, 1),
        ),
    )


def _to_costs(costs: BasisPointCosts | SwapCosts) -> Costs:
    if isinstance(costs, SwapCosts):
        return Costs(fee=0.0, fixed_fee=0.0, slippage=0.0, gas_buy=costs.gas_buy, gas_sell=costs.gas_sell)
    return Costs(
        fee=costs.fee_bps / BASIS_POINTS,
        fixed_fee=costs.fixed_fee,
        slippage=costs.slippage_bps / BASIS_POINTS,
        gas_buy=0.0,
        gas_sell=0.0,
    )


def _to_rungs(costs: BasisPointCosts | SwapCosts, column: int) -> Float1D:
    rungs = costs.rungs if isinstance(costs, SwapCosts) else ()
    return np.array([rung[column] for rung in rungs], dtype=np.float64)


def _check_together(signals: Signals, rules: SimulationRules) -> None:
    is_by_risk = rules.sizing in ("risk_fraction", "risk_amount")
    if is_by_risk and rules.stop_loss is None and signals.stop_distance is None:
        message = f"sizing {rules.sizing}: expected a stop loss, found none; give stop_loss or the signals' distances"
        raise EngineError(ErrorCode.INVALID_REQUEST, message, field="sizing")


def _to_column(values: Float2D | None) -> Float2D:
    """Return the values as kernels take them; a copy only if they are not."""
    return NOT_GIVEN if values is None else np.require(values, np.float64, IN_KERNELS)
