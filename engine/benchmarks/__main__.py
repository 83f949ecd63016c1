"""`npm run bench`: times ours against its peers, prints a table, writes JSON; 1 when anything differs."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.probe import probe_machine
from benchmarks.report import describe_machine, print_machine, print_measures, print_report, write_json
from benchmarks.rows import Report
from benchmarks.settings import CACHE_FOLDER, Settings
from benchmarks.workloads.calls_grid import BIG, GRID_1K, GRID_100K, run_calls_grid
from benchmarks.workloads.candles_single import run_candles_single
from benchmarks.workloads.candles_sweep import run_candles_sweep
from benchmarks.workloads.first_result import run_first_result
from benchmarks.workloads.memory import run_memory
from benchmarks.workloads.scaling import run_scaling
from benchmarks.workloads.trailing import run_trailing
from benchmarks.workloads.vectorbt_exits import run_vectorbt_exits

Workload = Callable[[Settings], Report]

WORKLOADS: dict[str, Workload] = {
    "calls-grid-1k": lambda settings: run_calls_grid(GRID_1K, settings),
    "calls-grid-100k": lambda settings: run_calls_grid(GRID_100K, settings),
    "calls-big": lambda settings: run_calls_grid(BIG, settings),
    "trail-act": run_trailing,
    "candles-single": run_candles_single,
    "first-result": run_first_result,
    "memory": run_memory,
    "scaling": run_scaling,
    # Last: what they import stays in the process.
    "candles-sweep": run_candles_sweep,
    "calls-vbt": run_vectorbt_exits,
}

ROUNDS = 7
BUDGET_S = 60.0
QUICK_ROUNDS = 3
QUICK_BUDGET_S = 2.0


def main(arguments: list[str], workloads: dict[str, Workload] = WORKLOADS) -> int:
    """Run the chosen workloads; return the exit code."""
    options = _parse(arguments, list(workloads))
    machine = probe_machine()
    settings = Settings(
        is_quick=options.quick,
        workers=options.workers,
        rounds=QUICK_ROUNDS if options.quick else ROUNDS,
        budget_s=QUICK_BUDGET_S if options.quick else BUDGET_S,
        with_vectorbt=not options.no_vectorbt,
        machine=machine,
    )
    described = describe_machine(machine, settings)
    print_machine(described)
    reports: list[Report] = []
    for name in options.only or workloads:
        if reports and not options.quick:
            settings = replace(settings, machine=settings.machine.or_better(probe_machine()))
        report = workloads[name](settings)
        print_report(report, os.getloadavg()[0])
        reports.append(report)
    print_measures(reports)
    path: Path = options.json or CACHE_FOLDER / f"{datetime.now(UTC).strftime('%Y-%m-%dT%H-%M-%SZ')}.json"
    write_json(path, described, reports)
    sys.stdout.write(f"\nwritten to {path}\n")
    failures = [failure for report in reports for failure in report.failures]
    for failure in failures:
        sys.stderr.write(f"differs: {failure}\n")
    return 1 if failures else 0


def _parse(arguments: list[str], names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="npm run bench --", description="Ours and its peers on the same data.")
    parser.add_argument("--quick", action="store_true", help="small sizes, under a minute: a smoke test")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="one workload; may be repeated")
    parser.add_argument("--json", type=Path, metavar="PATH", help="where to write the JSON")
    parser.add_argument("--workers", type=_positive, default=min(2, os.cpu_count() or 1), metavar="N", help="threads")
    parser.add_argument("--no-vectorbt", action="store_true", help="leave vectorbt out")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
