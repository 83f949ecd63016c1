"""The kernel against the slow reference: fills, trades, shortfalls and the account, on random and on real candles."""

from pathlib import Path

import pytest
from hypothesis import given

from quantbot_engine.simulate.result import SimulationResult
from quantbot_engine.simulate.rules import SimulationRules
from reference.candles import Outcome, simulate
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
