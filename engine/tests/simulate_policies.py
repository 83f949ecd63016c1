"""Rule sets in which every two values of every two policies meet, and long markets in which little is signalled."""

import itertools
import math
from typing import Any

import numpy as np

from quantbot_engine.simulate.rules import BasisPointCosts, Rung, SimulationRules, SwapCosts
from reference.candles import Candle, Signal
from simulate_markets import Case

Choice = tuple[dict[str, Any], ...]

CHEAP = BasisPointCosts(fee_bps=0.0, slippage_bps=0.0)
DEAR = BasisPointCosts(fee_bps=12.5, fixed_fee=1.0, slippage_bps=5.0)
SWAP = SwapCosts(rungs=((500.0, 0.004), (2000.0, 0.01)), gas_buy=2.0, gas_sell=1.0)


def each(field: str, *values: Any) -> Choice:
    return tuple({field: value} for value in values)


# Fields that only make sense together are one policy; every value of every policy meets every value of every other.
POLICIES: tuple[Choice, ...] = (
    each("entry_fill", "next_open", "signal_close"),
    each("intrabar", "stop_first", "target_first"),
    each("gap_fill", "worse", "open", "level"),
    each("inside_entry_exits", "stop", "none"),
    each("final_close", "close", "leave_open"),
    (
        {"directions": "both", "costs": DEAR},
        {"directions": "both", "costs": CHEAP},
        {"directions": "long", "costs": SWAP},
        {"directions": "short", "costs": DEAR},
    ),
    # All sizes by risk need a stop.
    (
        {"stop_loss": None, "sizing": "equity_fraction", "size": 0.4},
        {"stop_loss": 0.02, "sizing": "equity_fraction", "size": 1.0},
        {"stop_loss": 0.05, "sizing": "risk_fraction", "size": 0.01},
        {"stop_loss": 0.02, "sizing": "risk_amount", "size": 30.0},
        {"stop_loss": None, "sizing": "amount", "size": 600.0},
        {"stop_loss": 0.05, "sizing": "units", "size": 3.0},
    ),
    each("take_profit", None, 0.03),
    (
        {"trailing_stop": None},
        {"trailing_stop": 0.02},
        {"trailing_stop": 0.01, "trailing_activation": 0.01},
    ),
    (
        {"break_even_trigger": None},
        {"break_even_trigger": 0.01},
        {"break_even_trigger": 0.02, "break_even_offset": 0.005},
    ),
    each("max_hold_candles", None, 1, 40),
    each("max_hold_s", None, 7200),
    each("ladder", (), (Rung(0.01, 0.5), Rung(0.02, 0.3)), (Rung(0.005, 0.5), Rung(0.04, 0.5))),
    ({"scale_in": False}, {"scale_in": True, "max_positions": 1}, {"scale_in": True, "max_positions": 3}),
    each("partial_close_pct", 1.0, 0.5),
    each("lot_size", 0.0, 0.1),
    each("min_order_value", 0.0, 90.0),
    each("max_position_size", None, 0.25),
    each("max_drawdown", None, 0.05),
    each("daily_loss_limit", None, 0.005),
    each("order_valid_candles", 1, 5, None),
)

Pair = tuple[tuple[int, int], tuple[int, int]]


def list_pairs(policies: tuple[Choice, ...]) -> set[Pair]:
    """Return every two values of two different policies, each as (policy, value)."""
    sizes = [len(choice) for choice in policies]
    return {
        ((first, one), (second, other))
        for first, second in itertools.combinations(range(len(sizes)), 2)
        for one in range(sizes[first])
        for other in range(sizes[second])
    }


def meet_all_pairs(policies: tuple[Choice, ...]) -> list[list[int]]:
    """Return few rows, one value for each policy, in which all pairs occur: each row takes what is missing most."""
    missing = list_pairs(policies)
    rows = []
    while missing:
        chosen: dict[int, int] = dict(min(missing))
        for policy, choice in enumerate(policies):
            if policy not in chosen:
                others = list(chosen.items())
                chosen[policy] = max(
                    range(len(choice)),
                    key=lambda value: sum(pair_of((policy, value), other) in missing for other in others),
                )
        row = [chosen[policy] for policy in range(len(policies))]
        missing -= {pair_of(*two) for two in itertools.combinations(enumerate(row), 2)}
        rows.append(row)
    return rows


def pair_of(one: tuple[int, int], other: tuple[int, int]) -> Pair:
    return (one, other) if one < other else (other, one)


def to_rules(row: list[int]) -> SimulationRules:
    fields: dict[str, Any] = {"initial_capital": 1000.0}
    for policy, value in enumerate(row):
        fields |= POLICIES[policy][value]
    return SimulationRules(**fields)


def make_long_case(seed: int, candles: int, symbols: int, share_of_signals: float) -> Case:
    """Return random walks of quarter hours with gaps in price and time, and signals of all kinds now and then."""
    rng = np.random.default_rng(seed)
    interval_s = 900
    rows: dict[str, dict[int, Candle]] = {}
    signals: dict[str, dict[int, Signal]] = {}
    for symbol in "ABC"[:symbols]:
        closes = 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, candles)))
        opens = np.concatenate(([50.0], closes[:-1])) * np.where(rng.random(candles) < 0.05, 1.01, 1.0)
        highs = np.maximum(opens, closes) * (1.0 + rng.exponential(0.002, candles))
        lows = np.minimum(opens, closes) / (1.0 + rng.exponential(0.002, candles))
        has_candle = rng.random(candles) > (0.0 if symbols == 1 else 0.02)
        has_candle[0] = True
        times = np.flatnonzero(has_candle)
        rows[symbol] = {
            int(time) * interval_s: Candle(
                int(time) * interval_s, *(float(column[time]) for column in (opens, highs, lows, closes))
            )
            for time in times
        }
        signals[symbol] = {
            int(time) * interval_s: _draw_signal(rng, float(closes[time]))
            for time in times[rng.random(times.size) < share_of_signals]
        }
    return Case(rows, signals, interval_s)


def _draw_signal(rng: np.random.Generator, close: float) -> Signal:
    order = ("market", "market", "limit", "stop")[rng.integers(4)]
    return Signal(
        direction=int(rng.integers(-1, 2)),
        order=order,
        price=None if order == "market" else close * math.exp(rng.normal(0.0, 0.01)),
        size=None,
        stop_distance=None,
        target_distance=None,
        exit_long=bool(rng.random() < 0.2),
        exit_short=bool(rng.random() < 0.2),
    )


def make_level_case(seed: int, candles: int) -> Case:
    """Return a walk in eighths, with entries whose stops and targets lie far away and exactly on prices."""
    rng = np.random.default_rng(seed)
    closes = 800 + np.cumsum(rng.integers(-1, 2, candles))
    opens = np.concatenate(([800], closes[:-1]))
    highs = np.maximum(opens, closes) + rng.integers(0, 2, candles)
    lows = np.minimum(opens, closes) - rng.integers(0, 2, candles)
    rows = {
        60 * time: Candle(60 * time, *(float(column[time]) / 8 for column in (opens, highs, lows, closes)))
        for time in range(candles)
    }
    signals = {
        60 * int(time): Signal(
            direction=int(rng.choice([-1, 1])),
            stop_distance=float(rng.integers(8, 25)) / 8,
            target_distance=float(rng.integers(8, 25)) / 8,
        )
        for time in np.flatnonzero(rng.random(candles) < 0.005)
    }
    return Case({"A": rows}, {"A": signals})
