"""The engine as a contender: the one place of the suite that knows how the engine is called."""

import numpy as np

from benchmarks.data import INTERVAL_S, CallData, CapitalSpec, GridAxes
from benchmarks.outcome import REASONS, Exits, Outcome
from quantbot_engine.calls.exits import CallExits, find_exits, to_axes
from quantbot_engine.calls.grid_search import search_grid
from quantbot_engine.calls.simulation import simulate_combination
from quantbot_engine.protocol import CapitalSimulatorConfig, GapFill, Intrabar, V1BaselineGrid
from quantbot_engine.slices.market import CallTable, CandleColumns, Market, SeriesTable

MS_PER_S = 1000


def to_market(data: CallData) -> Market:
    """Return the data as the engine's market: one series a call, nothing copied."""
    names = [f"token-{call:06d}" for call in range(data.calls)]
    # No kernel reads volume; zeros cost no memory until they are touched.
    volume = np.zeros(data.timestamp.size)
    return Market(
        candles=CandleColumns(data.timestamp, data.open, data.high, data.low, data.close, volume),
        series=SeriesTable(
            names=names,
            offset=data.first_row,
            rows=np.full(data.calls, data.candles, dtype=np.int64),
            interval_s=np.full(data.calls, INTERVAL_S, dtype=np.int64),
        ),
        calls=CallTable(
            ids=[str(call) for call in range(data.calls)],
            callers=["caller"] * data.calls,
            ts_ms=data.ts_ms,
            series=np.arange(data.calls, dtype=np.int64),
        ),
    )


def to_config(spec: CapitalSpec) -> CapitalSimulatorConfig:
    """Return the rules of capital as the engine's configuration."""
    return CapitalSimulatorConfig(
        initial_capital=spec.initial_capital,
        max_allocation_pct=spec.max_allocation,
        max_risk_per_trade=spec.max_risk,
        max_concurrent_positions=spec.max_positions,
        min_executable_size=spec.min_size,
        taker_fee_bps=spec.fee_bps,
        slippage_bps=spec.slippage_bps,
        intrabar=Intrabar(spec.intrabar),
        gap_fill=GapFill(spec.gap_fill),
    )


def to_grid(axes: GridAxes) -> V1BaselineGrid:
    """Return the grid as the engine takes it from a request."""
    return V1BaselineGrid(
        tp_mults=axes.targets.tolist(), sl_mults=axes.stops.tolist(), max_hold_hrs=axes.hold_hours.tolist()
    )


class Ours:
    """The engine on one set of calls and one grid."""

    def __init__(self, data: CallData, axes: GridAxes, spec: CapitalSpec) -> None:
        self._market = to_market(data)
        self._axes = to_axes(to_grid(axes))
        self._config = to_config(spec)
        self._entry_ms = data.timestamp[data.first_row] * MS_PER_S

    def find_tables(self, threads: int) -> CallExits:
        """Find the first meetings of all levels: the part that reads candles."""
        return find_exits(self._market, self._market.calls, self._axes.levels, self._config.gap_fill, threads)

    def walk(self, exits: CallExits, threads: int) -> Outcome:
        """Walk the capital of every combination: the part that reads no candles."""
        outcome = search_grid(exits, self._axes, self._config, threads)
        return Outcome(outcome.final_capital, outcome.trades_executed)

    def run(self, threads: int) -> Outcome:
        """Search the whole grid, from raw candles to final capitals."""
        return self.walk(self.find_tables(threads), threads)

    def exits(self, positions: np.ndarray) -> list[Exits]:
        """Return what the engine's own simulation reports, with capital so large that it trades every call."""
        tables = self.find_tables(1)
        config = CapitalSimulatorConfig(
            initial_capital=1e15,
            max_concurrent_positions=max(1, len(self._market.calls)),
            intrabar=self._config.intrabar,
            gap_fill=self._config.gap_fill,
        )
        return [self._to_exits(tables, int(position), config) for position in positions]

    def _to_exits(self, tables: CallExits, position: int, config: CapitalSimulatorConfig) -> Exits:
        trades = simulate_combination(tables, self._axes, position, config).completed_trades
        call = np.array([int(trade.call_id) for trade in trades], dtype=np.int64)
        order = np.argsort(call)
        exit_ms = np.array([trade.exit_ts_ms for trade in trades], dtype=np.int64)[order]
        reason = np.array([REASONS.index(trade.exit_reason.value) for trade in trades], dtype=np.int64)
        price = np.array([trade.exit_px for trade in trades])
        row = (exit_ms - self._entry_ms[call[order]]) // (INTERVAL_S * MS_PER_S)
        return Exits(row=row, reason=reason[order], price=price[order])
