"""The engine as a contender on candles: one simulation, and the operation `evaluate` as studies call it."""

from typing import Any

import msgspec
import numpy as np

from benchmarks.data import INTERVAL_S, CallData
from benchmarks.ours import to_market
from benchmarks.outcome import Outcome
from benchmarks.sweep import INITIAL_CAPITAL, Combination, Sweep, find_crossings
from quantbot_engine.protocol import EvaluatedTrial, EvaluateRequest, TrialParams
from quantbot_engine.simulate import codes
from quantbot_engine.simulate.market import CandleMarket
from quantbot_engine.simulate.preparation import Workspace, prepare_market, prepare_signals
from quantbot_engine.simulate.rules import SimulationRules
from quantbot_engine.simulate.signals import Signals
from quantbot_engine.simulate.simulation import simulate_prepared
from quantbot_engine.strategies.evaluation import evaluate_trials

# Trials of one request, as a study asks for them.
BLOCK = 100
POLICIES: dict[str, Any] = {
    "initial_capital": INITIAL_CAPITAL,
    "entry_fill": "signal_close",
    "gap_fill": "open",
    "final_close": "leave_open",
    "size": 1.0,
    "costs": {"type": "basis_points", "fee_bps": 0, "slippage_bps": 0},
}


class OursSingle:
    """One backtest on prepared candles and signals."""

    def __init__(self, data: CallData, one: Combination, *, with_levels: bool) -> None:
        above, below = find_crossings(data, one.fast, one.slow)
        market = CandleMarket(
            symbols=("token",),
            timestamp=data.timestamp,
            open=data.open[None],
            high=data.high[None],
            low=data.low[None],
            close=data.close[None],
            has_candle=np.ones((1, data.candles), dtype=np.bool_),
            interval_s=INTERVAL_S,
        )
        self._market = prepare_market(market)
        signals = Signals(direction=above[None].astype(np.int8), exit_long=below[None])
        self._signals = prepare_signals(self._market, signals)
        levels = {"stop_loss": one.stop, "take_profit": one.target} if with_levels else {}
        self._rules = msgspec.convert({**POLICIES, **levels}, SimulationRules)
        self._workspace = Workspace()

    def run(self) -> Outcome:
        """Simulate, with fills, trades and the account at every close."""
        result = simulate_prepared(self._market, self._signals, self._rules, self._workspace)
        closed = np.count_nonzero(result.trades.reason != codes.STILL_OPEN)
        return Outcome(np.array([result.final_equity]), np.array([closed]))


class OursSweep:
    """All combinations of a sweep, as trials of a strategy of rules: signals, simulation and all figures of each."""

    def __init__(self, data: CallData, sweep: Sweep) -> None:
        self._market = to_market(data)
        self._request = msgspec.convert(_to_request(), EvaluateRequest)
        self._sweep = sweep

    def run(self) -> Outcome:
        """Evaluate block by block; of each trial only final balance and trades are kept."""
        final = np.empty(len(self._sweep))
        trades = np.empty(len(self._sweep), dtype=np.int64)
        for first in range(0, final.size, BLOCK):
            for trial in self._evaluate(range(first, min(first + BLOCK, final.size))):
                if trial.error is not None:
                    raise RuntimeError(f"trial {trial.number}: {trial.error.message}")
                figures = trial.figures[0].metrics
                final[trial.number] = figures["final_balance"]
                trades[trial.number] = int(figures["trades"] or 0)
        return Outcome(final, trades)

    def _evaluate(self, positions: range) -> list[EvaluatedTrial]:
        trials = [TrialParams(number=each, params=self._sweep.combination(each)._asdict()) for each in positions]
        request = msgspec.structs.replace(self._request, trials=trials)
        return evaluate_trials(request, self._market, lambda *_: None).trials


def _to_request() -> dict[str, Any]:
    parameters = [{"name": name, "value": 1} for name in Combination._fields]
    simulation = {
        **POLICIES,
        "stop_loss": _expression("stop", _name("stop")),
        "take_profit": _expression("target", _name("target")),
    }
    rules = {
        "name": "crossings",
        "parameters": parameters,
        "enter_long": _crossing("crosses_above"),
        "exit_long": _crossing("crosses_below"),
        "simulation": simulation,
    }
    return {
        "operation": "evaluate",
        "strategy": {"name": "rules", "config": {"rules": rules}, "files": []},
        "trials": [{"number": 0, "params": {}}],
        "objectives": ["total_return"],
        "periods": ["all"],
    }


def _crossing(function: str) -> list[dict[str, Any]]:
    averages = [_name("fast"), _call("sma", 1), _name("slow"), _call("sma", 1)]
    text = f"{function}(sma(fast), sma(slow))"
    return [{"kind": "expression", "expression": _expression(text, *averages, _call(function, 2))}]


def _expression(text: str, *tokens: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, "tokens": list(tokens)}


def _name(name: str) -> dict[str, Any]:
    return {"kind": "name", "name": name}


def _call(name: str, arguments: int) -> dict[str, Any]:
    return {"kind": "call", "name": name, "arguments": arguments}
