"""first-result: from a request on stdin to the ranked grid, by a fresh process and by a resident worker."""

import json
import subprocess
import sys
from typing import IO, Any

import numpy as np

from benchmarks import goals
from benchmarks.child import environment, run_module
from benchmarks.data import CallData, CapitalSpec, GridAxes, make_calls, make_grid, sample_combinations
from benchmarks.equality import Equality
from benchmarks.outcome import Outcome
from benchmarks.rows import Report
from benchmarks.settings import ENGINE_FOLDER, Settings
from benchmarks.slice_folder import slice_on_disk
from benchmarks.timing import Contender, Timing, interleave

NAME = "first-result"
SPEC = CapitalSpec()
COMPARED = 64


class Worker:
    """A resident worker of the engine, spoken to as TypeScript speaks to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "quantbot_engine", "worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            cwd=ENGINE_FOLDER,
        )
        self.first: dict[str, Any] = {}
        self.last: dict[str, Any] = {}
        self._read("ready")

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request and return its result."""
        stdin = self._pipe(self._process.stdin)
        stdin.write(json.dumps({"kind": "run", "request_id": "bench", "request": request}).encode() + b"\n")
        stdin.flush()
        self.last = self._read("result")
        self.first = self.first or self.last
        result: dict[str, Any] = self.last["result"]
        return result

    def close(self) -> None:
        """End the worker by ending its input."""
        self._pipe(self._process.stdin).close()
        self._process.wait()
        self._pipe(self._process.stdout).close()

    def _read(self, kind: str) -> dict[str, Any]:
        while True:
            line = self._pipe(self._process.stdout).readline()
            if not line:
                raise RuntimeError(f"the worker ended while a {kind} message was awaited")
            message: dict[str, Any] = json.loads(line)
            if message["kind"] == "failed":
                raise RuntimeError(f"the worker failed: {message['error']}")
            if message["kind"] == kind:
                return message

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise RuntimeError("the worker has no pipes")
        return pipe


def run_first_result(settings: Settings) -> Report:
    """Time both; what they return must be what the replaying peer finds."""
    report = Report(NAME, is_judged=not settings.is_quick)
    data = make_calls(200, 500) if settings.is_quick else make_calls(2_000, 2_880)
    axes = make_grid(10, 10, 10)
    total = axes.combinations
    with slice_on_disk(data) as reference:
        request = _to_request(reference, axes, settings.workers)
        worker = Worker()
        try:
            contenders = [
                Contender("fresh process", settings.workers, lambda: lambda: _run_fresh(request), total, total),
                Contender("resident worker", settings.workers, lambda: lambda: worker.run(request), total, total),
            ]
            timings = interleave(contenders, settings.rounds, settings.budget_s)
            first, last = worker.first, worker.last
        finally:
            worker.close()
    report.facts += [
        f"{data.calls:,} calls x {data.candles:,} candles, {total:,} combinations; from request to parsed result;"
        " kernels cached on disk",
        f"resident worker, first request: slice {first['load_ms']:.0f} ms, kernels and computing"
        f" {first['compute_ms']:.0f} ms; last request: slice {last['load_ms']:.1f} ms, computing"
        f" {last['compute_ms']:.1f} ms",
    ]
    _judge(report, timings, data, axes)
    return report


def _judge(report: Report, timings: list[Timing], data: CallData, axes: GridAxes) -> None:
    expected = sample_combinations(axes, COMPARED)
    from benchmarks.peers.naive_numba import NaiveNumba

    peer = NaiveNumba(data, expected, SPEC).run(1)
    for timing in timings:
        report.add_time(timing, None)
        equality = Equality()
        found = Outcome(
            np.array(timing.result["grid_final_capital"]),
            np.array(timing.result["grid_trades_executed"], dtype=np.int64),
        )
        equality.check_outcome(found.take(expected.position), peer, axes.combinations)
        report.add_equality(f"{timing.name} and Numba replay", equality)
    if report.failures:
        return
    fresh, resident = timings
    report.add_measure("fresh process", fresh.best_s, "s", goals.FIRST_RESULT_S, note=f"median {fresh.median_s:.3f} s")
    note = (
        f"slice already mapped; median {resident.median_s * 1e3:.1f} ms; first request {resident.first_s * 1e3:.0f} ms"
    )
    report.add_measure("resident worker", resident.best_s * 1e3, "ms", goals.RESIDENT_MS, note=note)


def _run_fresh(request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run_module(["quantbot_engine"], json.dumps(request).encode()))
    return answer


def _to_request(reference: dict[str, str], axes: GridAxes, workers: int) -> dict[str, Any]:
    return {
        "operation": "optimize",
        "slice": reference,
        "param_grid": {
            "tp_mults": axes.targets.tolist(),
            "sl_mults": axes.stops.tolist(),
            "max_hold_hrs": axes.hold_hours.tolist(),
        },
        "simulator_config": {
            "initial_capital": SPEC.initial_capital,
            "max_allocation_pct": SPEC.max_allocation,
            "max_risk_per_trade": SPEC.max_risk,
            "max_concurrent_positions": SPEC.max_positions,
            "min_executable_size": SPEC.min_size,
            "taker_fee_bps": SPEC.fee_bps,
            "slippage_bps": SPEC.slippage_bps,
            "intrabar": SPEC.intrabar,
            "gap_fill": SPEC.gap_fill,
        },
        "workers": workers,
    }
