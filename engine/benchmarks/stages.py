"""Where the time of a search on candles goes: seconds inside its two kernels, and in all else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from quantbot_engine.metrics import account_measurement
from quantbot_engine.simulate import simulation


@dataclass(slots=True)
class Stages:
    """Seconds of one search; `rest_s` is preparing rules and signals, and making results of arrays."""

    simulate_s: float = 0.0
    figures_s: float = 0.0
    rest_s: float = 0.0


def take_stages(run: Callable[[], object], rounds: int) -> Stages:
    """Run a search so many times and return the stages of the fastest."""
    return min((_take_once(run) for _ in range(rounds)), key=lambda found: found.simulate_s + found.rest_s)


def _take_once(run: Callable[[], object]) -> Stages:
    found = Stages()
    started = time.perf_counter()
    with (
        _timed(simulation, "run_candles", found, "simulate_s"),
        _timed(account_measurement, "measure_account_periods", found, "figures_s"),
    ):
        run()
    found.rest_s = time.perf_counter() - started - found.simulate_s - found.figures_s
    return found


@contextmanager
def _timed(module: ModuleType, kernel: str, found: Stages, stage: str) -> Iterator[None]:
    """Add the seconds of every call of a kernel to a stage."""
    called: Any = getattr(module, kernel)

    def call(*arguments: Any) -> None:
        started = time.perf_counter()
        called(*arguments)
        setattr(found, stage, getattr(found, stage) + time.perf_counter() - started)

    setattr(module, kernel, call)
    try:
        yield
    finally:
        setattr(module, kernel, called)
