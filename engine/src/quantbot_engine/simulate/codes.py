"""The numbers by which the kernel knows signals, orders, policies and reasons, and their words in the result."""

from typing import Final

# Bits of `SignalArrays.action`, one byte per symbol and candle.
EXIT_LONG: Final = 1
EXIT_SHORT: Final = 2
ENTER_LONG: Final = 4
ENTER_SHORT: Final = 8
AT_LIMIT: Final = 16
AT_STOP: Final = 32
# Alone in its byte: where a symbol has no candle, it has no signal.
NO_CANDLE: Final = 64
ANY_ENTRY: Final = 12
ANY_EXIT: Final = 3
# The entry signals that count, by `directions` of the rules.
ENTRIES: Final = {"long": ENTER_LONG, "short": ENTER_SHORT, "both": ANY_ENTRY}

# `KIND` in `Book.order`: the waiting entry order of a symbol.
NO_ORDER: Final = 0
MARKET: Final = 1
LIMIT: Final = 2
STOP_ORDER: Final = 3
ORDER_KINDS: Final = ("market", "limit", "stop")

# Age of a position in candles when it is entered: one is counted at each close from then on.
DURING: Final = -1
AT_CLOSE: Final = 0

# `EXIT` in `Book.order`: what closes positions at the next open.
NO_EXIT: Final = 0
EXIT_BY_SIGNAL: Final = 1
EXIT_BY_DRAWDOWN: Final = 2

GAP_WORSE: Final = 0
GAP_OPEN: Final = 1
GAP_LEVEL: Final = 2
GAP_FILLS: Final = ("worse", "open", "level")

BY_EQUITY: Final = 0
BY_AMOUNT: Final = 1
BY_RISK: Final = 2
BY_RISK_AMOUNT: Final = 3
BY_UNITS: Final = 4
SIZINGS: Final = ("equity_fraction", "amount", "risk_fraction", "risk_amount", "units")

# Why a fill happened. A trade carries the reason of its last fill.
ENTRY: Final = 0
STOP_LOSS: Final = 1
BREAK_EVEN: Final = 2
TRAILING_STOP: Final = 3
LIQUIDATION: Final = 4
TAKE_PROFIT: Final = 5
LADDER: Final = 6
TIME_EXIT: Final = 7
SIGNAL: Final = 8
MAX_DRAWDOWN: Final = 9
END_OF_DATA: Final = 10
STILL_OPEN: Final = 11
FILL_REASONS: Final = (
    "entry",
    "stop_loss",
    "break_even",
    "trailing_stop",
    "liquidation",
    "take_profit",
    "ladder",
    "time_exit",
    "signal",
    "max_drawdown",
    "end_of_data",
    "open",
)

# Why an entry order was reduced or not filled at all.
IN_FULL: Final = 0
BY_CASH: Final = 1
BY_MAX_POSITION_SIZE: Final = 2
BY_LOT_SIZE: Final = 3
BY_MINIMUM: Final = 4
BY_COSTS: Final = 5
UNDEFINED: Final = 6
POSITION_OPEN: Final = 7
MAX_POSITIONS: Final = 8
OPPOSITE_POSITION: Final = 9
BY_DAILY_LOSS: Final = 10
BY_DRAWDOWN: Final = 11
REPLACED: Final = 12
CANCELLED: Final = 13
EXPIRED: Final = 14
DATA_ENDED: Final = 15
SHORTFALL_REASONS: Final = (
    "in_full",
    "insufficient_cash",
    "max_position_size",
    "below_lot_size",
    "below_minimum",
    "costs_exceed_size",
    "undefined_order",
    "position_open",
    "max_positions",
    "opposite_position",
    "daily_loss_limit",
    "max_drawdown",
    "replaced",
    "cancelled",
    "expired",
    "end_of_data",
)
