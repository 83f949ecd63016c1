"""Evaluating trials: the V1 baseline in blocks, what strategies of users may do wrong, and what a trial may not."""

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import markets
from engine_calls import ask, ask_process
from in_memory import to_engine_market
from quantbot_engine.calls.operations import simulate
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    CapitalSimulatorConfig,
    ErrorCode,
    EvaluateRequest,
    EvaluateResult,
    SimulateRequest,
    V1BaselineParams,
)
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.evaluation import evaluate_trials
from quantbot_engine.strategies.v1_baseline import block
from reference.baseline import Call, Candle, Series
from slice_folders import write_slice

DAY_S = 86_400


def to_evaluation(trials: list[dict[str, Any]], strategy: str = "noop", **more: Any) -> dict[str, Any]:
    reference = {"name": strategy, "config": more.pop("config", {}), "files": more.pop("files", [])}
    return {
        "operation": "evaluate",
        "strategy": reference,
        "trials": [{"number": number, "params": params} for number, params in enumerate(trials)],
        "objectives": ["total_return"],
        "periods": ["all"],
        **more,
    }


def evaluate_on(market: Market | None, trials: list[dict[str, Any]], **more: Any) -> EvaluateResult:
    request = msgspec.convert(to_evaluation(trials, "v1_baseline", **more), EvaluateRequest)
    return evaluate_trials(request, market, lambda _done, _total, _unit: None)


def metrics_of(result: EvaluateResult, trial: int, period: int = 0) -> dict[str, float | None]:
    return result.trials[trial].figures[period].metrics


def daily_market(closes: list[float], calls: list[int]) -> Market:
    """Return one series of daily candles at these closes, and a call at noon before each of the days given."""
    candles = [
        Candle(day * DAY_S, close, max(close, before), min(close, before), close)
        for day, (before, close) in enumerate(zip([closes[0], *closes[:-1]], closes, strict=True))
    ]
    series = Series(candles, DAY_S)
    rows = [Call(f"c{day}", "alice", day * DAY_S * 1000 - DAY_S * 500, series) for day in calls]
    return to_engine_market(markets.RandomMarket([series], rows))


@given(
    markets.markets(),
    st.lists(st.tuples(markets.params, markets.configs), min_size=1, max_size=6),
    st.sampled_from([1, 4_000_000]),
)
def test_a_trial_of_a_block_is_the_simulation_of_its_parameters(
    market: markets.RandomMarket, trials: list[tuple[V1BaselineParams, CapitalSimulatorConfig]], table_cells: int
) -> None:
    engine_market = to_engine_market(market)
    values = [{**msgspec.to_builtins(params), **msgspec.to_builtins(config)} for params, config in trials]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(block, "MAX_TABLE_CELLS", table_cells)
        result = evaluate_on(engine_market, values)
    for number, (params, config) in enumerate(trials):
        alone = simulate(engine_market, SimulateRequest(params=params, simulator_config=config))
        metrics = metrics_of(result, number)
        assert metrics["final_balance"] == alone.final_capital
        assert metrics["total_return"] == alone.total_return
        assert metrics["trades"] == alone.trades_executed
        assert metrics["max_drawdown"] == pytest.approx(alone.max_drawdown, abs=1e-12)
        wins = sum(trade.pnl > 0 for trade in alone.completed_trades)
        assert metrics["win_rate"] == (wins / alone.trades_executed if alone.trades_executed else None)


# Entered at 100 on days 0 and 3, left at 50 on day 1 and at 150 on day 5.
FALL_AND_RISE = daily_market([100, 50, 80, 100, 140, 150, 150, 150], [0, 3])
RULES = {"tp_mult": 1.5, "sl_mult": 0.5, "max_hold_hrs": 1000.0}
PLAIN_COSTS = {"taker_fee_bps": 0.0, "slippage_bps": 0.0, "max_risk_per_trade": 1e6, "max_allocation_pct": 0.5}


