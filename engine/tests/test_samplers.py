"""The contract of samplers: every one of them runs through all of this."""

import json
import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from engine_calls import SOURCE_FOLDER, ask, run_engine
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.search.suggestion import SAMPLERS
from search_requests import (
    Params,
    choice,
    list_combinations,
    real,
    record,
    run_study,
    space_of,
    steps,
    suggest,
    to_request,
    when,
    whole,
)

ALL = sorted(SAMPLERS)
WITH_MODEL = ["bayesian", "evolutionary", "cma_es"]
WITHOUT_MODEL = sorted(set(SAMPLERS) - set(WITH_MODEL))
SOON: dict[str, Any] = {"startup_trials": 10, "population_size": 10}

MIXED = space_of(
    [
        steps("trail", 0.25, 0.25, 4, when=[when("exit", "trailing")]),
        whole("fast", 1, 12),
        whole("slow", 2, 40, log=True),
        choice("exit", "fixed", "trailing", 3),
        choice("flag", True, False),
        whole("depth", 1, 3, when=[when("trail", 0.5, 0.75), when("flag", True)]),
    ],
    "fast slow <",
)
CONTINUOUS = space_of([real("x", -1, 3), real("y", 0.001, 1, log=True), whole("n", 0, 50)])
FINITE = space_of([steps("x", -1, 0.125, 33), steps("y", 0.001, 0.0333, 31), steps("n", 0, 5, 11)])


def space_for(sampler: str) -> dict[str, Any]:
    return FINITE if sampler == "grid" else CONTINUOUS


def hill(params: Params) -> list[float | None]:
    """Return how near a trial is to x = 2, y = 0.01, n = 10; at most 0."""
    distance = (params["x"] - 2) ** 2 / 16 + (math.log10(params["y"]) + 2) ** 2 / 9 + (params["n"] - 10) ** 2 / 2500
    return [-distance]


def mixed_value(params: Params) -> list[float | None]:
    return [params["fast"] - 0.1 * params["slow"] + (1.0 if params["exit"] == "trailing" else 0.0)]


@pytest.mark.parametrize("sampler", ALL)
def test_values_lie_in_their_bounds_and_keep_their_kind(sampler: str) -> None:
    for trial in run_study(MIXED, sampler, mixed_value, 60, **SOON):
        params = trial["params"]
        assert type(params["fast"]) is int
        assert 1 <= params["fast"] <= 12
        assert type(params["slow"]) is int
        assert 2 <= params["slow"] <= 40
        assert params["exit"] in ["fixed", "trailing", 3]
        assert type(params["flag"]) is bool
        assert params.get("trail", 0.25) in [0.25, 0.5, 0.75, 1.0]
        assert params.get("depth", 1) in [1, 2, 3]


@pytest.mark.parametrize("sampler", ALL)
def test_conditions_and_constraints_hold(sampler: str) -> None:
    history = run_study(MIXED, sampler, mixed_value, 80, **SOON)
    for trial in history:
        params = trial["params"]
        assert ("trail" in params) == (params["exit"] == "trailing")
        assert ("depth" in params) == (params.get("trail") in [0.5, 0.75] and params["flag"])
        assert params["fast"] < params["slow"]
        # Shown in the order of the study file, not in that of the conditions.
        assert list(params) == [one["name"] for one in MIXED["parameters"] if one["name"] in params]
    if sampler != "grid":
        assert any("depth" in trial["params"] for trial in history)


@pytest.mark.parametrize("sampler", ALL)
def test_numbers_lie_in_their_bounds(sampler: str) -> None:
    for trial in run_study(space_for(sampler), sampler, hill, 60, **SOON):
        assert -1 <= trial["params"]["x"] <= 3
        assert 0.001 <= trial["params"]["y"] <= 1
        assert 0 <= trial["params"]["n"] <= 50


@pytest.mark.parametrize("sampler", ALL)
def test_the_same_seed_gives_the_same_study_and_another_seed_another(sampler: str) -> None:
    first = run_study(space_for(sampler), sampler, hill, 40, **SOON)
    assert run_study(space_for(sampler), sampler, hill, 40, **SOON) == first
    if sampler != "grid":
        assert run_study(space_for(sampler), sampler, hill, 40, seed=8, **SOON) != first


@pytest.mark.parametrize("sampler", ALL)
def test_a_study_goes_on_the_same_in_another_process_after_any_block(sampler: str) -> None:
    whole_run = run_study(space_for(sampler), sampler, hill, 40, **SOON)
    for first in (0, 10, 30):
        request = to_request(space_for(sampler), sampler, first, 10, history=whole_run[:first], **SOON)
        ended = run_engine([], json.dumps(request).encode())
        assert ended.returncode == 0, ended.stderr.decode()
        found = [trial["params"] for trial in json.loads(ended.stdout)["trials"]]
        assert found == [trial["params"] for trial in whole_run[first : first + 10]]


