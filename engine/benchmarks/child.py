"""Other processes of the suite: the engine as users start it, with the same Python and the same kernel cache."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.settings import ENGINE_FOLDER

TIMEOUT_S = 300


def environment() -> dict[str, str]:
    """Return this process's environment with the engine and the suite importable."""
    paths = [str(ENGINE_FOLDER / "src"), str(ENGINE_FOLDER)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def run_module(arguments: Sequence[str], stdin: bytes) -> bytes:
    """Run `python -m <arguments>` to its end and return its stdout; a failure raises with its stderr."""
    ended = subprocess.run(
        [sys.executable, "-m", *arguments],
        input=stdin,
        capture_output=True,
        env=environment(),
        cwd=Path(ENGINE_FOLDER),
        timeout=TIMEOUT_S,
        check=False,
    )
    if ended.returncode != 0:
        said = (ended.stderr + ended.stdout).decode(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(arguments)} ended with exit code {ended.returncode}: {said}")
    return ended.stdout
