"""Search spaces: what is refused, and the combinations of a grid by number."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_calls import ask
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.search.space import grid_tree
from search_requests import (
    choice,
    constraint,
    list_combinations,
    real,
    space_of,
    steps,
    suggest,
    to_request,
    when,
    whole,
)

MANY = 10_000


def find_problem(space: dict[str, Any], sampler: str = "random") -> EngineError:
    with pytest.raises(EngineError) as caught:
        suggest(space, sampler)
    assert caught.value.code is ErrorCode.INVALID_STUDY
    return caught.value


@pytest.mark.parametrize(
    ("parameters", "name", "problem"),
    [
        ([whole("fast", 1, 5), whole("fast", 1, 5)], "fast", "found 2 parameters of this name"),
        ([real("stop", 0.9, 0.5)], "stop", "expected low <= high, found 0.9 > 0.5"),
        ([whole("fast", 9, 5)], "fast", "expected low <= high"),
        ([real("rate", 0, 1, log=True)], "rate", "expected low > 0 on a logarithmic scale, found 0"),
        ([whole("length", 0, 9, log=True)], "length", "expected low > 0 on a logarithmic scale, found 0"),
        ([steps("fast", 1, 0, 3)], "fast", "expected a step other than 0"),
        ([choice("exit", "a", "b", "a")], "exit", "found 'a' twice"),
        ([choice("size", 1, 1.0)], "size", "found 1.0 twice"),
        ([whole("fast", 1, 5, when=[when("slow", 3)])], "fast", "found 'slow'"),
        ([whole("a", 1, 5, when=[when("a", 3)])], "a", "without a circle, found a → a"),
    ],
)
def test_a_mistake_in_a_space_is_told_by_the_name_of_the_parameter(
    parameters: list[dict[str, Any]], name: str, problem: str
) -> None:
    error = find_problem(space_of(parameters))
    assert error.details["parameter"] == name
    assert problem in error.message


def test_conditions_in_a_circle_are_refused() -> None:
    circle = [whole(name, 1, 2, when=[when(parent, 1)]) for name, parent in (("a", "b"), ("b", "c"), ("c", "a"))]
    assert "without a circle" in find_problem(space_of(circle)).message


@pytest.mark.parametrize("text", ["fast <", "fast fast", "fast 3 < and", "not"])
def test_an_expression_that_does_not_add_up_is_refused(text: str) -> None:
    assert text in find_problem(space_of([whole("fast", 1, 5)], text)).message


def test_a_constraint_on_an_unknown_parameter_is_refused() -> None:
    error = find_problem(space_of([whole("fast", 1, 5)], "fast slow <"))
    assert error.details["parameter"] == "slow"


def test_a_constraint_that_compares_a_word_with_a_number_is_refused() -> None:
    assert "mode 3 <" in find_problem(space_of([choice("mode", "a", "b")], "mode 3 <")).message


def test_a_range_has_its_last_value_and_whole_numbers_stay_whole() -> None:
    assert suggest(space_of([steps("fast", 5, 5, 4)]), "grid", count=MANY) == [{"fast": v} for v in (5, 10, 15, 20)]
    found = suggest(space_of([steps("fast", 5, 5, 4)]), "grid", count=MANY)
    assert all(type(params["fast"]) is int for params in found)
    fractions = suggest(space_of([steps("stop", 0.1, 0.1, 3)]), "grid", count=MANY)
    assert fractions == [{"stop": 0.1 + index * 0.1} for index in range(3)]


def test_conditional_parameters_collapse_what_does_not_differ() -> None:
    space = space_of(
        [steps("length", 10, 10, 2, when=[when("exit", "trailing")]), choice("exit", "fixed", "trailing", "none")]
    )
    found = suggest(space, "grid", count=MANY)
    assert found == [
        {"exit": "fixed"},
        {"length": 10, "exit": "trailing"},
        {"length": 20, "exit": "trailing"},
        {"exit": "none"},
    ]
    assert ask(to_request(space, "grid"))["space_size"] == 4


def test_true_is_not_one_in_a_condition() -> None:
    space = space_of([choice("flag", 1, True), whole("a", 1, 3, when=[when("flag", True)])])
    assert suggest(space, "grid", count=MANY) == [{"flag": 1}, *({"flag": True, "a": a} for a in (1, 2, 3))]


def test_a_fraction_with_rounding_still_fulfils_its_condition() -> None:
    space = space_of([steps("x", 0.1, 0.1, 3), whole("a", 1, 2, when=[when("x", 0.3)])])
    assert len(suggest(space, "grid", count=MANY)) == 4


def test_a_million_million_combinations_are_not_listed() -> None:
    axes = [steps(name, 0, 1, 1000) for name in ("a", "b", "c", "d")]
    started = time.monotonic()
    result = ask(to_request(space_of(axes), "grid", 123_456_789_012, 1))
    assert result["trials"][0]["params"] == {"a": 123, "b": 456, "c": 789, "d": 12}
    assert result["space_size"] == 10**12
    constrained = space_of(axes, "b a <", "d 500 >=")
    assert suggest(constrained, "grid", 0, 1) == [{"a": 1, "b": 0, "c": 0, "d": 500}]
    pairs = 1000 * 999 // 2
    last = suggest(constrained, "grid", pairs * 1000 * 500 - 1, 5)
    assert last == [{"a": 999, "b": 998, "c": 999, "d": 999}]
    assert time.monotonic() - started < 5


def test_constraints_that_connect_too_much_to_be_counted_are_refused_every_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grid_tree, "MAX_NODES", 500)
    space = space_of([steps(name, 0, 1, 100) for name in ("a", "b", "c")], "a b * c + 9900 ==")
    for _ in range(2):
        assert "use wider steps, or another sampler" in find_problem(space, "grid").message


def test_a_grid_needs_a_step() -> None:
    error = find_problem(space_of([whole("fast", 1, 5), real("stop", 0.5, 0.9)]), "grid")
    assert error.details["parameter"] == "stop"
    assert "give it a step" in error.message


def test_the_size_of_a_space_with_any_number_is_not_known() -> None:
    assert ask(to_request(space_of([real("stop", 0.5, 0.9)]), "random"))["space_size"] is None


def test_a_constraint_on_a_parameter_that_does_not_exist_holds() -> None:
    space = space_of([choice("mode", "a", "b"), whole("x", 0, 9, when=[when("mode", "b")])], "x 5 >")
    assert suggest(space, "grid", count=MANY) == [{"mode": "a"}, *({"mode": "b", "x": x} for x in (6, 7, 8, 9))]


def test_words_and_dividing_by_zero_in_constraints() -> None:
    words = space_of([choice("mode", "a", "b"), choice("other", "a", "b")], "mode other !=")
    assert suggest(words, "grid", count=MANY) == [{"mode": "a", "other": "b"}, {"mode": "b", "other": "a"}]
    undefined = space_of([whole("x", 0, 1)], "x x / 1 ==")
    assert suggest(undefined, "grid", count=MANY) == [{"x": 1}]


SMALL_AXES = st.tuples(st.sampled_from(["int", "range", "choice"]), st.integers(1, 3))


@st.composite
def small_spaces(draw: st.DrawFn) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """A space of up to four parameters, conditions on any earlier or later one without circles, and constraints."""
    names: list[str] = draw(st.permutations("abcd"))
    rank = {name: position for position, name in enumerate(draw(st.permutations("abcd")))}
    parameters = []
    for name in names:
        kind, count = draw(SMALL_AXES)
        others = [other for other in names if rank[other] < rank[name]]
        more: dict[str, Any] = {}
        if others and draw(st.sampled_from([False, True])):
            values = draw(st.lists(st.integers(0, 3), min_size=1, max_size=2))
            more["when"] = [when(draw(st.sampled_from(others)), *values)]
        if kind == "int":
            parameters.append(whole(name, 0, count, **more))
        elif kind == "range":
            parameters.append(steps(name, 1, 1, count, **more))
        else:
            parameters.append(choice(name, *draw(st.permutations(list(range(count + 1)))), **more))
    pairs = st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"))
    return space_of(parameters), draw(st.lists(pairs, max_size=2))


@given(small_spaces())
def test_a_grid_is_what_trying_every_combination_finds(drawn: tuple[dict[str, Any], list[tuple[str, str]]]) -> None:
    space, pairs = drawn
    space = {**space, "constraints": [constraint(f"{first} {second} <=") for first, second in pairs]}

    def holds(params: dict[str, Any]) -> bool:
        return all(params[a] <= params[b] for a, b in pairs if a in params and b in params)

    expected = list_combinations(space, holds)
    if not expected:
        assert "leave nothing" in find_problem(space, "grid").message
        return
    found = suggest(space, "grid", count=MANY)
    assert len(found) == len(expected)
    assert all(params in found for params in expected)
    # Any block of them is what it is in the whole, whatever was asked before.
    middle = len(found) // 2
    assert suggest(space, "grid", middle, 3) == found[middle : middle + 3]
    assert ask(to_request({**space, "constraints": []}, "grid"))["space_size"] == len(
        list_combinations({**space, "constraints": []}, lambda _params: True)
    )
