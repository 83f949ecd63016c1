"""The machine's own limits, measured in about a second: reading memory in one thread, and the processor's clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quantbot_engine.jit import Float1D, kernel

PROBE_BYTES = 256 * 1024 * 1024
CHAIN_STEPS = 200_000_000
# Each step is three shifts and three exclusive ors, each waiting for the one before.
CYCLES_PER_STEP = 6
READS = 10
# About 30 instructions a cell at three a cycle: what one capital cell cannot fall below without vector code.
CYCLES_PER_CELL = 10.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What this machine can do in one thread."""

    read_gb_per_s: float
    clock_ghz: float

    @property
    def cell_floor_ns(self) -> float:
        """Nanoseconds of one scalar capital cell at full speed."""
        return CYCLES_PER_CELL / self.clock_ghz

    def or_better(self, other: "Machine") -> "Machine":
        """Return the better of two probes: on a shared machine one may have been disturbed throughout."""
        return Machine(max(self.read_gb_per_s, other.read_gb_per_s), max(self.clock_ghz, other.clock_ghz))

    def read_floor_s(self, size_bytes: int) -> float:
        """Return the seconds of reading so many bytes once."""
        return size_bytes / (self.read_gb_per_s * 1e9)


@kernel
def _read_all(values: Float1D) -> float:
    """Four sums, so that adding never waits and only memory does."""
    total = (0.0, 0.0, 0.0, 0.0)
    for index in range(0, values.size - 3, 4):
        total = (
            total[0] + values[index],
            total[1] + values[index + 1],
            total[2] + values[index + 2],
            total[3] + values[index + 3],
        )
    return total[0] + total[1] + total[2] + total[3]


@kernel
def _run_chain(state: int, steps: int) -> int:
    for _ in range(steps):
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
    return state


def probe_machine() -> Machine:
    """Measure both limits; the best of a few runs counts."""
    values = np.ones(PROBE_BYTES // 8)
    read_s = min(_time(lambda: _read_all(values)) for _ in range(READS))
    chain_s = min(_time(lambda: _run_chain(88_172_645_463_325_252, CHAIN_STEPS // READS)) for _ in range(READS))
    return Machine(
        read_gb_per_s=PROBE_BYTES / read_s / 1e9, clock_ghz=CHAIN_STEPS / READS * CYCLES_PER_STEP / chain_s / 1e9
    )


def _time(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
