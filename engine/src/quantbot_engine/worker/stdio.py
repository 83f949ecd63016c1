"""Standard output belongs to the protocol: it is kept aside, and whatever else is printed goes to standard error."""

import os
import sys
from typing import BinaryIO

STDOUT = 1
STDERR = 2


def claim_stdout() -> BinaryIO:
    """Return the real standard output; from now on prints, also those of C code, end up on standard error."""
    sys.stdout.flush()
    protocol = os.fdopen(os.dup(STDOUT), "wb", buffering=0)
    os.dup2(STDERR, STDOUT)
    sys.stdout = sys.stderr
    return protocol


def write_all(stream: BinaryIO, payload: bytes) -> None:
    """Write every byte, however little the pipe takes at a time."""
    view = memoryview(payload)
    while view:
        written = stream.write(view)
        view = view[written:]
