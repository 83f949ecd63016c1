"""Compiling every kernel into the disk cache, so that the first result need not wait for it."""

import importlib


def warm_kernels() -> None:
    """Load all modules with kernels; each compiles its one signature when it is not in the cache."""
    importlib.import_module("quantbot_engine.calls.operations")
