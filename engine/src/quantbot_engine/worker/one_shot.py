"""The one-shot form: one request as JSON on stdin, its result or an error as JSON on stdout, an exit code."""

import sys
from typing import Any, BinaryIO

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode, Operation
from quantbot_engine.slices.load import SliceCache
from quantbot_engine.worker.decoding import convert, decode_json
from quantbot_engine.worker.operations import answer, find_traceback
from quantbot_engine.worker.stdio import claim_stdout, write_all
from quantbot_engine.worker.warm import load_calls


def run_one_shot() -> int:
    """Answer the request on stdin; return the exit code of the catalogue."""
    output = claim_stdout()
    try:
        request = read_request(sys.stdin.buffer.read())
        answered = answer(request, SliceCache(meanwhile=load_calls), lambda _done, _total, _unit: None)
    except EngineError as error:
        _write(output, {"error": error.to_body(find_traceback(error))})
        return error.exit_code
    _write(output, answered.result)
    return 0


def read_request(raw: bytes) -> Operation:
    """Return the operation; `config` is taken as another spelling of `simulator_config` in simulate."""
    value = decode_json(raw)
    request: Operation = convert(_with_usual_names(value), Operation)
    return request


def _with_usual_names(value: Any) -> Any:
    if not isinstance(value, dict) or value.get("operation") != "simulate" or "config" not in value:
        return value
    if "simulator_config" in value:
        message = "expected config or simulator_config, two names of one field; found both"
        raise EngineError(ErrorCode.INVALID_REQUEST, message, field="config")
    return {("simulator_config" if key == "config" else key): inner for key, inner in value.items()}


def _write(output: BinaryIO, value: Any) -> None:
    write_all(output, msgspec.json.encode(value) + b"\n")
