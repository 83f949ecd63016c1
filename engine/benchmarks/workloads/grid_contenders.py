"""Who takes part in the grid workloads, on which share of the grid, and whether all find the same."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from benchmarks.data import CallData, CapitalSpec, Combinations, GridAxes, sample_combinations
from benchmarks.equality import Equality
from benchmarks.goals import Goal
from benchmarks.outcome import Exits
from benchmarks.timing import Contender, Run, Timing

OURS = "ours"
NUMBA = "Numba replay, heap"
BLOCKED = "Numba replay in blocks, heap"
NUMPY = "NumPy, heapq"

# A contender's name and its threads.
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class GridSize:
    """A workload: its size, how many combinations slow peers run, and on how many the exits are compared."""

    name: str
    calls: int
    candles: int
    shape: tuple[int, int, int]
    numba_sample: int
    numpy_sample: int
    exits_sample: int
    numba_goal: Goal | None = None
    numpy_goal: Goal | None = None
    cell_goal: Goal | None = None
    scaling_goal: Goal | None = None
    spec: CapitalSpec = field(default_factory=CapitalSpec)

    @property
    def combinations(self) -> int:
        """Number of combinations of the whole grid."""
        return int(np.prod(self.shape))


def list_contenders(size: GridSize, data: CallData, axes: GridAxes, thread_counts: list[int]) -> list[Contender]:
    """Return ours and the peers; imports happen on first use."""
    total = size.combinations
    slow = sample_combinations(axes, size.numba_sample)
    slowest = sample_combinations(axes, size.numpy_sample)

    def load_ours(threads: int) -> Run:
        from benchmarks.ours import Ours

        ours = Ours(data, axes, size.spec)
        return lambda: ours.run(threads)

    def load_numba(threads: int, is_blocked: bool) -> Run:
        from benchmarks.peers.naive_numba import NaiveNumba

        naive = NaiveNumba(data, slow, size.spec)
        return lambda: naive.run_blocked(threads) if is_blocked else naive.run(threads)

    def load_numpy() -> Run:
        from benchmarks.peers.numpy_heapq import NumpyHeapq

        return NumpyHeapq(data, slowest, size.spec).run

    contenders: list[Contender] = []
    for threads in thread_counts:
        contenders.append(Contender(OURS, threads, partial(load_ours, threads), total, total))
        contenders.append(Contender(NUMBA, threads, partial(load_numba, threads, False), len(slow), total))
        contenders.append(Contender(BLOCKED, threads, partial(load_numba, threads, True), len(slow), total))
    contenders.append(Contender(NUMPY, 1, load_numpy, len(slowest), total))
    return contenders


def compare_contenders(
    size: GridSize, data: CallData, axes: GridAxes, timings: dict[Key, Timing]
) -> dict[Key, Equality]:
    """Compare every contender with ours: exits on a sample, capital and trades on all combinations that it ran."""
    from benchmarks.ours import Ours
    from benchmarks.peers.numpy_heapq import NumpyHeapq

    total = size.combinations
    for_numba = sample_combinations(axes, size.exits_sample)
    for_numpy = sample_combinations(axes, min(size.numpy_sample, size.exits_sample))
    ours = Ours(data, axes, size.spec)
    numba_pair = (ours.exits(for_numba.position), find_replayed_exits(data, for_numba, size.spec))
    numpy_pair = (ours.exits(for_numpy.position), NumpyHeapq(data, for_numpy, size.spec).exits())
    found: dict[Key, Equality] = {}
    for (name, threads), timing in timings.items():
        equality = Equality()
        if name == OURS:
            equality.check_outcome(timings[OURS, 1].result, timing.result, total)
        else:
            equality.check_exits(*(numpy_pair if name == NUMPY else numba_pair), total)
            ran = sample_combinations(axes, size.numpy_sample if name == NUMPY else size.numba_sample)
            equality.check_outcome(timings[OURS, threads].result.take(ran.position), timing.result, total)
        found[name, threads] = equality
    return found


def find_replayed_exits(data: CallData, combinations: Combinations, spec: CapitalSpec) -> list[Exits]:
    """Return the exits as the replaying peer finds them."""
    from benchmarks.peers.naive_numba import NaiveNumba

    return NaiveNumba(data, combinations, spec).exits()
