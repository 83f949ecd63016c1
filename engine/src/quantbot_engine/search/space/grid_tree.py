"""The combinations of a finite space by number, without listing them: a tree of counts, grown where it is asked.

Axes that neither a condition nor a constraint further down looks at multiply; only the others branch. So the cost of
finding any combination is bounded by the combinations of the axes that constraints connect (`MAX_NODES`), never by
the size of the space, and is paid once: counts stay in the tree.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.search.space.axes import Params, is_same
from quantbot_engine.search.space.expressions import holds, names_in
from quantbot_engine.search.space.space import Space

# About a second of work and 100 MB.
MAX_NODES = 200_000
# Values of one axis that may be held against a constraint or a condition.
MAX_LISTED_VALUES = 1_000_000

_ABSENT = "absent"


@dataclass(slots=True)
class _Node:
    """All combinations below one choice of what matters from `depth` on; `ends` are running totals of its branches."""

    depth: int
    source: "Iterator[_Branch]"
    ends: list[int] = field(default_factory=list)
    branches: "list[_Branch]" = field(default_factory=list)

    def count(self) -> int:
        while self._grow():
            pass
        return self.ends[-1] if self.ends else 0

    def find(self, index: int) -> "tuple[_Branch, int] | None":
        """Return the branch that holds combination `index`, and its number within the branch."""
        while not self.ends or self.ends[-1] <= index:
            if not self._grow():
                return None
        position = bisect_right(self.ends, index)
        return self.branches[position], index - (self.ends[position - 1] if position > 0 else 0)

    def _grow(self) -> bool:
        branch = next(self.source, None)
        if branch is None:
            return False
        self.branches.append(branch)
        self.ends.append((self.ends[-1] if self.ends else 0) + len(branch.indices) * branch.each)
        return True


@dataclass(frozen=True, slots=True)
class _Branch:
    """Values of one axis that lead to the same node; without indices the axis does not exist here."""

    indices: Sequence[int]
    each: int
    node: "_Node | None"
    exists: bool


class GridTree:
    """Numbered combinations in grid order: the first axis outermost.

    Parameters
    ----------
    space : Space
        Every axis must have a finite number of values; INVALID_STUDY names the one that has not.
    is_constrained : bool
        Whether to leave out what the constraints do not allow.
    """

    def __init__(self, space: Space, is_constrained: bool) -> None:
        for axis in space.axes:
            if axis.count is None:
                raise EngineError(
                    ErrorCode.INVALID_STUDY,
                    f"parameter {axis.name}: expected a finite number of values for the grid sampler, found any number"
                    " between two bounds; give it a step, or use another sampler",
                    parameter=axis.name,
                )
        self._space = space
        self._constraints = space.constraints if is_constrained else []
        self._depth_of = {axis.name: depth for depth, axis in enumerate(space.axes)}
        self._needed_by_condition = self._find_last_conditions()
        self._needed_by_constraint = self._find_last_constraints()
        self._nodes: dict[Any, _Node] = {}
        self._columns: dict[int, Any] = {}
        is_possible = all(holds(constraint, {}) for constraint in self._constraints if not names_in(constraint))
        self._root = self._node_at(0, {}) if is_possible else None

    def count(self) -> int:
        """Return the number of combinations."""
        return 0 if self._root is None else self._count_below(self._root, 0)

    def find(self, index: int) -> Params | None:
        """Return combination `index`, None if there are not that many."""
        params: Params = {}
        node, depth = self._root, 0
        if node is None:
            return None
        while node is not None:
            found = node.find(index)
            if found is None:
                return None
            branch, index = found
            position, index = divmod(index, branch.each)
            if branch.exists:
                axis = self._space.axes[depth]
                params[axis.name] = axis.value_at(branch.indices[position])
            node, depth = branch.node, depth + 1
        return params

    def _count_below(self, node: _Node | None, depth: int) -> int:
        return 1 if node is None or depth == len(self._space.axes) else node.count()

    def _node_at(self, depth: int, params: Params) -> _Node | None:
        """Return the node for what `params` leave open; combinations that differ in nothing that matters share it."""
        if depth == len(self._space.axes):
            return None
        key = (depth, *(self._key_of(name, params) for name in self._live_names(depth)))
        node = self._nodes.get(key)
        if node is None:
            if len(self._nodes) >= MAX_NODES:
                raise self._too_many()
            node = _Node(depth, self._branches(depth, params))
            self._nodes[key] = node
        return node

    def _branches(self, depth: int, params: Params) -> Iterator[_Branch]:
        axis = self._space.axes[depth]
        if not self._space.exists(depth, params):
            node = self._node_at(depth + 1, params)
            yield _Branch([0], self._count_below(node, depth + 1), node, exists=False)
            return
        allowed = self._allowed(depth, params)
        for indices in self._split(depth, allowed):
            below = params
            if len(indices) > 0 and self._is_live(axis.name, depth + 1):
                below = {**params, axis.name: axis.value_at(indices[0])}
            node = self._node_at(depth + 1, below)
            each = self._count_below(node, depth + 1)
            if len(indices) > 0 and each > 0:
                yield _Branch(indices, each, node, exists=True)

    def _split(self, depth: int, allowed: Sequence[int]) -> Iterator[Sequence[int]]:
        """Split the values of an axis, in order, into runs that are the same to all that comes below."""
        name = self._space.axes[depth].name
        if not self._is_live(name, depth + 1):
            yield allowed
        elif self._needed_by_constraint.get(name, -1) > depth:
            for index in allowed:
                yield [index]
        else:
            self._check_listed(depth)
            axis = self._space.axes[depth]
            run: list[int] = []
            for index in allowed:
                if run and self._class_of(name, axis.value_at(run[0])) != self._class_of(name, axis.value_at(index)):
                    yield run
                    run = []
                run.append(index)
            yield run

    def _allowed(self, depth: int, params: Params) -> Sequence[int]:
        """Return the indices of an axis that the constraints decided by it allow."""
        axis = self._space.axes[depth]
        decided = [
            constraint
            for constraint in self._constraints
            if names_in(constraint) and max(self._depth_of[name] for name in names_in(constraint)) == depth
        ]
        everything = range(axis.count or 0)
        if not decided:
            return everything
        mask = np.ones(len(everything), dtype=bool)
        for constraint in decided:
            mask &= holds(constraint, {**params, axis.name: self._column(depth)})
        allowed: list[int] = np.flatnonzero(mask).tolist()
        return allowed

    def _column(self, depth: int) -> Any:
        if depth not in self._columns:
            self._check_listed(depth)
            axis = self._space.axes[depth]
            values = [axis.value_at(index) for index in range(axis.count or 0)]
            is_text = any(isinstance(value, str) for value in values)
            self._columns[depth] = np.array(values, dtype=object if is_text else None)
        return self._columns[depth]

    def _check_listed(self, depth: int) -> None:
        if (self._space.axes[depth].count or 0) > MAX_LISTED_VALUES:
            raise self._too_many()

    def _live_names(self, depth: int) -> list[str]:
        return [axis.name for axis in self._space.axes[:depth] if self._is_live(axis.name, depth)]

    def _is_live(self, name: str, depth: int) -> bool:
        return max(self._needed_by_constraint.get(name, -1), self._needed_by_condition.get(name, -1)) >= depth

    def _key_of(self, name: str, params: Params) -> Any:
        if name not in params:
            return _ABSENT
        if self._needed_by_constraint.get(name, -1) > self._depth_of[name]:
            return (type(params[name]).__name__, params[name])
        return self._class_of(name, params[name])

    def _class_of(self, name: str, value: Any) -> tuple[bool, ...]:
        """Return which conditions on a parameter a value fulfils; nothing else about it matters to them."""
        return tuple(
            any(is_same(value, wanted) for wanted in condition.values)
            for conditions in self._space.conditions
            for condition in conditions
            if condition.parameter == name
        )

    def _find_last_conditions(self) -> dict[str, int]:
        return {
            condition.parameter: depth
            for depth, conditions in enumerate(self._space.conditions)
            for condition in conditions
        }

    def _find_last_constraints(self) -> dict[str, int]:
        last: dict[str, int] = {}
        for constraint in self._constraints:
            names = names_in(constraint)
            for name in names:
                last[name] = max(last.get(name, -1), *(self._depth_of[other] for other in names))
        return last

    def _too_many(self) -> EngineError:
        texts = [constraint.text for constraint in self._constraints]
        return EngineError(
            ErrorCode.INVALID_STUDY,
            f"the grid sampler counts the combinations that constraints and conditions connect, at most {MAX_NODES:,};"
            f" found more, connected by {', '.join(texts) or 'conditions'}: use wider steps, or another sampler",
            constraints=texts,
        )
