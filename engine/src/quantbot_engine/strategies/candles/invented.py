"""Invented candles: on them shows what is wrong with a strategy before it has seen data."""

from functools import cache
from typing import Final

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.strategies.candles.program import Program
from quantbot_engine.strategies.candles.python_program import PythonProgram

ROWS: Final = 600
INTERVAL_S: Final = 3600


@cache
def invent_candles() -> Candles:
    """Return a random walk, always the same, shape (600,)."""
    rng = np.random.default_rng(1)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, ROWS)))
    opening = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opening, close) * (1.0 + rng.random(ROWS) / 100.0)
    low = np.minimum(opening, close) * (1.0 - rng.random(ROWS) / 100.0)
    timestamp = INTERVAL_S * np.arange(ROWS, dtype=np.int64)
    return Candles(timestamp, opening, high, low, close, rng.random(ROWS) * 1000.0)


def find_flaw(program: Program) -> EngineError | None:
    """Return what is wrong with rules at their defaults; a trial that fails with the same words shares the flaw.

    A strategy in Python is not called for this: it may take long, and what it raises is its own failure.
    """
    if isinstance(program, PythonProgram):
        return None
    try:
        parameters = program.complete({})
        program.to_rules(parameters)
        program.ask([invent_candles()], parameters)
    except EngineError as error:
        return error if error.code is ErrorCode.INVALID_STRATEGY else None
    return None
