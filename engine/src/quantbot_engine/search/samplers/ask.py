"""What a sampler is asked, and the randomness that may decide: one source per trial, or one per block."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quantbot_engine.protocol import PastTrial, Sampler
from quantbot_engine.search.space.axes import Params
from quantbot_engine.search.space.space import Space

# Random points tried for one trial before a sampler gives up on the constraints.
MAX_TRIES = 2_000


@dataclass(frozen=True, slots=True)
class Ask:
    """Parameters wanted for trials [first, first + count)."""

    space: Space
    # Canonical bytes of the space and of what else decides the model: names what a worker has cached.
    key: bytes
    sampler: Sampler
    seed: int
    objectives: int
    first: int
    count: int
    history: list[PastTrial]


# Returns the parameters of the trials in order; fewer than asked for only if the space has no more.
Suggest = Callable[[Ask], list[Params]]


def random_of_trial(seed: int, number: int) -> np.random.Generator:
    """Return the random numbers of one trial: a function of (seed, number) alone."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy=seed, spawn_key=(number,))))


def seed_of_block(seed: int, first: int) -> int:
    """Return the 32-bit seed of the block that starts with trial `first`."""
    # A second word keeps it apart from the numbers of trial `first`.
    return int(np.random.SeedSequence(entropy=seed, spawn_key=(first, 1)).generate_state(1)[0])


def draw_allowed(space: Space, seed: int, number: int) -> Params:
    """Return random parameters for a trial that the constraints allow; INVALID_STUDY after MAX_TRIES."""
    random = random_of_trial(seed, number)
    for _ in range(MAX_TRIES):
        params = space.decode(random.random(len(space.axes)).tolist())
        if space.is_allowed(params):
            return params
    raise space.nothing_left(f"none of {MAX_TRIES:,} random combinations for trial {number} meets them")
