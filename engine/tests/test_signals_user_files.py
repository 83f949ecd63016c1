"""Signals in Python files of the user's: they are made like the built-in ones, and what is wrong with one is said."""

from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from indicator_candles import random_candles
from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.cache import ColumnCache
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.rules.expression import evaluate_condition
from quantbot_engine.rules.scope import Scope
from quantbot_engine.rules.signals.evaluate import evaluate_signal
from quantbot_engine.rules.signals.registry import BUILT_IN, read_signals
from quantbot_engine.rules.signals.signal import Signal
from rule_tokens import rule

GOOD = """
    import numpy as np
    from quantbot_engine.indicators.compute import indicator
    from quantbot_engine.rules.signals.signal import signal

    @signal(
        "three_rises",
        outputs={"event": ("none", "rises", "falls"), "size": "number"},
        parameters={"count": 3, "least": 0.0},
        warm_up=lambda params: params["count"],
    )
    def three_rises(candles, params):
        change = np.diff(candles.close, prepend=candles.close[:1])
        rising = indicator(candles, "lowest", period=params["count"])
        event = np.zeros(len(candles), dtype=np.int8)
        for i in range(params["count"], len(candles)):
            last = change[i - params["count"] + 1 : i + 1]
            event[i] = 1 if (last > params["least"]).all() else 2 if (last < -params["least"]).all() else 0
        return {"event": event, "size": np.abs(change)}
"""


def write(folder: Path, text: str, name: str = "own.py") -> str:
    path = folder / name
    path.write_text(dedent(text))
    return str(path)


def one_signal(folder: Path, outputs: str, body: str, warm_up: str = "lambda params: 2") -> Signal:
    text = (
        "import numpy as np\nfrom quantbot_engine.rules.signals.signal import signal\n"
        f"@signal('own', outputs={outputs}, warm_up={warm_up})\n"
        f"def own(candles, params):\n    n = len(candles)\n    {body}\n"
    )
    return read_signals([write(folder, text)])["own"]


def test_a_file_adds_its_signals_to_the_built_in_ones(tmp_path: Path) -> None:
    signals = read_signals([write(tmp_path, GOOD)])
    assert signals.keys() == BUILT_IN.keys() | {"three_rises"}
    found = signals["three_rises"]
    columns = evaluate_signal(found, random_candles(), found.complete({"count": 2}))
    assert set(np.unique(columns["event"])) == {0, 1, 2}
    assert np.isnan(columns["size"][:2]).all()


def test_numbers_of_a_signal_are_used_in_rules_like_an_indicator(tmp_path: Path) -> None:
    signals = read_signals([write(tmp_path, GOOD)])
    truth = evaluate_condition(rule("three_rises(4).size > 1"), Scope(random_candles(), signals=signals))
    assert truth.warm_up == 4
    assert truth.is_true.any()
    with pytest.raises(EngineError, match="expected one of its numbers, size; found 'event'"):
        evaluate_condition(rule("three_rises(4).event > 1"), Scope(random_candles(), signals=signals))


def test_a_signal_imported_from_elsewhere_is_not_the_files_own(tmp_path: Path) -> None:
    imports = "from quantbot_engine.rules.signals.built_in.crossings import macd\n"
    assert "three_rises" in read_signals([write(tmp_path, imports + dedent(GOOD))])


