"""A worker never outlives its host, and leaves the decision to stop to it."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def bind_to_parent() -> None:
    """Die with the parent (Linux), and ignore Ctrl-C: the terminal sends it to both, the host decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have died before the kernel was told.
    if os.getppid() != parent:
        os._exit(1)
