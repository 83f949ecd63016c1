"""What strategies are, before any data: those of files, each by itself, and one of rules."""

from pathlib import Path
from typing import Any

import pytest

from candle_requests import expression, rules
from engine_calls import ask
from quantbot_engine.errors import EngineError
from test_python_strategies import DONCHIAN, IMPORTS, one, write

FUNCTION = (
    "from quantbot_engine.strategies.strategy import strategy\n"
    "@strategy('simple')\ndef simple(params, market, config):\n    '''Does little.'''\n    return {'trades': 1}\n"
)


def describe(*files: str, **more: Any) -> dict[str, Any]:
    result: dict[str, Any] = ask({"operation": "describe_strategies", "files": list(files), **more})
    return result


def test_a_python_strategy_is_described_with_its_space(tmp_path: Path) -> None:
    file = write(tmp_path, DONCHIAN)
    result = describe(file)
    assert result["problems"] == []
    found = result["strategies"][0]
    assert found["rules"]["stop_loss"] == 0.05
    assert {name: found[name] for name in found if name != "rules"} == {
        "name": "donchian_regime",
        "kind": "python",
        "file": file,
        "summary": "Breakouts in the direction of the trend.",
        "parameters": {"entry": 20, "stop": 0.05, "side": "long"},
        "space": [
            {"kind": "range", "name": "entry", "start": 10, "step": 5, "count": 19, "when": []},
            {"kind": "float", "name": "stop", "low": 0.01, "high": 0.1, "log": False, "when": []},
            {"kind": "categorical", "name": "side", "values": ["long", "both"], "when": []},
        ],
        "warm_up_candles": None,
        "indicators": [],
    }


def test_what_is_wrong_with_a_file_leaves_the_others_unharmed(tmp_path: Path) -> None:
    files = {
        "broken.py": "def broken(:",
        "empty.py": "x = 1",
        "raises.py": f"{IMPORTS}\nvalue = 1 / 0\n",
        "never_ends.py": one("while True: pass"),
        "good.py": DONCHIAN,
        "again.py": DONCHIAN,
        "function.py": FUNCTION,
        "space.py": f"{IMPORTS}\nclass A(CandleStrategy):\n    def parameter_space(self): return {{'x': Int(9, 1)}}\n",
    }
    paths = [write(tmp_path, source, name) for name, source in files.items()]
    result = describe(*paths, str(tmp_path / "missing.py"))
    assert [found["name"] for found in result["strategies"]] == ["own", "donchian_regime", "simple"]
    assert (result["strategies"][2]["kind"], result["strategies"][2]["summary"]) == ("trial_function", "Does little.")
    problems = {Path(problem["file"]).name: problem for problem in result["problems"]}
    assert {name: problem["code"] for name, problem in problems.items()} == {
        "broken.py": "INVALID_STRATEGY",
        "empty.py": "INVALID_STRATEGY",
        "raises.py": "INVALID_STRATEGY",
        "again.py": "INVALID_STRATEGY",
        "space.py": "STRATEGY_FAILED",
        "missing.py": "FILE_NOT_FOUND",
    }
    assert "line 1, column" in problems["broken.py"]["message"]
    assert "1 / 0" in problems["raises.py"]["traceback"]


def test_rules_are_described_with_what_they_speak_of() -> None:
    strategy = rules(
        parameters={"fast": 5, "slow": "=fast * 4", "stop": 0.02},
        enter_long=[
            {"kind": "signal", "signal": "ma_crossover"},
            {"kind": "expression", "expression": expression("macd(12, 26, 9).signal > 0 and close > sma(slow)")},
            {"kind": "all", "count": 2},
        ],
        stop_distance="2 * atr(fast)",
        simulation={"take_profit": expression("stop * 2")},
    )
    found = describe(rules={"rules": strategy, "defaults": {"size": 0.3}})["strategies"][0]
    assert (found["name"], found["kind"], found["file"]) == ("mine", "rules", None)
    assert found["parameters"] == {"fast": 5, "slow": 20, "stop": 0.02}
    assert found["indicators"] == ["macd.signal", "sma", "atr", "ma_crossover"]
    assert found["warm_up_candles"] == 33
    assert (found["rules"]["take_profit"], found["rules"]["size"]) == (0.04, 0.3)


@pytest.mark.parametrize(
    ("fields", "details"),
    [
        ({"enter_long": "close > smaa(3)"}, {"rule": "close > smaa(3)", "name": "smaa"}),
        ({"enter_long": "close > sma(0)"}, {"rule": "close > sma(0)"}),
        ({"enter_long": [{"kind": "signal", "signal": "nope"}]}, {"signal": "nope"}),
        ({"parameters": {"a": "=b", "b": "=a"}}, {"parameter": "a"}),
        ({"simulation": {"size": -1}}, {"setting": "size"}),
    ],
)
def test_what_is_wrong_with_rules_shows_without_data(fields: dict[str, Any], details: dict[str, str]) -> None:
    with pytest.raises(EngineError) as caught:
        describe(rules={"rules": rules(**fields)})
    assert caught.value.code == "INVALID_STRATEGY"
    assert caught.value.details == details


def test_signal_files_serve_python_strategies_too(tmp_path: Path) -> None:
    signals = write(
        tmp_path,
        "from quantbot_engine.rules.signals.signal import indicator\n"
        "@indicator('spread', warm_up=lambda p: 3)\ndef spread(candles, params): return candles.high - candles.low\n",
        "signals.py",
    )
    file = write(tmp_path, one("return {}", "return {'s': candles.indicator('spread')}"))
    found = describe(file, rules={"rules": None, "signal_files": [signals]})
    assert found["problems"] == []
    assert found["strategies"][0]["warm_up_candles"] == 3


def test_with_a_config_strategies_are_tried_out_on_invented_candles(tmp_path: Path) -> None:
    files = [write(tmp_path, one("return {'enter_long': candles.close > 1 / 0}")), write(tmp_path, DONCHIAN, "good.py")]
    result = describe(*files, rules={"rules": None, "overrides": {"size": 0.25}})
    assert [(found["name"], found["rules"]["size"]) for found in result["strategies"]] == [("donchian_regime", 0.25)]
    assert result["strategies"][0]["warm_up_candles"] == 19
    assert result["strategies"][0]["indicators"] == ["upper", "lower"]
    assert result["problems"][0]["code"] == "STRATEGY_FAILED"
    assert "1 / 0" in result["problems"][0]["traceback"]
