"""The walk of one combination as a result: its trades with their parts, skipped calls and capital curve."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantbot_engine.calls.arrays import (
    SKIPPED_CAPITAL,
    SKIPPED_MAX_POSITIONS,
    SKIPPED_NO_CANDLES,
    SKIPPED_NO_ENTRY,
    TRADED,
)
from quantbot_engine.calls.exits import CallExits
from quantbot_engine.metrics.drawdown import max_drawdown
from quantbot_engine.protocol import (
    CapitalCurve,
    CapitalSimulationResult,
    CapitalSimulatorConfig,
    ExitReason,
    SkippedCall,
    SkipReason,
    TradeExecution,
    TradeLeg,
)
from quantbot_engine.slices.market import FloatColumn, IntColumn

SKIP_REASONS = {
    SKIPPED_NO_CANDLES: SkipReason.NO_CANDLES,
    SKIPPED_NO_ENTRY: SkipReason.NO_ENTRY,
    SKIPPED_MAX_POSITIONS: SkipReason.MAX_CONCURRENT_POSITIONS,
    SKIPPED_CAPITAL: SkipReason.INSUFFICIENT_CAPITAL,
}


@dataclass(frozen=True, slots=True)
class LegParts:
    """The parts in which each call would be left; shape (calls, parts), of which the first `count` of a call exist."""

    count: IntColumn
    release_s: npt.NDArray[np.int64]
    price: npt.NDArray[np.float64]
    multiple: npt.NDArray[np.float64]
    fraction: npt.NDArray[np.float64]
    reason: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class FoundExits:
    """How each call would be left, traded or not; shape (calls,). With `legs`, time and reason are of the last part."""

    release_s: IntColumn
    price: FloatColumn
    multiple: FloatColumn
    reason: npt.NDArray[np.object_]
    is_ambiguous: npt.NDArray[np.bool_]
    legs: LegParts | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found out about each call, shape (calls,), and the capital at its end."""

    size: FloatColumn
    outcome: npt.NDArray[np.uint8]
    final_capital: float


@dataclass(frozen=True, slots=True)
class _Settled:
    """What came back to the account, in the order in which it did."""

    release_ms: IntColumn
    pnl: FloatColumn


def to_simulation_result(
    exits: CallExits, found: FoundExits, walked: Walked, config: CapitalSimulatorConfig
) -> CapitalSimulationResult:
    """Return the result of a walk; trades in order of (release time, order of opening)."""
    traded = np.flatnonzero(walked.outcome == TRADED)
    order = traded[np.argsort(found.release_s[traded], kind="stable")]
    if found.legs is None:
        pnl = _to_pnl(walked.size[order], found.multiple[order], config)
        settled = _Settled(found.release_s[order] * 1000, pnl)
    else:
        by_leg = _to_leg_pnl(found.legs, walked, config)
        # In order of the parts, so that everybody gets the same last bit.
        pnl = np.add.accumulate(by_leg[order], axis=1)[:, -1]
        settled = _settle_legs(found.legs, by_leg, traded)
    skipped = [
        SkippedCall(call_id=exits.calls.ids[call], reason=SKIP_REASONS[int(walked.outcome[call])])
        for call in np.flatnonzero(walked.outcome != TRADED).tolist()
    ]
    curve = _to_capital_curve(exits.calls.ts_ms, settled, config.initial_capital, walked.final_capital)
    return CapitalSimulationResult(
        final_capital=walked.final_capital,
        total_return=walked.final_capital / config.initial_capital - 1.0,
        trades_executed=order.size,
        trades_skipped=len(skipped),
        completed_trades=_to_trades(exits, found, walked.size, order, pnl),
        skipped_calls=skipped,
        capital_curve=curve,
        max_drawdown=max_drawdown(np.array(curve.equity)),
        ambiguous_exits=int(np.count_nonzero(found.is_ambiguous[traded])),
    )


def _to_pnl(size: FloatColumn, multiple: FloatColumn, config: CapitalSimulatorConfig) -> FloatColumn:
    gross = size * (multiple - 1.0)
    fee = size * (config.taker_fee_bps + config.slippage_bps) / 10000.0 * 2.0
    return gross - fee


def _to_leg_pnl(legs: LegParts, walked: Walked, config: CapitalSimulatorConfig) -> npt.NDArray[np.float64]:
    """Return profit and loss of each part, 0 where a part does not exist; shape (calls, parts)."""
    pnl = _to_pnl(walked.size[:, None] * legs.fraction, legs.multiple, config)
    return np.where(_exists(legs), pnl, 0.0)


def _exists(legs: LegParts) -> npt.NDArray[np.bool_]:
    return np.arange(legs.fraction.shape[1])[None, :] < legs.count[:, None]


def _settle_legs(legs: LegParts, pnl: npt.NDArray[np.float64], traded: IntColumn) -> _Settled:
    exists = _exists(legs)[traded]
    release_s = legs.release_s[traded][exists]
    order = np.argsort(release_s, kind="stable")
    return _Settled(release_s[order] * 1000, pnl[traded][exists][order])


def _to_trades(
    exits: CallExits, found: FoundExits, sizes: FloatColumn, order: IntColumn, pnl: FloatColumn
) -> list[TradeExecution]:
    entry_row = exits.arrays.entry_row[order]
    columns = zip(
        order.tolist(),
        (exits.market.candles.timestamp[entry_row] * 1000).tolist(),
        ((found.release_s[order] - exits.arrays.interval_s[order]) * 1000).tolist(),
        exits.market.candles.close[entry_row].tolist(),
        found.price[order].tolist(),
        sizes[order].tolist(),
        pnl.tolist(),
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
            pnl=traded_pnl,
            exit_reason=ExitReason(reason),
            exit_mult=exit_mult,
            legs=[] if found.legs is None else _to_legs(found.legs, call, int(exits.arrays.interval_s[call])),
        )
        for call, entry_ts_ms, exit_ts_ms, entry_px, exit_px, traded_size, traded_pnl, reason, exit_mult in columns
    ]


def _to_legs(legs: LegParts, call: int, interval_s: int) -> list[TradeLeg]:
    return [
        TradeLeg(
            ts_ms=(int(legs.release_s[call, place]) - interval_s) * 1000,
            px=float(legs.price[call, place]),
            fraction=float(legs.fraction[call, place]),
            reason=ExitReason(legs.reason[call, place]),
        )
        for place in range(int(legs.count[call]))
    ]


def _to_capital_curve(
    call_ts_ms: IntColumn, settled: _Settled, initial_capital: float, final_capital: float
) -> CapitalCurve:
    """Return equity at cost after each settling time; opening a position only turns cash into cost."""
    equity = np.add.accumulate(np.concatenate([[initial_capital], settled.pnl]))
    ts_ms = np.concatenate([call_ts_ms[:1], settled.release_ms])
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
