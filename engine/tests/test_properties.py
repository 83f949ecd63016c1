"""What must hold on every market, whatever the rules say in detail."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine_calls import ask
from in_memory import to_engine_market
from markets import HOLDS, STOPS, TARGETS, RandomMarket, configs, markets, params, to_request_market
from quantbot_engine.calls.exits import find_exits, to_axes
from quantbot_engine.calls.simulation import simulate_params
from quantbot_engine.protocol import (
    CapitalSimulationResult,
    CapitalSimulatorConfig,
    V1BaselineGrid,
    V1BaselineParams,
)
from reference.baseline import Call, Series, find_interval_s

SUM_TOLERANCE = 1e-9


def run(market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig) -> CapitalSimulationResult:
    engine_market = to_engine_market(market)
    return simulate_params(engine_market, engine_market.calls, params, config)


def cut_after(market: RandomMarket, call_id: str, exit_ts_ms: int) -> RandomMarket:
    """Return the market without the candles that open after this exit, on the instrument of this call."""
    owner = next(call.series for call in market.calls if call.id == call_id)
    assert owner is not None
    kept = [candle for candle in owner.candles if candle.timestamp * 1000 <= exit_ts_ms]
    cut = Series(kept, find_interval_s(owner))
    return RandomMarket(
        [cut if series is owner else series for series in market.series],
        [replace(call, series=cut) if call.series is owner else call for call in market.calls],
    )


def alone(market: RandomMarket, call_id: str) -> RandomMarket:
    return RandomMarket(market.series, [call for call in market.calls if call.id == call_id])


@given(market=markets(), params=params, config=configs)
def test_cutting_the_data_after_an_exit_never_changes_that_trade(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> None:
    for call in market.calls:
        for trade in run(alone(market, call.id), params, config).completed_trades:
            if trade.exit_reason.value == "end_of_data":
                continue
            cut = cut_after(alone(market, call.id), call.id, trade.exit_ts_ms)
            assert run(cut, params, config).completed_trades == [trade]


@given(market=markets(), params=params, config=configs)
def test_no_money_appears_or_vanishes(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> None:
    result = run(market, params, config)
    gained = sum(trade.pnl for trade in result.completed_trades)
    assert result.final_capital == pytest.approx(config.initial_capital + gained, rel=SUM_TOLERANCE, abs=SUM_TOLERANCE)
    assert result.trades_executed + result.trades_skipped == len(market.calls)
    assert result.total_return == result.final_capital / config.initial_capital - 1


@given(market=markets(), params=params, config=configs)
def test_never_more_positions_or_money_than_there_is(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> None:
    result = run(market, params, config)
    intervals = {call.id: find_interval_s(call.series) * 1000 for call in market.calls if call.series is not None}
    opened_ms = {call.id: call.ts_ms for call in market.calls}
    spans = [
        (opened_ms[trade.call_id], trade.exit_ts_ms + intervals[trade.call_id], trade.size)
        for trade in result.completed_trades
    ]
    for moment, _, _ in spans:
        held = [size for opened, released, size in spans if opened <= moment < released]
        assert len(held) <= config.max_concurrent_positions
    for trade in result.completed_trades:
        assert trade.size >= config.min_executable_size
        assert trade.entry_ts_ms <= trade.exit_ts_ms


@given(market=markets(), params=params, config=configs, more_bps=st.floats(0, 200))
def test_higher_fees_never_help_a_single_trade(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig, more_bps: float
) -> None:
    dearer = msgspec.structs.replace(config, taker_fee_bps=config.taker_fee_bps + more_bps)
    for call in market.calls:
        cheap = run(alone(market, call.id), params, config)
        assert run(alone(market, call.id), params, dearer).final_capital <= cheap.final_capital


@given(
    market=markets(), targets=st.lists(TARGETS, min_size=2, unique=True), stops=st.lists(STOPS, min_size=2, unique=True)
)
def test_a_further_level_is_never_met_earlier(market: RandomMarket, targets: list[float], stops: list[float]) -> None:
    engine_market = to_engine_market(market)
    axes = to_axes(V1BaselineGrid(tp_mults=targets, sl_mults=stops, max_hold_hrs=[0.05, 0.1, 48.0]))
    tables = find_exits(engine_market, engine_market.calls, axes.levels, CapitalSimulatorConfig().gap_fill).tables
    for table in tables:
        assert np.all(np.diff(table.release_s, axis=0) >= 0)
        assert np.all(np.diff(table.bucket, axis=0) >= 0)


@given(market=markets(), config=configs, holds=st.lists(HOLDS, min_size=1, max_size=2))
def test_the_number_of_workers_changes_nothing(
    market: RandomMarket, config: CapitalSimulatorConfig, holds: list[float]
) -> None:
    # Intervals are not part of the one-shot form, and a caller without calls is not asked for.
    plain = [Series(series.candles) for series in market.series]
    swap = {id(old): new for old, new in zip(market.series, plain, strict=True)}
    calls = [Call(c.id, c.caller, c.ts_ms, None if c.series is None else swap[id(c.series)]) for c in market.calls]
    request = {
        "operation": "grouped_evaluation",
        "param_grid": {"tp_mults": [1.25, 1.5, 2, 3], "sl_mults": [0.5, 0.75, 0.9], "max_hold_hrs": holds},
        "simulator_config": msgspec.to_builtins(config),
        "include_trades": True,
        **to_request_market(RandomMarket(plain, calls)),
    }
    alone, together = (ask({**request, "workers": workers}) for workers in (1, 3))
    assert msgspec.json.encode(alone) == msgspec.json.encode(together)


@given(market=markets(), params=params, config=configs, data=st.data())
def test_the_order_of_the_list_does_not_matter_when_times_differ(
    market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig, data: st.DataObject
) -> None:
    assume(len({call.ts_ms for call in market.calls}) == len(market.calls))
    shuffled = RandomMarket(market.series, data.draw(st.permutations(market.calls)))
    assert run(shuffled, params, config) == run(market, params, config)
