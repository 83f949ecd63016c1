"""A grid that is too large to be sent whole: its best combination in each bucket of targets and stops."""

from typing import Final

import numpy as np
import numpy.typing as npt

from quantbot_engine.calls.arrays import GridResults
from quantbot_engine.calls.exit_rules.exits import SearchAxes
from quantbot_engine.protocol import GridOverview

# Beyond this a grid's columns are left out of the result, and the overview stands for them.
MAX_LISTED_COMBINATIONS: Final = 20_000
MAX_BUCKETS: Final = 40


def to_overview(axes: SearchAxes, results: GridResults) -> GridOverview:
    """Return the best final capital of each bucket whatever the other parameters; ties go to the earlier position."""
    targets, stops = axes.shape[:2]
    cells = results.final_capital.reshape(targets * stops, -1)
    within = np.argmax(cells, axis=1)
    final = np.take_along_axis(cells, within[:, None], axis=1).reshape(targets, stops)
    trades = results.trades_executed.reshape(targets * stops, -1)[np.arange(targets * stops), within]
    trades = trades.reshape(targets, stops)
    target_buckets = _to_buckets(axes.base.params.tp_mults)
    stop_buckets = _to_buckets(axes.base.params.sl_mults)
    best, best_trades = [], []
    for target_bucket in target_buckets:
        for stop_bucket in stop_buckets:
            block = np.ix_(np.sort(target_bucket), np.sort(stop_bucket))
            top = int(np.argmax(final[block]))
            best.append(float(final[block].ravel()[top]))
            best_trades.append(int(trades[block].ravel()[top]))
    return GridOverview(
        tp_from=[axes.base.params.tp_mults[bucket[0]] for bucket in target_buckets],
        tp_to=[axes.base.params.tp_mults[bucket[-1]] for bucket in target_buckets],
        sl_from=[axes.base.params.sl_mults[bucket[0]] for bucket in stop_buckets],
        sl_to=[axes.base.params.sl_mults[bucket[-1]] for bucket in stop_buckets],
        best_final_capital=best,
        trades_executed=best_trades,
    )


def _to_buckets(values: list[float]) -> list[npt.NDArray[np.int64]]:
    """Return positions on an axis in order of value, in at most MAX_BUCKETS parts of about equal size."""
    order = np.argsort(np.array(values), kind="stable").astype(np.int64)
    return np.array_split(order, min(MAX_BUCKETS, order.size))
