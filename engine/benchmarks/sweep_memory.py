"""The child process of candles-sweep: `python -m benchmarks.sweep_memory`, a request as JSON on stdin.

Linux only: the peak of resident memory is reset in /proc when everything is loaded and was run once on few candles.
"""

import json
import sys
from importlib import import_module

import numpy as np

from benchmarks.data import CallData
from benchmarks.peak_memory import CLEAR_REFS, RESET_PEAK, read_bytes
from benchmarks.sweep import Sweep, make_candles, make_sweep

WARMING_CANDLES = 2_000


def main() -> int:
    """Run the pairs of the request with one contender; print the peak as JSON."""
    request = json.load(sys.stdin)
    base = make_sweep(1, 1)
    sweep = Sweep(np.array(request["fast"]), np.array(request["slow"]), base.stops, base.targets)
    data = make_candles(request["candles"])
    _run(request["contender"], make_candles(WARMING_CANDLES), sweep.spread(1))
    CLEAR_REFS.write_text(RESET_PEAK)
    trades = _run(request["contender"], data, sweep)
    json.dump({"peak_bytes": read_bytes("VmHWM"), "trades": trades}, sys.stdout)
    return 0


def _run(contender: str, data: CallData, sweep: Sweep) -> int:
    if contender == "ours":
        return int(import_module("benchmarks.ours_sweep").OursSweep(data, sweep).run().trades.sum())
    pairs = np.arange(sweep.fast.size)
    peer = import_module("benchmarks.peers.vectorbt_crossings").VectorbtCrossings(data, sweep, pairs, contender)
    return int(peer.run().trades.sum())


if __name__ == "__main__":
    sys.exit(main())
