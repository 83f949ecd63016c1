"""Strategies of users in a worker process: the host learns when they begin, and they cannot break the stream."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from candle_requests import backtest, check, evaluation, hourly, random_closes, to_slice
from test_python_strategies import one, write
from test_worker_process import Worker

LOOP = "while True: pass"


@pytest.fixture
def worker() -> Iterator[Worker]:
    started = Worker()
    try:
        assert started.read()["kind"] == "ready"
        yield started
    finally:
        started.close()


def to_requests(folder: Path, body: str) -> dict[str, dict[str, Any]]:
    strategy = {"name": "own", "config": {}, "files": [write(folder, one(body))]}
    slice_ = to_slice(folder / "slice", hourly(random_closes(50)))
    return {
        "backtest": backtest(strategy, slice_),
        "evaluate": evaluation(strategy, slice_, [{}]),
        "check_strategy": check(strategy, slice_),
    }


@pytest.mark.parametrize("operation", ["backtest", "evaluate", "check_strategy"])
def test_the_host_is_told_before_code_that_never_ends_begins(tmp_path: Path, worker: Worker, operation: str) -> None:
    worker.send({"kind": "run", "request_id": "1", "request": to_requests(tmp_path, LOOP)[operation]})
    begun = worker.read()
    # From this message on the host counts the time; it ends the process, as this test does.
    assert (begun["kind"], begun["request_id"], begun["done"]) == ("progress", "1", 0)
    assert worker.process.poll() is None


def test_what_a_strategy_prints_does_not_reach_the_host(tmp_path: Path, worker: Worker) -> None:
    requests = to_requests(tmp_path, "print('hello'); return {'enter_long': candles.close > 0}")
    for operation, request in requests.items():
        worker.send({"kind": "run", "request_id": operation, "request": request})
        answer = worker.read_answer()
        assert (answer["kind"], answer["request_id"]) == ("result", operation)


def test_an_error_of_a_strategy_reaches_the_host_with_its_place_and_the_next_one_runs(
    tmp_path: Path, worker: Worker
) -> None:
    requests = to_requests(tmp_path, "return {'enter_long': candles.close > 1 / 0}")
    worker.send({"kind": "run", "request_id": "bad", "request": requests["backtest"]})
    failed = worker.read_answer()
    assert failed["error"]["code"] == "STRATEGY_FAILED"
    assert failed["error"]["details"]["line"] == 11
    good = to_requests(tmp_path, "return {'enter_long': candles.close > 0}")
    worker.send({"kind": "run", "request_id": "good", "request": good["backtest"]})
    assert worker.read_answer()["kind"] == "result"
