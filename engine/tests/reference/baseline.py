"""V1 baseline on calls with all further exits, candle by candle and with a heap: no arrays, no levels, nothing clever.

Knows nothing of the engine but the words of its protocol, so that a mistake cannot be shared.
"""

import heapq
import itertools
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from quantbot_engine.protocol import CapitalSimulatorConfig, V1BaselineParams
from reference.exit_rules import Leg, find_legs


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
    legs: list[Leg]
    has_ladder: bool
    interval_s: int
    is_ambiguous: bool

    @property
    def exit_ts_ms(self) -> int:
        return self.legs[-1].ts_ms

    @property
    def reason(self) -> str:
        return self.legs[-1].reason

    @property
    def exit_px(self) -> float:
        return add_up([leg.fraction * leg.px for leg in self.legs])

    @property
    def exit_mult(self) -> float:
        return add_up([leg.fraction * (leg.px / self.entry_px) for leg in self.legs])

    @property
    def release_ms(self) -> int:
        return self.exit_ts_ms + self.interval_s * 1000


@dataclass(frozen=True, order=True)
class OpenLeg:
    """A part of an open position; the last one gives the place free."""

    release_ms: int
    opened: int
    place: int
    is_last: bool = field(compare=False)
    call_id: str = field(compare=False)
    size: float = field(compare=False)
    leg: Leg = field(compare=False)
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


def add_up(values: list[float]) -> float:
    """Return the plain sum: `sum` of Python 3.12 on carries the rounding along."""
    total = 0.0
    for value in values:
        total += value
    return total


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
    legs, is_ambiguous = find_legs(entry, candles[entry_index + 1 :], params, config)
    return Path(
        entry_ts_ms=entry.timestamp * 1000,
        entry_px=entry.close,
        legs=legs,
        has_ladder=isinstance(params.ladder, list),
        interval_s=find_interval_s(call.series),
        is_ambiguous=is_ambiguous,
    )


def simulate(calls: list[Call], params: V1BaselineParams, config: CapitalSimulatorConfig) -> Outcome:
    """Walk through all calls with one capital."""
    ordered = sorted(calls, key=lambda call: call.ts_ms)
    outcome = Outcome(config.initial_capital, [], [], [(ordered[0].ts_ms, config.initial_capital)])
    cash = config.initial_capital
    open_legs: list[OpenLeg] = []
    earned: dict[str, float] = {}

    def settle_until(time_ms: float) -> None:
        nonlocal cash
        while open_legs and open_legs[0].release_ms <= time_ms:
            part = heapq.heappop(open_legs)
            size = part.size * part.leg.fraction
            gross = size * (part.leg.px / part.path.entry_px - 1)
            fee = size * (config.taker_fee_bps + config.slippage_bps) / 10000 * 2
            pnl = gross - fee
            cash += size + pnl
            earned[part.call_id] = earned.get(part.call_id, 0.0) + pnl
            if part.is_last:
                outcome.trades.append(Trade(part.call_id, part.path, part.size, earned[part.call_id]))
            if not open_legs or open_legs[0].release_ms != part.release_ms:
                outcome.curve.append((part.release_ms, cash + cost_of(open_legs)))

    for order, call in enumerate(ordered):
        settle_until(call.ts_ms)
        if sum(part.is_last for part in open_legs) >= config.max_concurrent_positions:
            outcome.skipped.append((call.id, "max_concurrent_positions"))
            continue
        path = find_path(call, params, config)
        if isinstance(path, str):
            outcome.skipped.append((call.id, path))
            continue
        risk = config.max_risk_per_trade
        if risk < 1:
            risk *= cash + cost_of(open_legs)
        size = min(risk / (1 - params.sl_mult), config.max_allocation_pct * cash, cash)
        if size < config.min_executable_size:
            outcome.skipped.append((call.id, "insufficient_capital"))
            continue
        cash -= size
        for place, leg in enumerate(path.legs):
            release_ms = leg.ts_ms + path.interval_s * 1000
            is_last = place == len(path.legs) - 1
            heapq.heappush(open_legs, OpenLeg(release_ms, order, place, is_last, call.id, size, leg, path))
    settle_until(math.inf)
    outcome.final_capital = cash
    return outcome


def cost_of(parts: list[OpenLeg]) -> float:
    in_order = sorted(parts, key=lambda part: (part.opened, part.place))
    return sum(part.size * part.leg.fraction for part in in_order)
