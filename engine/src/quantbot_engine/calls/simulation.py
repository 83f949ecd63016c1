"""One combination in full: its trades, skipped calls and capital curve, from the same walk that searches take."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantbot_engine.calls.arrays import (
    MET_AMBIGUOUS,
    MET_TARGET,
    SKIPPED_CAPITAL,
    SKIPPED_MAX_POSITIONS,
    SKIPPED_NO_CANDLES,
    SKIPPED_NO_ENTRY,
    TRADED,
    Grid,
    GridResults,
    LevelTable,
    Paths,
    Scratch,
    Tables,
    allocate_scratch,
)
from quantbot_engine.calls.capital_rules import to_capital_rules
from quantbot_engine.calls.capital_walk import walk_pairs
from quantbot_engine.calls.exits import Axes, CallExits, find_exits, find_grid_position, to_axes, to_single_grid
from quantbot_engine.metrics.drawdown import max_drawdown
from quantbot_engine.protocol import (
    CapitalCurve,
    CapitalSimulationResult,
    CapitalSimulatorConfig,
    ExitReason,
    SkippedCall,
    SkipReason,
    TradeExecution,
    V1BaselineParams,
)
from quantbot_engine.slices.market import CallTable, FloatColumn, IntColumn, Market

SKIP_REASONS = {
    SKIPPED_NO_CANDLES: SkipReason.NO_CANDLES,
    SKIPPED_NO_ENTRY: SkipReason.NO_ENTRY,
    SKIPPED_MAX_POSITIONS: SkipReason.MAX_CONCURRENT_POSITIONS,
    SKIPPED_CAPITAL: SkipReason.INSUFFICIENT_CAPITAL,
}


@dataclass(frozen=True, slots=True)
class _Exits:
    """How each call would be left, traded or not; shape (calls,)."""

    release_s: IntColumn
    price: FloatColumn
    multiple: FloatColumn
    reason: npt.NDArray[np.object_]
    is_ambiguous: npt.NDArray[np.bool_]


def simulate_params(
    market: Market, calls: CallTable, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> CapitalSimulationResult:
    """Simulate one set of parameters on all calls with one capital."""
    axes = to_axes(to_single_grid(params.tp_mult, params.sl_mult, params.max_hold_hrs))
    exits = find_exits(market, calls, axes.levels, config.gap_fill)
    return simulate_combination(exits, axes, 0, config)


def simulate_combination(
    exits: CallExits, axes: Axes, position: int, config: CapitalSimulatorConfig
) -> CapitalSimulationResult:
    """Simulate the combination at one position of the grid; its figures equal those of the search to the last bit."""
    tables = _take_combination(exits.tables, axes, position)
    sl_mult = axes.grid.stop_mult[find_grid_position(axes, position)[1]]
    only = np.zeros(1, dtype=np.int64)
    scratch = allocate_scratch(len(exits.calls))
    results = GridResults(np.zeros(1), np.zeros(1, dtype=np.int64))
    grid = Grid(only, only, only, np.array([sl_mult]))
    walk_pairs(Paths(exits.arrays.entry_row, tables), grid, to_capital_rules(config), scratch, results, (0, 1))
    return _to_result(exits, _to_exits(tables, scratch), scratch, config, float(results.final_capital[0]))


def _take_combination(tables: Tables, axes: Axes, position: int) -> Tables:
    target, stop, hold = find_grid_position(axes, position)
    rows = (axes.grid.target_row[target], axes.grid.stop_row[stop], axes.grid.hold_row[hold])
    return Tables(
        *(LevelTable._make(cells[row : row + 1] for cells in table) for table, row in zip(tables, rows, strict=True))
    )


def _to_exits(tables: Tables, scratch: Scratch) -> _Exits:
    is_level = scratch.release_s <= tables.hold.release_s[0]
    is_target = (scratch.met & MET_TARGET) != 0
    level_price = np.where(is_target, tables.target.price[0], tables.stop.price[0])
    level_reason = np.where(is_target, ExitReason.TAKE_PROFIT, ExitReason.STOP_LOSS)
    hold_reason = np.where(tables.hold.flag[0] != 0, ExitReason.TIME_EXIT, ExitReason.END_OF_DATA)
    return _Exits(
        release_s=np.where(is_level, scratch.release_s, tables.hold.release_s[0]),
        price=np.where(is_level, level_price, tables.hold.price[0]),
        multiple=np.where(is_level, scratch.multiple, tables.hold.multiple[0]),
        reason=np.where(is_level, level_reason, hold_reason).astype(np.object_),
        is_ambiguous=is_level & ((scratch.met & MET_AMBIGUOUS) != 0),
    )


def _to_result(
    exits: CallExits, found: _Exits, scratch: Scratch, config: CapitalSimulatorConfig, final_capital: float
) -> CapitalSimulationResult:
    traded = np.flatnonzero(scratch.outcome == TRADED)
    in_settling_order = traded[np.argsort(found.release_s[traded], kind="stable")]
    trades = _to_trades(exits, found, scratch.size, in_settling_order, config)
    skipped = [
        SkippedCall(call_id=exits.calls.ids[call], reason=SKIP_REASONS[int(scratch.outcome[call])])
        for call in np.flatnonzero(scratch.outcome != TRADED).tolist()
    ]
    release_ms = found.release_s[in_settling_order] * 1000
    curve = _to_capital_curve(exits.calls.ts_ms, release_ms, trades, config.initial_capital, final_capital)
    return CapitalSimulationResult(
        final_capital=final_capital,
        total_return=final_capital / config.initial_capital - 1.0,
        trades_executed=len(trades),
        trades_skipped=len(skipped),
        completed_trades=trades,
        skipped_calls=skipped,
        capital_curve=curve,
        max_drawdown=max_drawdown(np.array(curve.equity)),
        ambiguous_exits=int(np.count_nonzero(found.is_ambiguous[traded])),
    )


def _to_trades(
    exits: CallExits, found: _Exits, sizes: FloatColumn, order: IntColumn, config: CapitalSimulatorConfig
) -> list[TradeExecution]:
    size = sizes[order]
    gross = size * (found.multiple[order] - 1.0)
    fee = size * (config.taker_fee_bps + config.slippage_bps) / 10000.0 * 2.0
    entry_row = exits.arrays.entry_row[order]
    columns = zip(
        order.tolist(),
        (exits.market.candles.timestamp[entry_row] * 1000).tolist(),
        ((found.release_s[order] - exits.arrays.interval_s[order]) * 1000).tolist(),
        exits.market.candles.close[entry_row].tolist(),
        found.price[order].tolist(),
        size.tolist(),
        (gross - fee).tolist(),
        found.reason[order].tolist(),
        found.multiple[order].tolist(),
        strict=True,
    )
    return [
        TradeExecution(
            call_id=exits.calls.ids[call],
            entry_ts_ms=entry_ts_ms,
            exit_ts_ms=exit_ts_ms,
            entry_px=entry_px,
            exit_px=exit_px,
            size=traded_size,
            pnl=pnl,
            exit_reason=ExitReason(reason),
            exit_mult=exit_mult,
        )
        for call, entry_ts_ms, exit_ts_ms, entry_px, exit_px, traded_size, pnl, reason, exit_mult in columns
    ]


def _to_capital_curve(
    call_ts_ms: IntColumn,
    release_ms: IntColumn,
    trades: list[TradeExecution],
    initial_capital: float,
    final_capital: float,
) -> CapitalCurve:
    """Return equity at cost after each settling time; opening a position only turns cash into cost."""
    equity = np.add.accumulate([initial_capital, *(trade.pnl for trade in trades)])
    ts_ms = np.concatenate([call_ts_ms[:1], release_ms])
    # Settles of one time make one point: the last of them. The first point stands whatever comes.
    is_last_of_time = np.append(ts_ms[1:] != ts_ms[:-1], True)
    is_last_of_time[0] = True
    ts_ms, equity = ts_ms[is_last_of_time], equity[is_last_of_time]
    has_changed = np.append(True, equity[1:] != equity[:-1])
    ts_ms, equity = ts_ms[has_changed], equity[has_changed]
    if equity.size > 1:
        # The same amount, added up in another order: the last point is the final capital to the last bit.
        equity[-1] = final_capital
    return CapitalCurve(ts_ms=ts_ms.tolist(), equity=equity.tolist())
