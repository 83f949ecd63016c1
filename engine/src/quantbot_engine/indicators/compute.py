"""Indicators on candles: the one way in, for rules, signals and files of the user's."""

from dataclasses import dataclass

import numpy as np

from quantbot_engine.indicators.cache import Column
from quantbot_engine.indicators.candles import Candles
from quantbot_engine.indicators.definition import Indicator, Inputs, Params
from quantbot_engine.indicators.problems import nearest, refuse
from quantbot_engine.indicators.registry import check_params, find_indicator
from quantbot_engine.slices.market import FloatColumn


@dataclass(frozen=True, slots=True)
class InputSeries:
    """A column that stands in for the price an indicator takes, as `rsi(14)` in `ema(rsi(14), 9)`.

    `key` says what it was computed from, for the cache; the first `warm_up` values are undefined, no other is.
    """

    values: FloatColumn
    key: str
    warm_up: int


def indicator(candles: Candles, name: str, output: str | None = None, **params: float) -> FloatColumn:
    """Return one output of an indicator, shape (n,), NaN in its warm-up alone.

    Parameters
    ----------
    candles : Candles
        Of one symbol.
    name : str
        A name of the registry, such as "macd".
    output : str, optional
        Such as "signal"; not needed where there is one output.
    **params : float
        By name; what is missing has its default.
    """
    found = find_indicator(name)
    return compute_outputs(candles, found, check_params(found, params))[find_output(found, output)]


def find_output(found: Indicator, output: str | None) -> int:
    """Return the position of an output; INVALID_STRATEGY if it is unknown, or missing where there are several."""
    if output is None and len(found.outputs) == 1:
        return 0
    if output in found.outputs:
        return found.outputs.index(output)
    names = ", ".join(f"{found.name}.{each}" for each in found.outputs)
    what = "an output is missing" if output is None else f"unknown output {output!r}"
    raise refuse(f"{found.name}: {what}; expected one of {names}{nearest(output or '', found.outputs)}")


def compute_outputs(
    candles: Candles, found: Indicator, params: Params, series: InputSeries | None = None
) -> tuple[FloatColumn, ...]:
    """Return all outputs for checked and complete parameters, from the cache of the candles if they are there."""
    if candles.cache is None:
        return _compute(candles, found, params, series)
    key = (candles.key, found.name, tuple(params.values()), None if series is None else series.key)
    return candles.cache.get(key, lambda: _compute(candles, found, params, series))


def _compute(candles: Candles, found: Indicator, params: Params, series: InputSeries | None) -> tuple[FloatColumn, ...]:
    skipped = 0 if series is None else min(series.warm_up, len(candles))
    columns = [candles.column(name) for name in found.inputs] if series is None else [series.values]
    inputs = Inputs(tuple(_plain(column[skipped:]) for column in columns), _plain(candles.timestamp[skipped:]))
    if series is not None and not np.isfinite(inputs.columns[0]).all():
        position = skipped + int(np.argmin(np.isfinite(inputs.columns[0])))
        raise refuse(
            f"{found.name}({series.key}): expected a series without gaps, found it undefined at candle {position}, for "
            "example by a division by zero; take another input"
        )
    undefined = found.warm_up(params)
    return tuple(_place(column, skipped, undefined) for column in found.compute(inputs, params))


def _plain(column: Column) -> Column:
    """Return the column as kernels take it; one that is locked or has gaps in memory is copied."""
    return column if column.flags.writeable and column.flags.c_contiguous else column.copy()


def _place(column: FloatColumn, skipped: int, undefined: int) -> FloatColumn:
    placed = np.full(skipped + column.size, np.nan)
    placed[skipped + undefined :] = column[undefined:]
    return placed
