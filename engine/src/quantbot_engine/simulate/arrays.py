"""What the kernel reads and writes: named tuples of contiguous arrays. S symbols, T times, P positions per symbol."""

from typing import Final, NamedTuple

import numpy as np

from quantbot_engine.jit import Flag2D, Float1D, Float2D, Int1D, Int2D

# Columns of `Book.number`, one row per open position. Levels are signed: price times direction, so that for both
# directions a stop is met from above and a target from below, and no comparison exists twice.
UNITS: Final = 0
ENTRY_PRICE: Final = 1
STOP: Final = 2
TARGET: Final = 3
NEXT_RUNG: Final = 4
BEST: Final = 5
WORST: Final = 6
FIRST_STOP: Final = 7
FIRST_UNITS: Final = 8
PNL: Final = 9
COSTS: Final = 10
EXIT_VALUE: Final = 11
NUMBERS: Final = 12

# Columns of `Book.whole`, one row per open position.
ID: Final = 0
ENTRY_TIME: Final = 1
AGE: Final = 2
STOP_REASON: Final = 3
FIRST_STOP_REASON: Final = 4
RUNG: Final = 5
ENTERED_INSIDE: Final = 6
WHOLES: Final = 7

# Columns of `Book.order`, one row per symbol: the waiting entry order and the waiting exit.
KIND: Final = 0
SIDE: Final = 1
SIGNAL_TIME: Final = 2
LEFT: Final = 3
EXIT: Final = 4
ORDERS: Final = 5

# Columns of `Book.wish`, one row per symbol: what the waiting order asks for. NaN: the rules decide.
PRICE: Final = 0
SIZE: Final = 1
STOP_DISTANCE: Final = 2
TARGET_DISTANCE: Final = 3
WISHES: Final = 4

# Positions in `Book.account`.
CASH: Final = 0
EQUITY: Final = 1
ACCOUNT: Final = 2

# Rows of the curve.
EQUITY_MARK: Final = 0
EXPOSURE_MARK: Final = 1
MARKS: Final = 2

# Positions in `Book.tally`.
FILLS: Final = 0
TRADES: Final = 1
SHORTFALLS: Final = 2
AMBIGUOUS: Final = 3
ABOVE_TOP_RUNG: Final = 4
RUNS: Final = 5
COUNTS: Final = 6


class MarketArrays(NamedTuple):
    """The candles, shape (S, T); times in Unix seconds, shape (T,)."""

    timestamp: Int1D
    open: Float2D
    high: Float2D
    low: Float2D
    close: Float2D


class SignalArrays(NamedTuple):
    """`action`: bits of codes.py; the others (S, T), or empty where the strategy does not give them."""

    action: Flag2D
    price: Float2D
    size: Float2D
    stop_distance: Float2D
    target_distance: Float2D


class ExitRules(NamedTuple):
    """Fractions of the entry price; 0 is off. `hold_candles`, `hold_s`: -1 is off."""

    stop_loss: float
    take_profit: float
    trail: float
    activation: float
    break_even: float
    break_even_offset: float
    hold_candles: int
    hold_s: int
    sells_all: bool


class EntryRules(NamedTuple):
    """How large a position becomes. Money, units or fractions, by `sizing` of codes.py; limits of 0 are off."""

    sizing: int
    size: float
    lot_size: float
    min_order_value: float
    max_position_size: float
    dust: float
    max_positions: int
    scale_in: bool


class Costs(NamedTuple):
    """Fee and slippage as fractions per side, fixed fee and gas in money."""

    fee: float
    fixed_fee: float
    slippage: float
    gas_buy: float
    gas_sell: float


class Policies(NamedTuple):
    """What happens where a candle cannot tell, and the limits of the account; limits of 0 are off.

    `entries`: the entry bits of codes.py that count as signals.
    """

    gap_fill: int
    order_valid: int
    entries: int
    initial_capital: float
    partial_close: float
    max_drawdown: float
    daily_loss: float
    at_signal_close: bool
    target_first: bool
    stop_inside: bool
    leave_open: bool


class Ladders(NamedTuple):
    """Rungs of the exit ladder and of the swap costs; an empty swap ladder means costs in basis points."""

    profit: Float1D
    share: Float1D
    notional: Float1D
    loss_rate: Float1D


class Rules(NamedTuple):
    """All that decides how signals become fills."""

    exits: ExitRules
    entries: EntryRules
    costs: Costs
    policies: Policies
    ladders: Ladders


class Book(NamedTuple):
    """Positions and orders, one row each; position k of symbol s is row s * P + k, in order of opening.

    `last_close`: of the symbols that are held, the close at which they were last marked.
    """

    number: Float2D
    whole: Int2D
    held: Int1D
    side: Int1D
    order: Int2D
    wish: Float2D
    account: Float1D
    tally: Int1D
    shortfalls: Int1D
    last_close: Float1D


class Records(NamedTuple):
    """What happened. Rows beyond the room are counted, not written: see `Book.tally`.

    `fill`: time, symbol, units side (+1 bought, -1 sold), reason, position. `fill_number`: units, price, costs, cash
    afterwards.
    `trade`: symbol, direction, entry time, exit time, reason. `trade_number`: units, entry price, mean exit price, pnl,
    costs, worst and best price seen as fractions of the entry price.
    `shortfall`: time, symbol, direction, reason, time of the signal. `shortfall_number`: money asked, money given.
    `run`: first time and end of each stretch on which the account was marked; between them nothing is open.
    """

    fill: Int2D
    fill_number: Float2D
    trade: Int2D
    trade_number: Float2D
    shortfall: Int2D
    shortfall_number: Float2D
    run: Int2D


def allocate_book(symbols: int, positions: int, reasons: int) -> Book:
    """Return a book; the kernel empties it before it trades."""
    rows = symbols * positions
    return Book(
        number=np.zeros((rows, NUMBERS)),
        whole=np.zeros((rows, WHOLES), dtype=np.int64),
        held=np.zeros(symbols, dtype=np.int64),
        side=np.zeros(symbols, dtype=np.int64),
        order=np.zeros((symbols, ORDERS), dtype=np.int64),
        wish=np.full((symbols, WISHES), np.nan),
        account=np.zeros(ACCOUNT),
        tally=np.zeros(COUNTS, dtype=np.int64),
        shortfalls=np.zeros(reasons, dtype=np.int64),
        last_close=np.zeros(symbols),
    )


def allocate_records(fills: int, trades: int, shortfalls: int, runs: int) -> Records:
    """Return room for this many rows."""
    return Records(
        fill=np.zeros((fills, 5), dtype=np.int64),
        fill_number=np.zeros((fills, 4)),
        trade=np.zeros((trades, 5), dtype=np.int64),
        trade_number=np.zeros((trades, 7)),
        shortfall=np.zeros((shortfalls, 5), dtype=np.int64),
        shortfall_number=np.zeros((shortfalls, 2)),
        run=np.zeros((runs, 2), dtype=np.int64),
    )


def allocate_curve(times: int) -> Float2D:
    """Return the account over time, rows of `EQUITY_MARK` and `EXPOSURE_MARK`, shape (2, T), in money."""
    return np.zeros((MARKS, times))
