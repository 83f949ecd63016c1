"""The table on the terminal and the JSON beside it."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.probe import Machine
from benchmarks.rows import Report, Time
from benchmarks.settings import Settings
from quantbot_engine.source_hash import get_source_hash


def describe_machine(machine: Machine, settings: Settings) -> dict[str, Any]:
    """Return what a reader must know of machine and software to judge the figures."""
    return {
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "read_gb_per_s": round(machine.read_gb_per_s, 2),
        "clock_ghz": round(machine.clock_ghz, 2),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "engine_source_hash": get_source_hash(),
        "workers": settings.workers,
        "is_quick": settings.is_quick,
    }


def print_machine(machine: dict[str, Any]) -> None:
    """Print the head of the report."""
    load = ", ".join(f"{value:.2f}" for value in machine["load_average"])
    sys.stdout.write(
        f"{machine['system']}, {machine['cores']} cores, load average {load}; Python {machine['python']},"
        f" NumPy {machine['numpy']}, Numba {machine['numba']}, engine {machine['engine_source_hash'][:12]}\n"
        f"one thread reads {machine['read_gb_per_s']} GB/s; clock {machine['clock_ghz']} GHz; contenders use 1"
        f"{'' if machine['workers'] == 1 else ' and ' + str(machine['workers'])} threads\n"
    )
    if machine["is_quick"]:
        sys.stdout.write("QUICK RUN: small sizes, to see that everything works. Its figures prove nothing.\n")


def print_report(report: Report, load_average: float) -> None:
    """Print one workload: facts, equality, times, measures."""
    lines = [f"\n== {report.workload}   (load average {load_average:.2f})"]
    lines += [f"   {fact}" for fact in report.facts]
    lines += [f"   {equality}" for equality in report.equalities]
    lines += [f"   DIFFERS  {failure}" for failure in report.failures]
    if report.times:
        header = ("contender", "threads", "first use", "best", "median", "rounds", "ns/cell", "")
        lines += _align([header, *(_time_row(time) for time in report.times)])
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def print_measures(reports: Sequence[Report]) -> None:
    """Print the table of all measures with their floors and goals."""
    header = ("workload", "measure", "value", "at least", "goal", "", "")
    rows = [header]
    for measure in (measure for report in reports for measure in report.measures):
        rows.append(
            (
                measure.workload,
                measure.what,
                "-" if measure.value is None else _figure(measure.value, measure.unit),
                "" if measure.at_least is None else _figure(measure.at_least, measure.unit),
                "" if measure.goal is None else _figure(measure.goal, measure.unit),
                measure.verdict,
                measure.note,
            )
        )
    sys.stdout.write("\n" + "\n".join(_align(rows)) + "\n")


def write_json(path: Path, machine: dict[str, Any], reports: Sequence[Report]) -> None:
    """Write everything that was printed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine, "workloads": [asdict(report) for report in reports]}
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")


def _time_row(time: Time) -> tuple[str, ...]:
    cell = "" if time.cell_ns is None else f"{time.cell_ns:.2f}"
    seconds = (_seconds(time.first_s), _seconds(time.best_s), _seconds(time.median_s))
    return (time.contender, str(time.threads), *seconds, str(time.rounds), cell, time.note)


# Three digits are shown; from here on all of them stand before the point.
THOUSAND = 1000
WHOLE_FROM = 100


def _seconds(value: float) -> str:
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms")):
        if value < limit:
            return f"{value * factor:.3g} {unit}"
    return f"{value:,.0f} s" if value >= THOUSAND else f"{value:.3g} s"


def _figure(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{value:.3g}"
    return f"{text}{'' if unit in ('x', '') else ' '}{unit}"


def _align(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "   " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
