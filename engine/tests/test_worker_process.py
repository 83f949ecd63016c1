"""The long-lived worker as a host sees it: lines in, lines out, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine_calls import SOURCE_FOLDER, run_engine
from quantbot_engine.source_hash import get_source_hash
from scenario_files import read_scenarios

SIMULATION = next(scenario.to_request() for scenario in read_scenarios() if scenario.name == "exits/take-profit")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)}


class Worker:
    """A worker process, spoken to line by line."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "quantbot_engine", "worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )

    def send(self, message: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((message if isinstance(message, bytes) else json.dumps(message).encode()) + b"\n")
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line: dict[str, Any] = json.loads(self.process.stdout.readline())
        return line

    def read_answer(self) -> dict[str, Any]:
        while (message := self.read())["kind"] == "progress":
            pass
        return message

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def worker() -> Iterator[Worker]:
    started = Worker()
    try:
        yield started
    finally:
        started.close()


def test_introduces_itself_first(worker: Worker) -> None:
    ready = worker.read()
    assert ready == {
        "kind": "ready",
        "protocol_version": 1,
        "engine_version": "0.1.0",
        "source_hash": get_source_hash(),
        "pid": worker.process.pid,
    }


def test_answers_one_request_after_another(worker: Worker) -> None:
    worker.read()
    for request_id in ("first", "second"):
        worker.send({"kind": "run", "request_id": request_id, "request": SIMULATION})
        answer = worker.read_answer()
        assert answer["kind"] == "result"
        assert answer["request_id"] == request_id
        assert answer["result"]["final_capital"] == 1050
        assert answer["compute_ms"] >= 0
        assert answer["load_ms"] >= 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"garbage", "expected a request as JSON"),
        (b'{"kind":"run"}', "required field"),
        (b'{"kind":"sing"}', "kind"),
        (b"[1,2]", "object"),
        (b'{"kind":"run","request_id":"r","request":{"operation":"simulate","params":{"tp_mult":NaN}}}', "JSON"),
    ],
)
def test_survives_a_message_outside_the_protocol(worker: Worker, line: bytes, expected: str) -> None:
    worker.read()
    worker.send(line)
    failed = worker.read()
    assert failed["kind"] == "failed"
    assert failed["error"]["code"] == "INVALID_REQUEST"
    assert expected in failed["error"]["message"]
    worker.send({"kind": "run", "request_id": "after", "request": SIMULATION})
    assert worker.read_answer()["kind"] == "result"


def test_a_failure_carries_the_id_of_its_request(worker: Worker) -> None:
    worker.read()
    worker.send(
        {"kind": "run", "request_id": "r7", "request": {**SIMULATION, "params": {"tp_mult": 0.9, "sl_mult": 0.5}}}
    )
    failed = worker.read()
    assert failed["request_id"] == "r7"
    assert failed["error"]["message"] == "request.params.tp_mult: expected float > 1.0, found 0.9"
    assert failed["error"]["traceback"] is None


def test_ends_on_shutdown_and_at_the_end_of_its_input(worker: Worker) -> None:
    worker.read()
    worker.send({"kind": "shutdown"})
    assert worker.process.wait(10) == 0
    assert run_engine(["worker"], b"").returncode == 0


def test_ctrl_c_is_for_the_host_to_decide(worker: Worker) -> None:
    worker.read()
    worker.process.send_signal(signal.SIGINT)
    worker.send({"kind": "run", "request_id": "still here", "request": SIMULATION})
    assert worker.read_answer()["kind"] == "result"


@pytest.mark.parametrize(
    "noise", ["print('stray')", "import os; os.write(1, b'stray')", "import os; os.system('echo stray')"]
)
def test_a_stray_print_cannot_break_the_stream(noise: str) -> None:
    program = f"""
import sys
from quantbot_engine.worker import loop, operations
answer = operations.answer
def noisy(*arguments):
    {noise}
    return answer(*arguments)
loop.answer = noisy
sys.exit(loop.run_worker())
"""
    worker = Worker(sys.executable, "-c", program)
    try:
        worker.read()
        worker.send({"kind": "run", "request_id": "r", "request": SIMULATION})
        assert worker.read()["kind"] == "result"
        worker.send({"kind": "shutdown"})
        _, stderr = worker.process.communicate(timeout=10)
        assert b"stray" in stderr
    finally:
        worker.close()


def test_a_bug_is_told_with_its_traceback_and_the_worker_lives_on() -> None:
    program = """
import sys
from quantbot_engine.worker import loop, operations
def broken(*_):
    raise ZeroDivisionError("on purpose")
operations._compute = broken
sys.exit(loop.run_worker())
"""
    worker = Worker(sys.executable, "-c", program)
    try:
        worker.read()
        for _ in range(2):
            worker.send({"kind": "run", "request_id": "r", "request": SIMULATION})
            error = worker.read()["error"]
            assert error["code"] == "ENGINE_BUG"
            assert "ZeroDivisionError: on purpose" in error["traceback"]
    finally:
        worker.close()


def test_running_out_of_memory_is_an_error_of_its_own() -> None:
    program = """
import sys
from quantbot_engine.worker import loop, operations
def hungry(*_):
    raise MemoryError
operations._compute = hungry
sys.exit(loop.run_worker())
"""
    worker = Worker(sys.executable, "-c", program)
    try:
        worker.read()
        worker.send({"kind": "run", "request_id": "r", "request": SIMULATION})
        assert worker.read()["error"]["code"] == "OUT_OF_MEMORY"
    finally:
        worker.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child that its parent died")
def test_dies_with_its_host() -> None:
    program = """
import subprocess, sys, time
command = [sys.executable, "-m", "quantbot_engine", "worker"]
child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""
    host = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=ENVIRONMENT)
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    host.kill()
    host.communicate()
    deadline = time.monotonic() + 5
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_progress_is_told_at_most_ten_times_a_second(worker: Worker) -> None:
    worker.read()
    calls = [{**SIMULATION["calls"][0], "id": f"c{index}", "caller": f"caller {index}"} for index in range(100)]
    candles = SIMULATION["candles_by_call_id"]["a"]
    request = {
        "operation": "optimize_per_caller",
        "calls": calls,
        "candles_by_call_id": {call["id"]: candles for call in calls},
    }
    started = time.monotonic()
    worker.send({"kind": "run", "request_id": "r", "request": request})
    messages = [worker.read()]
    while messages[-1]["kind"] == "progress":
        messages.append(worker.read())
    progress = messages[:-1]
    assert messages[-1]["kind"] == "result"
    assert 1 <= len(progress) <= 1 + 10 * (time.monotonic() - started)
    assert all(message["total"] == 100 * 30 and message["unit"] == "combinations" for message in progress)
