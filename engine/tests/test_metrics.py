"""Metrics against numbers worked out by hand."""

import doctest

import numpy as np
import pytest

from quantbot_engine.metrics import drawdown
from quantbot_engine.metrics.drawdown import max_drawdown


@pytest.mark.parametrize(
    ("equity", "expected"),
    [
        ([], 0.0),
        ([100.0], 0.0),
        ([100.0, 110.0, 120.0], 0.0),
        ([100.0, 80.0], 0.2),
        ([100.0, 80.0, 160.0, 120.0], 0.25),
        ([100.0, 50.0, 200.0, 150.0], 0.5),
    ],
)
def test_the_deepest_fall_from_an_earlier_peak(equity: list[float], expected: float) -> None:
    assert max_drawdown(np.array(equity)) == pytest.approx(expected)


def test_the_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(drawdown, extraglobs={"np": np}).failed == 0
