"""Random markets for the property tests. Prices lie on a coarse grid, so that levels are met exactly and at once."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from quantbot_engine.protocol import CapitalSimulatorConfig, GapFill, Intrabar, V1BaselineParams
from reference.baseline import Call, Candle, Series

# Multiples of eighths are exact in binary: 1.5 * 0.75 meets a price of 1.125 to the bit.
PRICES = st.integers(2, 24).map(lambda eighths: eighths / 8)
TARGETS = st.sampled_from([1.125, 1.25, 1.5, 2.0, 3.0, 1.1, 1.37])
STOPS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 0.875, 0.9, 0.61])
HOLDS = st.sampled_from([1e-7, 0.0001, 1 / 60, 0.05, 0.1, 0.2, 1.0, 48.0])


@dataclass(frozen=True)
class RandomMarket:
    series: list[Series]
    calls: list[Call]


@st.composite
def candle_lists(draw: st.DrawFn, max_rows: int = 25) -> list[Candle]:
    timestamp = 60 * draw(st.integers(0, 5))
    candles = []
    for _ in range(draw(st.integers(0, max_rows))):
        prices = sorted(draw(st.tuples(PRICES, PRICES, PRICES, PRICES)))
        low, first, second, high = prices
        is_rising = draw(st.booleans())
        candles.append(Candle(timestamp, first if is_rising else second, high, low, second if is_rising else first))
        timestamp += 60 * draw(st.sampled_from([1, 1, 1, 1, 2, 7]))
    return candles


@st.composite
def markets(draw: st.DrawFn) -> RandomMarket:
    series = draw(st.lists(st.builds(Series, candle_lists(), st.sampled_from([None, 60])), min_size=1, max_size=4))
    owners = st.sampled_from([*series, None]) if draw(st.booleans()) else st.sampled_from(series)
    times = st.one_of(st.integers(0, 30).map(lambda minute: minute * 60_000), st.integers(0, 1_800_000))
    rows = draw(st.lists(st.tuples(times, owners, st.sampled_from("ABC")), min_size=1, max_size=25))
    calls = [Call(f"c{index}", caller, ts_ms, owner) for index, (ts_ms, owner, caller) in enumerate(rows)]
    return RandomMarket(series, calls)


params = st.builds(V1BaselineParams, tp_mult=TARGETS, sl_mult=STOPS, max_hold_hrs=HOLDS)

configs = st.builds(
    CapitalSimulatorConfig,
    initial_capital=st.sampled_from([50.0, 1000.0, 10_000.0]),
    max_allocation_pct=st.sampled_from([0.04, 0.1, 0.5, 1.0]),
    max_risk_per_trade=st.sampled_from([0.02, 0.5, 1.0, 5.0, 200.0, 1e6]),
    max_concurrent_positions=st.sampled_from([1, 2, 3, 25]),
    min_executable_size=st.sampled_from([0.0, 1.0, 10.0, 40.0]),
    taker_fee_bps=st.sampled_from([0.0, 30.0, 125.5]),
    slippage_bps=st.sampled_from([0.0, 10.0]),
    intrabar=st.sampled_from(list(Intrabar)),
    gap_fill=st.sampled_from(list(GapFill)),
)


def to_request_market(market: RandomMarket) -> dict[str, Any]:
    """Return the market in the one-shot form; a given interval is not part of it, so it must be None in the series."""
    return {
        "calls": [
            {"id": call.id, "mint": call.id, "caller": call.caller, "ts_ms": call.ts_ms} for call in market.calls
        ],
        "candles_by_call_id": {
            call.id: [candle._asdict() for candle in call.series.candles]
            for call in market.calls
            if call.series is not None
        },
    }
