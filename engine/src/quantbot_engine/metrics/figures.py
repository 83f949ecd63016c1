"""All figures of merit by name. Adding one: a pure function in one of the two files, and its line here."""

from collections.abc import Callable
from typing import Final

from quantbot_engine.metrics import growth_figures, trade_figures
from quantbot_engine.metrics.measurement import Measured
from quantbot_engine.metrics.undefined import Figure

FIGURES: Final[dict[str, Callable[[Measured], Figure]]] = {
    figure.__name__: figure
    for figure in (
        growth_figures.final_balance,
        growth_figures.total_return,
        growth_figures.max_drawdown,
        growth_figures.cagr,
        growth_figures.volatility,
        growth_figures.sharpe_ratio,
        growth_figures.sortino_ratio,
        growth_figures.mar_ratio,
        trade_figures.trades,
        trade_figures.trades_per_30d,
        trade_figures.win_rate,
        trade_figures.profit_factor,
        trade_figures.expectancy,
        trade_figures.average_win,
        trade_figures.average_loss,
        trade_figures.fee_share,
        trade_figures.exposure,
        trade_figures.turnover,
        trade_figures.benchmark_return,
    )
}
