"""Backtests of rules through requests: what is traded and when, what may be said, and what is refused how."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from candle_requests import backtest, expression, hour_ms, hourly, random_closes, reference, rules, to_slice
from engine_calls import ask
from quantbot_engine.errors import EngineError

FREE = {"costs": {"type": "basis_points", "fee_bps": 0, "slippage_bps": 0}, "size": 1.0}
# Above 100 at the close of hour 2 and below it again at the close of hour 5.
HILL = [90, 95, 110, 120, 115, 95, 90, 85]
OVER_HILL = rules(enter_long="close > 100", exit_long="close < 100", simulation=FREE)


def run(folder: Path, strategy: dict[str, Any], closes: Sequence[float], **more: Any) -> dict[str, Any]:
    config = more.pop("config", {})
    result: dict[str, Any] = ask(backtest(reference(strategy, **config), to_slice(folder, hourly(closes)), **more))
    return result


def refusal(folder: Path, strategy: dict[str, Any], **more: Any) -> EngineError:
    with pytest.raises(EngineError) as caught:
        run(folder, strategy, random_closes(80), **more)
    return caught.value


def test_a_signal_at_a_close_is_traded_at_the_next_open(tmp_path: Path) -> None:
    result = run(tmp_path, OVER_HILL, HILL)
    trades = result["trades"]
    assert trades["entry_ts_ms"] == [hour_ms(3)]
    assert trades["exit_ts_ms"] == [hour_ms(6)]
    assert (trades["entry_px"], trades["exit_px"]) == ([110], [95])
    assert trades["net_return"] == [pytest.approx(95 / 110 - 1)]
    assert trades["reason"] == ["signal"]
    assert result["fills"]["side"] == [1, -1]
    assert result["curve"]["equity"][-1] == pytest.approx(10_000 * 95 / 110)
    assert result["curve"]["ts_ms"][:2] == [hour_ms(0), hour_ms(1)]
    assert result["figures"][0]["metrics"]["trades"] == 1
    assert result["shortfall_counts"] == {"position_open": 2}
    assert "1 trade: fewer than 30 say little about what comes next" in result["notes"]
    json.dumps(result, allow_nan=False)


def test_candles_before_the_range_warm_up_and_are_never_traded(tmp_path: Path) -> None:
    strategy = rules(enter_long="close > previous(close, 4)", simulation=FREE)
    closes = [float(100 + hour) for hour in range(20)]
    result = run(tmp_path, strategy, closes, range={"from_ms": hour_ms(10), "to_ms": hour_ms(15)})
    symbol = result["symbols"][0]
    assert (symbol["candles"], symbol["first_ts_ms"], symbol["last_ts_ms"]) == (5, hour_ms(10), hour_ms(14))
    assert symbol["entry_signals"] == 5
    assert symbol["warm_up_candles"] == 4
    # The signal of the candle before the range does not count: the first entry is at the second open.
    assert result["trades"]["entry_ts_ms"] == [hour_ms(11)]
    assert result["trades"]["reason"] == ["end_of_data"]
    assert result["curve"]["ts_ms"][0] == hour_ms(10)
    assert len(result["curve"]["ts_ms"]) == 6


def test_nothing_is_traded_in_the_warm_up_of_a_distance(tmp_path: Path) -> None:
    strategy = rules(enter_long="close > 0", stop_distance="2 * atr(14)", simulation=FREE)
    result = run(tmp_path, strategy, random_closes(40))
    assert result["symbols"][0]["warm_up_candles"] == 14
    assert result["trades"]["entry_ts_ms"][0] == hour_ms(15)
    assert "undefined_order" not in result["shortfall_counts"]


def test_symbols_with_different_candles_share_a_time_axis_and_an_account(tmp_path: Path) -> None:
    slice_ = to_slice(tmp_path, hourly(HILL), hourly([50, 101, 60, 40], start=4))
    result = ask(backtest(reference(OVER_HILL), slice_))
    assert [symbol["trades"] for symbol in result["symbols"]] == [1, 1]
    assert result["trades"]["symbol"] == [0, 1]
    assert result["trades"]["entry_ts_ms"] == [hour_ms(3), hour_ms(6)]
    assert len(result["curve"]["ts_ms"]) == 9
    total = sum(symbol["pnl"] for symbol in result["symbols"])
    assert result["curve"]["equity"][-1] == pytest.approx(10_000 + total)


def test_each_symbol_alone_trades_as_it_does_beside_others_while_cash_lasts(tmp_path: Path) -> None:
    strategy = rules(
        enter_long="crosses_above(close, sma(10))",
        exit_long="crosses_below(close, sma(10))",
        simulation={"sizing": "amount", "size": 10.0},
    )
    series = [hourly(random_closes(300, 1)), hourly(random_closes(250, 2), start=30)]
    together = ask(backtest(reference(strategy), to_slice(tmp_path / "both", *series)))["trades"]
    for position, one in enumerate(series):
        alone = ask(backtest(reference(strategy), to_slice(tmp_path / str(position), one)))["trades"]
        rows = [row for row, symbol in enumerate(together["symbol"]) if symbol == position]
        for name in ("entry_ts_ms", "exit_ts_ms", "entry_px", "pnl"):
            assert [together[name][row] for row in rows] == alone[name]


def test_a_symbol_without_candles_in_the_range_is_named_not_traded(tmp_path: Path) -> None:
    slice_ = to_slice(tmp_path, hourly(HILL), hourly([50, 101], start=100))
    result = ask(backtest(reference(OVER_HILL), slice_, range={"from_ms": None, "to_ms": hour_ms(50)}))
    assert "S1: no candles in the range; it was not traded" in result["notes"]
    assert result["symbols"][1]["candles"] == 0
    assert result["curve"]["benchmark"][-1] == pytest.approx(10_000 * 85 / 90)


def test_a_range_without_candles_is_refused_with_the_times_there_are(tmp_path: Path) -> None:
    error = refusal(tmp_path, OVER_HILL, range={"from_ms": hour_ms(500), "to_ms": None})
    assert error.code == "NO_CANDLES"
    assert error.details == {"first_ts_ms": hour_ms(0), "last_ts_ms": hour_ms(79)}


POLICIES: dict[str, Any] = {
    "initial_capital": 5000.0,
    "entry_fill": "signal_close",
    "intrabar": "target_first",
    "gap_fill": "open",
    "inside_entry_exits": "none",
    "final_close": "leave_open",
    "directions": "long",
    "stop_loss": 0.05,
    "take_profit": 0.1,
    "trailing_stop": 0.03,
    "trailing_activation": 0.01,
    "break_even_trigger": 0.02,
    "break_even_offset": 0.001,
    "max_hold_candles": 7,
    "max_hold_s": 36_000,
    "ladder": [{"profit": 0.01, "share": 0.25}],
    "scale_in": True,
    "max_positions": 3,
    "partial_close_pct": 0.5,
    "sizing": "risk_amount",
    "size": 50.0,
    "lot_size": 0.5,
    "min_order_value": 1.0,
    "max_position_size": 0.5,
    "costs": {"type": "basis_points", "fee_bps": 5.0, "fixed_fee": 0.5, "slippage_bps": 1.0},
    "max_drawdown": 0.5,
    "daily_loss_limit": 0.3,
    "order_valid_candles": 4,
}


def test_every_policy_can_be_said_and_stands_in_the_result(tmp_path: Path) -> None:
    strategy = rules(enter_long="close > sma(5)", simulation=POLICIES)
    result = run(tmp_path, strategy, random_closes(60))
    assert result["rules"] == POLICIES


@pytest.mark.parametrize("name", [name for name, value in POLICIES.items() if type(value) in {float, int}])
def test_every_number_can_be_an_expression_of_parameters(tmp_path: Path, name: str) -> None:
    strategy = rules(
        parameters={"half": POLICIES[name] / 2},
        enter_long="close > sma(5)",
        simulation={**POLICIES, name: expression("half * 2")},
    )
    assert run(tmp_path, strategy, random_closes(20))["rules"][name] == POLICIES[name]


def test_overrides_win_over_the_strategy_which_wins_over_defaults(tmp_path: Path) -> None:
    strategy = rules(enter_long="close > sma(5)", simulation={"stop_loss": 0.1, "take_profit": 0.2, "size": 0.5})
    costs = {"type": "basis_points", "fee_bps": 1.0, "slippage_bps": 2.0}
    config = {
        "defaults": {"size": 0.25, "initial_capital": 777, "costs": costs},
        "overrides": {"stop_loss": None, "costs": {"type": "basis_points", "fee_bps": 9.0}},
    }
    found = run(tmp_path, strategy, random_closes(20), config=config)["rules"]
    assert (found["stop_loss"], found["take_profit"], found["size"]) == (None, 0.2, 0.5)
    assert found["initial_capital"] == 777
    assert found["costs"] == {"type": "basis_points", "fee_bps": 9.0, "fixed_fee": 0.0, "slippage_bps": 2.0}


def test_swap_costs_trade_long_and_warn_above_the_top_rung(tmp_path: Path) -> None:
    swap = {
        "type": "swap",
        "rungs": [{"notional": 100, "loss_rate": 0.01}],
        "gas_buy": expression("gas"),
        "gas_sell": 1,
    }
    strategy = rules(
        parameters={"gas": 2},
        enter_long="close > 100",
        enter_short="close < 95",
        simulation={"costs": swap, "size": 0.5},
    )
    result = run(tmp_path, strategy, HILL)
    assert result["rules"]["directions"] == "long"
    assert result["rules"]["costs"] == {**swap, "gas_buy": 2.0}
    assert result["above_top_rung"] == 2
    notes = " ".join(result["notes"])
    assert "3 entry signals were left out: directions is long" in notes
    assert "2 fills were larger than the top rung" in notes


def test_limit_orders_wait_at_their_price(tmp_path: Path) -> None:
    strategy = rules(
        enter_long="close == 110",
        order_kind="limit",
        order_price="close - 14",
        simulation={**FREE, "order_valid_candles": 5},
    )
    result = run(tmp_path, strategy, HILL)
    assert result["trades"]["entry_px"] == [96]
    assert result["trades"]["entry_ts_ms"] == [hour_ms(5)]


def test_parameters_follow_from_those_before_them_unless_they_are_given(tmp_path: Path) -> None:
    strategy = rules(parameters={"fast": 4, "slow": "=fast * 3"}, enter_long="sma(fast) > sma(slow)")
    result = run(tmp_path, strategy, random_closes(60), params={"fast": 5.0})
    assert result["parameters"] == {"fast": 5, "slow": 15}
    assert result["symbols"][0]["warm_up_candles"] == 14
    again = run(tmp_path, strategy, random_closes(60), params={"slow": 20})
    assert again["parameters"] == {"fast": 4, "slow": 20}


@pytest.mark.parametrize(
    ("fields", "params", "problem", "details"),
    [
        ({"enter_long": "ema(3) > smaa(4)"}, {}, "did you mean sma?", {"rule": "ema(3) > smaa(4)", "name": "smaa"}),
        ({"enter_long": "close > clsoe"}, {}, "did you mean close?", {"rule": "close > clsoe", "name": "clsoe"}),
        ({"enter_long": "close / 0 > 1"}, {}, "division by zero", {"rule": "close / 0 > 1"}),
        ({"enter_long": "close + 1"}, {}, "expected a condition", {"rule": "close + 1"}),
        ({"enter_long": "sma(x) > 1", "parameters": {"x": 2.5}}, {}, "a whole number", {"rule": "sma(x) > 1"}),
        ({"parameters": {"x": 1}}, {"y": 2}, "unknown parameter 'y'", {"parameter": "y"}),
        ({"parameters": {"fast": 1}}, {"fats": 2}, "did you mean fast?", {"parameter": "fats"}),
        ({"parameters": {"x": 1}}, {"x": True}, "expected a number", {"parameter": "x"}),
        ({"parameters": {"a": "=b", "b": "=c", "c": "=a"}}, {}, "a → b → c → a", {"parameter": "a"}),
        ({"parameters": {"a": "=a + 1"}}, {}, "a → a", {"parameter": "a"}),
        ({"parameters": {"a": "=b", "b": 1}}, {}, "declare that one first", {"parameter": "a"}),
        ({"parameters": {"a": 0, "b": "=1 / a"}}, {}, "division by zero", {"parameter": "b", "rule": "1 / a"}),
        ({"parameters": {"a": "=close"}}, {}, "numbers and parameters alone", {"parameter": "a", "rule": "close"}),
        ({"simulation": {"stop_loss": 2}}, {}, "above 0 and below 1", {"setting": "stop_loss"}),
        ({"simulation": {"max_positions": 1.5}}, {}, "a whole number", {"setting": "max_positions"}),
        ({"simulation": {"sizing": "risk_fraction"}}, {}, "expected a stop loss", {"setting": "sizing"}),
        ({"order_kind": "stop"}, {}, "expected a price for stop orders", {"role": "order_price"}),
        ({"enter_long": [{"kind": "all", "count": 1}]}, {}, "found 0", {"role": "enter_long"}),
    ],
)
def test_what_is_wrong_with_rules_is_said_with_its_place(
    tmp_path: Path, fields: dict[str, Any], params: dict[str, Any], problem: str, details: dict[str, str]
) -> None:
    error = refusal(tmp_path, rules(**{"enter_long": "close > 1", **fields}), params=params)
    assert error.code == "INVALID_STRATEGY"
    assert problem in error.message
    assert error.details == details


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ({"signal": "ma_crosover"}, "did you mean ma_crossover?"),
        ({"signal": "ma_crossover", "parameters": {"fast": 3}}, "did you mean fast_period?"),
        ({"signal": "ma_crossover", "outputs": [{"output": "type", "one_of": ["x"]}]}, "unknown output 'type'"),
        ({"signal": "ma_crossover", "outputs": [{"output": "strength"}]}, "either categories or a comparison"),
        (
            {"signal": "ma_crossover", "outputs": [{"output": "crossover_type", "one_of": ["golden"]}]},
            "did you mean golden_cross?",
        ),
    ],
)
def test_what_is_wrong_with_a_signal_names_it(tmp_path: Path, step: dict[str, Any], problem: str) -> None:
    error = refusal(tmp_path, rules(enter_long=[{"kind": "signal", **step}]))
    assert error.code == "INVALID_STRATEGY"
    assert problem in error.message
    assert error.details["signal"] == step["signal"]


def test_a_division_by_a_series_that_is_zero_is_never_true(tmp_path: Path) -> None:
    # The change is zero on each candle: neither above nor not above 1.
    strategy = rules(enter_long="close / (close - previous(close)) > 1 or not (close / (close - previous(close)) > 1)")
    result = run(tmp_path, strategy, [100.0] * 30)
    assert result["symbols"][0]["entry_signals"] == 0
    assert result["notes"] == [
        "no entry signal in the range: the entry conditions never held; look at them, at the range and at the warm-up"
    ]


def test_signals_without_trades_say_why(tmp_path: Path) -> None:
    strategy = rules(enter_long="close > 0", simulation={"min_order_value": 1e9})
    notes = run(tmp_path, strategy, random_closes(10))["notes"]
    assert notes == [
        "10 entry signals, but no trade: 9 because less than min_order_value (below_minimum), "
        "1 because the data ended first (end_of_data)"
    ]


def test_a_warm_up_longer_than_the_data_is_noted(tmp_path: Path) -> None:
    notes = run(tmp_path, rules(enter_long="close > sma(200)"), random_closes(50))["notes"]
    assert notes[0] == "S0: the warm-up of 199 candles is longer than its data of 50; it was never traded"


def test_both_directions_on_one_candle_are_neither_and_counted(tmp_path: Path) -> None:
    result = run(tmp_path, rules(enter_long="close > 100", enter_short="close > 105"), HILL)
    assert result["symbols"][0]["conflicts"] == 3
    assert result["trades"]["symbol"] == []
    assert "3 candles asked for both directions, and so for neither" in result["notes"]


def test_signals_join_with_expressions_and_several_tests_of_one_output(tmp_path: Path) -> None:
    between = [
        {"output": "strength", "threshold": {"operator": ">", "value": 0}},
        {"output": "strength", "threshold": {"operator": "<", "value": expression("limit")}},
    ]
    steps = [
        {"kind": "signal", "signal": "ma_crossover", "outputs": between, "parameters": {"fast_period": 3}},
        {"kind": "expression", "expression": expression("close > 0")},
        {"kind": "all", "count": 2},
    ]
    strategy = rules(parameters={"limit": 1000}, enter_long=steps, simulation={"max_hold_candles": 1})
    some = run(tmp_path, strategy, random_closes(400))["symbols"][0]["entry_signals"]
    none = run(tmp_path, strategy, random_closes(400), params={"limit": 0})["symbols"][0]["entry_signals"]
    assert some > 0 == none


def test_signals_and_indicators_of_files_are_used_in_rules(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "import numpy as np\n"
        "from quantbot_engine.rules.signals.signal import indicator, signal\n"
        "@indicator('middle', parameters={'weight': 0.5}, warm_up=lambda p: 0)\n"
        "def middle(candles, params):\n"
        "    return candles.low + params['weight'] * (candles.high - candles.low)\n"
        "@signal('jump', outputs={'kind': ('none', 'up')}, warm_up=lambda p: 1)\n"
        "def jump(candles, params):\n"
        "    return {'kind': (candles.close > candles.open * 1.1).astype(np.int8)}\n"
    )
    strategy = rules(
        enter_long=[{"kind": "signal", "signal": "jump"}], exit_long="close < middle(0.5)", simulation=FREE
    )
    result = run(tmp_path / "slice", strategy, HILL, config={"signal_files": [str(path)]})
    assert result["trades"]["entry_ts_ms"] == [hour_ms(3)]
    assert result["trades"]["exit_ts_ms"] == [hour_ms(5)]


def test_series_of_different_candle_lengths_are_refused(tmp_path: Path) -> None:
    other = replace(hourly(HILL), interval_s=60)
    with pytest.raises(EngineError, match="found 60 s and 3600 s"):
        ask(backtest(reference(OVER_HILL), to_slice(tmp_path, hourly(HILL), other)))


def test_an_account_that_reached_its_drawdown_limit_says_when(tmp_path: Path) -> None:
    closes = [100.0] * 5 + [100.0 - 2 * step for step in range(40)]
    strategy = rules(enter_long="close > 0", simulation={"size": 1.0, "max_drawdown": 0.2})
    first = run(tmp_path, strategy, closes)["notes"][0]
    assert first.startswith("the account had fallen by 20.0% (max_drawdown) and was closed on 2024-01-01 16:00 UTC")
