"""What a simulation on candles gives back: arrays, the account over time, and the rules it was made with."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantbot_engine.jit import Float1D, Float2D, Int1D, Int2D
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.arrays import ABOVE_TOP_RUNG, AMBIGUOUS, FILLS, RUNS, SHORTFALLS, TRADES, Book, Records
from quantbot_engine.simulate.rules import SimulationRules

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fills:
    """Fills in the order in which they happened; arrays of shape (n,).

    `timestamp`: opening of the candle, Unix seconds; `symbol`: position in the market's symbols; `side`: +1 bought, -1
    sold; `price`: slippage included; `fee`: costs of this fill in money; `cash`: free cash after it; `reason`: position
    in codes.FILL_REASONS; `position`: row of `Trades`.
    """

    timestamp: Int1D
    symbol: Int1D
    side: Int1D
    units: Float1D
    price: Float1D
    fee: Float1D
    cash: Float1D
    reason: Int1D
    position: Int1D


@dataclass(frozen=True, slots=True)
class Trades:
    """Positions from flat to flat in order of opening; arrays of shape (n,).

    `exit_price`: mean over units; `pnl`: money, net of `costs`; `mae`, `mfe`: worst (0 or less) and best (0 or more)
    price seen, as fractions of the entry price; `reason`: of the last fill, `open` if it is only valued at the end.
    """

    symbol: Int1D
    direction: Int1D
    entry_timestamp: Int1D
    exit_timestamp: Int1D
    units: Float1D
    entry_price: Float1D
    exit_price: Float1D
    pnl: Float1D
    costs: Float1D
    mae: Float1D
    mfe: Float1D
    reason: Int1D


@dataclass(frozen=True, slots=True)
class Shortfalls:
    """Entry orders that were reduced (`given` above 0) or not filled; the first ones, see `shortfall_counts`.

    `asked`, `given`: money, costs included; both 0 where the order was dropped before it was sized. `reason`: position
    in codes.SHORTFALL_REASONS.
    """

    timestamp: Int1D
    signal_timestamp: Int1D
    symbol: Int1D
    direction: Int1D
    reason: Int1D
    asked: Float1D
    given: Float1D


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """The outcome of `simulate_candles`.

    `timestamp`, `equity`, `exposure`, shape (T,): openings of candles, and the account at their closes; equity is free
    cash and open positions, exposure is units times price, both directions added. `runs`, shape (n, 2): stretches of
    candles, each its first and its end, outside which nothing was open and equity stayed what it was. `ambiguous`: how
    often `intrabar`, or the unknown order inside a candle, decided a fill. `above_top_rung`: fills larger than the top
    rung of the swap costs. `shortfall_counts`: all of them by reason, also those that `shortfalls` has no room for.
    """

    symbols: tuple[str, ...]
    rules: SimulationRules
    fills: Fills
    trades: Trades
    shortfalls: Shortfalls
    shortfall_counts: dict[str, int]
    timestamp: Int1D
    runs: Int2D
    equity: Float1D
    exposure: Float1D
    ambiguous: int
    above_top_rung: int

    @property
    def final_equity(self) -> float:
        """Equity after the last candle, in money."""
        return float(self.equity[-1])

    @property
    def cash(self) -> Float1D:
        """Free cash at the close of each candle, shape (T,): that of the last fill until then."""
        rows = np.searchsorted(self.timestamp, self.fills.timestamp)
        lasting = np.diff(rows, prepend=0, append=self.timestamp.size)
        return np.repeat(np.append(self.rules.initial_capital, self.fills.cash), lasting)


def to_result(
    symbols: tuple[str, ...], timestamp: Int1D, rules: SimulationRules, book: Book, records: Records, curve: Float2D
) -> SimulationResult:
    """Return copies of the records as columns, times as timestamps; the curve is not copied."""
    fill = records.fill[: book.tally[FILLS]].T.copy()
    fill_number = records.fill_number[: book.tally[FILLS]].T.copy()
    trade = records.trade[: book.tally[TRADES]].T.copy()
    trade_number = records.trade_number[: book.tally[TRADES]].T.copy()
    equity, exposure = curve
    return SimulationResult(
        symbols=symbols,
        rules=rules,
        fills=Fills(
            timestamp=timestamp[fill[0]],
            symbol=fill[1],
            side=fill[2],
            units=fill_number[0],
            price=fill_number[1],
            fee=fill_number[2],
            cash=fill_number[3],
            reason=fill[3],
            position=fill[4],
        ),
        trades=Trades(
            symbol=trade[0],
            direction=trade[1],
            entry_timestamp=timestamp[trade[2]],
            exit_timestamp=timestamp[trade[3]],
            units=trade_number[0],
            entry_price=trade_number[1],
            exit_price=trade_number[2],
            pnl=trade_number[3],
            costs=trade_number[4],
            mae=trade_number[5],
            mfe=trade_number[6],
            reason=trade[4],
        ),
        shortfalls=_to_shortfalls(timestamp, book, records),
        shortfall_counts={
            name: int(count) for name, count in zip(codes.SHORTFALL_REASONS, book.shortfalls, strict=True) if count > 0
        },
        timestamp=timestamp,
        runs=records.run[: book.tally[RUNS]].copy(),
        equity=equity,
        exposure=exposure,
        ambiguous=int(book.tally[AMBIGUOUS]),
        above_top_rung=int(book.tally[ABOVE_TOP_RUNG]),
    )


def _to_shortfalls(timestamp: Int1D, book: Book, records: Records) -> Shortfalls:
    recorded: Ints = records.shortfall[: book.tally[SHORTFALLS]].T.copy()
    money = records.shortfall_number[: book.tally[SHORTFALLS]].T.copy()
    return Shortfalls(
        timestamp=timestamp[recorded[0]],
        signal_timestamp=timestamp[recorded[4]],
        symbol=recorded[1],
        direction=recorded[2],
        reason=recorded[3],
        asked=money[0],
        given=money[1],
    )
