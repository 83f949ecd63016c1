"""Interleaved timing: every round runs each contender once (A B A B ...), so that a busy machine hurts all alike."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Run = Callable[[], Any]

# Below this many timings a median says nothing.
FEWEST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do a job.

    Parameters
    ----------
    load : Callable[[], Run]
        Imports and prepares; returns what is timed. First use is `load` and the first run together.
    ran, total : int
        Combinations that a run does, and that the workload has: with `ran < total` times are scaled.
    """

    name: str
    threads: int
    load: Callable[[], Run]
    ran: int
    total: int


@dataclass(slots=True)
class Timing:
    """Seconds of one contender, scaled to the whole workload (all but `first_s`)."""

    name: str
    threads: int
    ran: int
    total: int
    first_s: float
    result: Any
    rounds_s: list[float] = field(default_factory=list)

    @property
    def best_s(self) -> float:
        """Fastest round, scaled."""
        return min(self.rounds_s)

    @property
    def median_s(self) -> float:
        """Median round, scaled."""
        return statistics.median(self.rounds_s)

    @property
    def note(self) -> str:
        """How the time was scaled; empty if it was not."""
        return f"{self.ran:,} of {self.total:,} combinations, scaled" if self.ran < self.total else ""


def time_once(run: Run) -> tuple[float, Any]:
    """Return wall seconds and the result of one run."""
    started = time.perf_counter()
    result = run()
    return time.perf_counter() - started, result


def interleave(contenders: Sequence[Contender], rounds: int, budget_s: float) -> list[Timing]:
    """Time all contenders in turns, `rounds` times each or until the budget is used up, but three times at least."""
    timings: list[Timing] = []
    runs: list[Run] = []
    for contender in contenders:
        started = time.perf_counter()
        run = contender.load()
        result = run()
        first_s = time.perf_counter() - started
        runs.append(run)
        timings.append(Timing(contender.name, contender.threads, contender.ran, contender.total, first_s, result))
    deadline = time.perf_counter() + budget_s
    for round_number in range(rounds):
        if round_number >= FEWEST_ROUNDS and time.perf_counter() > deadline:
            break
        for timing, run in zip(timings, runs, strict=True):
            seconds, _ = time_once(run)
            timing.rounds_s.append(seconds * timing.total / timing.ran)
    return timings
