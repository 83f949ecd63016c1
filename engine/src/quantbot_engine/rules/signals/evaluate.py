"""Signals on candles: calling them, checking what they give back, keeping it for other trials."""

import traceback
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.definition import Params
from quantbot_engine.indicators.problems import nearest, refuse
from quantbot_engine.protocol import ErrorCode
from quantbot_engine.rules.signals.signal import NUMBER, OutputKind, Signal

NOTHING: Final = 0


def evaluate_signal(found: Signal, candles: Candles, params: Params) -> dict[str, npt.NDArray[Any]]:
    """Return the outputs of a signal, shape (n,) each: int16 positions of categories, or float64.

    In the warm-up categories are those of "nothing" and numbers are NaN. `params` are complete (`Signal.complete`).

    Raises
    ------
    EngineError
        STRATEGY_FAILED if the function raises, or gives back something that is not what it declares.
    """
    if candles.cache is None:
        columns = _compute(found, candles, params)
    else:
        key = (candles.key, found, tuple(params.values()))
        columns = candles.cache.get(key, lambda: _compute(found, candles, params))
    return dict(zip(found.outputs, columns, strict=True))


def find_warm_up(found: Signal, params: Params) -> int:
    """Return how many candles a signal needs before it answers; STRATEGY_FAILED if it states no such number."""
    try:
        rows = found.warm_up(params)
    except Exception as error:
        raise _failed(found, f"warm_up raised {type(error).__name__}: {error}", error) from error
    if isinstance(rows, bool) or not isinstance(rows, int | np.integer) or rows < 0:
        raise _failed(found, f"warm_up: expected a whole number of candles, 0 or more, found {rows!r}")
    return int(rows)


def _compute(found: Signal, candles: Candles, params: Params) -> tuple[npt.NDArray[Any], ...]:
    undefined = find_warm_up(found, params)
    try:
        returned = found.compute(candles.read_only(), dict(params))
    except (MemoryError, EngineError):
        raise
    except (Exception, SystemExit) as error:
        raise _failed(found, f"{type(error).__name__}: {error}", error) from error
    _check_names(found, returned)
    return tuple(
        _check_column(found, name, kind, returned[name], (len(candles), undefined))
        for name, kind in found.outputs.items()
    )


def _check_names(found: Signal, returned: Any) -> None:
    if not isinstance(returned, Mapping):
        raise _failed(found, f"expected a dict of columns, found {type(returned).__name__}")
    for name in returned:
        if name not in found.outputs:
            raise _failed(found, f"gave back an undeclared output {name!r}{nearest(str(name), found.outputs)}")
    for name in found.outputs:
        if name not in returned:
            raise _failed(found, f"declares the output {name!r}, but did not give it back")


def _check_column(found: Signal, name: str, kind: OutputKind, column: Any, rows: tuple[int, int]) -> npt.NDArray[Any]:
    candles, undefined = rows
    if not isinstance(column, np.ndarray) or column.shape != (candles,):
        what = f"an array of shape {column.shape}" if isinstance(column, np.ndarray) else type(column).__name__
        raise _failed(found, f"{name}: expected an array with one value per candle, ({candles},), found {what}")
    if kind == NUMBER:
        if column.dtype.kind != "f":
            raise _failed(found, f"{name}: expected floating-point numbers, found dtype {column.dtype}")
        values = column.astype(np.float64)
        _check_rows(found, name, np.isfinite(values[undefined:]), values, undefined)
        values[:undefined] = np.nan
        return values
    if column.dtype.kind not in "iu":
        raise _failed(found, f"{name}: expected whole numbers, positions in {kind}, found dtype {column.dtype}")
    is_known = (column >= 0) & (column < len(kind))
    _check_rows(found, name, is_known[undefined:], column, undefined)
    positions = np.where(is_known, column, NOTHING).astype(np.int16)
    positions[:undefined] = NOTHING
    return positions


def _check_rows(
    found: Signal, name: str, is_good: npt.NDArray[np.bool_], column: npt.NDArray[Any], undefined: int
) -> None:
    if is_good.all():
        return
    row = undefined + int(np.argmin(is_good))
    what = "a finite number" if found.outputs[name] == NUMBER else f"a position in {found.outputs[name]}"
    where = f"in each row after the warm-up of {undefined}"
    raise _failed(found, f"{name}: expected {what} {where}, found {column[row]} in row {row}")


def _failed(found: Signal, problem: str, error: BaseException | None = None) -> EngineError:
    place = f" ({found.file})" if found.file else ""
    details = {} if error is None else {"traceback": "".join(traceback.format_exception(error))}
    message = f"signal {found.name}{place}: {problem}"
    return EngineError(ErrorCode.STRATEGY_FAILED, message, signal=found.name, **details)


def find_signal(name: str, signals: Mapping[str, Signal]) -> Signal:
    """Return the signal; a leading `signals.` is allowed. INVALID_STRATEGY names the nearest one if there is none."""
    plain = name.removeprefix("signals.")
    if plain not in signals:
        raise refuse(f"unknown signal {name!r}{nearest(plain, signals)}", signal=name)
    return signals[plain]
