"""LEAN's reference values, if its files lie beside the repository."""

import csv
from pathlib import Path

import numpy as np
import pytest

from indicator_candles import candles_from_closes
from quantbot_engine.indicators.compute import indicator

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "lean" / "indicators"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="LEAN's files are not part of the repository; they lie in ../shared/data/lean/indicators",
)


def read_columns(name: str) -> dict[str, list[float]]:
    with (FOLDER / name).open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    named = {column: [row[column] for row in rows] for column in rows[0] if column.lower() not in ("date", "time")}
    return {column: [float(cell) if cell else np.nan for cell in cells] for column, cells in named.items()}


def check(found: np.ndarray, expected: list[float], rounding: float, at_least: int) -> None:
    is_given = ~np.isnan(np.array(expected))
    assert np.count_nonzero(is_given) >= at_least
    # Where LEAN has its first value we have ours, and none before it.
    assert (np.isnan(found) == ~is_given).all()
    assert np.abs(found - np.array(expected))[is_given].max() <= rounding


def test_bollinger_bands_equal_leans_within_their_four_decimals() -> None:
    columns = read_columns("spy_bollinger_bands.txt")
    candles = candles_from_closes(columns["Close"])
    for output, column in (("middle", "Moving Average 20"), ("upper", "Top"), ("lower", "Bottom")):
        (values,) = (values for name, values in columns.items() if name.endswith(column))
        # Four decimals, which the reference itself rounds from a rounded mean and deviation.
        check(indicator(candles, "bollinger", output, period=20, deviations=2), values, 1e-4, 450)


def test_the_exponential_average_equals_leans_to_all_its_digits() -> None:
    columns = read_columns("spy_ema.csv")
    check(indicator(candles_from_closes(columns["close"]), "ema", period=14), columns["EMA14"], 1e-10, 340)
