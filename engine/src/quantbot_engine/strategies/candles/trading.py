"""A strategy on the candles of a slice: asked once for each set of signals, simulated once for each trial."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.cache import DEFAULT_CAPACITY_BYTES, ColumnCache
from quantbot_engine.protocol import ErrorCode, TimeRange
from quantbot_engine.simulate.preparation import PreparedSignals, Workspace, prepare_market, prepare_signals
from quantbot_engine.simulate.result import SimulationResult
from quantbot_engine.simulate.simulation import simulate_prepared
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.candles.account import to_account, to_basis
from quantbot_engine.strategies.candles.asked import SymbolCounts, place
from quantbot_engine.strategies.candles.invented import find_flaw
from quantbot_engine.strategies.candles.market import to_trading_data
from quantbot_engine.strategies.candles.program import Parameters, ParameterValue, Program
from quantbot_engine.strategies.strategy import Failure, Outcome, TrialValues

# Signals of so many bytes, and the last in any case, are kept for trials that ask for the same; grids repeat them in
# neighbouring trials.
SIGNALS_CAPACITY_BYTES: Final = 16 * 1024 * 1024
# Columns of indicators: so many of the length of the data, within these bytes. More of them made no search faster.
COLUMNS_KEPT: Final = 16
COLUMNS_CAPACITY_BYTES: Final = (64 * 1024 * 1024, DEFAULT_CAPACITY_BYTES)
_ABSENT: Final = object()
_NOT_SOUGHT: Final = EngineError(ErrorCode.ENGINE_BUG, "nobody has looked for a flaw yet")


@dataclass(frozen=True, slots=True)
class PlacedSignals:
    """Signals ready for the simulation, and how many there are on each symbol."""

    prepared: PreparedSignals
    counts: tuple[SymbolCounts, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation with what led to it. The curves of `result` hold until the next run."""

    parameters: dict[str, ParameterValue]
    signals: PlacedSignals
    result: SimulationResult


class SignalCache:
    """Signals by the parameters that decided them, oldest use forgotten first.

    Which parameters these are is known only after asking; that they are all equal means that the answer is, too.
    """

    def __init__(self, capacity_bytes: int = SIGNALS_CAPACITY_BYTES) -> None:
        self.capacity_bytes = capacity_bytes
        self.used_bytes = 0
        self.misses = 0
        self._reads: dict[frozenset[str], tuple[str, ...]] = {}
        self._entries: OrderedDict[Any, tuple[PlacedSignals, int]] = OrderedDict()

    def find(self, parameters: Parameters) -> PlacedSignals | None:
        """Return signals that were decided by the same values of all parameters that were looked at."""
        for names in self._reads.values():
            key = _to_key(names, parameters)
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]
        self.misses += 1
        return None

    def keep(self, reads: frozenset[str], parameters: Parameters, signals: PlacedSignals) -> None:
        """Keep signals for other trials; those of the last trial stay, however large they are."""
        size = sum(array.nbytes for array in signals.prepared.arrays)
        while self._entries and self.used_bytes + size > self.capacity_bytes:
            _, (_, freed) = self._entries.popitem(last=False)
            self.used_bytes -= freed
        names = self._reads.setdefault(reads, tuple(sorted(reads)))
        self._entries[_to_key(names, parameters)] = (signals, size)
        self.used_bytes += size


def _to_key(names: tuple[str, ...], parameters: Parameters) -> tuple[Any, ...]:
    # True and 1 are equal as keys, but not as parameters.
    values = [parameters.get(name, _ABSENT) for name in names]
    return names, *((type(value), value) for value in values)


def _choose_capacity(market: Market) -> int:
    """Return how many bytes of indicators are kept: what a few trials share, whatever the number of combinations."""
    least, most = COLUMNS_CAPACITY_BYTES
    return min(max(COLUMNS_KEPT * market.candles.close.nbytes, least), most)


class CandleTrading:
    """A program with its candles. Raises NO_CANDLES and INVALID_MARKET_DATA for candles it cannot trade on."""

    def __init__(self, program: Program, market: Market, range_: TimeRange | None) -> None:
        self.program = program
        self.data = to_trading_data(market, range_, ColumnCache(_choose_capacity(market)))
        self.basis = to_basis(self.data.market)
        self.signals = SignalCache()
        self._market = prepare_market(self.data.market)
        self._workspace = Workspace()
        self._flaw: EngineError | None = _NOT_SOUGHT

    def run(self, given: Parameters, capital: float | None = None, *, has_curves: bool = True) -> Run:
        """Return one simulation; INVALID_STRATEGY or STRATEGY_FAILED if it cannot be made with these parameters.

        `capital`: money to begin with, instead of that of the rules. `has_curves`: see `simulate_prepared`.
        """
        parameters = self.program.complete(given)
        rules = self.program.to_rules(parameters)
        if capital is not None:
            rules = msgspec.structs.replace(rules, initial_capital=capital)
        signals = self._ask(parameters)
        try:
            result = simulate_prepared(self._market, signals.prepared, rules, self._workspace, has_curves=has_curves)
        except EngineError as error:
            if error.code is not ErrorCode.INVALID_REQUEST:
                raise
            details = {"setting": error.details.get("field")}
            raise EngineError(ErrorCode.INVALID_STRATEGY, f"simulation: {error.message}", **details) from error
        return Run(parameters, signals, result)

    def evaluate(self, trials: Sequence[TrialValues]) -> Iterator[Outcome]:
        """Yield the account of each trial, which holds until the next is asked for.

        What is wrong with a trial is its failure; INVALID_STRATEGY for what is wrong whatever the parameters are.
        """
        for values in trials:
            yield self._evaluate_one(values)

    def _evaluate_one(self, values: TrialValues) -> Outcome:
        try:
            run = self.run(values, has_curves=False)
            return to_account(self.basis, run.result, run.signals.prepared)
        except MemoryError:
            return Failure(ErrorCode.OUT_OF_MEMORY, "the strategy needs more memory than this process may use")
        except EngineError as error:
            flaw = self._find_flaw() if error.code is ErrorCode.INVALID_STRATEGY else None
            if flaw is not None and error.message == flaw.message:
                raise
            return Failure(error.code, error.message, error.details.get("traceback"))

    def _find_flaw(self) -> EngineError | None:
        """Return what is wrong with the strategy itself; looked for when the first trial is refused."""
        if self._flaw is _NOT_SOUGHT:
            self._flaw = find_flaw(self.program)
        return self._flaw

    def _ask(self, parameters: Parameters) -> PlacedSignals:
        found = self.signals.find(parameters)
        if found is None:
            answer = self.program.ask(self.data.candles, parameters)
            signals, counts = place(answer.by_symbol, self.data)
            found = PlacedSignals(prepare_signals(self._market, signals), counts)
            self.signals.keep(answer.reads, parameters, found)
        return found