@pytest.mark.parametrize("sampler", WITH_MODEL)
def test_what_a_worker_remembers_of_another_study_changes_nothing(sampler: str) -> None:
    alone = run_study(MIXED, sampler, mixed_value, 40, **SOON)
    for first in (20, 30, 20, 40):
        suggest(
            MIXED, sampler, 20, 10, history=run_study(MIXED, sampler, mixed_value, 20, seed=8, **SOON), seed=8, **SOON
        )
        again = suggest(MIXED, sampler, first, 10, history=alone[:first], **SOON)
        assert first == 40 or again == [trial["params"] for trial in alone[first : first + 10]]


@pytest.mark.parametrize("sampler", WITH_MODEL)
def test_a_history_that_differs_in_its_past_is_learnt_anew(sampler: str) -> None:
    history = run_study(CONTINUOUS, sampler, hill, 30, **SOON)
    before = suggest(CONTINUOUS, sampler, 30, 10, history=history, **SOON)
    changed = [{**trial, "values": [-trial["values"][0]]} for trial in history]
    assert suggest(CONTINUOUS, sampler, 30, 10, history=changed, **SOON) != before
    assert suggest(CONTINUOUS, sampler, 30, 10, history=history, **SOON) == before


@pytest.mark.parametrize("sampler", WITHOUT_MODEL)
def test_without_a_model_a_trial_depends_on_its_number_alone(sampler: str) -> None:
    together = suggest(MIXED, sampler, 0, 30)
    apart = [suggest(MIXED, sampler, first, count) for first, count in ((25, 5), (0, 1), (1, 17), (18, 7))]
    assert [*apart[1], *apart[2], *apart[3], *apart[0]] == together


def test_a_grid_tries_everything_once_and_says_when_it_is_over() -> None:
    history = run_study(MIXED, "grid", mixed_value, 10_000, block=64)
    expected = list_combinations(MIXED, lambda params: bool(params["fast"] < params["slow"]))
    assert len(history) == len(expected)
    assert len({json.dumps(trial["params"]) for trial in history}) == len(history)
    over = ask(to_request(MIXED, "grid", len(expected) - 1, 5))
    assert len(over["trials"]) == 1
    assert over["is_exhausted"]
    assert not ask(to_request(MIXED, "grid", 0, 5))["is_exhausted"]


@pytest.mark.parametrize("sampler", ALL)
def test_failed_undefined_and_forbidden_trials_do_not_stop_a_study(sampler: str) -> None:
    space = space_for(sampler)
    history: list[dict[str, Any]] = []
    while len(history) < 60:
        for params in suggest(space, sampler, len(history), 10, history=history, **SOON):
            number = len(history)
            outcomes: list[list[float | None] | None] = [None, [None], hill(params), hill(params)]
            values = outcomes[number % 4]
            history.append(record(number, params, values, is_feasible=number % 4 != 3))
    assert len(history) == 60


@pytest.mark.parametrize("sampler", WITH_MODEL)
def test_nothing_but_failures_is_survived(sampler: str) -> None:
    assert len(run_study(CONTINUOUS, sampler, lambda _params: None, 50, **SOON)) == 50


@pytest.mark.parametrize("sampler", WITH_MODEL)
def test_models_keep_away_from_where_trials_are_forbidden(sampler: str) -> None:
    history: list[dict[str, Any]] = []
    while len(history) < 160:
        for params in suggest(CONTINUOUS, sampler, len(history), 10, history=history, **SOON):
            history.append(record(len(history), params, [0.0], is_feasible=params["x"] < 1))
    late = [trial["params"]["x"] for trial in history[-60:]]
    # Of random trials half are.
    assert np.mean([x < 1 for x in late]) > 0.7


@pytest.mark.parametrize("sampler", sorted(set(ALL) - {"cma_es"}))
def test_two_objectives(sampler: str) -> None:
    space = space_for(sampler)
    history = run_study(space, sampler, lambda params: [params["x"], -(params["x"] ** 2)], 60, objectives=2, **SOON)
    assert len(history) == 60
    if sampler in WITH_MODEL:
        # From 0 on one objective pays for the other; below it both lose.
        late = np.mean([trial["params"]["x"] >= -0.25 for trial in history[-20:]])
        assert late > 0.85


