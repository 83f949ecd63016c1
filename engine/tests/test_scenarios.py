"""Every scenario, on the slow reference and on the engine: the two must do what the trader expects."""

from typing import Any

import msgspec
import pytest

from engine_calls import ask, ask_process
from quantbot_engine.protocol import CapitalSimulatorConfig, V1BaselineParams
from reference.baseline import Call, Candle, Outcome, Series, simulate
from scenario_files import Scenario, read_scenarios

SCENARIOS = read_scenarios()
SIMULATIONS = [scenario for scenario in SCENARIOS if not scenario.is_search]
SEARCHES = [scenario for scenario in SCENARIOS if scenario.is_search]
RELATIVE = 1e-12
ABSOLUTE = 1e-9


def name_of(scenario: Scenario) -> str:
    return scenario.name


def test_there_is_a_scenario_for_every_rule() -> None:
    assert len(SCENARIOS) >= 45
    assert {scenario.name.split("/")[0] for scenario in SCENARIOS} == {
        *("entry", "exits", "gaps", "deadlines", "end-of-data", "capital", "sizing", "fees", "skips", "search"),
        *("trailing", "break-even", "ladder", "target-decay"),
    }


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
def test_says_what_it_shows_and_why(scenario: Scenario) -> None:
    assert scenario.content["title"]
    assert scenario.content["why"]
    assert scenario.content["expect"]


@pytest.mark.parametrize("scenario", SIMULATIONS, ids=name_of)
def test_the_reference_does_what_the_trader_expects(scenario: Scenario) -> None:
    params = msgspec.convert(scenario.content["params"], V1BaselineParams)
    config = msgspec.convert(scenario.content["config"], CapitalSimulatorConfig)
    series = {mint: Series([Candle(*row) for row in rows]) for mint, rows in scenario.content["candles"].items()}
    calls = [
        Call(call["id"], call["caller"], call["ts_ms"], series.get(call["mint"])) for call in scenario.content["calls"]
    ]
    check_simulation(to_document(simulate(calls, params, config)), scenario.content["expect"])


@pytest.mark.parametrize("scenario", SIMULATIONS, ids=name_of)
def test_the_engine_does_what_the_trader_expects(scenario: Scenario) -> None:
    result = ask(scenario.to_request())
    curve = result["capital_curve"]
    document = {
        **result,
        "trades": result["completed_trades"],
        "skipped": [[skipped["call_id"], skipped["reason"]] for skipped in result["skipped_calls"]],
        "capital_curve": [list(point) for point in zip(curve["ts_ms"], curve["equity"], strict=True)],
    }
    check_simulation(document, scenario.content["expect"])
    assert result["trades_executed"] == len(scenario.content["expect"]["trades"])
    assert result["trades_executed"] + result["trades_skipped"] == len(scenario.content["calls"])


@pytest.mark.parametrize("scenario", SEARCHES, ids=name_of)
def test_a_search_finds_what_the_trader_expects(scenario: Scenario) -> None:
    check_contains(ask(scenario.to_request()), scenario.content["expect"], "result")


@pytest.mark.parametrize("scenario", [*SIMULATIONS[:2], *SEARCHES[:1], *SEARCHES[-1:]], ids=name_of)
def test_the_one_shot_process_answers_the_same(scenario: Scenario) -> None:
    exit_code, result = ask_process(scenario.to_request())
    assert exit_code == 0
    assert result == ask(scenario.to_request())


def to_document(outcome: Outcome) -> dict[str, Any]:
    initial_capital = outcome.curve[0][1]
    equity = [value for _, value in outcome.curve]
    peaks = [max(equity[: index + 1]) for index in range(len(equity))]
    return {
        "final_capital": outcome.final_capital,
        "total_return": outcome.final_capital / initial_capital - 1,
        "ambiguous_exits": outcome.ambiguous_exits,
        "max_drawdown": max((peak - value) / peak for peak, value in zip(peaks, equity, strict=True)),
        "capital_curve": [list(point) for point in outcome.curve],
        "skipped": [list(skipped) for skipped in outcome.skipped],
        "trades": [
            {
                "call_id": trade.call_id,
                "entry_ts_ms": trade.path.entry_ts_ms,
                "exit_ts_ms": trade.path.exit_ts_ms,
                "entry_px": trade.path.entry_px,
                "exit_px": trade.path.exit_px,
                "size": trade.size,
                "pnl": trade.pnl,
                "exit_reason": trade.path.reason,
                "exit_mult": trade.path.exit_mult,
                "legs": [leg._asdict() for leg in trade.path.legs] if trade.path.has_ladder else [],
            }
            for trade in outcome.trades
        ],
    }


def check_simulation(found: dict[str, Any], expected: dict[str, Any]) -> None:
    check_contains(found, {"skipped": [], **expected}, "result")


def check_contains(found: Any, expected: Any, where: str) -> None:
    """Check that everything expected is there; objects may hold more, lists may not."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            check_contains(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for index, value in enumerate(expected):
            check_contains(found[index], value, f"{where}[{index}]")
    elif isinstance(expected, bool | str | None):
        assert found == expected, where
    else:
        assert found == pytest.approx(expected, rel=RELATIVE, abs=ABSOLUTE), where