def test_figures_of_two_calls_worked_out_by_hand() -> None:
    result = evaluate_on(FALL_AND_RISE, [RULES], config={"simulator_config": PLAIN_COSTS}, objectives=["mar"])
    metrics = metrics_of(result, 0)
    # Half of 10,000 loses half; half of 7,500 wins half.
    assert metrics["final_balance"] == pytest.approx(9375.0)
    assert metrics["max_drawdown"] == pytest.approx(0.25)
    assert metrics["win_rate"] == 0.5
    assert metrics["profit_factor"] == pytest.approx(1875 / 2500)
    # From the first call at noon of day -1 (cut off at 0) to the end of the candle of day 7.
    assert result.trials[0].figures[0].objectives["mar"] == pytest.approx(-0.0625 / 0.25)


def test_equity_below_the_floor_prunes_a_trial_which_keeps_what_it_had() -> None:
    more = {"config": {"simulator_config": PLAIN_COSTS}, "equity_floor": 0.8}
    safe = {**RULES, "max_allocation_pct": 0.1}
    result = evaluate_on(FALL_AND_RISE, [RULES, safe], **more)
    assert [trial.state for trial in result.trials] == ["pruned", "complete"]
    assert metrics_of(result, 0)["final_balance"] == pytest.approx(7500.0)
    assert metrics_of(result, 0)["trades"] == 1


def test_fixed_parameters_are_those_of_every_trial_unless_it_has_its_own() -> None:
    config = {"params": {"tp_mult": 1.5, "sl_mult": 0.5}, "simulator_config": PLAIN_COSTS}
    result = evaluate_on(FALL_AND_RISE, [{"max_hold_hrs": 1000}, {"max_hold_hrs": 1000, "tp_mult": 1.4}], config=config)
    assert metrics_of(result, 0)["final_balance"] == pytest.approx(9375.0)
    assert metrics_of(result, 1)["final_balance"] == pytest.approx(7500 + 3750 * 0.4)


def test_whose_calls_are_taken_can_be_chosen() -> None:
    with pytest.raises(EngineError) as caught:
        evaluate_on(FALL_AND_RISE, [RULES], config={"caller_groups": ["nobody"]})
    assert caught.value.code is ErrorCode.NO_CALLS


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({**RULES, "tp_mult": 0.9}, "tp_mult"),
        ({**RULES, "stop": 1}, "stop"),
        ({**RULES, "intrabar": "guess"}, "intrabar"),
        ({"tp_mult": 2.0}, "sl_mult"),
    ],
)
def test_a_trial_with_impossible_parameters_fails_alone(params: dict[str, Any], problem: str) -> None:
    result = evaluate_on(FALL_AND_RISE, [RULES, params, RULES])
    assert [trial.state for trial in result.trials] == ["complete", "failed", "complete"]
    error = result.trials[1].error
    assert error is not None
    assert error.code == "INVALID_STUDY"
    assert problem in error.message
    assert result.trials[1].figures == []
    assert result.trials[0].figures == result.trials[2].figures


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"strange": 1}, "strange"),
        ({"params": {"strange": 1}}, "strange"),
        ({"simulator_config": {"initial_capital": 0}}, "initial_capital"),
    ],
)
def test_a_config_that_no_trial_could_have_is_refused(config: dict[str, Any], problem: str) -> None:
    with pytest.raises(EngineError, match=problem) as caught:
        evaluate_on(FALL_AND_RISE, [RULES], config=config)
    assert caught.value.code is ErrorCode.INVALID_STUDY


