"""What a strategy asks for, one entry per symbol and candle, known at the close of that candle."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.jit import Flag2D, Float2D
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.market import BoolGrid

Directions = npt.NDArray[np.int8]
OrderKinds = npt.NDArray[np.uint8]
NOT_GIVEN = np.zeros((0, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Arrays of shape (S, T), like those of the market; signals where a symbol has no candle are not read.

    `direction`: +1 enter long, -1 enter short, 0 nothing. `order_kind`: position in codes.ORDER_KINDS, 0 (market)
    everywhere if it is not given. `price`: of limit and stop orders. `size`: instead of the rules' size, NaN where
    the rules' holds. `stop_distance`, `target_distance`: price units, for example a multiple of the ATR; they replace
    the fractions of the rules. A price or distance that is not above 0 where an entry needs it leaves the order
    unfilled (undefined_order). `exit_long`, `exit_short`: close what is open in that direction.
    """

    direction: Directions
    exit_long: BoolGrid | None = None
    exit_short: BoolGrid | None = None
    order_kind: OrderKinds | None = None
    price: Float2D | None = None
    size: Float2D | None = None
    stop_distance: Float2D | None = None
    target_distance: Float2D | None = None


def check_signals(signals: Signals, shape: tuple[int, int]) -> None:
    """Refuse signals that do not fit the market or are no signals: INVALID_REQUEST with the field."""
    for field in fields(signals):
        values = getattr(signals, field.name)
        if values is not None and values.shape != shape:
            raise _refuse(field.name, f"shape {shape} (symbols, times) as in the market", values.shape)
    if signals.direction.size > 0 and not -1 <= signals.direction.min() <= signals.direction.max() <= 1:
        raise _refuse("direction", "-1, 0 or 1", (int(signals.direction.min()), int(signals.direction.max())))
    if signals.order_kind is None:
        return
    if signals.order_kind.max() >= len(codes.ORDER_KINDS) or signals.order_kind.min() < 0:
        raise _refuse("order_kind", "0 (market), 1 (limit) or 2 (stop)", int(signals.order_kind.max()))
    if signals.order_kind.any() and signals.price is None:
        raise _refuse("price", "a price for each limit or stop order", None)


def to_action(signals: Signals, has_candle: BoolGrid) -> Flag2D:
    """Return one byte per symbol and candle, bits of codes.py."""
    action = (signals.direction > 0).view(np.uint8) * np.uint8(codes.ENTER_LONG)
    action |= (signals.direction < 0).view(np.uint8) * np.uint8(codes.ENTER_SHORT)
    for exits, bit in ((signals.exit_long, codes.EXIT_LONG), (signals.exit_short, codes.EXIT_SHORT)):
        if exits is not None:
            action |= exits.astype(np.uint8) * np.uint8(bit)
    if signals.order_kind is not None:
        action |= signals.order_kind.astype(np.uint8) * np.uint8(codes.AT_LIMIT)
    if not has_candle.all():
        action[~has_candle] = codes.NO_CANDLE
    return np.ascontiguousarray(action)


def _refuse(field: str, expected: str, found: object) -> EngineError:
    message = f"signals.{field}: expected {expected}, found {found}; correct what the strategy returns"
    return EngineError(ErrorCode.INVALID_REQUEST, message, field=field)
