"""V1 baseline on calls, candle by candle and with a heap: no arrays, no levels, nothing clever.

Knows nothing of the engine but the words of its protocol, so that a mistake cannot be shared.
"""

import heapq
import itertools
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from quantbot_engine.protocol import CapitalSimulatorConfig, V1BaselineParams


class Candle(NamedTuple):
    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 1.0


@dataclass(frozen=True)
class Series:
    candles: list[Candle]
    interval_s: int | None = None


@dataclass(frozen=True)
class Call:
    id: str
    caller: str
    ts_ms: int
    series: Series | None


@dataclass(frozen=True)
class Path:
    entry_ts_ms: int
    entry_px: float
    exit_index: int
    exit_ts_ms: int
    exit_px: float
    reason: str
    release_ms: int
    is_ambiguous: bool


@dataclass(frozen=True, order=True)
class Position:
    release_ms: int
    opened: int
    call_id: str = field(compare=False)
    size: float = field(compare=False)
    path: Path = field(compare=False)


@dataclass(frozen=True)
class Trade:
    call_id: str
    path: Path
    size: float
    pnl: float


@dataclass
class Outcome:
    final_capital: float
    trades: list[Trade]
    skipped: list[tuple[str, str]]
    curve: list[tuple[int, float]]

    @property
    def ambiguous_exits(self) -> int:
        return sum(trade.path.is_ambiguous for trade in self.trades)


def find_interval_s(series: Series) -> int:
    if series.interval_s is not None:
        return series.interval_s
    times = [candle.timestamp for candle in series.candles]
    counts = Counter(later - earlier for earlier, later in itertools.pairwise(times))
    if not counts:
        return 60
    most = max(counts.values())
    return min(difference for difference, count in counts.items() if count == most)


def find_path(call: Call, params: V1BaselineParams, config: CapitalSimulatorConfig) -> Path | str:
    """Return the path of a call, or the reason why it has none."""
    if call.series is None or not call.series.candles:
        return "no_candles"
    candles = call.series.candles
    entry_index = next((i for i, candle in enumerate(candles) if candle.timestamp * 1000 >= call.ts_ms), None)
    if entry_index is None:
        return "no_entry"
    entry = candles[entry_index]
    target = entry.close * params.tp_mult
    stop = entry.close * params.sl_mult
    deadline_ms = entry.timestamp * 1000 + math.floor(params.max_hold_hrs * 3_600_000)

    def path_to(index: int, price: float, reason: str, is_ambiguous: bool = False) -> Path:
        assert call.series is not None
        return Path(
            entry_ts_ms=entry.timestamp * 1000,
            entry_px=entry.close,
            exit_index=index,
            exit_ts_ms=candles[index].timestamp * 1000,
            exit_px=price,
            reason=reason,
            release_ms=(candles[index].timestamp + find_interval_s(call.series)) * 1000,
            is_ambiguous=is_ambiguous,
        )

    for index in range(entry_index + 1, len(candles)):
        candle = candles[index]
        reason, is_ambiguous = find_level_exit(candle, target, stop, config.intrabar)
        if reason == "stop_loss":
            return path_to(index, stop_fill(stop, candle, config.gap_fill), reason, is_ambiguous)
        if reason == "take_profit":
            return path_to(index, target_fill(target, candle, config.gap_fill), reason, is_ambiguous)
        if candle.timestamp * 1000 >= deadline_ms:
            return path_to(index, candle.close, "time_exit")
    return path_to(len(candles) - 1, candles[-1].close, "end_of_data")


def find_level_exit(candle: Candle, target: float, stop: float, intrabar: str) -> tuple[str | None, bool]:
    """Return which level this candle meets, and whether `intrabar` had to decide."""
    if candle.open <= stop:
        return "stop_loss", False
    if candle.open >= target:
        return "take_profit", False
    if candle.low <= stop and candle.high >= target:
        return ("stop_loss" if intrabar == "stop_first" else "take_profit"), True
    if candle.low <= stop:
        return "stop_loss", False
    if candle.high >= target:
        return "take_profit", False
    return None, False


def stop_fill(stop: float, candle: Candle, gap_fill: str) -> float:
    return stop if gap_fill == "level" else min(stop, candle.open)


def target_fill(target: float, candle: Candle, gap_fill: str) -> float:
    return max(target, candle.open) if gap_fill == "open" else target


def simulate(calls: list[Call], params: V1BaselineParams, config: CapitalSimulatorConfig) -> Outcome:
    """Walk through all calls with one capital."""
    ordered = sorted(calls, key=lambda call: call.ts_ms)
    outcome = Outcome(config.initial_capital, [], [], [(ordered[0].ts_ms, config.initial_capital)])
    cash = config.initial_capital
    open_positions: list[Position] = []

    def settle_until(time_ms: float) -> None:
        nonlocal cash
        while open_positions and open_positions[0].release_ms <= time_ms:
            position = heapq.heappop(open_positions)
            gross = position.size * (position.path.exit_px / position.path.entry_px - 1)
            fee = position.size * (config.taker_fee_bps + config.slippage_bps) / 10000 * 2
            pnl = gross - fee
            cash += position.size + pnl
            outcome.trades.append(Trade(position.call_id, position.path, position.size, pnl))
            if not open_positions or open_positions[0].release_ms != position.release_ms:
                outcome.curve.append((position.release_ms, cash + cost_of(open_positions)))

    for order, call in enumerate(ordered):
        settle_until(call.ts_ms)
        if len(open_positions) >= config.max_concurrent_positions:
            outcome.skipped.append((call.id, "max_concurrent_positions"))
            continue
        path = find_path(call, params, config)
        if isinstance(path, str):
            outcome.skipped.append((call.id, path))
            continue
        risk = config.max_risk_per_trade
        if risk < 1:
            risk *= cash + cost_of(open_positions)
        size = min(risk / (1 - params.sl_mult), config.max_allocation_pct * cash, cash)
        if size < config.min_executable_size:
            outcome.skipped.append((call.id, "insufficient_capital"))
            continue
        cash -= size
        heapq.heappush(open_positions, Position(path.release_ms, order, call.id, size, path))
    settle_until(math.inf)
    outcome.final_capital = cash
    return outcome


def cost_of(positions: list[Position]) -> float:
    return sum(position.size for position in sorted(positions, key=lambda position: position.opened))
