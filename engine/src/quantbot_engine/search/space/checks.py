"""What is wrong with a search space, said once and by the name of the parameter."""

from collections import Counter
from graphlib import CycleError, TopologicalSorter

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    CategoricalParameter,
    ErrorCode,
    FloatParameter,
    IntParameter,
    Parameter,
    RangeParameter,
    SearchSpace,
)
from quantbot_engine.search.space.axes import is_same
from quantbot_engine.search.space.expressions import check_form, names_in


def check_space(space: SearchSpace) -> None:
    """Raise INVALID_STUDY, which names the parameter or the constraint, unless the space can be searched."""
    counts = Counter(parameter.name for parameter in space.parameters)
    for name, count in counts.items():
        if count > 1:
            raise invalid(name, f"expected a name of its own, found {count} parameters of this name")
    for parameter in space.parameters:
        _check_values(parameter)
        for condition in parameter.when:
            if condition.parameter not in counts:
                raise invalid(parameter.name, f"when: expected the name of a parameter, found {condition.parameter!r}")
    for constraint in space.constraints:
        check_form(constraint)
        unknown = sorted(names_in(constraint) - counts.keys())
        if unknown:
            message = f"constraint {constraint.text!r}: expected names of parameters, found {unknown[0]!r}"
            raise EngineError(ErrorCode.INVALID_STUDY, message, constraint=constraint.text, parameter=unknown[0])


def order_by_conditions(space: SearchSpace) -> list[Parameter]:
    """Return the parameters, each after those that its conditions name, otherwise in the order of the study file."""
    position = {parameter.name: index for index, parameter in enumerate(space.parameters)}
    graph = {parameter.name: {condition.parameter for condition in parameter.when} for parameter in space.parameters}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = [str(name) for name in error.args[1]]
        raise invalid(cycle[0], f"when: expected conditions without a circle, found {' → '.join(cycle)}") from error
    ordered: list[Parameter] = []
    waiting: list[str] = []
    while sorter.is_active():
        waiting = sorted([*waiting, *sorter.get_ready()], key=position.__getitem__)
        name = waiting.pop(0)
        ordered.append(space.parameters[position[name]])
        sorter.done(name)
    return ordered


def invalid(name: str, problem: str) -> EngineError:
    """Return an INVALID_STUDY error about one parameter."""
    return EngineError(ErrorCode.INVALID_STUDY, f"parameter {name}: {problem}", parameter=name)


def _check_values(parameter: Parameter) -> None:
    name = parameter.name
    match parameter:
        case FloatParameter() | IntParameter():
            if parameter.low > parameter.high:
                raise invalid(name, f"expected low <= high, found {parameter.low} > {parameter.high}")
            if parameter.log and parameter.low <= 0:
                raise invalid(name, f"expected low > 0 on a logarithmic scale, found {parameter.low}")
        case RangeParameter():
            if parameter.step == 0 and parameter.count > 1:
                raise invalid(name, f"expected a step other than 0 for {parameter.count} values, found 0")
        case CategoricalParameter():
            for index, value in enumerate(parameter.values):
                if any(is_same(value, other) for other in parameter.values[:index]):
                    raise invalid(name, f"expected values that differ, found {value!r} twice")
