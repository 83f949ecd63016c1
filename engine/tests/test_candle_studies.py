"""Trials of strategies on candles: each is the backtest of its parameters, and all share what they can."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candle_requests import backtest, evaluation, expression, hour_ms, hourly, random_closes, reference, rules, to_slice
from engine_calls import ask
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import CandleStrategyConfig, SliceRef
from quantbot_engine.slices.load import load_slice
from quantbot_engine.strategies.candles.config import make_rule_program
from quantbot_engine.strategies.candles.trading import CandleTrading
from test_python_strategies import DONCHIAN, one, write

CROSS = rules(
    parameters={"fast": 5, "slow": 20, "stop": 0.05},
    enter_long="crosses_above(sma(fast), sma(slow))",
    exit_long="crosses_below(sma(fast), sma(slow))",
    simulation={"stop_loss": expression("stop"), "size": 0.5},
)
TRIALS = st.lists(
    st.fixed_dictionaries(
        {"fast": st.integers(2, 12), "stop": st.sampled_from([0.01, 0.05, 0.2])},
        optional={"slow": st.integers(15, 30)},
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def two_symbols(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("slices") / "two"
    return to_slice(folder, hourly(random_closes(300, 1)), hourly(random_closes(200, 2), start=70))


@given(TRIALS)
def test_a_trial_is_the_backtest_of_its_parameters(two_symbols: dict[str, str], trials: list[dict[str, Any]]) -> None:
    range_ = {"from_ms": hour_ms(40), "to_ms": hour_ms(280)}
    evaluated = ask(evaluation(reference(CROSS), two_symbols, trials, range=range_))["trials"]
    for trial, params in zip(evaluated, trials, strict=True):
        alone = ask(backtest(reference(CROSS), two_symbols, params=params, range=range_))
        metrics = alone["figures"][0]["metrics"]
        found = trial["figures"][0]["metrics"]
        assert found == {name: metrics[name] for name in found}


def test_the_two_forms_of_one_strategy_come_out_the_same(tmp_path: Path, two_symbols: dict[str, str]) -> None:
    file = write(tmp_path, DONCHIAN)
    python = {"name": "donchian_regime", "config": {}, "files": [file]}
    same = rules(
        enter_long="close > previous(donchian(20).upper)",
        exit_long="close < previous(donchian(20).lower)",
        simulation={"stop_loss": 0.05, "size": 0.5},
    )
    first, second = (ask(backtest(each, two_symbols)) for each in (python, reference(same)))
    assert first["trades"] == second["trades"]
    assert first["figures"] == second["figures"]


def to_trading(slice_: dict[str, str], strategy: dict[str, Any]) -> CandleTrading:
    config = msgspec.convert({"rules": strategy}, CandleStrategyConfig)
    return CandleTrading(make_rule_program(config), load_slice(SliceRef(**slice_)), None)


def test_trials_that_differ_in_stops_alone_share_their_signals(two_symbols: dict[str, str]) -> None:
    trading = to_trading(two_symbols, CROSS)
    trials = [{"fast": fast, "stop": stop / 100} for fast in (3, 4) for stop in range(1, 11)]
    assert len({trading.run(trial).result.final_equity for trial in trials}) > 2
    assert trading.signals.misses == 2


def test_signals_too_large_to_keep_many_of_serve_the_trials_that_follow_at_once(two_symbols: dict[str, str]) -> None:
    trading = to_trading(two_symbols, CROSS)
    trading.signals.capacity_bytes = 1
    for fast in (3, 4, 3):
        for stop in (0.01, 0.02, 0.03):
            trading.run({"fast": fast, "stop": stop})
    assert trading.signals.misses == 3


def test_a_python_strategy_is_asked_once_for_parameters_it_looks_at(
    tmp_path: Path, two_symbols: dict[str, str]
) -> None:
    calls = tmp_path / "calls.txt"
    source = one(
        "return {'enter_long': candles.close > params['level']} if params['is_on'] else {}",
        more=(
            "    def parameter_space(self):\n"
            "        return {'level': Float(90, 110), 'is_on': Choice([True, False]), 'stop': Float(0.01, 0.1)}\n"
            "    def rules(self, params):\n        return {'stop_loss': params['stop']}\n"
            f"    def __init__(self):\n        with open({str(calls)!r}, 'a') as file:\n            file.write('x')\n"
        ),
    )
    python = {"name": "own", "config": {}, "files": [write(tmp_path, source)]}
    trials = [{"level": 90 + level, "stop": stop / 100} for level in (1, 2) for stop in (1, 2, 3)]
    trials += [{"is_on": False, "level": 90 + level} for level in range(5)]
    evaluated = ask(evaluation(python, two_symbols, trials))["trials"]
    # An instance for the space, one for the rules of each trial, and one per symbol for each of three sets of signals.
    assert len(calls.read_text()) == 1 + len(trials) + 3 * 2
    for trial, params in zip(evaluated, trials, strict=True):
        alone = ask(backtest(python, two_symbols, params=params))
        total = trial["figures"][0]["metrics"]["total_return"]
        assert total == alone["figures"][0]["metrics"]["total_return"]


def test_a_trial_that_cannot_be_made_fails_alone(two_symbols: dict[str, str]) -> None:
    trials = [{}, {"fast": 0}, {"fats": 3}, {"stop": 7}, {"fast": 2.5}, {}]
    evaluated = ask(evaluation(reference(CROSS), two_symbols, trials))["trials"]
    assert [trial["state"] for trial in evaluated] == ["complete", *["failed"] * 4, "complete"]
    assert {trial["error"]["code"] for trial in evaluated[1:-1]} == {"INVALID_STRATEGY"}
    assert "did you mean fast?" in evaluated[2]["error"]["message"]
    assert evaluated[0]["figures"] == evaluated[-1]["figures"]


def test_a_python_trial_that_raises_keeps_its_traceback(tmp_path: Path, two_symbols: dict[str, str]) -> None:
    source = one(
        "return {'enter_long': candles.close > 1 / params['x']}",
        more="    def parameter_space(self): return {'x': Int(0, 5)}",
    )
    python = {"name": "own", "config": {}, "files": [write(tmp_path, source)]}
    evaluated = ask(evaluation(python, two_symbols, [{"x": 0}, {"x": 1}]))["trials"]
    assert [trial["state"] for trial in evaluated] == ["failed", "complete"]
    assert evaluated[0]["error"]["code"] == "STRATEGY_FAILED"
    assert "1 / params['x']" in evaluated[0]["error"]["traceback"]


@pytest.mark.parametrize("condition", ["close > smaa(5)", "close / 0 > 1", "close + 1"])
def test_what_no_trial_could_use_is_an_error_of_the_request(two_symbols: dict[str, str], condition: str) -> None:
    with pytest.raises(EngineError) as caught:
        ask(evaluation(reference(rules(enter_long=condition)), two_symbols, [{}]))
    assert caught.value.code == "INVALID_STRATEGY"
    assert caught.value.details["rule"] == condition


def test_defaults_that_cannot_be_traded_do_not_matter_to_trials_that_replace_them(two_symbols: dict[str, str]) -> None:
    strategy = rules(parameters={"fast": 0}, enter_long="close > sma(fast)")
    evaluated = ask(evaluation(reference(strategy), two_symbols, [{"fast": 3}]))["trials"]
    assert evaluated[0]["state"] == "complete"


def test_equity_below_the_floor_prunes_a_trial(two_symbols: dict[str, str]) -> None:
    ruin = rules(
        parameters={"fee": 0},
        enter_long="close > 0",
        exit_long="close > 0",
        simulation={"size": 1.0, "costs": {"type": "basis_points", "fee_bps": expression("fee"), "slippage_bps": 0}},
    )
    evaluated = ask(evaluation(reference(ruin), two_symbols, [{"fee": 900}, {"fee": 0}], equity_floor=0.5))["trials"]
    assert [trial["state"] for trial in evaluated] == ["pruned", "complete"]
    assert evaluated[0]["figures"][0]["metrics"]["final_balance"] < 5000


def test_a_range_is_for_strategies_on_candles(two_symbols: dict[str, str]) -> None:
    noop = {"name": "noop", "config": {}, "files": []}
    with pytest.raises(EngineError, match="no strategy on candles"):
        ask(evaluation(noop, two_symbols, [{}], range={"from_ms": 0, "to_ms": None}))


def test_a_study_of_rules_needs_a_slice() -> None:
    request = evaluation(reference(CROSS), {}, [{}])
    with pytest.raises(EngineError, match="expected a slice with candles"):
        ask({**request, "slice": None})
