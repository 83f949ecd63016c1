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
