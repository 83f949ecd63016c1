"""All figures of merit by name. Adding one: a pure function in one of the files, its line here, and one on its page."""

from collections.abc import Callable
from typing import Final

from quantbot_engine.metrics import exposure_figures, growth_figures, risk_figures, trade_figures
from quantbot_engine.metrics.measured import Measured
from quantbot_engine.metrics.undefined import Figure

# Of every trial of a study.
FIGURES: Final[dict[str, Callable[[Measured], Figure]]] = {
    figure.__name__: figure
    for figure in (
        growth_figures.final_balance,
        growth_figures.total_return,
        growth_figures.max_drawdown,
        growth_figures.cagr,
        risk_figures.volatility,
        risk_figures.sharpe_ratio,
        risk_figures.sharpe_standard_error,
        risk_figures.sortino_ratio,
        risk_figures.omega_ratio,
        growth_figures.mar_ratio,
        growth_figures.recovery_factor,
        growth_figures.ulcer_index,
        growth_figures.ulcer_performance_index,
        growth_figures.longest_drawdown_days,
        trade_figures.trades,
        trade_figures.trades_per_30d,
        trade_figures.win_rate,
        trade_figures.profit_factor,
        trade_figures.payoff_ratio,
        trade_figures.expectancy,
        trade_figures.average_win,
        trade_figures.average_loss,
        trade_figures.mean_r,
        trade_figures.system_quality_number,
        exposure_figures.fee_share,
        exposure_figures.total_fees,
        exposure_figures.exposure,
        exposure_figures.mean_gross_exposure,
        exposure_figures.mean_net_exposure,
        exposure_figures.turnover,
        exposure_figures.benchmark_return,
        exposure_figures.excess_return,
    )
}
# Of single backtests only: they take sorting, or are of little use to a search.
DETAIL_FIGURES: Final[dict[str, Callable[[Measured], Figure]]] = {
    figure.__name__: figure
    for figure in (
        risk_figures.sharpe_ratio_autocorrelated,
        risk_figures.value_at_risk_95,
        risk_figures.expected_shortfall_95,
        risk_figures.tail_ratio,
        risk_figures.kelly_factor,
        risk_figures.half_kelly_factor,
        growth_figures.current_drawdown,
        growth_figures.current_drawdown_days,
        trade_figures.win_rate_decided,
        trade_figures.expectancy_ratio,
        trade_figures.system_quality_number_100,
        trade_figures.largest_win,
        trade_figures.largest_loss,
        trade_figures.losing_streak,
    )
}
