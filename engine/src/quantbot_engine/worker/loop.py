"""The long-lived worker: JSON lines in on stdin, JSON lines out on stdout, one operation at a time."""

import os
import sys
import time
from typing import BinaryIO

import msgspec

from quantbot_engine import ENGINE_VERSION
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    PROTOCOL_VERSION,
    FailedMessage,
    HostMessage,
    ProgressMessage,
    ReadyMessage,
    ResultMessage,
    RunMessage,
    ShutdownMessage,
    WorkerMessage,
)
from quantbot_engine.slices.load import SliceCache
from quantbot_engine.source_hash import get_source_hash
from quantbot_engine.worker.decoding import convert, decode_json
from quantbot_engine.worker.lifetime import bind_to_parent, limit_memory
from quantbot_engine.worker.operations import answer, find_traceback
from quantbot_engine.worker.stdio import claim_stdout, write_all
from quantbot_engine.worker.warm import load_calls

PROGRESS_INTERVAL_S = 0.1


def run_worker() -> int:
    """Answer messages until stdin ends or a shutdown message comes; return the exit code."""
    bind_to_parent()
    limit_memory()
    output = claim_stdout()
    _send(
        output,
        ReadyMessage(
            protocol_version=PROTOCOL_VERSION,
            engine_version=ENGINE_VERSION,
            source_hash=get_source_hash(),
            pid=os.getpid(),
        ),
    )
    cache = SliceCache(meanwhile=load_calls)
    for line in sys.stdin.buffer:
        if line.strip() and not _handle(line, output, cache):
            break
    return 0


def _handle(line: bytes, output: BinaryIO, cache: SliceCache) -> bool:
    """Answer one message; False when it asks to end."""
    request_id = ""
    try:
        raw = decode_json(line)
        request_id = _find_request_id(raw)
        message: HostMessage = convert(raw, HostMessage)
        if isinstance(message, ShutdownMessage):
            return False
        _send(output, _run(message, output, cache))
    except EngineError as error:
        _send(output, FailedMessage(request_id=request_id, error=error.to_body(find_traceback(error))))
    return True


def _find_request_id(raw: object) -> str:
    """Return the id of a message that may break the contract elsewhere, so that its failure reaches who asked."""
    found = raw.get("request_id") if isinstance(raw, dict) else None
    return found if isinstance(found, str) else ""


def _run(message: RunMessage, output: BinaryIO, cache: SliceCache) -> ResultMessage:
    last_sent_s = float("-inf")

    def report(done: int, total: int, unit: str) -> None:
        nonlocal last_sent_s
        now_s = time.monotonic()
        # Files of the user may end this process or hang it: which one it was, the host knows from the last report.
        if unit == "files" or now_s - last_sent_s >= PROGRESS_INTERVAL_S:
            last_sent_s = now_s
            _send(output, ProgressMessage(request_id=message.request_id, done=done, total=total, unit=unit))

    answered = answer(message.request, cache, report)
    return ResultMessage(
        request_id=message.request_id,
        result=answered.result,
        compute_ms=answered.compute_ms,
        load_ms=answered.load_ms,
    )


def _send(output: BinaryIO, message: WorkerMessage) -> None:
    write_all(output, msgspec.json.encode(message) + b"\n")
