"""Asking the engine in this process, or as a process of its own, the way a host would."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from quantbot_engine.protocol import Operation
from quantbot_engine.slices.load import SliceCache
from quantbot_engine.worker.decoding import convert
from quantbot_engine.worker.operations import answer

SOURCE_FOLDER = Path(__file__).parents[1] / "src"


def ask(request: dict[str, Any]) -> Any:
    """Return the result of a request as plain JSON values."""
    operation: Operation = convert(request, Operation)
    return answer(operation, SliceCache(), lambda _done, _total, _unit: None).result


def run_engine(
    arguments: list[str], stdin: bytes, source_folder: Path = SOURCE_FOLDER, **environment: str
) -> "subprocess.CompletedProcess[bytes]":
    """Run `python -m quantbot_engine` and return how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "quantbot_engine", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(source_folder), **environment},
        timeout=120,
        check=False,
    )


def ask_process(request: dict[str, Any]) -> tuple[int, Any]:
    """Return exit code and answer of the one-shot form."""
    ended = run_engine([], json.dumps(request).encode())
    return ended.returncode, json.loads(ended.stdout)