def test_a_file_that_was_edited_is_not_answered_from_the_cache(tmp_path: Path) -> None:
    plain = random_candles(50)
    columns = (plain.timestamp, plain.open, plain.high, plain.low, plain.close, plain.volume)
    candles = Candles(*columns, key="the same", cache=ColumnCache())
    for value in (1.0, 2.0):
        found = one_signal(tmp_path, "{'x': 'number'}", f"return {{'x': np.full(n, {value})}}")
        assert evaluate_signal(found, candles, {})["x"][-1] == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def broken(:\n    pass\n", "SyntaxError in line 1, column 12"),
        ("import nothing_of_this_name\n", "loading it raised ModuleNotFoundError"),
        ("raise SystemExit(3)\n", "loading it raised SystemExit"),
        ("x = 1\n", "expected at least one function with @signal or @indicator, found none"),
        (dedent(GOOD).replace("three_rises", "macd"), "expected a name of its own, 'macd' is a built-in signal"),
        (dedent(GOOD).replace('("none", "rises", "falls")', '"text"'), "three_rises.event: expected"),
        (dedent(GOOD).replace('("none", "rises", "falls")', '("none", "none")'), "distinct names"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(EngineError) as caught:
        read_signals([file])
    assert caught.value.code == ErrorCode.INVALID_STRATEGY
    assert f"signal file {file}: " in caught.value.message
    assert message in caught.value.message


def test_two_files_cannot_share_a_name_and_a_missing_one_is_named(tmp_path: Path) -> None:
    files = [write(tmp_path, GOOD, name) for name in ("one.py", "two.py")]
    with pytest.raises(EngineError, match=r"two\.py: expected a name of its own, found 'three_rises' a second time"):
        read_signals(files)
    with pytest.raises(EngineError, match=r"expected a Python file at .*none\.py; found none") as caught:
        read_signals([str(tmp_path / "none.py")])
    assert caught.value.code == ErrorCode.FILE_NOT_FOUND


@pytest.mark.parametrize(
    ("outputs", "body", "message"),
    [
        ("{'x': 'number'}", "return {'x': np.ones(n - 1)}", r"x: expected an array with one value per candle, \(50,\)"),
        ("{'x': 'number'}", "return {'x': [1.0] * n}", "found list"),
        (
            "{'x': 'number'}",
            "return {'x': np.ones(n, dtype=np.int64)}",
            "expected floating-point numbers, found dtype i",
        ),
        (
            "{'x': 'number'}",
            "x = np.ones(n); x[7] = np.nan; return {'x': x}",
            "after the warm-up of 2, found nan in row 7",
        ),
        ("{'x': 'number'}", "x = np.ones(n); x[9] = np.inf; return {'x': x}", "found inf in row 9"),
        ("{'x': ('none', 'up')}", "return {'x': np.ones(n)}", "expected whole numbers, positions in"),
        ("{'x': ('none', 'up')}", "return {'x': np.full(n, 2)}", "found 2 in row 2"),
        ("{'x': 'number'}", "return np.ones(n)", "expected a dict of columns, found ndarray"),
        ("{'x': 'number'}", "return {'y': np.ones(n)}", "gave back an undeclared output 'y'"),
        ("{'x': 'number', 'y': 'number'}", "return {'x': np.ones(n)}", "declares the output 'y', but did not give it"),
        ("{'x': 'number'}", "return {'x': 1 / 0}", "ZeroDivisionError: division by zero"),
        ("{'x': 'number'}", "candles.close[0] = 5.0", "ValueError: assignment destination is read-only"),
        ("{'x': 'number'}", "raise SystemExit(0)", "SystemExit"),
    ],
)
def test_what_a_signal_gives_back_is_checked(tmp_path: Path, outputs: str, body: str, message: str) -> None:
    found = one_signal(tmp_path, outputs, body)
    candles = random_candles(50)
    with pytest.raises(EngineError, match=message) as caught:
        evaluate_signal(found, candles, {})
    assert caught.value.code == ErrorCode.STRATEGY_FAILED
    assert "own.py" in caught.value.message


@pytest.mark.parametrize("warm_up", ["lambda params: -1", "lambda params: 1.5", "lambda params: params['none']"])
def test_a_warm_up_that_is_no_number_of_candles_is_refused(tmp_path: Path, warm_up: str) -> None:
    found = one_signal(tmp_path, "{'x': 'number'}", "return {'x': np.ones(n)}", warm_up)
    with pytest.raises(EngineError, match=r"signal own .*: warm_up"):
        evaluate_signal(found, random_candles(50), {})


def test_what_the_warm_up_holds_does_not_matter(tmp_path: Path) -> None:
    body = "x = np.zeros(n, dtype=np.int64); x[:2] = 9; return {'x': x}"
    found = one_signal(tmp_path, "{'x': ('none', 'up')}", body)
    assert not evaluate_signal(found, random_candles(50), {})["x"].any()