def test_cma_es_says_that_it_wants_one_objective() -> None:
    with pytest.raises(EngineError, match="cma_es: expected one objective, found 2") as caught:
        suggest(CONTINUOUS, "cma_es", objectives=2)
    assert caught.value.code is ErrorCode.INVALID_STUDY


@pytest.mark.parametrize("sampler", WITH_MODEL)
def test_models_find_a_better_region_than_chance(sampler: str) -> None:
    def median_of_late_trials(name: str) -> float:
        history = run_study(CONTINUOUS, name, hill, 150, **SOON)
        return float(np.median([trial["values"][0] for trial in history[-50:]]))

    assert median_of_late_trials(sampler) > 0.35 * median_of_late_trials("random")


@pytest.mark.parametrize("sampler", ["bayesian", "evolutionary"])
def test_models_find_the_better_category(sampler: str) -> None:
    space = space_of([choice("exit", "a", "b", "c", "d", "e"), real("x", 0, 1)])
    history = run_study(space, sampler, lambda p: [(1.0 if p["exit"] == "c" else 0.0) - p["x"]], 120, **SOON)
    # By chance a fifth would have it.
    assert np.mean([trial["params"]["exit"] == "c" for trial in history[-40:]]) > 0.4


def test_quasi_random_trials_leave_no_large_part_untried() -> None:
    space = space_of([real("x", 0, 1), real("y", 0, 1)])
    points = np.array([[params["x"], params["y"]] for params in suggest(space, "quasi_random", 0, 256)])
    boxes = {(int(x * 16), int(y * 16)) for x, y in points}
    # Independent points leave a third of the boxes empty.
    assert len(boxes) == 256


@pytest.mark.parametrize("sampler", ALL)
def test_constraints_that_leave_nothing_are_told(sampler: str) -> None:
    space = space_of([whole("fast", 1, 5), whole("slow", 6, 9)], "slow fast <")
    with pytest.raises(EngineError, match="slow fast < leave nothing") as caught:
        suggest(space, sampler)
    assert caught.value.code is ErrorCode.INVALID_STUDY


@pytest.mark.parametrize("sampler", ALL)
def test_a_space_of_one_point_is_tried(sampler: str) -> None:
    space = space_of([whole("fast", 5, 5), choice("exit", "only")])
    history = run_study(space, sampler, lambda _params: [0.0], 20, block=1, startup_trials=2, population_size=2)
    assert all(trial["params"] == {"fast": 5, "exit": "only"} for trial in history)
    assert len(history) == (1 if sampler == "grid" else 20)


@pytest.mark.parametrize(
    "history",
    [[record(1, {}, [0.0])], [record(0, {}, [0.0, 1.0])]],
    ids=["a hole", "a value too many"],
)
def test_a_history_that_does_not_fit_is_refused(history: list[dict[str, Any]]) -> None:
    with pytest.raises(EngineError) as caught:
        suggest(CONTINUOUS, "bayesian", 1, 1, history=history)
    assert caught.value.code is ErrorCode.INVALID_REQUEST


def test_a_long_history_does_not_slow_the_bayesian_sampler_down() -> None:
    trials = suggest(CONTINUOUS, "random", 0, 3000)
    history = [record(number, params, hill(params)) for number, params in enumerate(trials)]
    found = suggest(CONTINUOUS, "bayesian", 3000, 20, history=history)
    assert np.median([hill(params)[0] or 0.0 for params in found]) > np.median(
        [hill(params)[0] or 0.0 for params in trials]
    )


def test_a_sampler_whose_package_is_missing_names_it() -> None:
    program = """
import sys
sys.modules["cmaes"] = None
from quantbot_engine.__main__ import main
sys.exit(main([]))
"""
    request = json.dumps(to_request(CONTINUOUS, "cma_es")).encode()
    ended = run_program(program, request)
    error = json.loads(ended.stdout)["error"]
    assert error["code"] == "SETUP_INCOMPLETE"
    assert "cmaes" in error["message"]


def test_who_does_not_search_with_a_model_does_not_wait_for_its_packages() -> None:
    program = """
import sys
from quantbot_engine.__main__ import main
import quantbot_engine.worker.loop
main([])
print([name for name in ("optuna", "scipy", "cmaes", "numba") if name in sys.modules], file=sys.stderr)
"""
    ended = run_program(program, json.dumps(to_request(MIXED, "random")).encode())
    assert json.loads(ended.stdout)["trials"]
    assert ended.stderr.decode().strip() == "[]"


def run_program(program: str, stdin: bytes) -> Any:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)}
    return subprocess.run(
        [sys.executable, "-c", program], input=stdin, capture_output=True, env=environment, check=False
    )
