"""What each workload must reach and what it should: printed beside the measured values."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Goal:
    """A floor that must hold and a goal beyond it, in the unit of the measure."""

    at_least: float
    goal: float
    is_smaller_better: bool = False

    def judge(self, value: float) -> str:
        """Return `reached` (the goal), `floor` (the floor only) or `missed`."""
        sign = -1.0 if self.is_smaller_better else 1.0
        if sign * value >= sign * self.goal:
            return "reached"
        return "floor" if sign * value >= sign * self.at_least else "missed"


GRID_1K_NUMBA: Final = Goal(20, 35)
GRID_1K_NUMPY: Final = Goal(150, 300)
GRID_100K_NUMBA: Final = Goal(35, 70)
GRID_100K_CELL_NS: Final = Goal(6, 2.5, is_smaller_better=True)
BIG_CELL_NS: Final = Goal(8, 4, is_smaller_better=True)
VECTORBT: Final = Goal(20_000, 100_000)
TRAILING: Final = Goal(30, 60)
RANK: Final = Goal(1_000, 2_000)
FIRST_RESULT_S: Final = Goal(1.0, 0.45, is_smaller_better=True)
RESIDENT_MS: Final = Goal(1_000, 50, is_smaller_better=True)
MEMORY_MB: Final = Goal(128, 32, is_smaller_better=True)
SCALING: Final = Goal(1.6, 1.85)
CANDLES_QUIET: Final = Goal(200, 400)
CANDLES_HELD: Final = Goal(100, 200)
SWEEP_VECTORBT: Final = Goal(5, 20)
SWEEP_NUMBA: Final = Goal(1, 2)
SWEEP_TRIAL_MS: Final = Goal(0.45, 0.3, is_smaller_better=True)
SWEEP_MEMORY_MB: Final = Goal(128, 100, is_smaller_better=True)
