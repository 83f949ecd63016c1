"""The operation `importance`: what matters is found, and what cannot be told is not told."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from engine_calls import ask
from quantbot_engine.errors import EngineError
from search_requests import choice, real, record, space_of, steps, suggest, when, whole

Value = Callable[[dict[str, Any]], float | None]


def measure(space: dict[str, Any], *values: Value, trials: int = 200) -> list[dict[str, Any]]:
    params = suggest(space, "random", count=trials)
    history = [record(number, given, [value(given) for value in values]) for number, given in enumerate(params)]
    return measure_history(space, history, len(values))


def measure_history(space: dict[str, Any], history: list[dict[str, Any]], objectives: int = 1) -> list[dict[str, Any]]:
    result = ask({"operation": "importance", "space": space, "trials": history, "objectives": objectives})
    found: list[dict[str, Any]] = result["objectives"]
    return found


PLANE = space_of([real("x", 0, 1), real("y", 0, 1)])


def test_what_matters_ten_times_more_is_much_more_important() -> None:
    [found] = measure(PLANE, lambda at: 10 * at["x"] + at["y"])
    assert found["importance"]["x"] > 5 * found["importance"]["y"]
    assert sum(found["importance"].values()) == pytest.approx(1)
    assert list(found["importance"]) == ["x", "y"]
    assert (found["reason"], found["trials"]) == (None, 200)


def test_each_objective_has_its_own_importance() -> None:
    by_x, by_y = measure(PLANE, lambda at: at["x"], lambda at: at["y"])
    assert by_x["importance"]["x"] > 0.8
    assert by_y["importance"]["y"] > 0.8


def test_importance_is_about_the_highest_values_not_the_lowest() -> None:
    # At the top x tells trials apart, at the bottom y does.
    space = space_of([choice("side", "top", "bottom"), real("x", 0, 1), real("y", 0, 1)])
    [found] = measure(space, lambda at: 100 + at["x"] if at["side"] == "top" else at["y"], trials=400)
    assert found["importance"]["x"] > 3 * found["importance"]["y"]


def test_the_same_trials_in_any_order_give_the_same_importance() -> None:
    history = [record(at, {"x": x, "y": y}, [x * y + x]) for at, (x, y) in enumerate(_points(100))]
    [first] = measure_history(PLANE, history)
    assert measure_history(PLANE, history) == [first]
    [turned] = measure_history(PLANE, history[::-1])
    assert turned["importance"] == pytest.approx(first["importance"])


def _points(count: int) -> list[tuple[float, float]]:
    draw = random.Random(3)
    return [(draw.random(), draw.random()) for _ in range(count)]


def test_categories_whole_numbers_and_steps_are_weighed_too() -> None:
    space = space_of(
        [
            choice("mode", "slow", True, 3),
            whole("days", 1, 40, log=True),
            steps("stop", 0.1, 0.1, 5),
            whole("noise", 1, 9),
        ]
    )
    by_mode, by_stop, by_days = measure(
        space,
        lambda at: 1.0 if at["mode"] == "slow" else 0.01 * at["noise"],
        lambda at: at["stop"] + 0.001 * at["noise"],
        lambda at: at["days"],
        trials=300,
    )
    assert max(by_mode["importance"], key=by_mode["importance"].get) == "mode"
    assert max(by_stop["importance"], key=by_stop["importance"].get) == "stop"
    assert max(by_days["importance"], key=by_days["importance"].get) == "days"


def test_a_conditional_parameter_counts_where_it_exists() -> None:
    space = space_of(
        [choice("trailing", False, True), real("trail", 0, 1, when=[when("trailing", True)]), real("noise", 0, 1)]
    )
    [found] = measure(space, lambda at: 1 + at["trail"] if at["trailing"] else 0.0, trials=300)
    assert found["trials"] == 300
    assert found["importance"]["trail"] > found["importance"]["noise"]


def test_a_parameter_that_no_trial_has_or_only_one_is_left_out() -> None:
    space = space_of([choice("mode", "a", "b"), real("x", 0, 1), real("only", 0, 1, when=[when("mode", "b")])])
    history = [record(at, {"mode": "a", "x": x}, [x]) for at, (x, _) in enumerate(_points(50))]
    for lone in ([], [record(50, {"mode": "b", "x": 0.5, "only": 0.5}, [0.5])]):
        [found] = measure_history(space, [*history, *lone])
        assert found["importance"].keys() == {"mode", "x"}


def test_nineteen_trials_are_too_few_and_undefined_values_do_not_count() -> None:
    [found] = measure(PLANE, lambda at: at["x"], trials=19)
    assert found == {"importance": None, "reason": "too_few_trials", "trials": 19}
    history = [record(at, {"x": x, "y": y}, [x, None if at else y]) for at, (x, y) in enumerate(_points(20))]
    enough, few = measure_history(PLANE, [*history, record(20, {"x": 0.5, "y": 0.5}, None)], objectives=2)
    assert (enough["reason"], enough["trials"]) == (None, 20)
    assert few == {"importance": None, "reason": "too_few_trials", "trials": 1}


def test_an_objective_that_is_always_the_same_has_no_importance() -> None:
    assert measure(PLANE, lambda _: 4.0) == [{"importance": None, "reason": "no_variance", "trials": 200}]


def test_a_space_without_a_choice_has_no_effect() -> None:
    history = [record(at, {"x": 1}, [float(at)]) for at in range(30)]
    [found] = measure_history(space_of([choice("x", 1)]), history)
    assert found == {"importance": None, "reason": "no_effect", "trials": 30}


def test_a_trial_with_another_number_of_values_is_refused() -> None:
    with pytest.raises(EngineError, match="expected 2 values of trial 5, found 1") as caught:
        measure_history(PLANE, [record(5, {"x": 0.5, "y": 0.5}, [1.0])], objectives=2)
    assert caught.value.code == "INVALID_REQUEST"
