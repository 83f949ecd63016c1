"""Sharing and ranking, on their own."""

import threading

import numpy as np
import pytest

from quantbot_engine.search.blocks import default_worker_count, run_blocks
from quantbot_engine.search.ranking import rank_descending


@pytest.mark.parametrize("workers", [1, 2, 7])
@pytest.mark.parametrize("total", [0, 1, 5, 1000])
def test_every_piece_is_evaluated_once(workers: int, total: int) -> None:
    counts = np.zeros(total, dtype=np.int64)
    done: list[int] = []

    def evaluate(first: int, end: int) -> None:
        counts[first:end] += 1

    run_blocks(evaluate, total, workers, done.append)
    assert counts.tolist() == [1] * total
    assert sum(done) == total


def test_the_error_of_a_block_reaches_the_caller_and_the_rest_is_left() -> None:
    started: list[int] = []
    lock = threading.Lock()

    def evaluate(first: int, _end: int) -> None:
        with lock:
            started.append(first)
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        run_blocks(evaluate, 10_000, 2)
    assert len(started) < 32


def test_equal_values_keep_their_order() -> None:
    assert rank_descending(np.array([1.0, 3.0, 2.0, 3.0, 1.0]), 10).tolist() == [1, 3, 2, 0, 4]
    assert rank_descending(np.array([1.0, 3.0, 2.0, 3.0]), 2).tolist() == [1, 3]


@pytest.mark.parametrize(("configured", "expected"), [("3", 3), ("0", None), ("many", None), ("", None)])
def test_the_number_of_threads_can_be_set_from_outside(
    monkeypatch: pytest.MonkeyPatch, configured: str, expected: int | None
) -> None:
    monkeypatch.setenv("V1_OPTIMIZER_THREADS", configured)
    assert default_worker_count() == expected or (expected is None and default_worker_count() >= 1)
