"""What a trader should know before believing the figures of a backtest, in sentences."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from quantbot_engine.simulate import codes
from quantbot_engine.strategies.candles.market import TradingData
from quantbot_engine.strategies.candles.trading import Run

FEW_TRADES: Final = 30
# Share of fills that the unknown order inside a candle decided, from which it is worth a sentence.
MANY_AMBIGUOUS: Final = 0.05
_WHY: Final = {
    "insufficient_cash": "the cash was not there",
    "below_lot_size": "less than one lot",
    "below_minimum": "less than min_order_value",
    "costs_exceed_size": "costs took all of it",
    "undefined_order": "no price or distance above 0 at the signal",
    "position_open": "a position was open",
    "max_positions": "max_positions were open",
    "opposite_position": "a position in the other direction was open",
    "daily_loss_limit": "the daily loss limit was reached",
    "max_drawdown": "the largest drawdown was reached",
    "replaced": "a later signal replaced it",
    "cancelled": "an exit signal or a limit of the account cancelled it",
    "expired": "its price was not reached in time",
    "end_of_data": "the data ended first",
}


def write_notes(data: TradingData, run: Run) -> list[str]:
    """Return the notes, the weightiest first; none if there is nothing to say."""
    return [*_on_limits(run), *_on_data(data, run), *_on_signals(run), *_on_trades(run)]


def _on_limits(run: Run) -> Iterator[str]:
    closed = run.result.fills.timestamp[run.result.fills.reason == codes.MAX_DRAWDOWN]
    if closed.size > 0:
        stopped = datetime.fromtimestamp(int(closed[0]), UTC)
        limit = f"{run.result.rules.max_drawdown:.1%} (max_drawdown)"
        yield f"the account had fallen by {limit} and was closed on {stopped:%Y-%m-%d %H:%M} UTC; it traded no more"


def _on_data(data: TradingData, run: Run) -> Iterator[str]:
    for symbol, candles, first, counts in zip(data.symbols, data.candles, data.first, run.signals.counts, strict=True):
        if len(candles) == first:
            yield f"{symbol}: no candles in the range; it was not traded"
        elif counts.warm_up >= len(candles):
            length = f"{counts.warm_up} candles is longer than its data of {len(candles)}"
            yield f"{symbol}: the warm-up of {length}; it was never traded"
        elif counts.warm_up > first > 0:
            yield f"{symbol}: {counts.warm_up - first} candles of the range were still warm-up; load earlier candles"


def _on_signals(run: Run) -> Iterator[str]:
    longs = sum(counts.long_entries for counts in run.signals.counts)
    shorts = sum(counts.short_entries for counts in run.signals.counts)
    directions = run.result.rules.directions
    if directions != "both":
        left_out = shorts if directions == "long" else longs
        longs, shorts = (longs, 0) if directions == "long" else (0, shorts)
        if left_out > 0:
            yield f"{left_out} entry signals were left out: directions is {directions}"
    conflicts = sum(counts.conflicts for counts in run.signals.counts)
    if conflicts > 0:
        yield f"{conflicts} candles asked for both directions, and so for neither"
    if longs + shorts == 0:
        yield (
            "no entry signal in the range: the entry conditions never held; "
            "look at them, at the range and at the warm-up"
        )
    elif run.result.trades.units.size == 0:
        yield f"{longs + shorts} entry signals, but no trade: {_explain_shortfalls(run)}"


def _explain_shortfalls(run: Run) -> str:
    counts = sorted(run.result.shortfall_counts.items(), key=lambda each: -each[1])
    reasons = [f"{count} because {_WHY.get(reason, reason)} ({reason})" for reason, count in counts]
    return ", ".join(reasons) or "the last candle is too late to trade on"


def _on_trades(run: Run) -> Iterator[str]:
    result = run.result
    trades = int(result.trades.units.size)
    if 0 < trades < FEW_TRADES:
        yield f"{trades} trade{'' if trades == 1 else 's'}: fewer than {FEW_TRADES} say little about what comes next"
    undefined = result.shortfall_counts.get("undefined_order", 0)
    if trades > 0 and undefined > 0:
        yield f"{undefined} entry orders were not filled: {_WHY['undefined_order']}"
    fills = int(result.fills.units.size)
    if fills > 0 and result.ambiguous / fills >= MANY_AMBIGUOUS:
        share = f"{result.ambiguous / fills:.0%} of the fills"
        yield f"{share} depend on the order of prices inside a candle; try finer candles, or the other intrabar"
    if result.above_top_rung > 0:
        larger = f"{result.above_top_rung} fills were larger than the top rung of the swap costs"
        yield f"{larger}, and paid its rate: their real costs would have been higher"
