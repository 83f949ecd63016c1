"""Strategies in Python: what the class may say, what it gets, and what is said about one that does wrong."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from candle_requests import backtest, evaluation, hour_ms, hourly, random_closes, to_slice
from engine_calls import ask
from quantbot_engine.errors import EngineError

IMPORTS = """
import numpy as np
from quantbot_engine.strategies.candle_strategy import CandleStrategy, Choice, Float, Int
"""
DONCHIAN = (
    IMPORTS
    + '''
class DonchianRegime(CandleStrategy):
    """Breakouts in the direction of the trend.

    More about it.
    """
    simulation = {"stop_loss": 0.05, "sizing": "equity_fraction", "size": 0.5}

    def parameter_space(self):
        return {
            "entry": Int(10, 100, default=20, step=5),
            "stop": Float(0.01, 0.1, default=0.05),
            "side": Choice(["long", "both"]),
        }

    def rules(self, params):
        return {"stop_loss": params["stop"]}

    def indicators(self, candles, params):
        upper = candles.indicator("donchian", "upper", length=params["entry"])
        lower = candles.indicator("donchian", "lower", period=params["entry"])
        return {"upper": upper, "lower": lower}

    def signals(self, candles, indicators, params):
        above = np.zeros(len(candles), dtype=bool)
        above[1:] = candles.close[1:] > indicators["upper"][:-1]
        below = np.zeros(len(candles), dtype=bool)
        below[1:] = candles.close[1:] < indicators["lower"][:-1]
        found = {"enter_long": above, "exit_long": below}
        return found if params["side"] == "long" else {**found, "enter_short": below, "exit_short": above}
'''
)


def write(folder: Path, source: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(source)
    return str(path)


def run(folder: Path, source: str, strategy: str, closes: Sequence[float] | None = None, **more: Any) -> dict[str, Any]:
    reference = {"name": strategy, "config": more.pop("config", {}), "files": [write(folder, source)]}
    slice_ = to_slice(folder / "slice", hourly(closes or random_closes(300)))
    result: dict[str, Any] = ask(backtest(reference, slice_, **more))
    return result


def one(body: str, indicators: str = "return {}", more: str = "") -> str:
    """Return the source of a strategy `own` whose `signals` has this body."""
    methods = f"    def indicators(self, candles, params):\n        {indicators}\n"
    methods += f"    def signals(self, candles, indicators, params):\n        {body}\n"
    return f"{IMPORTS}\nclass Own(CandleStrategy):\n    name = 'own'\n{more}\n{methods}"


def refusal(folder: Path, source: str, strategy: str = "own", **more: Any) -> EngineError:
    with pytest.raises(EngineError) as caught:
        run(folder, source, strategy, **more)
    return caught.value


def test_a_class_of_a_file_is_a_strategy_by_the_name_of_the_class(tmp_path: Path) -> None:
    result = run(tmp_path, DONCHIAN, "donchian_regime", params={"side": "both", "stop": 0.03})
    assert result["strategy"] == "donchian_regime"
    assert result["parameters"] == {"entry": 20, "stop": 0.03, "side": "both"}
    assert result["rules"]["stop_loss"] == 0.03
    assert result["rules"]["size"] == 0.5
    assert result["symbols"][0]["warm_up_candles"] == 19
    assert {1, -1} == set(result["trades"]["direction"])


def test_overrides_win_over_what_the_class_says(tmp_path: Path) -> None:
    config = {"defaults": {"size": 0.1, "max_hold_candles": 9}, "overrides": {"stop_loss": 0.02}}
    found = run(tmp_path, DONCHIAN, "donchian_regime", config=config)["rules"]
    assert (found["stop_loss"], found["size"], found["max_hold_candles"]) == (0.02, 0.5, 9)


def test_orders_have_prices_sizes_and_distances_of_their_own(tmp_path: Path) -> None:
    body = dedent(
        """
        first = np.arange(len(candles)) == 1
        price = np.where(first, 96.0, np.nan)
        ten = np.full(len(candles), 10.0)
        return {"enter_long": first, "limit_price": price, "size": ten, "stop_distance": ten, "target_distance": ten}
        """
    ).replace("\n", "\n        ")
    costs = "{'type': 'basis_points', 'fee_bps': 0, 'slippage_bps': 0}"
    more = f"    simulation = {{'sizing': 'units', 'order_valid_candles': 9, 'costs': {costs}}}"
    closes = [100, 100, 98, 95, 97, 99, 120, 90]
    trades = run(tmp_path, one(body, more=more), "own", [float(close) for close in closes])["trades"]
    assert (trades["entry_px"], trades["units"]) == ([96], [10])
    assert trades["entry_ts_ms"] == [hour_ms(3)]
    assert trades["reason"] == ["take_profit"]
    assert trades["exit_px"] == [106]


def test_an_entry_without_the_price_its_orders_need_is_not_filled(tmp_path: Path) -> None:
    body = (
        "return {'enter_long': candles.close > 0, 'limit_price': np.full(len(candles), np.nan), "
        "'stop_price': np.full(len(candles), np.nan)}"
    )
    result = run(tmp_path, one(body), "own", random_closes(20))
    assert result["trades"]["symbol"] == []
    assert result["shortfall_counts"] == {"undefined_order": 20}


def test_nothing_is_traded_until_all_indicators_are_defined(tmp_path: Path) -> None:
    source = one(
        "return {'enter_long': candles.close > 0}",
        "return {'a': candles.indicator('sma', length=5), 'b': candles.indicator('rsi', period=14)}",
    )
    result = run(tmp_path, source, "own", random_closes(40))
    assert result["symbols"][0]["warm_up_candles"] == 14
    assert result["trades"]["entry_ts_ms"] == [hour_ms(15)]


def test_an_error_of_the_strategy_comes_with_its_own_lines(tmp_path: Path) -> None:
    error = refusal(tmp_path, one("return {'enter_long': candles.close > 1 / 0}"))
    path = str(tmp_path / "mine.py")
    assert error.code == "STRATEGY_FAILED"
    assert f"strategy own: signals ({path}:11): ZeroDivisionError: division by zero" in error.message
    assert (error.details["file"], error.details["line"], error.details["method"]) == (path, 11, "signals")
    assert "1 / 0" in error.details["traceback"]
    assert "quantbot_engine" not in error.details["traceback"]


@pytest.mark.parametrize(
    ("body", "indicators", "problem", "key"),
    [
        ("return {'enter_logn': candles.close > 0}", "return {}", "did you mean enter_long?", "enter_logn"),
        ("return {'enter_long': candles.close}", "return {}", "dtype bool", "enter_long"),
        ("return {'enter_long': (candles.close > 0)[1:]}", "return {}", "found shape (299,)", "enter_long"),
        ("return {'enter_long': [True]}", "return {}", "found list", "enter_long"),
        ("return {'size': candles.close > 0}", "return {}", "found dtype bool", "size"),
        ("return {'size': candles.close / 0}", "return {}", "found inf in row 0", "size"),
        (
            "return {'enter_long': candles.close > 0, 'limit_price': candles.low, 'stop_price': candles.high}",
            "return {}",
            "found both in row 0",
            "stop_price",
        ),
        ("return {}", "return {'a': 1.5}", "found float", "a"),
        ("return {}", "return {'a': candles.close[:5]}", "found shape (5,)", "a"),
        ("return {}", "return {'a': candles.close.astype(str)}", "expected numbers", "a"),
    ],
)
def test_what_a_method_returns_wrongly_is_named(
    tmp_path: Path, body: str, indicators: str, problem: str, key: str
) -> None:
    error = refusal(tmp_path, one(body, indicators))
    assert error.code == "STRATEGY_FAILED"
    assert problem in error.message
    assert error.details["strategy"] == "own"
    assert error.details["method"] in {"signals", "indicators"}
    assert error.details["key"] == key


@pytest.mark.parametrize(
    ("source", "problem", "code"),
    [
        (one("return None"), "expected a dict of arrays, found NoneType", "STRATEGY_FAILED"),
        (one("return {}", "return {'a': candles.indicator('smma')}"), "did you mean sma?", "INVALID_STRATEGY"),
        (one("return {}", "return {'a': candles.indicator('macd')}"), "an output is missing", "INVALID_STRATEGY"),
        (one("return {'size': params['x']}"), "no parameter 'x'", "STRATEGY_FAILED"),
        (one("return {}", more="    simulation = {'stop_los': 1}"), "did you mean stop_loss?", "INVALID_STRATEGY"),
        (one("return {}", more="    simulation = {'stop_loss': 'x'}"), "stop_loss", "INVALID_STRATEGY"),
        (one("return {}", more="    simulation = {'stop_loss': 3}"), "above 0 and below 1", "INVALID_STRATEGY"),
        (one("return {}", more="    def parameter_space(self): return [1]"), "expected a dict", "STRATEGY_FAILED"),
        (
            one("return {}", more="    def parameter_space(self): return {'x': Int(5, 1)}"),
            "x: expected low at most high",
            "STRATEGY_FAILED",
        ),
        (one("return {}", more="    def parameter_space(self): return {'x': 5}"), "Float, Int", "STRATEGY_FAILED"),
        (one("import sys; sys.exit(3)"), "SystemExit: 3", "STRATEGY_FAILED"),
        (f"{IMPORTS}\nclass Own(CandleStrategy): pass", "signals(self, candles", "STRATEGY_FAILED"),
    ],
)
def test_what_is_wrong_with_a_class_is_said(tmp_path: Path, source: str, problem: str, code: str) -> None:
    error = refusal(tmp_path, source)
    assert error.code == code
    assert problem in error.message


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"entyr": 20}, "did you mean entry?"),
        ({"entry": 20.5}, "a whole number, found 20.5"),
        ({"side": "short"}, "expected one of 'long', 'both'"),
        ({"stop": "wide"}, "expected a number"),
    ],
)
def test_parameters_it_does_not_have_are_refused(tmp_path: Path, params: dict[str, Any], problem: str) -> None:
    error = refusal(tmp_path, DONCHIAN, "donchian_regime", params=params)
    assert error.code == "INVALID_STRATEGY"
    assert problem in error.message
    assert error.details == {"parameter": next(iter(params))}


@pytest.mark.parametrize(
    "body",
    [
        "candles.close[:] = 1.0",
        "candles.timestamp[0] = 1",
        "candles.indicator('sma', period=3)[:] = 1.0",
        "indicators['mine'] *= 2.0",
    ],
)
def test_what_strategies_share_cannot_be_written_to(tmp_path: Path, body: str) -> None:
    error = refusal(tmp_path, one(body, "return {'mine': candles.indicator('ema', period=3)}"))
    assert error.code == "STRATEGY_FAILED"
    assert "read-only" in error.message


def test_strategies_of_both_forms_live_in_one_file(tmp_path: Path) -> None:
    source = DONCHIAN + (
        "\nfrom quantbot_engine.strategies.strategy import strategy\n"
        "@strategy('simple')\ndef simple(params, market, config):\n    return {'total_return': 0.1}\n"
    )
    assert run(tmp_path, source, "donchian_regime")["strategy"] == "donchian_regime"
    slice_ = to_slice(tmp_path / "other", hourly(random_closes(10)))
    reference = {"name": "simple", "config": {}, "files": [str(tmp_path / "mine.py")]}
    assert ask(evaluation(reference, slice_, [{}]))["trials"][0]["state"] == "complete"
    with pytest.raises(EngineError, match="found a function for studies"):
        ask(backtest(reference, slice_))


def test_an_unknown_strategy_is_not_found_but_the_nearest_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, DONCHIAN, "donchian_regimen")
    assert error.code == "STRATEGY_NOT_FOUND"
    assert "did you mean donchian_regime?" in error.message


def test_indicators_of_signal_files_are_there_by_name(tmp_path: Path) -> None:
    signals = write(
        tmp_path,
        "from quantbot_engine.rules.signals.signal import indicator\n"
        "@indicator('spread', warm_up=lambda p: 0)\n"
        "def spread(candles, params):\n    return candles.high - candles.low\n",
        "own_signals.py",
    )
    source = one("return {'enter_long': indicators['s'] > 1}", "return {'s': candles.indicator('spread')}")
    result = run(tmp_path, source, "own", config={"signal_files": [signals]})
    assert result["symbols"][0]["entry_signals"] > 0
