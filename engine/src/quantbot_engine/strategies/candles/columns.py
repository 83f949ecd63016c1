"""What a user's strategy gives back: checked, named when it is wrong, and turned into what is asked for."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from quantbot_engine.indicators.cache import lock
from quantbot_engine.indicators.problems import nearest
from quantbot_engine.rules.values import Flags
from quantbot_engine.simulate import codes
from quantbot_engine.slices.market import FloatColumn
from quantbot_engine.strategies.candles.asked import Asked
from quantbot_engine.strategies.candles.user_calls import UserCode

FLAGS: Final = ("enter_long", "enter_short", "exit_long", "exit_short")
NUMBERS: Final = ("limit_price", "stop_price", "size", "stop_distance", "target_distance")


def check_indicators(code: UserCode, returned: Any, rows: int) -> dict[str, FloatColumn]:
    """Return the indicators as locked float64 columns; STRATEGY_FAILED with `key` for what is none."""
    return {
        key: lock(_to_numbers(code, "indicators", key, column, rows))
        for key, column in _check_mapping(code, "indicators", returned).items()
    }


def check_signals(code: UserCode, returned: Any, rows: int) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of `signals`, bool or float64; STRATEGY_FAILED with `key` for what is none."""
    found: dict[str, npt.NDArray[Any]] = {}
    for key, column in _check_mapping(code, "signals", returned).items():
        if key in FLAGS:
            found[key] = _to_flags(code, key, column, rows)
        elif key in NUMBERS:
            found[key] = _to_numbers(code, "signals", key, column, rows)
        else:
            known = ", ".join((*FLAGS, *NUMBERS))
            near = nearest(key, (*FLAGS, *NUMBERS))
            raise code.fail("signals", f"unknown key {key!r}; it takes {known}{near}", key=key)
    return found


def find_warm_up(indicators: Mapping[str, FloatColumn]) -> int:
    """Return how many candles at the start have some undefined indicator."""
    return max((_count_undefined(column) for column in indicators.values()), default=0)


def to_asked(code: UserCode, columns: Mapping[str, npt.NDArray[Any]], rows: int, warm_up: int) -> Asked:
    """Return what the columns ask for; nothing in the warm-up, and neither direction where both are asked for."""
    long, short, exit_long, exit_short = (_after(columns.get(name), rows, warm_up) for name in FLAGS)
    limit, stop = columns.get("limit_price"), columns.get("stop_price")
    order: dict[str, Any] = {}
    if limit is not None or stop is not None:
        order = _to_orders(code, limit, stop, long | short)
    return Asked(
        direction=long.view(np.int8) - short.view(np.int8),
        exit_long=exit_long,
        exit_short=exit_short,
        warm_up=warm_up,
        conflicts=np.flatnonzero(long & short),
        size=columns.get("size"),
        stop_distance=columns.get("stop_distance"),
        target_distance=columns.get("target_distance"),
        **order,
    )


def _to_orders(
    code: UserCode, limit: FloatColumn | None, stop: FloatColumn | None, entries: Flags
) -> dict[str, npt.NDArray[Any]]:
    """Return kind and price of each order: an entry without a price stays an order that cannot be filled."""
    undefined = np.full(entries.size, np.nan)
    limit_price, stop_price = (undefined if each is None else each for each in (limit, stop))
    has_both = ~np.isnan(limit_price) & ~np.isnan(stop_price) & entries
    if has_both.any():
        row = int(np.argmax(has_both))
        problem = f"expected limit_price or stop_price at an entry, found both in row {row}; leave one of them NaN"
        raise code.fail("signals", problem, key="stop_price", row=row)
    is_stop = ~np.isnan(stop_price) if limit is not None else np.ones(entries.size, dtype=np.bool_)
    kind = np.where(is_stop, codes.ORDER_KINDS.index("stop"), codes.ORDER_KINDS.index("limit")).astype(np.uint8)
    return {"order_kind": kind, "price": np.where(is_stop, stop_price, limit_price)}


def _check_mapping(code: UserCode, method: str, returned: Any) -> Mapping[str, Any]:
    if not isinstance(returned, Mapping):
        raise code.fail(method, f"expected a dict of arrays, found {type(returned).__name__}")
    for key in returned:
        if not isinstance(key, str):
            raise code.fail(method, f"expected names as keys, found {key!r}")
    return returned


def _check_shape(code: UserCode, method: str, key: str, column: Any, rows: int) -> npt.NDArray[Any]:
    if not isinstance(column, np.ndarray):
        found = type(column).__name__
    elif column.shape != (rows,):
        found = f"shape {column.shape}"
    else:
        return column
    problem = f"{key}: expected an array with one value per candle, shape ({rows},), found {found}"
    raise code.fail(method, problem, key=key)


def _to_flags(code: UserCode, key: str, column: Any, rows: int) -> Flags:
    found = _check_shape(code, "signals", key, column, rows)
    if found.dtype != np.bool_:
        problem = f"{key}: expected true or false per candle (dtype bool), found dtype {found.dtype}; compare numbers"
        raise code.fail("signals", problem, key=key)
    return found


def _to_numbers(code: UserCode, method: str, key: str, column: Any, rows: int) -> FloatColumn:
    found = _check_shape(code, method, key, column, rows)
    if found.dtype.kind not in "fiu":
        raise code.fail(method, f"{key}: expected numbers (dtype float64), found dtype {found.dtype}", key=key)
    values = found.astype(np.float64, copy=False)
    is_infinite = np.isinf(values)
    if is_infinite.any():
        row = int(np.argmax(is_infinite))
        problem = f"{key}: expected finite numbers, or NaN where undefined, found {values[row]} in row {row}"
        raise code.fail(method, problem, key=key, row=row)
    return values


def _count_undefined(column: FloatColumn) -> int:
    is_defined = ~np.isnan(column)
    return int(np.argmax(is_defined)) if is_defined.any() else column.size


def _after(flags: Flags | None, rows: int, warm_up: int) -> Flags:
    found = np.zeros(rows, dtype=np.bool_)
    if flags is not None:
        found[warm_up:] = flags[warm_up:]
    return found
