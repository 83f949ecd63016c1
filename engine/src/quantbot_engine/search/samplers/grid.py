"""Every combination once, in grid order: trial k is the k-th combination that the constraints allow."""

from functools import lru_cache

import msgspec

from quantbot_engine.protocol import SearchSpace
from quantbot_engine.search.samplers.ask import Ask
from quantbot_engine.search.space.axes import Params
from quantbot_engine.search.space.grid_tree import GridTree
from quantbot_engine.search.space.space import to_space


def suggest(ask: Ask) -> list[Params]:
    """Return the combinations with these numbers."""
    tree = _grow_tree(ask.key)
    try:
        found = [tree.find(number) for number in range(ask.first, ask.first + ask.count)]
    except BaseException:
        # A tree that stopped growing halfway would take that for its end.
        _grow_tree.cache_clear()
        raise
    if ask.first == 0 and found[0] is None:
        raise ask.space.nothing_left("none of its combinations meets them")
    return [params for params in found if params is not None]


@lru_cache(maxsize=2)
def _grow_tree(key: bytes) -> GridTree:
    """Return the tree of a space, which keeps what it has counted for the blocks that follow."""
    return GridTree(to_space(msgspec.json.decode(key, type=SearchSpace)), is_constrained=True)
