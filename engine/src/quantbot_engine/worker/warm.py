"""Loading kernels before they are asked for, so that the first result need not wait for them."""

import importlib


def load_calls() -> None:
    """Load what operations on calls need, kernels included."""
    importlib.import_module("quantbot_engine.calls.operations")


def warm_kernels() -> None:
    """Load all modules with kernels; each compiles its one signature when it is not in the cache."""
    for module in (
        "quantbot_engine.calls.operations",
        "quantbot_engine.calls.exit_rules.simulation",
        "quantbot_engine.calls.ranking",
        "quantbot_engine.metrics.measurement",
        "quantbot_engine.metrics.account_figures",
        "quantbot_engine.indicators.registry",
        "quantbot_engine.simulate.simulation",
    ):
        importlib.import_module(module)
