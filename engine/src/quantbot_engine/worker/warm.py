"""Compiling every kernel into the disk cache, so that the first result need not wait for it."""

import importlib


def warm_kernels() -> None:
    """Load all modules with kernels; each compiles its one signature when it is not in the cache."""
    for module in ("quantbot_engine.calls.operations", "quantbot_engine.metrics.measurement"):
        importlib.import_module(module)
