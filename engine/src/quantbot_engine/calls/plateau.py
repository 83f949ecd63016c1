"""The robust choice of a search: the combination whose neighbours are good too, not the one lucky point."""

from dataclasses import dataclass

import numpy as np

from quantbot_engine.calls.exit_rules.exits import SearchAxes
from quantbot_engine.jit import Float1D
from quantbot_engine.protocol import BestPlateau

# Ladders and decays have no order, so nothing is next to them.
ORDERED_AXES = 6


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """One axis in order of value: for each position of the grid, positions one step below and above (-1: none)."""

    below: list[int]
    above: list[int]


def find_best_plateau(axes: SearchAxes, final_capital: Float1D) -> BestPlateau:
    """Return the combination with the highest mean final capital over itself and its neighbours.

    A neighbour is at most one step away on every numeric axis, the steps being the values of the grid in order; at an
    edge, and beside null, there are fewer. A tie goes to the earlier grid position.
    """
    total = final_capital.reshape(axes.shape)
    cells = np.ones((1,) * len(axes.shape), dtype=np.int64)
    for axis, values in enumerate(_axis_values(axes)):
        neighbours = _find_neighbours(values)
        total = _add_neighbours(total, neighbours, axis)
        cells = cells * _add_neighbours(np.ones(len(values), dtype=np.int64), neighbours, 0).reshape(
            [-1 if other == axis else 1 for other in range(len(axes.shape))]
        )
    cells = np.broadcast_to(cells, axes.shape)
    score = (total / cells).ravel()
    position = int(np.argmax(score))
    return BestPlateau(
        params=axes.to_params(position),
        score=float(score[position]),
        own_final_capital=float(final_capital[position]),
        cells=int(cells[np.unravel_index(position, axes.shape)]),
    )


def _axis_values(axes: SearchAxes) -> list[list[float | None]]:
    grid, further = axes.base.params, axes.further.axes
    return [
        list(grid.tp_mults),
        list(grid.sl_mults),
        list(grid.max_hold_hrs),
        list(further.activations),
        list(further.trails),
        list(further.break_evens),
    ]


def _find_neighbours(values: list[float | None]) -> _Neighbours:
    """Return who is next to whom. Of a value that the axis repeats, the first stands for all."""
    first = {value: values.index(value) for value in values}
    ordered = sorted(value for value in first if value is not None)
    rank = {value: place for place, value in enumerate(ordered)}

    def at(place: int) -> int:
        return first[ordered[place]] if 0 <= place < len(ordered) else -1

    return _Neighbours(
        below=[-1 if value is None else at(rank[value] - 1) for value in values],
        above=[-1 if value is None else at(rank[value] + 1) for value in values],
    )


def _add_neighbours(cells: np.ndarray, neighbours: _Neighbours, axis: int) -> np.ndarray:
    moved = np.moveaxis(cells, axis, 0)
    total = moved.copy()
    for sources in (neighbours.below, neighbours.above):
        for position, source in enumerate(sources):
            if source >= 0:
                total[position] += moved[source]
    return np.moveaxis(total, 0, axis)
