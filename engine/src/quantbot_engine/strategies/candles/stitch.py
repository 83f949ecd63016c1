"""Walk-forward tests on one account: each segment has its own parameters and the money that the one before left."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np

from quantbot_engine.errors import EngineError
from quantbot_engine.indicators.cache import ColumnCache
from quantbot_engine.jit import Float1D
from quantbot_engine.metrics.account import Account
from quantbot_engine.metrics.account_figures import measure_account
from quantbot_engine.metrics.curves import monthly_returns, reduce_curve
from quantbot_engine.metrics.ledger import Trips
from quantbot_engine.objectives.objectives import check_objectives, score
from quantbot_engine.protocol import (
    CandleTrades,
    EquityCurve,
    ErrorCode,
    MonthlyReturn,
    PeriodFigures,
    Segment,
    SegmentResult,
    StitchRequest,
    StitchResult,
    TimeRange,
)
from quantbot_engine.slices.market import Market
from quantbot_engine.strategies.candles.account import to_account, to_basis
from quantbot_engine.strategies.candles.backtest import to_trades
from quantbot_engine.strategies.candles.market import to_trading_data
from quantbot_engine.strategies.candles.program import Program
from quantbot_engine.strategies.candles.trading import CandleTrading, Run
from quantbot_engine.strategies.figures import to_period_figures
from quantbot_engine.strategies.registry import find_program

ReportProgress = Callable[[int, int, str], None]
FEW_TRADES: Final = 30
MS_PER_YEAR: Final = 365.25 * 86_400_000
# exp of it is still a float64.
LARGEST_LOG: Final = 709.0


@dataclass(frozen=True, slots=True)
class Tested:
    """One segment after trading: its account by itself, its trades as they cross the border."""

    segment: Segment
    run: Run
    account: Account
    trades: CandleTrades

    @property
    def end_equity(self) -> float:
        """Money at the end of the segment."""
        return float(self.account.equity[-1])


def stitch(market: Market, request: StitchRequest, report: ReportProgress) -> StitchResult:
    """Return the account over all segments.

    Raises
    ------
    EngineError
        INVALID_REQUEST for segments that overlap or are not in order, and what a backtest refuses.
    """
    check_objectives(request.objectives)
    _check_order(request.segments)
    program = find_program(request.strategy)
    report(0, len(request.segments), "segments")
    tested: list[Tested] = []
    for each in _test_all(program, market, request.segments):
        tested.append(each)
        report(len(tested), len(request.segments), "segments")
    account = _join(market, tested)
    segments = [_to_segment(each, request.objectives) for each in tested]
    efficiency, reason = measure_efficiency(segments)
    return StitchResult(
        symbols=list(market.series.names),
        segments=segments,
        figures=_measure(account, request.periods, request.objectives),
        trades=_join_trades([each.trades for each in tested]),
        curve=EquityCurve(**asdict(reduce_curve(account, request.curve_points))),
        monthly_returns=[MonthlyReturn(month=month, net_return=value) for month, value in monthly_returns(account)],
        efficiency=efficiency,
        efficiency_reason=reason,
        winning_segments=sum(each.end_equity > each.start_equity for each in segments),
        notes=list(_write_notes(tested, len(request.segments))),
    )


def measure_efficiency(
    segments: Sequence[SegmentResult],
) -> tuple[float | None, Literal["no_in_sample", "no_in_sample_profit"] | None]:
    """Return mean annual return out of sample over that in sample (Pardo 2008), or None and why."""
    in_sample = [each.in_sample_annual_return for each in segments]
    known = [value for value in in_sample if value is not None]
    if len(known) < len(segments):
        return None, "no_in_sample"
    if sum(known) <= 0.0:
        return None, "no_in_sample_profit"
    return sum(each.annual_return for each in segments) / sum(known), None


def annualise(total_return: float, from_ms: int, to_ms: int) -> float:
    """Return the compound annual return, a fraction; -1 where all was lost, at most what float64 holds."""
    growth = max(0.0, 1.0 + total_return)
    if growth == 0.0:
        return -1.0
    years = (to_ms - from_ms) / MS_PER_YEAR
    return math.expm1(min(math.log(growth) / years, LARGEST_LOG))


def _check_order(segments: Sequence[Segment]) -> None:
    before = segments[0].from_ms
    for position, segment in enumerate(segments):
        if not before <= segment.from_ms < segment.to_ms:
            expected = f"a range that begins at {before} ms or later and ends after it begins"
            found = f"{segment.from_ms} to {segment.to_ms}"
            message = f"segments.{position}: expected {expected}, found {found}; put them in order, without overlap"
            raise EngineError(ErrorCode.INVALID_REQUEST, message, field=f"segments.{position}")
        before = segment.to_ms


def _test_all(program: Program, market: Market, segments: Sequence[Segment]) -> Iterator[Tested]:
    """Yield the segments as far as there is money to trade them with."""
    capital: float | None = None
    for segment in segments:
        trading = CandleTrading(program, market, TimeRange(from_ms=segment.from_ms, to_ms=segment.to_ms))
        run = trading.run(segment.params, capital)
        account = to_account(trading.basis, run.result, run.signals.prepared)
        each = Tested(segment, run, account, to_trades(run.result))
        yield each
        capital = each.end_equity
        if capital <= 0.0:
            return


def _join(market: Market, tested: Sequence[Tested]) -> Account:
    accounts = [each.account for each in tested]
    first = accounts[0]
    marked_ms = np.concatenate([account.marked_ms for account in accounts])
    return Account(
        start_ms=first.start_ms,
        initial_capital=first.initial_capital,
        marked_ms=marked_ms,
        equity=np.concatenate([account.equity for account in accounts]),
        exposure=np.concatenate([account.exposure for account in accounts]),
        net_exposure=np.concatenate([account.net_exposure for account in accounts]),
        benchmark=_hold(market, tested, marked_ms) * first.initial_capital,
        trips=_join_trips([account.trips for account in accounts]),
    )


def _join_trips(parts: Sequence[Trips]) -> Trips:
    return Trips(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _hold(market: Market, tested: Sequence[Tested], marked_ms: "np.ndarray[Any, np.dtype[np.int64]]") -> Float1D:
    """Return the worth of one unit of money that was bought at the first open and held through all gaps, shape (T,)."""
    whole = TimeRange(from_ms=tested[0].segment.from_ms, to_ms=tested[-1].segment.to_ms)
    basis = to_basis(to_trading_data(market, whole, ColumnCache()).market)
    growth: Float1D = basis.growth[np.searchsorted(basis.marked_ms, marked_ms)]
    return growth


def _to_segment(tested: Tested, objectives: Sequence[str]) -> SegmentResult:
    (figures,) = _measure(tested.account, ["all"], objectives)
    segment = tested.segment
    trained = segment.in_sample
    in_sample = None
    if trained is not None and trained.total_return is not None:
        in_sample = annualise(trained.total_return, trained.from_ms, trained.to_ms)
    return SegmentResult(
        from_ms=tested.segment.from_ms,
        to_ms=tested.segment.to_ms,
        params=tested.run.parameters,
        start_equity=tested.account.initial_capital,
        end_equity=tested.end_equity,
        trades=len(tested.trades.symbol),
        annual_return=annualise(
            tested.end_equity / tested.account.initial_capital - 1.0, segment.from_ms, segment.to_ms
        ),
        in_sample_annual_return=in_sample,
        figures=figures,
    )


def _measure(account: Account, periods: Sequence[Any], objectives: Sequence[str]) -> list[PeriodFigures]:
    by_period = measure_account(account, periods, detail=True)
    return [
        to_period_figures(period, metrics, score(objectives, metrics))
        for period, metrics in zip(periods, by_period, strict=True)
    ]


def _join_trades(parts: Sequence[CandleTrades]) -> CandleTrades:
    columns = CandleTrades.__struct_fields__
    return CandleTrades(**{name: [value for part in parts for value in getattr(part, name)] for name in columns})


def _write_notes(tested: Sequence[Tested], asked: int) -> Iterator[str]:
    if len(tested) < asked:
        yield f"the account was empty after segment {len(tested)} of {asked}; the others were not traded"
    idle = sum(not each.trades.symbol for each in tested)
    if idle > 0:
        yield f"{idle} of {len(tested)} segments made no trade"
    trades = sum(len(each.trades.symbol) for each in tested)
    if 0 < trades < FEW_TRADES:
        yield f"{trades} trade{'' if trades == 1 else 's'}: fewer than {FEW_TRADES} say little about what comes next"
