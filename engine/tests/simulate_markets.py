"""Random candles, signals and rules for the simulator, in the form of the reference, and the way to that of the engine.

Prices lie on a coarse grid, so that levels are met exactly and several at once.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from quantbot_engine.simulate import codes
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.result import SimulationResult
from quantbot_engine.simulate.rules import BasisPointCosts, Rung, SimulationRules, Sizing, SwapCosts
from quantbot_engine.simulate.signals import Signals
from quantbot_engine.simulate.simulation import simulate_candles
from reference.candles import Candle, Fill, Shortfall, Signal, Trade

PRICES = st.integers(8, 32).map(lambda eighths: eighths / 8)
FRACTIONS = st.sampled_from([0.0625, 0.125, 0.25, 0.5, 0.1, 0.03])
DISTANCES = st.sampled_from([0.125, 0.25, 0.5, 1.0])
BAD_NUMBERS = st.sampled_from([math.nan, 0.0, -1.0, math.inf])


@dataclass(frozen=True)
class Case:
    """Candles and signals of each symbol, by timestamp; the order of the symbols is the declared one."""

    candles: Mapping[str, Mapping[int, Candle]]
    signals: Mapping[str, Mapping[int, Signal]]
    interval_s: int = 60


@st.composite
def candle_rows(draw: st.DrawFn, times: Sequence[int]) -> dict[int, Candle]:
    rows = {}
    for time in times:
        low, first, second, high = sorted(draw(st.tuples(PRICES, PRICES, PRICES, PRICES)))
        opened, closed = (first, second) if draw(st.booleans()) else (second, first)
        rows[time] = Candle(time, opened, high, low, closed)
    return rows


@st.composite
def walking_rows(draw: st.DrawFn, times: Sequence[int]) -> dict[int, Candle]:
    """Return candles that mostly open where the one before closed, so that levels are met inside them."""
    eighths = 160
    rows = {}
    for time in times:
        opened = max(eighths + draw(st.sampled_from([0, 0, 0, 1, -1, 6, -6])), 16)
        closed = max(opened + draw(st.integers(-8, 8)), 16)
        high = max(opened, closed) + draw(st.integers(0, 6))
        low = min(opened, closed) - draw(st.integers(0, 6))
        rows[time] = Candle(time, opened / 8, high / 8, low / 8, closed / 8)
        eighths = closed
    return rows


@st.composite
def signal_rows(draw: st.DrawFn, times: Sequence[int], columns: frozenset[str]) -> dict[int, Signal]:
    rows = {}
    for time in times:
        if draw(st.integers(0, 2)) == 0:
            continue
        order = draw(st.sampled_from(["market", "market", "limit", "stop"])) if "price" in columns else "market"
        is_bad = draw(st.integers(0, 15)) == 0
        rows[time] = Signal(
            direction=draw(st.sampled_from([1, 1, -1, 0])),
            order=order,
            price=None if order == "market" else draw(BAD_NUMBERS if is_bad else PRICES),
            size=draw(st.sampled_from([None, 0.25, 2.0, 0.0])) if "size" in columns else None,
            stop_distance=draw(BAD_NUMBERS if is_bad else DISTANCES) if "stop_distance" in columns else None,
            target_distance=draw(DISTANCES) if "target_distance" in columns else None,
            exit_long=draw(st.integers(0, 3)) == 0,
            exit_short=draw(st.integers(0, 3)) == 0,
        )
    return rows


COLUMNS = st.frozensets(st.sampled_from(["price", "size", "stop_distance", "target_distance"]))


@st.composite
def cases(draw: st.DrawFn, max_candles: int = 25, columns: st.SearchStrategy[frozenset[str]] = COLUMNS) -> Case:
    # Candles eight hours apart reach into several days.
    interval_s = draw(st.sampled_from([60, 28_800]))
    times = [interval_s * step for step in range(draw(st.integers(1, max_candles)))]
    given_columns = draw(columns)
    candles, signals = {}, {}
    for symbol in "ABC"[: draw(st.integers(1, 3))]:
        has_all = draw(st.booleans())
        own = times if has_all else [time for time in times if draw(st.integers(0, 4)) > 0] or times[:1]
        candles[symbol] = draw(walking_rows(own) if draw(st.booleans()) else candle_rows(own))
        signals[symbol] = draw(signal_rows(own, given_columns))
    return Case(candles, signals, interval_s)


def maybe(values: st.SearchStrategy[float]) -> st.SearchStrategy[float | None]:
    return st.none() | values


BASIS_POINTS = st.builds(
    BasisPointCosts,
    fee_bps=st.sampled_from([0.0, 30.0, 125.5]),
    fixed_fee=st.sampled_from([0.0, 0.0, 1.0, 5.0]),
    slippage_bps=st.sampled_from([0.0, 10.0, 300.0]),
)
SWAPS = st.builds(
    SwapCosts,
    rungs=st.sampled_from([((100.0, 0.01),), ((50.0, 0.004), (500.0, 0.01), (2000.0, 0.05))]),
    gas_buy=st.sampled_from([0.0, 2.0]),
    gas_sell=st.sampled_from([0.0, 1.0]),
)
LADDERS = st.sampled_from(
    [(), (), ((0.125, 0.5),), ((0.0625, 0.25), (0.25, 0.25)), ((0.125, 0.5), (0.25, 0.5)), ((0.03, 0.3), (0.5, 0.7))]
).map(lambda rungs: tuple(Rung(*rung) for rung in rungs))


SIZES: list[tuple[Sizing, float]] = [
    *(
        ("equity_fraction", 0.1),
        ("equity_fraction", 0.4),
        ("equity_fraction", 1.0),
        ("amount", 100.0),
        ("amount", 600.0),
    ),
    *(("units", 3.0), ("units", 77.7), ("risk_fraction", 0.02), ("risk_amount", 30.0)),
]


@st.composite
def rule_sets(draw: st.DrawFn) -> SimulationRules:
    sizing, size = draw(st.sampled_from(SIZES))
    scale_in = draw(st.booleans())
    is_swap = draw(st.integers(0, 4)) == 0
    trigger = draw(maybe(FRACTIONS))
    return SimulationRules(
        initial_capital=1000.0,
        entry_fill=draw(st.sampled_from(["next_open", "next_open", "signal_close"])),
        intrabar=draw(st.sampled_from(["stop_first", "target_first"])),
        gap_fill=draw(st.sampled_from(["worse", "open", "level"])),
        inside_entry_exits=draw(st.sampled_from(["stop", "none"])),
        final_close=draw(st.sampled_from(["close", "leave_open"])),
        directions="long" if is_swap else draw(st.sampled_from(["long", "short", "both", "both", "both"])),
        stop_loss=draw(FRACTIONS if sizing.startswith("risk") else maybe(FRACTIONS)),
        take_profit=draw(maybe(FRACTIONS)),
        trailing_stop=draw(maybe(FRACTIONS)),
        trailing_activation=draw(st.sampled_from([0.0, 0.0, 0.125, 0.1])),
        break_even_trigger=trigger,
        break_even_offset=0.0 if trigger is None else draw(st.sampled_from([0.0, trigger / 2])),
        max_hold_candles=draw(st.sampled_from([None, None, 1, 3])),
        max_hold_s=draw(st.sampled_from([None, None, 60, 150])),
        ladder=draw(LADDERS),
        scale_in=scale_in,
        max_positions=draw(st.integers(1, 4)) if scale_in else 1,
        partial_close_pct=draw(st.sampled_from([1.0, 1.0, 0.5, 0.3])),
        sizing=sizing,
        size=size,
        lot_size=draw(st.sampled_from([0.0, 0.0, 1.0, 0.1, 50.0])),
        min_order_value=draw(st.sampled_from([0.0, 0.0, 90.0])),
        max_position_size=draw(st.sampled_from([None, None, 0.25, 0.1])),
        costs=draw(SWAPS) if is_swap else draw(BASIS_POINTS),
        max_drawdown=draw(st.sampled_from([None, None, 0.05, 0.2])),
        daily_loss_limit=draw(st.sampled_from([None, None, 0.01, 0.05])),
        order_valid_candles=draw(st.sampled_from([None, 1, 2, 5])),
    )


def to_market(case: Case) -> CandleMarket:
    """Return the candles as arrays; where a symbol has none, prices that would be seen if they were used."""
    times = sorted({time for rows in case.candles.values() for time in rows})
    blank = Candle(0, 1e6, 1e6, 1e6, 1e6)

    def to_prices(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array([[getattr(rows.get(time, blank), name) for time in times] for rows in case.candles.values()])

    return CandleMarket(
        symbols=tuple(case.candles),
        timestamp=np.array(times, dtype=np.int64),
        open=to_prices("open"),
        high=to_prices("high"),
        low=to_prices("low"),
        close=to_prices("close"),
        has_candle=np.array([[time in rows for time in times] for rows in case.candles.values()], dtype=np.bool_),
        interval_s=case.interval_s,
    )


def to_signals(case: Case) -> Signals:
    """Return the signals as arrays; a column that no signal uses is not given."""
    times = sorted({time for rows in case.candles.values() for time in rows})
    grid = [[case.signals[symbol].get(time, Signal()) for time in times] for symbol in case.candles]

    def to_numbers(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
        values = [[getattr(signal, name) for signal in row] for row in grid]
        if all(value is None for row in values for value in row):
            return None
        return np.array([[math.nan if value is None else value for value in row] for row in values])

    def to_flags(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return np.array([[getattr(signal, name) for signal in row] for row in grid], dtype=np.bool_)

    return Signals(
        direction=np.array([[signal.direction for signal in row] for row in grid], dtype=np.int8),
        order_kind=np.array(
            [[codes.ORDER_KINDS.index(signal.order) for signal in row] for row in grid], dtype=np.uint8
        ),
        price=to_numbers("price") if any(signal.order != "market" for row in grid for signal in row) else None,
        size=to_numbers("size"),
        stop_distance=to_numbers("stop_distance"),
        target_distance=to_numbers("target_distance"),
        exit_long=to_flags("exit_long"),
        exit_short=to_flags("exit_short"),
    )


def run_engine_on(case: Case, rules: SimulationRules) -> SimulationResult:
    return simulate_candles(to_market(case), to_signals(case), rules)


def read_fills(result: SimulationResult) -> list[Fill]:
    found = result.fills
    return [
        Fill(
            int(found.timestamp[row]),
            result.symbols[found.symbol[row]],
            codes.FILL_REASONS[found.reason[row]],
            "buy" if found.side[row] > 0 else "sell",
            float(found.units[row]),
            float(found.price[row]),
            float(found.fee[row]),
            int(found.position[row]),
        )
        for row in range(found.timestamp.size)
    ]


def read_trades(result: SimulationResult) -> list[Trade]:
    found = result.trades
    return [
        Trade(
            result.symbols[found.symbol[row]],
            "long" if found.direction[row] > 0 else "short",
            int(found.entry_timestamp[row]),
            int(found.exit_timestamp[row]),
            float(found.units[row]),
            float(found.entry_price[row]),
            float(found.exit_price[row]),
            float(found.pnl[row]),
            float(found.costs[row]),
            float(found.mae[row]),
            float(found.mfe[row]),
            codes.FILL_REASONS[found.reason[row]],
        )
        for row in range(found.symbol.size)
    ]


def read_shortfalls(result: SimulationResult) -> list[Shortfall]:
    found = result.shortfalls
    return [
        Shortfall(
            int(found.timestamp[row]),
            int(found.signal_timestamp[row]),
            result.symbols[found.symbol[row]],
            "long" if found.direction[row] > 0 else "short",
            codes.SHORTFALL_REASONS[found.reason[row]],
            float(found.asked[row]),
            float(found.given[row]),
        )
        for row in range(found.timestamp.size)
    ]


def cut_after(case: Case, last: int) -> Case:
    """Return the case as it was known at the close of the candle that opens at `last`."""
    candles = {
        symbol: {time: candle for time, candle in rows.items() if time <= last} for symbol, rows in case.candles.items()
    }
    signals = {
        symbol: {time: signal for time, signal in rows.items() if time <= last} for symbol, rows in case.signals.items()
    }
    return replace(case, candles=candles, signals=signals)
