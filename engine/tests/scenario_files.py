"""Reads scenarios/: tiny markets with the trades that must result. `scenarios/README.md` describes the format."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCENARIOS_FOLDER = Path(__file__).parents[2] / "scenarios"
CANDLE_FIELDS = ("timestamp", "open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Scenario:
    name: str
    content: dict[str, Any]

    @property
    def is_search(self) -> bool:
        return "request" in self.content

    def to_request(self) -> dict[str, Any]:
        """Return the scenario as a request of the one-shot form."""
        calls = self.content["calls"]
        candles = self.content["candles"]
        market = {
            "calls": calls,
            "candles_by_call_id": {
                call["id"]: [dict(zip(CANDLE_FIELDS, row, strict=True)) for row in candles[call["mint"]]]
                for call in calls
                if call["mint"] in candles
            },
        }
        if self.is_search:
            return {**self.content["request"], **market}
        return {
            "operation": "simulate",
            "params": self.content["params"],
            "simulator_config": self.content["config"],
            **market,
        }


def read_scenarios() -> list[Scenario]:
    """Return the scenarios on calls; those on candles have their own form and reader."""
    paths = sorted(path for path in SCENARIOS_FOLDER.rglob("*.json") if path.parent.name != "candles")
    return [
        Scenario(path.relative_to(SCENARIOS_FOLDER).with_suffix("").as_posix(), json.loads(path.read_text()))
        for path in paths
    ]
