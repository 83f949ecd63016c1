"""The test for look-ahead: compute on candles that are cut off, and compare with what came out on all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.definition import Params
from quantbot_engine.rules.signals.evaluate import evaluate_signal, find_warm_up
from quantbot_engine.rules.signals.signal import Signal

# Sums over a part of the candles may be added up in another order.
ROUNDING = 1e-9
Columns = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class LookAhead:
    """Row `row` of `output` came out otherwise when the candles ended after `rows` candles: it knew later ones."""

    output: str
    row: int
    rows: int


def find_look_ahead(
    compute: Callable[[Candles], Columns], candles: Candles, cuts: Sequence[int] | None = None
) -> LookAhead | None:
    """Return the first output that knows the future, None if all rows stay the same at every cut.

    `cuts` are numbers of candles to keep; some twenty over the whole length if they are not given. Rows must stay equal
    to the last bit, undefined ones undefined.
    """
    whole = compute(candles)
    chosen = np.unique(np.linspace(1, len(candles), 20, dtype=np.int64)) if cuts is None else cuts
    for rows in (int(cut) for cut in chosen):
        part = compute(candles.first(rows))
        for output, column in part.items():
            is_same = np.equal(column, whole[output][:rows])
            if column.dtype.kind == "f":
                is_same |= np.isnan(column) & np.isnan(whole[output][:rows])
            if not is_same.all():
                return LookAhead(output, int(np.argmin(is_same)), rows)
    return None


def find_signal_look_ahead(found: Signal, candles: Candles, params: Params) -> LookAhead | None:
    """Return which output of a signal knows the future, None if none does. `params` are complete.

    The cuts lie behind the warm-up: a signal need not cope with fewer candles.
    """
    shortest = min(find_warm_up(found, params) + 1, len(candles))
    cuts = np.unique(np.linspace(shortest, len(candles), 20, dtype=np.int64))
    return find_look_ahead(lambda part: evaluate_signal(found, part, params), candles, [int(cut) for cut in cuts])


def find_look_aheads(
    compute: Callable[[Candles], Columns], candles: Candles, cuts: Sequence[int], on_cut: Callable[[int], None]
) -> list[LookAhead]:
    """Return each output that knows the future or comes out otherwise a second time, with the first row that shows it.

    `on_cut` is called with the number of cuts that are done. Numbers may differ by rounding. An output that is not the
    same twice on all candles has `rows` of all of them; cutting says nothing about it.
    """
    whole, again = compute(candles), compute(candles)
    found = {name: LookAhead(name, row, len(candles)) for name, row in _find_differences(whole, again, len(candles))}
    for done, rows in enumerate(cuts, start=1):
        part = compute(candles.first(rows))
        for name, row in _find_differences(whole, part, rows):
            found.setdefault(name, LookAhead(name, row, rows))
        on_cut(done)
    return list(found.values())


def _find_differences(whole: Columns, part: Columns, rows: int) -> list[tuple[str, int]]:
    """Return the first row that differs of each output that does; one that is missing on one side differs at once."""
    differences = [(name, 0) for name in dict.fromkeys((*whole, *part)) if name not in whole or name not in part]
    for name in (each for each in whole if each in part):
        first, second = whole[name][:rows], part[name]
        is_number = first.dtype.kind == "f"
        is_same = np.isclose(first, second, ROUNDING, 0.0, equal_nan=True) if is_number else first == second
        if not is_same.all():
            differences.append((name, int(np.argmin(is_same))))
    return differences
