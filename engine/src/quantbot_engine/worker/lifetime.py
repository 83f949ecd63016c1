"""A worker never outlives its host, and leaves the decision to stop to it."""

import ctypes
import os
import signal
import sys

if sys.platform != "win32":
    import resource

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


def limit_memory() -> None:
    """Keep to QUANTBOT_MEMORY_LIMIT_MIB, if the host set it: what is beyond raises MemoryError.

    The limit is on private writable memory, which includes the copy-on-write mappings of a slice.
    """
    limit_mib = os.environ.get("QUANTBOT_MEMORY_LIMIT_MIB")
    if limit_mib is not None and sys.platform == "linux":
        limit = int(limit_mib) * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
