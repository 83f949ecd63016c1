"""The rows that workloads hand to the report: times of contenders, and measures judged by goals."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.equality import Equality
from benchmarks.goals import Goal
from benchmarks.timing import Timing

DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Time:
    """Times of one contender in seconds, scaled to the whole workload; `cell_ns` is per (call, combination)."""

    workload: str
    contender: str
    threads: int
    first_s: float
    best_s: float
    median_s: float
    rounds: int
    cell_ns: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure; `verdict` is reached, floor, missed, not judged, or why there is no value; empty without a goal."""

    workload: str
    what: str
    value: float | None
    unit: str
    at_least: float | None
    goal: float | None
    verdict: str
    note: str


@dataclass(slots=True)
class Report:
    """Everything one workload found.

    `failures` are differences: with any, the suite's exit code is 1. Figures of a quick run are not judged.
    """

    workload: str
    is_judged: bool = True
    facts: list[str] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    equalities: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add_time(self, timing: Timing, cells: int | None) -> None:
        """Add the times of a contender; `cells` are the (call, combination) pairs of the whole workload."""
        cell_ns = None if cells is None else timing.best_s / cells * 1e9
        rounds = len(timing.rounds_s)
        self.times.append(
            Time(
                self.workload,
                timing.name,
                timing.threads,
                timing.first_s,
                timing.best_s,
                timing.median_s,
                rounds,
                cell_ns,
                timing.note,
            )
        )

    def add_equality(self, name: str, equality: Equality) -> None:
        """State what of a contender was compared, or where it differs."""
        if equality.is_equal:
            self.equalities.append(f"{name}: equal on {', '.join(equality.compared)}")
            return
        self.failures.append(f"{self.workload}, {name}: {equality.difference or 'nothing was compared'}")

    def add_measure(self, what: str, value: float, unit: str, goal: Goal | None = None, note: str = "") -> None:
        """Add a figure that holds whether or not peers agree, or whose equality was seen to."""
        at_least, best = (None, None) if goal is None else (goal.at_least, goal.goal)
        verdict = "" if goal is None else goal.judge(value) if self.is_judged else "not judged"
        self.measures.append(Measure(self.workload, what, value, unit, at_least, best, verdict, note))

    def add_missing(self, what: str, unit: str, goal: Goal, reason: str) -> None:
        """Add a row without a value: why there is none stands in the verdict."""
        self.measures.append(Measure(self.workload, what, None, unit, goal.at_least, goal.goal, reason, ""))

    def add_ratio(
        self, what: str, ours: Timing, peers: Sequence[tuple[Timing, Equality]], goal: Goal, note: str = ""
    ) -> None:
        """Add best peer time over best own time, against the fastest of the peers; no ratio if any of them differs."""
        if not all(equality.is_equal for _, equality in peers):
            self.add_missing(what, "x", goal, DIFFERS)
            return
        fastest = min((timing for timing, _ in peers), key=lambda timing: timing.best_s)
        scaled = f", {fastest.note}" if fastest.note else ""
        ratio = fastest.best_s / ours.best_s
        medians = fastest.median_s / ours.median_s
        self.add_measure(
            what, ratio, "x", goal, f"{note}against {fastest.name}{scaled}; ratio of medians {medians:.3g}x"
        )