def test_calls_need_a_slice() -> None:
    with pytest.raises(EngineError, match="expected a slice"):
        evaluate_on(None, [RULES])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"objectives": ["sharp"]}, "found 'sharp'"),
        ({"strategy": {"name": "v2"}}, "v1_baseline, noop, rules; found 'v2'"),
    ],
)
def test_unknown_names_are_refused_with_those_there_are(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(EngineError, match=problem) as caught:
        ask({**to_evaluation([{}]), **changed})
    assert caught.value.code is ErrorCode.INVALID_STUDY


def test_the_strategy_that_does_nothing_reports_the_same_for_all_periods() -> None:
    result = ask(to_evaluation([{"a": 1}, {}], objectives=["mar", "cps"], periods=["30d", "all"]))
    figures = [figure for trial in result["trials"] for figure in trial["figures"]]
    assert [figure["period"] for figure in figures] == ["30d", "all", "30d", "all"]
    assert all(figure["metrics"] == figures[0]["metrics"] for figure in figures)
    assert figures[0]["metrics"]["cagr"] is None
    assert figures[0]["null_reasons"]["cagr"] == "not_reported"
    assert figures[0]["objectives"]["mar"] == pytest.approx(2.0)


def test_a_slice_on_disk_is_evaluated_in_another_process(tmp_path: Path) -> None:
    candles = [Candle(day * DAY_S, 100, 100 + day, 100, 100 + day) for day in range(60)]
    series = Series(candles, DAY_S)
    reference = write_slice(tmp_path / "slice", [series], [Call("a", "alice", 0, series), Call("b", "bob", 1, None)])
    request = to_evaluation([RULES], "v1_baseline", slice=msgspec.to_builtins(reference), periods=["30d", "all"])
    exit_code, answer = ask_process(request)
    assert exit_code == 0
    assert answer == ask(request)
    month, whole = answer["trials"][0]["figures"]
    assert (month["metrics"]["trades"], whole["metrics"]["trades"]) == (1, 1)


USER_FILE = """
import os, sys
from quantbot_engine.metrics.ledger import Ledger, Trips
from quantbot_engine.strategies.strategy import strategy
import numpy as np

print("printed while loading")

@strategy("line")
def line(params, market, config):
    gain = params["x"] * config.get("slope", 1)
    return {"total_return": gain, "max_drawdown": 0.1, "trades": 3, "sharpe_ratio": None}

@strategy("account")
def account(params, market, config):
    one = np.array([86_400_000 * 10])
    trips = Trips(one, one * 2, np.array([100.0]), np.array([float(params["x"])]), np.array([1.0]))
    return Ledger(trips, 1000.0, 1000.0 + params["x"] - 1.0, 0, 86_400_000 * 40)

@strategy("misbehaves")
def misbehaves(params, market, config):
    what = params["what"]
    if what == "raises":
        raise ValueError("on purpose")
    if what == "exits":
        sys.exit(3)
    if what == "prints":
        print("x" * 10_000)
        os.write(1, b"{not json\\n")
    if what == "eats":
        return bytearray(2 ** 62)
    return {"nan": {"total_return": float("nan"), "max_drawdown": 0.0, "trades": 0}, "text": {"total_return": "much"},
            "flag": {"trades": True}, "none": None, "empty": {}}.get(what, {"total_return": 0.5})
"""


@pytest.fixture
def user_file(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(USER_FILE)
    return str(path)


def test_a_function_in_a_file_of_the_users_is_a_strategy(user_file: str) -> None:
    request = to_evaluation(
        [{"x": 0.2}, {"x": -0.1}], "line", files=[user_file], config={"slope": 2}, objectives=["mar"]
    )
    result = ask(request)
    figures = [trial["figures"][0] for trial in result["trials"]]
    assert [figure["metrics"]["total_return"] for figure in figures] == [0.4, -0.2]
    assert figures[0]["objectives"]["mar"] == pytest.approx(4.0)
    assert figures[0]["null_reasons"]["sharpe_ratio"] == "not_reported"


def test_it_may_return_an_account_that_figures_are_made_of(user_file: str) -> None:
    result = ask(to_evaluation([{"x": 51}], "account", files=[user_file], periods=["30d"]))
    metrics = result["trials"][0]["figures"][0]["metrics"]
    assert metrics["total_return"] == pytest.approx(0.05)
    assert metrics["exposure"] == pytest.approx(10 / 30)


@pytest.mark.parametrize(
    ("what", "code", "problem"),
    [
        ("raises", "STRATEGY_FAILED", "ValueError: on purpose"),
        ("exits", "STRATEGY_FAILED", "SystemExit: 3"),
        ("eats", "OUT_OF_MEMORY", "memory"),
        ("nan", "STRATEGY_FAILED", "total_return: expected a finite number, or None if it is undefined; found nan"),
        ("text", "STRATEGY_FAILED", "total_return: expected a number or None, found 'much'"),
        ("flag", "STRATEGY_FAILED", "trades: expected a number or None, found True"),
        ("none", "STRATEGY_FAILED", "expected a Ledger or a dict of figures, found NoneType"),
        ("empty", "STRATEGY_FAILED", "expected a Ledger or a dict of figures, found dict"),
    ],
)
def test_what_a_strategy_does_wrong_fails_its_trial_alone(user_file: str, what: str, code: str, problem: str) -> None:
    result = ask(to_evaluation([{"what": "nothing"}, {"what": what}, {"what": ""}], "misbehaves", files=[user_file]))
    assert [trial["state"] for trial in result["trials"]] == ["complete", "failed", "complete"]
    error = result["trials"][1]["error"]
    assert error["code"] == code
    assert problem in error["message"]
    if what == "raises":
        assert 'raise ValueError("on purpose")' in error["traceback"]


def test_what_a_strategy_prints_never_reaches_the_protocol(user_file: str) -> None:
    exit_code, answer = ask_process(to_evaluation([{"what": "prints"}], "misbehaves", files=[user_file]))
    assert exit_code == 0
    assert answer["trials"][0]["state"] == "complete"


def test_a_file_that_was_changed_is_loaded_again(user_file: str) -> None:
    request = to_evaluation([{"x": 1}], "line", files=[user_file])
    assert ask(request)["trials"][0]["figures"][0]["metrics"]["total_return"] == 1.0
    path = Path(user_file)
    path.write_text(USER_FILE.replace("gain = ", "gain = 10 + "))
    assert ask(request)["trials"][0]["figures"][0]["metrics"]["total_return"] == 11.0


@pytest.mark.parametrize(
    ("source", "code", "problem"),
    [
        (None, ErrorCode.FILE_NOT_FOUND, "found none"),
        ("x = 1", ErrorCode.INVALID_STRATEGY, "at least one function with @strategy"),
        ("1 / 0", ErrorCode.INVALID_STRATEGY, "ZeroDivisionError"),
        ("def broken(:", ErrorCode.INVALID_STRATEGY, "SyntaxError"),
        ("raise SystemExit(4)", ErrorCode.INVALID_STRATEGY, "SystemExit"),
        (
            'from quantbot_engine.strategies.strategy import strategy\n@strategy("noop")\ndef f(p, m, c): ...',
            ErrorCode.INVALID_STRATEGY,
            "noop: expected another name",
        ),
    ],
)
def test_a_file_that_is_no_strategy_is_refused(
    tmp_path: Path, source: str | None, code: ErrorCode, problem: str
) -> None:
    path = tmp_path / "other.py"
    if source is not None:
        path.write_text(source)
    with pytest.raises(EngineError, match=problem) as caught:
        ask(to_evaluation([{}], "mine", files=[str(path)]))
    assert caught.value.code is code


def test_nothing_that_leaves_is_beyond_the_range_of_numbers() -> None:
    huge = daily_market([1e-300, 1e300, 1e300], [0])
    result = evaluate_on(
        huge, [{**RULES, "gap_fill": "open", "sl_mult": 0.0}], config={"simulator_config": PLAIN_COSTS}
    )
    values = [value for trial in result.trials for figures in trial.figures for value in figures.metrics.values()]
    assert all(value is None or math.isfinite(value) for value in values)
    json.dumps(msgspec.to_builtins(result), allow_nan=False)
