"""Search spaces in short, and studies that are run the way a runner runs them: block after block."""

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

from engine_calls import ask

Params = dict[str, Any]
Objective = Callable[[Params], list[float | None] | None]

_OPERATORS = {"<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/", "and", "or"}


def real(name: str, low: float, high: float, **more: Any) -> dict[str, Any]:
    return {"kind": "float", "name": name, "low": low, "high": high, **more}


def whole(name: str, low: int, high: int, **more: Any) -> dict[str, Any]:
    return {"kind": "int", "name": name, "low": low, "high": high, **more}


def steps(name: str, start: float, step: float, count: int, **more: Any) -> dict[str, Any]:
    return {"kind": "range", "name": name, "start": start, "step": step, "count": count, **more}


def choice(name: str, *values: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "categorical", "name": name, "values": list(values), **more}


def when(parameter: str, *values: Any) -> dict[str, Any]:
    return {"parameter": parameter, "values": list(values)}


def constraint(text: str) -> dict[str, Any]:
    """Return a constraint from its postfix text, such as `fast slow <`."""
    return {"text": text, "tokens": [_token(word) for word in text.split()]}


def _token(word: str) -> dict[str, Any]:
    if word in _OPERATORS or word in {"negate", "not"}:
        return {"kind": "operator", "operator": word}
    if re.fullmatch(r"-?\d+(\.\d+)?", word):
        return {"kind": "number", "value": float(word)}
    return {"kind": "name", "name": word}


def space_of(parameters: Sequence[dict[str, Any]], *constraints: str) -> dict[str, Any]:
    return {"parameters": list(parameters), "constraints": [constraint(text) for text in constraints]}


def to_request(space: dict[str, Any], sampler: str, first: int = 0, count: int = 10, **more: Any) -> dict[str, Any]:
    options = {name: more.pop(name) for name in ("startup_trials", "population_size") if name in more}
    return {
        "operation": "suggest",
        "space": space,
        "sampler": {"name": sampler, **options},
        "seed": 7,
        "objectives": 1,
        "first": first,
        "count": count,
        **more,
    }


def suggest(space: dict[str, Any], sampler: str, first: int = 0, count: int = 10, **more: Any) -> list[Params]:
    """Return the parameters of the trials that a sampler suggests."""
    result = ask(to_request(space, sampler, first, count, **more))
    assert [trial["number"] for trial in result["trials"]] == list(range(first, first + len(result["trials"])))
    return [trial["params"] for trial in result["trials"]]


def record(number: int, params: Params, values: list[float | None] | None, is_feasible: bool = True) -> dict[str, Any]:
    return {"number": number, "params": params, "values": values, "is_feasible": is_feasible}


def run_study(
    space: dict[str, Any], sampler: str, objective: Objective, trials: int, block: int = 10, **more: Any
) -> list[dict[str, Any]]:
    """Return the history of a study: each block is suggested when the one before it is recorded."""
    history: list[dict[str, Any]] = []
    while len(history) < trials:
        suggested = suggest(space, sampler, len(history), block, history=history, **more)
        if not suggested:
            break
        history += [record(len(history) + at, params, objective(params)) for at, params in enumerate(suggested)]
    return history


def list_combinations(space: dict[str, Any], holds: Callable[[Params], bool]) -> list[Params]:
    """Return the combinations of a finite space by trying all of them, first parameter outermost, each once."""
    axes = [_values_of(parameter) for parameter in space["parameters"]]
    found: list[Params] = []
    for values in itertools.product(*axes):
        every = {parameter["name"]: value for parameter, value in zip(space["parameters"], values, strict=True)}
        params = _without_absent(space, every)
        if holds(params) and params not in found:
            found.append(params)
    return found


def _values_of(parameter: dict[str, Any]) -> list[Any]:
    if parameter["kind"] == "int":
        return list(range(parameter["low"], parameter["high"] + 1))
    if parameter["kind"] == "range":
        return [parameter["start"] + index * parameter["step"] for index in range(parameter["count"])]
    values: list[Any] = parameter["values"]
    return values


def _without_absent(space: dict[str, Any], every: Params) -> Params:
    present = dict(every)
    for _ in space["parameters"]:
        for parameter in space["parameters"]:
            for condition in parameter.get("when", []):
                if present.get(condition["parameter"]) not in condition["values"]:
                    present.pop(parameter["name"], None)
    return present
