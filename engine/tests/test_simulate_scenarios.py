"""Every scenario on candles, on the slow reference and on the engine: the two must do what the trader expects."""

import json
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from quantbot_engine.simulate import codes
from quantbot_engine.simulate.rules import SimulationRules
from reference.candles import Candle, Fill, Shortfall, Signal, Trade, simulate
from scenario_files import SCENARIOS_FOLDER
from simulate_markets import Case, read_fills, read_shortfalls, read_trades, run_engine_on

RELATIVE = 1e-12
ABSOLUTE = 1e-9


@dataclass(frozen=True)
class Scenario:
    name: str
    content: dict[str, Any]

    @property
    def rules(self) -> SimulationRules:
        return msgspec.convert(self.content["rules"], SimulationRules)

    def to_case(self) -> Case:
        candles = {symbol: {row[0]: Candle(*row) for row in rows} for symbol, rows in self.content["candles"].items()}
        signals: dict[str, dict[int, Signal]] = {symbol: {} for symbol in candles}
        for row in self.content["signals"]:
            exits = row.get("exit")
            signals[row["symbol"]][row["at"]] = Signal(
                direction={"long": 1, "short": -1, None: 0}[row.get("enter")],
                order=row.get("order", "market"),
                price=row.get("price"),
                size=row.get("size"),
                stop_distance=row.get("stop_distance"),
                target_distance=row.get("target_distance"),
                exit_long=exits == "long",
                exit_short=exits == "short",
            )
        return Case(candles, signals)


def read_scenarios() -> list[Scenario]:
    paths = sorted((SCENARIOS_FOLDER / "candles").glob("*.json"))
    return [Scenario(path.stem, json.loads(path.read_text())) for path in paths]


SCENARIOS = read_scenarios()


def name_of(scenario: Scenario) -> str:
    return scenario.name


def test_there_is_a_scenario_for_every_reason() -> None:
    assert len(SCENARIOS) >= 30
    outcomes = [
        simulate(scenario.to_case().candles, scenario.to_case().signals, scenario.rules) for scenario in SCENARIOS
    ]
    reasons = {trade.reason for outcome in outcomes for trade in outcome.trades.values()} | {"entry"}
    assert reasons == set(codes.FILL_REASONS)
    shortfalls = {shortfall.reason for outcome in outcomes for shortfall in outcome.shortfalls}
    assert shortfalls == set(codes.SHORTFALL_REASONS[1:])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
def test_says_what_it_shows_and_why(scenario: Scenario) -> None:
    assert scenario.content["title"]
    assert scenario.content["why"]
    assert scenario.content["expect"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
def test_the_reference_does_what_the_trader_expects(scenario: Scenario) -> None:
    case = scenario.to_case()
    outcome = simulate(case.candles, case.signals, scenario.rules)
    trades = [outcome.trades[position] for position in sorted(outcome.trades)]
    numbers = {
        "equity": outcome.equity,
        "cash": outcome.cash,
        "exposure": outcome.exposure,
        "final_equity": outcome.equity[-1],
        "ambiguous": outcome.ambiguous,
        "above_top_rung": outcome.above_top_rung,
    }
    check(scenario, to_document(outcome.fills, trades, outcome.shortfalls) | numbers)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
def test_the_engine_does_what_the_trader_expects(scenario: Scenario) -> None:
    result = run_engine_on(scenario.to_case(), scenario.rules)
    numbers = {
        "equity": result.equity.tolist(),
        "cash": result.cash.tolist(),
        "exposure": result.exposure.tolist(),
        "final_equity": result.final_equity,
        "ambiguous": result.ambiguous,
        "above_top_rung": result.above_top_rung,
    }
    check(scenario, to_document(read_fills(result), read_trades(result), read_shortfalls(result)) | numbers)
    assert result.rules == scenario.rules


def to_document(fills: list[Fill], trades: list[Trade], shortfalls: list[Shortfall]) -> dict[str, Any]:
    return {
        "fills": [list(fill[:-1]) for fill in fills],
        "trades": [trade._asdict() for trade in trades],
        "shortfalls": [shortfall._asdict() for shortfall in shortfalls],
    }


def check(scenario: Scenario, found: dict[str, Any]) -> None:
    check_contains(found, {"shortfalls": [], **scenario.content["expect"]}, "result")


def check_contains(found: Any, expected: Any, where: str) -> None:
    """Check that everything expected is there; objects may hold more, lists may not."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            check_contains(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for index, value in enumerate(expected):
            check_contains(found[index], value, f"{where}[{index}]")
    elif isinstance(expected, str):
        assert found == expected, where
    else:
        assert found == pytest.approx(expected, rel=RELATIVE, abs=ABSOLUTE), where
