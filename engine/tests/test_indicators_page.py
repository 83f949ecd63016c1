"""The documentation of indicators and signals is what the registries say."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indicator_candles import random_candles
from quantbot_engine.indicators.registry import INDICATORS
from quantbot_engine.rules.look_ahead import find_signal_look_ahead
from quantbot_engine.rules.reference_page import OWN_SIGNALS, render
from quantbot_engine.rules.signals.evaluate import evaluate_signal
from quantbot_engine.rules.signals.registry import BUILT_IN, read_signals

PAGE = Path(__file__).parents[2] / "docs" / "indicators.md"


def test_the_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == render(), "run: python -m quantbot_engine.rules.reference_page docs/indicators.md"


@pytest.mark.parametrize("entry", [*INDICATORS.values(), *BUILT_IN.values()], ids=lambda entry: str(entry.name))
def test_everything_states_its_formula_and_its_source(entry: Any) -> None:
    assert entry.formula
    assert entry.source
    for spec in entry.parameters:
        assert spec.low <= spec.default <= spec.high


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", OWN_SIGNALS, re.DOTALL)
    file = tmp_path / "near_low.py"
    file.write_text(code)
    found = read_signals([str(file)])["near_low"]
    candles, params = random_candles(), found.complete({})
    assert set(np.unique(evaluate_signal(found, candles, params)["event"])) == {0, 1}
    assert find_signal_look_ahead(found, candles, params) is None
