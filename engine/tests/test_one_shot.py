"""The one-shot form: a result with exit code 0, or one error document and a non-zero exit code, and nothing else."""

import json
from typing import Any

import pytest

from engine_calls import ask, ask_process, run_engine
from quantbot_engine.errors import EngineError
from quantbot_engine.worker.decoding import decode_json
from quantbot_engine.worker.one_shot import read_request
from scenario_files import read_scenarios

SIMULATION = next(scenario.to_request() for scenario in read_scenarios() if scenario.name == "exits/take-profit")
CANDLES = SIMULATION["candles_by_call_id"]["a"]
INVALID_INPUT = 3
MISSING_DATA = 4


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the simulation with one field set; `path` is dotted."""
    request: dict[str, Any] = json.loads(json.dumps(SIMULATION))
    *parents, last = path.split(".")
    inner: Any = request
    for step in parents:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return request


@pytest.mark.parametrize("stdin", [b"", b"  \n", b"garbage", b"{", b"\xff\xfe", b'{"operation": "simulate", "x": NaN}'])
def test_input_that_is_not_json_is_one_error_document(stdin: bytes) -> None:
    ended = run_engine([], stdin)
    document = json.loads(ended.stdout)
    assert ended.returncode == INVALID_INPUT
    assert document.keys() == {"error"}
    assert document["error"]["code"] == "INVALID_REQUEST"
    assert document["error"].keys() == {"code", "message", "details", "traceback"}


@pytest.mark.parametrize("value", [None, 1, "simulate", [], {}, {"operation": "sing"}, {"operation": 1}])
def test_json_that_is_no_operation_is_refused(value: Any) -> None:
    with pytest.raises(EngineError, match=r"operation|object") as caught:
        read_request(json.dumps(value).encode())
    assert caught.value.code == "INVALID_REQUEST"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (changed("params.sl_mult", 1.0), "params.sl_mult: expected float < 1.0, found 1.0"),
        (changed("params.tp_mult", 0.9), "params.tp_mult: expected float > 1.0, found 0.9"),
        (changed("params.max_hold_hrs", 0), "params.max_hold_hrs: expected float > 0.0, found 0"),
        (changed("params.tp_mul", 2), "params: object contains unknown field tp_mul"),
        (changed("calls.0.ts_ms", 1.5), "calls[0].ts_ms: expected int, found 1.5"),
        (changed("calls.0.caller", None), "calls[0].caller: expected str, found null"),
        (changed("candles_by_call_id.a.1.open", None), "candles_by_call_id.a[1].open: expected float, found null"),
        (changed("simulator_config.intrabar", "best"), "simulator_config.intrabar: invalid enum value 'best', found"),
        (changed("slice", {"path": "x", "id": "y"}), "expected either slice, or calls and candles_by_call_id; found"),
    ],
)
def test_an_error_names_the_field_and_what_was_found(request_: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError) as caught:
        ask(request_)
    assert caught.value.code == "INVALID_REQUEST"
    assert caught.value.message.startswith(message)


def test_an_empty_axis_of_the_grid_is_refused() -> None:
    market = {key: SIMULATION[key] for key in ("calls", "candles_by_call_id")}
    with pytest.raises(EngineError, match=r"param_grid\.tp_mults: expected array of length >= 1"):
        ask({"operation": "optimize", "param_grid": {"tp_mults": []}, **market})


def test_a_grid_beyond_all_measure_is_refused_before_it_is_built() -> None:
    market = {key: SIMULATION[key] for key in ("calls", "candles_by_call_id")}
    axis = [1.1 + index / 1000 for index in range(500)]
    grid = {"tp_mults": axis, "sl_mults": [index / 1000 for index in range(500)], "max_hold_hrs": axis}
    with pytest.raises(EngineError, match="at most 10,000,000 combinations, found 125,000,000"):
        ask({"operation": "optimize", "param_grid": grid, **market})


def test_config_is_another_spelling_of_simulator_config() -> None:
    other = {("config" if key == "simulator_config" else key): value for key, value in SIMULATION.items()}
    assert read_request(json.dumps(other).encode()) == read_request(json.dumps(SIMULATION).encode())
    with pytest.raises(EngineError, match="found both"):
        read_request(json.dumps({**SIMULATION, "config": {}}).encode())


def test_callers_that_are_not_there_are_named_beside_those_that_are() -> None:
    exit_code, document = ask_process({**SIMULATION, "caller_groups": ["Zoe"]})
    assert exit_code == MISSING_DATA
    assert document["error"]["code"] == "NO_CALLS"
    assert document["error"]["message"] == "expected calls by Zoe; found calls by 1 other callers: Ann"


@pytest.mark.parametrize(
    ("candles", "message"),
    [
        ([{**CANDLES[0], "high": 0.5}], "candle 0: high is below low"),
        ([{**CANDLES[0], "open": 2}], "candle 0: open lies outside low to high"),
        ([{**CANDLES[0], "low": 0}], "candle 0: low is not a finite number above 0"),
        ([{**CANDLES[0], "volume": -1}], "candle 0: volume is not a finite number of 0 or more"),
        ([CANDLES[0], CANDLES[0]], "candle 1: timestamp is not later than that of the candle before"),
        ([CANDLES[1], CANDLES[0]], "candle 1: timestamp is not later than that of the candle before"),
        ([{**CANDLES[0], "timestamp": 1_700_000_000_000}], "candle 0: timestamp is not in Unix seconds"),
    ],
)
def test_a_bad_candle_is_refused_with_series_row_and_reason(candles: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(EngineError) as caught:
        ask({**SIMULATION, "candles_by_call_id": {"a": candles}})
    assert caught.value.code == "INVALID_MARKET_DATA"
    assert caught.value.message.startswith(f"series a, {message}")


def test_a_repeated_call_id_is_refused() -> None:
    with pytest.raises(EngineError, match='found "a" more than once') as caught:
        ask({**SIMULATION, "calls": [*SIMULATION["calls"], *SIMULATION["calls"]]})
    assert caught.value.code == "INVALID_MARKET_DATA"


def test_figures_beyond_float64_are_an_error_not_an_infinity() -> None:
    huge = {**SIMULATION, "simulator_config": {"initial_capital": 1.7e308, "max_risk_per_trade": 1e308}}
    huge["simulator_config"]["max_allocation_pct"] = 1
    huge["params"] = {"tp_mult": 1e10, "sl_mult": 0.5}
    huge["candles_by_call_id"] = {
        "a": [
            {"timestamp": 0, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1},
            {"timestamp": 60, "open": 1e20, "high": 1e20, "low": 1e20, "close": 1e20, "volume": 1},
        ]
    }
    with pytest.raises(EngineError, match="expected a finite number"):
        ask(huge)


def test_deeply_nested_input_is_an_error_like_any_other() -> None:
    with pytest.raises(EngineError):
        decode_json(b"[" * 200_000)


def test_an_unknown_command_explains_itself_on_standard_error() -> None:
    ended = run_engine(["dance"], b"")
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert ended.stderr.startswith(b"usage:")
