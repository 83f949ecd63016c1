"""The kernel against the slow reference: fills, trades, shortfalls and the account, on random and on real candles."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given

from quantbot_engine.simulate.result import SimulationResult
from quantbot_engine.simulate.rules import Rung, SimulationRules
from reference.candles import Candle, Outcome, Signal, simulate
from simulate_markets import (
    Case,
    cases,
    read_fills,
    read_shortfalls,
    read_trades,
    rule_sets,
    run_engine_on,
)

DATA_FOLDER = Path(__file__).parents[3] / "shared" / "data"
MONEY = 1e-9


def check_agreement(found: SimulationResult, expected: Outcome) -> None:
    """Units, prices, reasons and times are equal to the bit; sums of money to 1e-9 of the money."""
    assert read_fills(found) == expected.fills
    assert read_shortfalls(found) == expected.shortfalls
    trades = read_trades(found)
    assert trades == [expected.trades[position] for position in range(len(trades))]
    assert len(trades) == len(expected.trades)
    assert found.equity.tolist() == pytest.approx(expected.equity, rel=MONEY, abs=MONEY)
    assert found.cash.tolist() == pytest.approx(expected.cash, rel=MONEY, abs=MONEY)
    assert found.exposure.tolist() == pytest.approx(expected.exposure, rel=MONEY, abs=MONEY)
    assert found.ambiguous == expected.ambiguous
    assert found.above_top_rung == expected.above_top_rung
    assert sum(found.shortfall_counts.values()) == len(expected.shortfalls)


@given(case=cases(), rules=rule_sets())
def test_every_policy_on_random_candles(case: Case, rules: SimulationRules) -> None:
    check_agreement(run_engine_on(case, rules), simulate(case.candles, case.signals, rules))


def read_real_case(names: list[str]) -> Case:
    """Return real candles with crossings of two means as signals: long above, short below, and limits now and then."""
    candles, signals = {}, {}
    for name in names:
        with gzip.open(DATA_FOLDER / name, "rt") as stream:
            rows = list(csv.reader(stream))[1:]
        candles[name] = {int(row[0]): Candle(int(row[0]), *(float(cell) for cell in row[1:5])) for row in rows}
        signals[name] = find_crossings(list(candles[name].values()))
    return Case(candles, signals, 3600)


def find_crossings(candles: list[Candle]) -> dict[int, Signal]:
    signals = {}
    closes = [candle.close for candle in candles]
    was_above: bool | None = None
    for index in range(50, len(candles)):
        is_above = sum(closes[index - 9 : index + 1]) / 10 > sum(closes[index - 49 : index + 1]) / 50
        if was_above is not None and is_above != was_above:
            order = ("market", "limit", "stop")[index % 3]
            beyond = 1.001 if (order == "stop") == is_above else 0.999
            signals[candles[index].timestamp] = Signal(
                direction=1 if is_above else -1,
                order=order,
                price=closes[index] * beyond,
                exit_long=not is_above,
                exit_short=is_above,
            )
        was_above = is_above
    return signals


REAL_RULES = {
    "stops and targets": SimulationRules(stop_loss=0.01, take_profit=0.02, order_valid_candles=5),
    "trailing": SimulationRules(trailing_stop=0.01, break_even_trigger=0.005, max_hold_candles=40, size=0.9),
    "ladder by risk": SimulationRules(
        stop_loss=0.01, ladder=(Rung(0.005, 0.5), Rung(0.01, 0.5)), sizing="risk_fraction", size=0.01, gap_fill="open"
    ),
    "limits": SimulationRules(
        entry_fill="signal_close", intrabar="target_first", stop_loss=0.003, take_profit=0.003, daily_loss_limit=0.004
    ),
    "scaling": SimulationRules(
        scale_in=True, max_positions=3, partial_close_pct=0.5, lot_size=1.0, size=0.3, max_drawdown=0.2
    ),
}


@pytest.mark.skipif(
    not DATA_FOLDER.is_dir(), reason="the sample data are not part of the repository; they lie in ../shared/data"
)
@pytest.mark.parametrize("rules", REAL_RULES.values(), ids=REAL_RULES.keys())
@pytest.mark.parametrize(
    "names",
    [["forex/EURUSD_1h.csv.gz"], ["equity/GOOG_1d.csv.gz", "equity/QQQ_1d.csv.gz", "equity/IWM_1d.csv.gz"]],
    ids=["one symbol", "three symbols with gaps"],
)
def test_real_candles(names: list[str], rules: SimulationRules) -> None:
    case = read_real_case(names)
    found = run_engine_on(case, rules)
    assert found.trades.pnl.size > 20
    check_agreement(found, simulate(case.candles, case.signals, rules))
