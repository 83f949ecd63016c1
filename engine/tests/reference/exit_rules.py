"""How one position is left, candle by candle: stops that move, targets that change with time, parts sold on the way."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from msgspec import UNSET

from quantbot_engine.protocol import CapitalSimulatorConfig, V1BaselineParams


class Candle(Protocol):
    @property
    def timestamp(self) -> int: ...
    @property
    def open(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def close(self) -> float: ...


class Leg(NamedTuple):
    ts_ms: int
    px: float
    fraction: float
    reason: str


class Stop(NamedTuple):
    level: float
    reason: str


class Rung(NamedTuple):
    level: float
    fraction: float


def find_legs(
    entry: Candle, later: Sequence[Candle], params: V1BaselineParams, config: CapitalSimulatorConfig
) -> tuple[list[Leg], bool]:
    """Return the parts in which a position is sold, and whether `intrabar` decided on the last candle."""
    deadline_ms = entry.timestamp * 1000 + math.floor(params.max_hold_hrs * 3_600_000)
    rungs = [] if params.ladder is UNSET else [Rung(entry.close * rung.mult, rung.fraction) for rung in params.ladder]
    sells_all = bool(rungs) and abs(sum(rung.fraction for rung in rungs) - 1) <= 1e-9
    peak, is_break_even = 0.0, False
    legs: list[Leg] = []
    left = 1.0
    last = entry
    for candle in later:
        last = candle
        time_ms = candle.timestamp * 1000
        stop = find_stop(entry.close, params, peak, is_break_even)
        target = entry.close * find_target_mult(params, time_ms - entry.timestamp * 1000)
        fills, end, is_ambiguous = meet(candle, stop, target, rungs, config)
        for rung in fills:
            rungs = rungs[1:]
            fraction = left if sells_all and not rungs else rung.fraction
            left -= fraction
            legs.append(Leg(time_ms, target_fill(rung.level, candle, config.gap_fill), fraction, "take_profit"))
        if sells_all and not rungs:
            return legs, is_ambiguous and candle.open < fills[-1].level
        if end == "stop":
            price = stop_fill(stop.level, candle, config.gap_fill)
            return [*legs, Leg(time_ms, price, left, stop.reason)], is_ambiguous
        if end == "target":
            price = target_fill(target, candle, config.gap_fill)
            return [*legs, Leg(time_ms, price, left, "take_profit")], is_ambiguous
        if time_ms >= deadline_ms:
            return [*legs, Leg(time_ms, candle.close, left, "time_exit")], is_ambiguous
        peak = max(peak, candle.high)
        if params.break_even is not UNSET and candle.high >= entry.close * params.break_even.trigger_mult:
            is_break_even = True
    return [*legs, Leg(last.timestamp * 1000, last.close, left, "end_of_data")], False


def find_stop(entry_px: float, params: V1BaselineParams, peak: float, is_break_even: bool) -> Stop:
    """Return the highest stop in force; of equal ones the first of stop loss, break-even, trailing stop."""
    stops = [Stop(entry_px * params.sl_mult, "stop_loss")]
    if is_break_even:
        stops.append(Stop(entry_px, "break_even"))
    if params.trailing is not UNSET and peak > 0 and peak >= entry_px * params.trailing.activation_mult:
        stops.append(Stop(peak * (1 - params.trailing.trail_pct), "trailing_stop"))
    return max(stops, key=lambda stop: stop.level)


def find_target_mult(params: V1BaselineParams, age_ms: int) -> float:
    steps = [] if params.target_decay is UNSET else params.target_decay
    passed = [step.tp_mult for step in steps if age_ms >= math.floor(step.after_hrs * 3_600_000)]
    return passed[-1] if passed else params.tp_mult


def meet(
    candle: Candle, stop: Stop, target: float, rungs: list[Rung], config: CapitalSimulatorConfig
) -> tuple[list[Rung], str | None, bool]:
    """Return the rungs that this candle fills, what closes the rest, and whether `intrabar` had to decide.

    Rungs at or above the target in force are left with the rest.
    """
    below = [rung for rung in rungs if rung.level < target]
    if candle.open <= stop.level:
        return [], "stop", False
    at_open = [rung for rung in below if candle.open >= rung.level]
    if candle.open >= target:
        return at_open, "target", False
    reached = [rung for rung in below if candle.high >= rung.level]
    is_stopped, is_at_target = candle.low <= stop.level, candle.high >= target
    if not is_stopped:
        return reached, "target" if is_at_target else None, False
    is_ambiguous = is_at_target or len(reached) > len(at_open)
    if config.intrabar == "stop_first":
        return at_open, "stop", is_ambiguous
    return reached, "target" if is_at_target else "stop", is_ambiguous


def stop_fill(stop: float, candle: Candle, gap_fill: str) -> float:
    return stop if gap_fill == "level" else min(stop, candle.open)


def target_fill(target: float, candle: Candle, gap_fill: str) -> float:
    return max(target, candle.open) if gap_fill == "open" else target
