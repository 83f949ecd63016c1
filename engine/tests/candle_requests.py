"""Requests about strategies on candles as a host makes them: rules in infix, slices on disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from quantbot_engine.protocol import SliceRef
from reference.baseline import Candle, Series
from rule_tokens import rule
from slice_folders import write_slice

HOUR_S = 3600
START_S = 1_704_067_200


def hourly(closes: Sequence[float], start: int = 0, spread: float = 0.0) -> Series:
    """Return hourly candles that open at the close before, from hour `start` on."""
    candles = []
    before = closes[0]
    for hour, close in enumerate(closes, start=start):
        high, low = max(before, close) * (1 + spread), min(before, close) * (1 - spread)
        candles.append(Candle(START_S + hour * HOUR_S, before, high, low, close))
        before = close
    return Series(candles, HOUR_S)


def random_closes(rows: int, seed: int = 3) -> list[float]:
    rng = np.random.default_rng(seed)
    closes: list[float] = (100.0 * np.exp(np.cumsum(rng.normal(0, 0.01, rows)))).tolist()
    return closes


def hour_ms(hour: int) -> int:
    return (START_S + hour * HOUR_S) * 1000


def expression(text: str) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(rule(text))
    return plain


def when(text: str) -> list[dict[str, Any]]:
    """Return a condition of one expression."""
    return [{"kind": "expression", "expression": expression(text)}]


def rules(**fields: Any) -> dict[str, Any]:
    """Return a strategy of rules; conditions may be texts, parameters a dict of values or texts of expressions."""
    found = {"name": "mine", **fields}
    for name in ("enter_long", "enter_short", "exit_long", "exit_short"):
        if isinstance(found.get(name), str):
            found[name] = when(found[name])
    for name in ("order_price", "stop_distance", "target_distance"):
        if isinstance(found.get(name), str):
            found[name] = expression(found[name])
    parameters = found.get("parameters", {})
    found["parameters"] = [
        {"name": name, "value": expression(value[1:]) if isinstance(value, str) and value.startswith("=") else value}
        for name, value in parameters.items()
    ]
    return found


def reference(strategy: dict[str, Any] | None = None, **config: Any) -> dict[str, Any]:
    return {"name": "rules", "config": {"rules": strategy, **config}, "files": []}


def to_slice(folder: Path, *series: Series) -> dict[str, str]:
    found: SliceRef = write_slice(folder, list(series), [])
    plain: dict[str, str] = msgspec.to_builtins(found)
    return plain


def backtest(strategy: dict[str, Any], slice_: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"operation": "backtest", "strategy": strategy, "slice": slice_, **more}


def check(strategy: dict[str, Any], slice_: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"operation": "check_strategy", "strategy": strategy, "slice": slice_, **more}


def evaluation(strategy: dict[str, Any], slice_: dict[str, str], trials: Sequence[Any], **more: Any) -> dict[str, Any]:
    return {
        "operation": "evaluate",
        "strategy": strategy,
        "slice": slice_,
        "trials": [{"number": number, "params": params} for number, params in enumerate(trials)],
        "objectives": ["total_return"],
        "periods": ["all"],
        **more,
    }
