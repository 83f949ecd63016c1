"""Real candles and calls, if the sample data lie beside the repository: the engine against the reference."""

import csv
import gzip
from pathlib import Path

import pytest

from in_memory import to_engine_market
from markets import RandomMarket
from quantbot_engine.calls.exits import find_exits, to_axes
from quantbot_engine.calls.grid_search import search_grid, to_params
from quantbot_engine.calls.simulation import simulate_combination
from quantbot_engine.protocol import CapitalSimulatorConfig, V1BaselineGrid
from reference.baseline import Call, Candle, Series, simulate
from test_agreement_with_reference import check_agreement

DATA_FOLDER = Path(__file__).parents[3] / "shared" / "data"
CALLS_FILE = DATA_FOLDER / "calls" / "derived_calls.csv"

pytestmark = pytest.mark.skipif(
    not CALLS_FILE.is_file(), reason="the sample data are not part of the repository; they lie in ../shared/data"
)


def read_series(path: Path) -> Series:
    with gzip.open(path, "rt") as stream:
        rows = list(csv.reader(stream))[1:]
    return Series([Candle(int(row[0]), *(float(cell) for cell in row[1:6])) for row in rows], 300)


@pytest.fixture(scope="module")
def market() -> RandomMarket:
    paths = [path for folder in ("crypto_launch_5m", "crypto_5m") for path in (DATA_FOLDER / folder).glob("*.csv.gz")]
    series = {path.name.removesuffix("_5m.csv.gz"): read_series(path) for path in sorted(paths)}
    with CALLS_FILE.open() as stream:
        rows = list(csv.DictReader(stream))
    symbol = next(name for name in ("token", "symbol", "mint") if name in rows[0])
    calls = [
        Call(str(index), row["caller"], int(row["call_ts"]) * 1000, series[row[symbol].removesuffix("_5m")])
        for index, row in enumerate(rows)
    ]
    return RandomMarket(list(series.values()), calls)


def test_all_calls_on_the_default_grid(market: RandomMarket) -> None:
    assert len(market.calls) == 582
    engine_market = to_engine_market(market)
    axes = to_axes(V1BaselineGrid())
    config = CapitalSimulatorConfig()
    exits = find_exits(engine_market, engine_market.calls, axes.levels, config.gap_fill, workers=2)
    results = search_grid(exits, axes, config, workers=2)
    for position in (0, 13, axes.combinations - 1):
        found = simulate_combination(exits, axes, position, config)
        assert found.final_capital == results.final_capital[position]
        assert found.trades_executed > 100
        check_agreement(found, simulate(market.calls, to_params(axes, position), config), config)
