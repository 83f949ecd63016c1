"""How a run of the suite is to be: sizes, threads, rounds, and where its files lie."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.probe import Machine

ENGINE_FOLDER = Path(__file__).resolve().parents[1]
CACHE_FOLDER = ENGINE_FOLDER.parent / ".cache" / "bench"


@dataclass(frozen=True, slots=True)
class Settings:
    """One run of the suite; every contender that can use threads uses `workers` of them."""

    is_quick: bool
    workers: int
    rounds: int
    budget_s: float
    with_vectorbt: bool
    machine: Machine

    @property
    def thread_counts(self) -> list[int]:
        """One thread, and all workers if there are more."""
        return [1] if self.workers == 1 else [1, self.workers]
