"""What the simulator refuses: rules that cannot be meant, signals that do not fit, candles that cannot be."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.simulate.kernel import run_candles
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.rules import BasisPointCosts, Rung, SimulationRules, SwapCosts
from quantbot_engine.simulate.signals import Signals
from quantbot_engine.simulate.simulation import simulate_candles

SHAPE = (2, 3)


def make_market(**changes: Any) -> CandleMarket:
    tens = np.full(SHAPE, 10.0)
    columns: dict[str, Any] = {
        "symbols": ("A", "B"),
        "timestamp": np.array([0, 60, 120]),
        "open": tens,
        "high": tens + 1,
        "low": tens - 1,
        "close": tens.copy(),
        "has_candle": np.ones(SHAPE, dtype=np.bool_),
        "interval_s": 60,
    }
    return CandleMarket(**(columns | changes))


NO_SIGNALS = Signals(direction=np.zeros(SHAPE, dtype=np.int8))


def with_value(value: float) -> Any:
    column = np.full(SHAPE, 10.0)
    column[1, 2] = value
    return column


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("initial_capital", 0.0),
        ("stop_loss", 1.0),
        ("stop_loss", 0.0),
        ("take_profit", -0.1),
        ("trailing_stop", float("nan")),
        ("trailing_activation", -0.1),
        ("break_even_trigger", float("inf")),
        ("break_even_offset", -0.1),
        ("max_hold_candles", 0),
        ("max_hold_s", -1),
        ("ladder", (Rung(0.2, 0.5), Rung(0.1, 0.5))),
        ("ladder", (Rung(0.1, 0.6), Rung(0.2, 0.6))),
        ("max_positions", 0),
        ("max_positions", 2),
        ("partial_close_pct", 0.0),
        ("partial_close_pct", 1.5),
        ("size", 0.0),
        ("lot_size", -1.0),
        ("min_order_value", float("nan")),
        ("max_position_size", 0.0),
        ("costs", BasisPointCosts(fee_bps=-1.0)),
        ("costs", BasisPointCosts(slippage_bps=10_000.0)),
        ("costs", SwapCosts(rungs=(), gas_buy=0.0, gas_sell=0.0)),
        ("costs", SwapCosts(rungs=((100.0, 0.1), (50.0, 0.1)), gas_buy=0.0, gas_sell=0.0)),
        ("costs", SwapCosts(rungs=((100.0, 1.0),), gas_buy=0.0, gas_sell=0.0)),
        ("max_drawdown", 1.0),
        ("daily_loss_limit", 0.0),
        ("order_valid_candles", 0),
    ],
)
def test_a_rule_out_of_range_is_refused_by_name(field: str, value: Any) -> None:
    rules = msgspec.structs.replace(SimulationRules(directions="long"), **{field: value})
    with pytest.raises(EngineError) as refused:
        simulate_candles(make_market(), NO_SIGNALS, rules)
    assert refused.value.code is ErrorCode.INVALID_REQUEST
    assert refused.value.details["field"] == field
    assert "expected" in refused.value.message


def test_tokens_cannot_be_sold_short_through_a_swap() -> None:
    rules = SimulationRules(costs=SwapCosts(rungs=((100.0, 0.1),), gas_buy=0.0, gas_sell=0.0))
    with pytest.raises(EngineError, match="directions: expected long"):
        simulate_candles(make_market(), NO_SIGNALS, rules)


def test_sizing_by_risk_needs_a_stop() -> None:
    with pytest.raises(EngineError, match="expected a stop loss, found none"):
        simulate_candles(make_market(), NO_SIGNALS, SimulationRules(sizing="risk_fraction"))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"direction": np.full(SHAPE, 2, dtype=np.int8)}, "signals.direction"),
        ({"exit_long": np.zeros((1, 3), dtype=np.bool_)}, "signals.exit_long"),
        ({"order_kind": np.full(SHAPE, 3, dtype=np.uint8)}, "signals.order_kind"),
        ({"order_kind": np.ones(SHAPE, dtype=np.uint8)}, "signals.price"),
    ],
)
def test_signals_that_do_not_fit_are_refused_by_name(changes: Any, found: str) -> None:
    with pytest.raises(EngineError, match=found):
        simulate_candles(make_market(), replace(NO_SIGNALS, **changes), SimulationRules())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"symbols": ("A", "A")}, "distinct symbols"),
        ({"symbols": ("A",)}, "expected shape"),
        ({"timestamp": np.array([0, 60, 60])}, "not later"),
        ({"interval_s": 0}, "interval_s"),
        ({"close": with_value(12.0)}, "B, candle 2"),
        ({"low": with_value(10.5)}, "B, candle 2"),
        ({"low": with_value(0.0)}, "B, candle 2"),
        ({"high": with_value(np.inf)}, "B, candle 2"),
        ({"open": with_value(np.nan)}, "B, candle 2"),
    ],
)
def test_a_market_that_cannot_be_is_refused_with_its_place(changes: Any, message: str) -> None:
    with pytest.raises(EngineError, match=message) as refused:
        make_market(**changes)
    assert refused.value.code is ErrorCode.INVALID_MARKET_DATA


def test_prices_where_a_symbol_has_no_candle_do_not_matter() -> None:
    has_candle = np.ones(SHAPE, dtype=np.bool_)
    has_candle[1, 2] = False
    assert make_market(close=with_value(99.0), has_candle=has_candle).symbols == ("A", "B")


def test_read_only_and_transposed_columns_are_taken_as_they_come() -> None:
    tens = np.full((3, 2), 10.0).T
    tens.setflags(write=False)
    result = simulate_candles(make_market(open=tens, close=tens), NO_SIGNALS, SimulationRules())
    assert result.final_equity == 10_000


def test_the_kernel_has_one_signature_and_never_compiles_another() -> None:
    dispatcher: Any = run_candles
    assert len(dispatcher.overloads) == 1
    assert not dispatcher._can_compile


def test_no_figure_is_nan_even_if_nothing_is_traded() -> None:
    result = simulate_candles(make_market(), NO_SIGNALS, SimulationRules())
    assert result.fills.units.size == 0
    assert result.equity.tolist() == [10_000.0] * 3
    assert result.exposure.tolist() == [0.0] * 3
