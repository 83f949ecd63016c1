"""The simulator's configuration of a request, in the form that kernels take."""

from quantbot_engine.calls.arrays import CapitalRules
from quantbot_engine.protocol import CapitalSimulatorConfig, Intrabar


def to_capital_rules(config: CapitalSimulatorConfig) -> CapitalRules:
    """Return capital, sizing and cost rules; fee and slippage are paid on each side."""
    return CapitalRules(
        initial_capital=config.initial_capital,
        max_allocation=config.max_allocation_pct,
        max_risk=config.max_risk_per_trade,
        max_positions=config.max_concurrent_positions,
        min_size=config.min_executable_size,
        cost_bps=config.taker_fee_bps + config.slippage_bps,
        target_first=config.intrabar is Intrabar.TARGET_FIRST,
    )
