"""The child process of the memory workload: `python -m benchmarks.peak_memory`, a request as JSON on stdin.

Linux only: the peak of resident memory is reset in /proc after everything but the search has been paid for.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

from benchmarks.data import CapitalSpec, make_grid
from benchmarks.ours import to_config, to_grid
from quantbot_engine.calls.exits import find_exits, to_axes
from quantbot_engine.calls.grid_search import search_grid
from quantbot_engine.protocol import SliceRef
from quantbot_engine.slices.call_rules import take_calls
from quantbot_engine.slices.load import load_slice
from quantbot_engine.slices.market import Market

STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")
RESET_PEAK = "5"
WARMING_CALLS = 50


def is_measurable() -> bool:
    """Whether this system can say and reset the peak of a process."""
    return STATUS.exists() and os.access(CLEAR_REFS, os.W_OK)


def main() -> int:
    """Load and touch the slice, warm up on a few calls, reset the peak, search, print the figures as JSON."""
    request = json.load(sys.stdin)
    market = load_slice(SliceRef(**request["slice"]))
    columns = market.candles
    mapped = [columns.timestamp, columns.open, columns.high, columns.low, columns.close, columns.volume]
    for column in mapped:
        column.sum()
    few = take_calls(market.calls, np.arange(min(WARMING_CALLS, len(market.calls)), dtype=np.int64))
    _search(Market(market.candles, market.series, few), (2, 2, 2), request["workers"])
    before = read_bytes("VmRSS")
    CLEAR_REFS.write_text(RESET_PEAK)
    final = _search(market, tuple(request["shape"]), request["workers"])
    answer = {
        "before_bytes": before,
        "peak_bytes": read_bytes("VmHWM"),
        "slice_bytes": sum(column.nbytes for column in mapped),
        "sum_of_final_capitals": float(final.sum()),
    }
    json.dump(answer, sys.stdout)
    return 0


def _search(market: Market, shape: tuple[int, int, int], workers: int) -> np.ndarray:
    axes = to_axes(to_grid(make_grid(*shape)))
    config = to_config(CapitalSpec())
    exits = find_exits(market, market.calls, axes.levels, config.gap_fill, workers)
    return search_grid(exits, axes, config, workers).final_capital


def read_bytes(field: str) -> int:
    """Return a size from the status of this process, such as VmRSS."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(f"{STATUS} has no {field}")


if __name__ == "__main__":
    sys.exit(main())
