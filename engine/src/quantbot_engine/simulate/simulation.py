"""Strategies on candles, from signals to results: one simulation, or one of many on the same candles."""

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.jit import Float1D
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import FILLS, RUNS, TRADES, Costs, EntryRules, ExitRules, Ladders, Policies, Rules
from quantbot_engine.simulate.kernel import run_candles
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.preparation import (
    FIRST_ROOM,
    PreparedMarket,
    PreparedSignals,
    Workspace,
    prepare_market,
    prepare_signals,
)
from quantbot_engine.simulate.result import SimulationResult, to_result
from quantbot_engine.simulate.rules import BASIS_POINTS, WHOLE, BasisPointCosts, SimulationRules, SwapCosts, check_rules
from quantbot_engine.simulate.signals import Signals
from quantbot_engine.simulate.stretches import mark_flat

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
    candles = prepare_market(market)
    return simulate_prepared(candles, prepare_signals(candles, signals), rules, Workspace())


def simulate_prepared(
    market: PreparedMarket,
    signals: PreparedSignals,
    rules: SimulationRules,
    workspace: Workspace,
    *,
    has_curves: bool = True,
) -> SimulationResult:
    """Trade prepared signals on prepared candles with one account: `simulate_candles` for searches.

    Parameters
    ----------
    market : PreparedMarket
        From `prepare_market`, once for a market.
    signals : PreparedSignals
        From `prepare_signals` with the same market, once for each distinct set of signals; they serve all rules.
    rules : SimulationRules
        Policies, exits, sizes, costs and limits.
    workspace : Workspace
        Arrays to fill; one for all simulations of a thread. `equity` and `exposure` of the result are part of it and
        hold until the next simulation with it; everything else in the result is the caller's for good.
    has_curves : bool
        False for who reads `equity` and `exposure` on the `runs` of the result alone: only there are they written then.

    Returns
    -------
    SimulationResult
        The same as from `simulate_candles`.

    Raises
    ------
    EngineError
        INVALID_REQUEST if rules are out of range, or size by risk without a stop.
    """
    check_rules(rules)
    _check_together(signals, rules)
    values = to_kernel_rules(rules)
    # An entry signal opens one position at most, which most often takes one fill to close, or one for each rung.
    trades = runs = min(signals.entries, FIRST_ROOM)
    fills = min(signals.entries * (2 + len(rules.ladder)), FIRST_ROOM)
    symbols, times = market.arrays.close.shape
    book = workspace.take_book(symbols, rules.max_positions)
    curve = workspace.take_curve(times)
    while True:
        records = workspace.take_records(fills, trades, runs)
        run_candles(market.arrays, signals.arrays, values, book, records, curve)
        room = (records.fill.shape[0], records.trade.shape[0], records.run.shape[0])
        fills, trades, runs = book.tally[[FILLS, TRADES, RUNS]].tolist()
        if fills <= room[0] and trades <= room[1] and runs <= room[2]:
            break
    if has_curves:
        mark_flat(curve, records.run[:runs], rules.initial_capital)
    return to_result(market.market.symbols, market.arrays.timestamp, rules, book, records, curve)


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
            entries=codes.ENTRIES[rules.directions],
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


def _check_together(signals: PreparedSignals, rules: SimulationRules) -> None:
    is_by_risk = rules.sizing in ("risk_fraction", "risk_amount")
    if is_by_risk and rules.stop_loss is None and signals.arrays.stop_distance.size == 0:
        message = f"sizing {rules.sizing}: expected a stop loss, found none; give stop_loss or the signals' distances"
        raise EngineError(ErrorCode.INVALID_REQUEST, message, field="sizing")
