"""Independent random trials. Trial k depends on (space, seed, k) alone, whatever was asked before."""

from quantbot_engine.search.samplers.ask import Ask, draw_allowed
from quantbot_engine.search.space.axes import Params


def suggest(ask: Ask) -> list[Params]:
    """Return random parameters, drawn again until the constraints allow them."""
    return [draw_allowed(ask.space, ask.seed, number) for number in range(ask.first, ask.first + ask.count)]
