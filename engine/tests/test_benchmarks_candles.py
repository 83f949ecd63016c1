"""The benchmarks on candles compare like with like: on data with gaps and wide candles all contenders agree."""

import numpy as np
import pytest

from benchmarks.equality import Equality
from benchmarks.ours_sweep import OursSingle, OursSweep
from benchmarks.outcome import Outcome
from benchmarks.peers.naive_crossings import NaiveSingle, NaiveSweep
from benchmarks.sweep import Combination, make_candles, make_sweep

DATA = make_candles(4_000)


def check_equal(ours: Outcome, theirs: Outcome) -> None:
    equality = Equality()
    equality.check_outcome(ours, theirs, ours.trades.size)
    assert equality.difference is None


@pytest.mark.parametrize("with_levels", [False, True])
def test_one_backtest_ends_like_the_plain_loop_in_numba_and_in_python(with_levels: bool) -> None:
    one = Combination(fast=5, slow=60, stop=0.02, target=0.03)
    ours = OursSingle(DATA, one, with_levels=with_levels).run()
    assert ours.trades[0] > 20
    for in_python in (False, True):
        check_equal(ours, NaiveSingle(DATA, one, with_levels=with_levels, in_python=in_python).run())


def test_every_combination_of_a_sweep_ends_like_the_plain_loop() -> None:
    sweep = make_sweep(2, 2)
    ours = OursSweep(DATA, sweep).run()
    positions = np.arange(len(sweep))
    check_equal(ours, NaiveSweep(DATA, sweep, positions).run())
    assert np.unique(ours.final_capital).size > len(sweep) // 2


def test_a_part_of_a_sweep_holds_its_combinations_and_no_others() -> None:
    sweep = make_sweep(4, 5)
    part = sweep.spread(3)
    assert len(part) == 3 * 25
    assert part.combination(0) == sweep.combination(0)
    assert part.combination(len(part) - 1) == sweep.combination(len(sweep) - 1)
    assert part.positions_of(np.array([1])).tolist() == list(range(25, 50))
