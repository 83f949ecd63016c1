"""A search space, checked and ready to be sampled: axes in the order in which they can be decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import Constraint, ErrorCode, ParameterCondition, SearchSpace
from quantbot_engine.search.space.axes import Axis, Params, Value, is_same, to_axis
from quantbot_engine.search.space.checks import check_space, order_by_conditions
from quantbot_engine.search.space.expressions import holds, names_in


@dataclass(frozen=True, slots=True)
class Space:
    """Axes, each after those that its conditions name; `conditions[i]` and `axes[i]` belong together."""

    axes: list[Axis]
    conditions: list[list[ParameterCondition]]
    constraints: list[Constraint]
    # Names in the order of the study file, in which parameters are shown.
    names: list[str]

    def exists(self, index: int, params: Mapping[str, Value]) -> bool:
        """Return whether axis `index` exists beside the parameters decided before it."""
        return all(
            condition.parameter in params
            and any(is_same(params[condition.parameter], value) for value in condition.values)
            for condition in self.conditions[index]
        )

    def decode(self, units: Sequence[float]) -> Params:
        """Return the parameters at a point of the unit cube, one coordinate per axis."""
        params: Params = {}
        for index, (axis, unit) in enumerate(zip(self.axes, units, strict=True)):
            if self.exists(index, params):
                params[axis.name] = axis.from_unit(unit)
        return params

    def is_allowed(self, params: Params) -> bool:
        """Return whether all constraints hold."""
        return all(holds(constraint, params) for constraint in self.constraints)

    def in_file_order(self, params: Params) -> Params:
        """Return the parameters in the order of the study file."""
        return {name: params[name] for name in self.names if name in params}

    def nothing_left(self, tries: str) -> EngineError:
        """Return the error of a sampler that found nothing that the constraints allow."""
        texts = " and ".join(constraint.text for constraint in self.constraints)
        return EngineError(
            ErrorCode.INVALID_STUDY,
            f"constraints: {texts} leave nothing, or almost nothing, of the search space ({tries});"
            " loosen them, or narrow the parameters to where they hold",
            constraints=[constraint.text for constraint in self.constraints],
        )


def to_space(space: SearchSpace) -> Space:
    """Return the space; INVALID_STUDY names the parameter that is wrong."""
    check_space(space)
    ordered = order_by_conditions(space)
    return Space(
        axes=[to_axis(parameter) for parameter in ordered],
        conditions=[parameter.when for parameter in ordered],
        # One without names is the same everywhere; it is kept, so that one that never holds is noticed.
        constraints=sorted(space.constraints, key=lambda constraint: len(names_in(constraint))),
        names=[parameter.name for parameter in space.parameters],
    )
