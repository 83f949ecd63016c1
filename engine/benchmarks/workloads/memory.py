"""memory: what searching calls-grid-100k needs beyond its memory-mapped slice, in a process of its own."""

import json

from benchmarks import goals, peak_memory
from benchmarks.child import run_module
from benchmarks.data import CapitalSpec, make_calls, make_grid
from benchmarks.rows import Report
from benchmarks.settings import Settings
from benchmarks.slice_folder import slice_on_disk

NAME = "memory"
MEGABYTE = 1e6
RELATIVE_TOLERANCE = 1e-12
WHAT = "peak beyond the slice, calls-grid-100k"


def run_memory(settings: Settings) -> Report:
    """Measure the peak of a child process; its final capitals must be those of this process."""
    report = Report(NAME, is_judged=not settings.is_quick)
    if not peak_memory.is_measurable():
        report.add_missing(WHAT, "MB", goals.MEMORY_MB, "needs Linux")
        return report
    shape = (10, 10, 10) if settings.is_quick else (50, 50, 40)
    data = make_calls(200, 500) if settings.is_quick else make_calls(2_000, 2_880)
    with slice_on_disk(data) as reference:
        request = {"slice": reference, "shape": shape, "workers": settings.workers}
        found = json.loads(run_module(["benchmarks.peak_memory"], json.dumps(request).encode()))
    from benchmarks.ours import Ours

    expected = float(Ours(data, make_grid(*shape), CapitalSpec()).run(1).final_capital.sum())
    if abs(found["sum_of_final_capitals"] - expected) > RELATIVE_TOLERANCE * abs(expected):
        report.failures.append(f"{NAME}: sum of final capitals {found['sum_of_final_capitals']!r}, here {expected!r}")
        return report
    search_mb = (found["peak_bytes"] - found["before_bytes"]) / MEGABYTE
    process_mb = (found["peak_bytes"] - found["slice_bytes"]) / MEGABYTE
    report.add_measure(WHAT, search_mb, "MB", goals.MEMORY_MB, note="tables, working memory and results")
    report.add_measure(
        "whole process beyond the slice", process_mb, "MB", note="with Python, NumPy, Numba and compiled kernels"
    )
    report.facts.append(
        f"child process, {settings.workers} threads; slice of {found['slice_bytes'] / MEGABYTE:,.0f} MB mapped and"
        f" touched, kernels loaded and run on {peak_memory.WARMING_CALLS} calls; then the peak of resident memory is"
        " reset (/proc/self/clear_refs), the grid searched, and VmRSS from before taken from VmHWM"
    )
    return report
