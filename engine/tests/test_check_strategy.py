"""The test for look-ahead through requests: cheats are caught by name, honest strategies pass."""

import re
from pathlib import Path
from typing import Any

import pytest

from candle_requests import check, hour_ms, hourly, random_closes, reference, rules, to_slice
from engine_calls import ask
from quantbot_engine.errors import EngineError
from test_python_strategies import DONCHIAN, IMPORTS, one, write


def run(folder: Path, strategy: dict[str, Any], **more: Any) -> dict[str, Any]:
    result: dict[str, Any] = ask(check(strategy, to_slice(folder / "slice", hourly(random_closes(200))), **more))
    return result


def run_python(folder: Path, source: str, name: str = "own", **more: Any) -> dict[str, Any]:
    return run(folder, {"name": name, "config": {}, "files": [write(folder, source)]}, **more)


def names(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["kind"], finding["name"]) for finding in result["findings"]]


def test_honest_rules_pass_and_everything_in_them_is_compared(tmp_path: Path) -> None:
    steps = [
        {"kind": "signal", "signal": "ma_crossover", "parameters": {"fast_period": 3, "slow_period": 9}},
        *rules(enter_long="ema(rsi(5), 3) < 60 and close > donchian(20).middle")["enter_long"],
        {"kind": "any", "count": 2},
    ]
    strategy = rules(enter_long=steps, exit_long="close < sma(4)", stop_distance="2 * atr(7)")
    result = run(tmp_path, reference(strategy), cuts=7)
    assert result["findings"] == []
    assert set(result["checked"]) == {
        "indicator rsi(5)",
        "indicator ema(rsi(5), 3)",
        "indicator donchian.middle(20)",
        "indicator sma(4)",
        "indicator atr(7)",
        "signal ma_crossover.crossover_type",
        "signal ma_crossover.strength",
        "rule enter_long",
        "rule exit_long",
        "rule stop_distance",
    }
    assert (result["candles"], result["cuts"], result["warm_up_candles"]) == (200, 7, 19)
    assert result["entry_signals"] > 0


def test_an_honest_python_strategy_passes(tmp_path: Path) -> None:
    result = run_python(tmp_path, DONCHIAN, "donchian_regime", params={"side": "both"})
    assert result["findings"] == []
    assert result["checked"] == [
        "indicator upper",
        "indicator lower",
        "signal enter_long",
        "signal exit_long",
        "signal enter_short",
        "signal exit_short",
    ]


def test_an_indicator_that_knows_the_last_candle_is_named_with_what_follows_from_it(tmp_path: Path) -> None:
    source = one(
        "return {'enter_long': candles.close > indicators['honest'], 'exit_long': candles.close > indicators['cheat']}",
        "return {'honest': candles.low - 1, 'cheat': np.full(len(candles), candles.close.max())}",
    )
    result = run_python(tmp_path, source)
    assert ("indicator", "cheat") in names(result)
    assert {"honest", "enter_long"}.isdisjoint(name for _, name in names(result))


def test_a_signal_that_looks_one_candle_ahead_is_caught_at_the_candle_before_the_cut(tmp_path: Path) -> None:
    source = one(
        "rises = np.zeros(len(candles), dtype=bool)\n"
        "        rises[:-1] = candles.close[1:] > candles.close[:-1]\n"
        "        return {'enter_long': rises}"
    )
    result = run_python(tmp_path, source, cuts=50)
    assert names(result) == [("signal", "enter_long")]
    finding = result["findings"][0]
    assert finding["symbol"] == "S0"
    assert finding["cut_ts_ms"] - finding["changed_ts_ms"] == hour_ms(1) - hour_ms(0)
    assert "knows later candles" in finding["message"]
    assert re.search(r"the one of 2024-01-\d\d \d\d:00 \(number \d+\)", finding["message"])


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (one("return {'enter_long': np.random.default_rng().random(len(candles)) > 0.5}"), "enter_long"),
        (
            f"{IMPORTS}\ncalls = []\nclass Own(CandleStrategy):\n    def signals(self, candles, indicators, params):\n"
            "        calls.append(1)\n        return {'exit_long': candles.close > 100 + len(calls)}\n",
            "exit_long",
        ),
    ],
)
def test_what_is_random_or_keeps_state_is_caught(tmp_path: Path, source: str, name: str) -> None:
    result = run_python(tmp_path, source)
    assert ("signal", name) in names(result)
    assert "random, or keeps something" in result["findings"][0]["message"]


def test_a_signal_file_that_cheats_is_named(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "import numpy as np\nfrom quantbot_engine.rules.signals.signal import indicator, signal\n"
        "@signal('prophet', outputs={'event': ('none', 'up')}, warm_up=lambda p: 0)\n"
        "def prophet(candles, params):\n"
        "    return {'event': (np.append(candles.close[1:], 0) > candles.close).astype(int)}\n"
        "@indicator('scaled', warm_up=lambda p: 0)\n"
        "def scaled(candles, params):\n    return candles.close / candles.close[-1]\n",
    )
    strategy = rules(enter_long=[{"kind": "signal", "signal": "prophet"}], exit_long="scaled() > 1")
    result = run(tmp_path, reference(strategy, signal_files=[file]))
    assert {("signal", "prophet.event"), ("indicator", "scaled()"), ("rule", "enter_long")} <= set(names(result))


def test_each_symbol_is_checked(tmp_path: Path) -> None:
    source = one("return {'enter_long': candles.close > candles.close.mean()}")
    slice_ = to_slice(tmp_path / "two", hourly(random_closes(100, 1)), hourly(random_closes(100, 2)))
    result = ask(check({"name": "own", "config": {}, "files": [write(tmp_path, source)]}, slice_, cuts=5))
    assert [finding["symbol"] for finding in result["findings"]] == ["S0", "S1"]
    assert result["cuts"] == 10


def test_a_strategy_that_fails_on_fewer_candles_fails_the_check(tmp_path: Path) -> None:
    source = one("return {'enter_long': candles.close > candles.close[150]}")
    with pytest.raises(EngineError) as caught:
        run_python(tmp_path, source)
    assert caught.value.code == "STRATEGY_FAILED"
    assert "IndexError" in caught.value.message
