"""Sobol points, scrambled by the seed: random trials that leave no large part of the space untried.

Trial k is point k of the sequence. A point that the constraints do not allow is replaced by a random one of trial k,
so that no point depends on how many before it were refused.
"""

import warnings

from scipy.stats import qmc

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.search.samplers.ask import Ask, draw_allowed
from quantbot_engine.search.space.axes import Params

_BITS = 30
MAX_TRIALS = 2**_BITS


def suggest(ask: Ask) -> list[Params]:
    """Return the points with these numbers."""
    if ask.first + ask.count > MAX_TRIALS:
        message = f"expected at most {MAX_TRIALS:,} trials of quasi_random, found trial {ask.first + ask.count:,}"
        raise EngineError(ErrorCode.INVALID_STUDY, message)
    engine = qmc.Sobol(len(ask.space.axes), scramble=True, bits=_BITS, rng=ask.seed)
    if ask.first > 0:
        engine.fast_forward(ask.first)
    with warnings.catch_warnings():
        # It would rather be asked for a power of two at once; blocks add up to that.
        warnings.simplefilter("ignore", UserWarning)
        points = engine.random(ask.count)
    found = [ask.space.decode(point) for point in points.tolist()]
    return [
        params if ask.space.is_allowed(params) else draw_allowed(ask.space, ask.seed, ask.first + position)
        for position, params in enumerate(found)
    ]
