"""vectorbt as a peer on candles: crossings of two averages, all stops and targets of a pair as columns of one call.

The rules of `sweep.py` are its own with `stop_entry_price="close"`: orders at the close, stops from the next candle on,
a stop before a target, the open beyond a gap. Averages are computed beforehand and not timed.
"""

from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.data import CallData, IntArray
from benchmarks.outcome import Outcome
from benchmarks.sweep import INITIAL_CAPITAL, Sweep


class VectorbtCrossings:
    """Some pairs of averages of a sweep, with all stops and targets of each."""

    def __init__(self, data: CallData, sweep: Sweep, pairs: IntArray, engine: str) -> None:
        vectorbt: Any = import_module("vectorbt")
        pandas: Any = import_module("pandas")
        self._portfolio = vectorbt.Portfolio
        self._engine = engine
        self._candles = {name: getattr(data, name)[:, None] for name in ("open", "high", "low", "close")}
        close = pandas.Series(data.close)
        self._averages = [
            (vectorbt.MA.run(close, int(sweep.fast[pair])), vectorbt.MA.run(close, int(sweep.slow[pair])))
            for pair in pairs
        ]
        stop, target = np.meshgrid(sweep.stops, sweep.targets, indexing="ij")
        self._levels = {"sl_stop": stop.reshape(1, -1), "tp_stop": target.reshape(1, -1)}

    def run(self) -> Outcome:
        """Return final equity and closed trades of every combination of the pairs."""
        found = [self._run_pair(fast, slow) for fast, slow in self._averages]
        return Outcome(
            np.concatenate([outcome.final_capital for outcome in found]),
            np.concatenate([outcome.trades for outcome in found]),
        )

    def _run_pair(self, fast: Any, slow: Any) -> Outcome:
        portfolio = self._portfolio.from_signals(
            **self._candles,
            entries=fast.ma_crossed_above(slow).to_numpy()[:, None],
            exits=fast.ma_crossed_below(slow).to_numpy()[:, None],
            init_cash=INITIAL_CAPITAL,
            stop_entry_price="close",
            freq="1min",
            engine=self._engine,
            **self._levels,
        )
        # From the records of trades, open ones at the last close: cheaper for it than its equity at every close.
        trades = portfolio.trades.values
        columns = self._levels["sl_stop"].size
        final = INITIAL_CAPITAL + np.bincount(trades["col"], weights=trades["pnl"], minlength=columns)
        closed = np.bincount(trades["col"][trades["status"] == 1], minlength=columns)
        return Outcome(final.astype(np.float64), closed)
