"""Every two policies together, on long markets and on real ones: the kernel against the slow reference.

Long, because the kernel leaves candles on which nothing can happen behind in one go: the reference goes through each.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantbot_engine.simulate.rules import SimulationRules
from reference.candles import simulate
from simulate_markets import Case, cut_after, read_fills, rule_sets, run_engine_on
from simulate_policies import (
    CHEAP,
    POLICIES,
    list_pairs,
    make_level_case,
    make_long_case,
    meet_all_pairs,
    pair_of,
    to_rules,
)
from test_simulate_agreement import DATA_FOLDER, check_agreement, read_real_case

ROWS = meet_all_pairs(POLICIES)
REAL_MARKETS = {
    "forex, hours": ["forex/EURUSD_1h.csv.gz"],
    "crypto, 5 minutes": ["crypto_5m/WLD-USDT_5m.csv.gz"],
    "a token's first days": ["crypto_launch_5m/STRK-USDT_5m.csv.gz"],
    "crypto, minutes with gaps": ["crypto_coinbase/LTCUSD_1m.csv.gz", "crypto_coinbase/ETHUSD_1m.csv.gz"],
    "shares, days": ["equity/GOOG_1d.csv.gz", "equity/QQQ_1d.csv.gz"],
}
REAL_CANDLES = 4000


def test_every_two_values_of_two_policies_meet_in_one_rule_set() -> None:
    met = {pair_of(*two) for row in ROWS for two in itertools.combinations(enumerate(row), 2)}
    assert met == list_pairs(POLICIES)


def test_every_field_of_the_rules_is_a_policy() -> None:
    varied = {field for choice in POLICIES for value in choice for field in value}
    assert varied | {"initial_capital"} == set(SimulationRules.__struct_fields__)


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_every_pair_of_policies_on_a_long_market(number: int) -> None:
    rules = to_rules(ROWS[number])
    for symbols, share_of_signals in ((1, 0.02), (3, 0.01)):
        case = make_long_case(number, 1200, symbols, share_of_signals)
        check_agreement(run_engine_on(case, rules), simulate(case.candles, case.signals, rules))


@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.0, 0.003, 0.03]), rules=rule_sets())
def test_quiet_stretches_of_any_length(seed: int, share: float, rules: SimulationRules) -> None:
    case = make_long_case(seed, 50 + seed % 250, 1 + seed % 3, share)
    check_agreement(run_engine_on(case, rules), simulate(case.candles, case.signals, rules))


@pytest.mark.parametrize("seed", range(4))
def test_levels_far_from_the_entry_are_met_on_the_candle_that_just_reaches_them(seed: int) -> None:
    case = make_level_case(seed, 6000)
    rules = SimulationRules(costs=CHEAP)
    found = run_engine_on(case, rules)
    check_agreement(found, simulate(case.candles, case.signals, rules))
    held = found.trades.exit_timestamp - found.trades.entry_timestamp
    assert np.count_nonzero(held > 100 * case.interval_s) > 5


@given(seed=st.integers(0, 2**32), rules=rule_sets(), cut=st.floats(0.05, 0.95))
def test_cutting_a_long_market_never_changes_a_fill_before_the_cut(
    seed: int, rules: SimulationRules, cut: float
) -> None:
    case = make_long_case(seed, 400, 1 + seed % 2, 0.02)
    last = int(400 * cut) * case.interval_s
    before = read_fills(run_engine_on(cut_after(case, last), rules))
    whole = read_fills(run_engine_on(case, rules))
    assert [fill for fill in before if fill.reason != "end_of_data"] == [
        fill for fill in whole if fill.timestamp <= last and fill.reason != "end_of_data"
    ]


@pytest.mark.skipif(
    not DATA_FOLDER.is_dir(), reason="the sample data are not part of the repository; they lie in ../shared/data"
)
@pytest.mark.parametrize("name", REAL_MARKETS)
def test_every_pair_of_policies_on_real_candles(name: str) -> None:
    case = take_first(read_real_case(REAL_MARKETS[name]), REAL_CANDLES)
    own = list(REAL_MARKETS).index(name)
    filled = 0
    for row in ROWS[own :: len(REAL_MARKETS)]:
        rules = to_rules(row)
        found = run_engine_on(case, rules)
        check_agreement(found, simulate(case.candles, case.signals, rules))
        filled += found.fills.price.size
    assert filled > 0


def take_first(case: Case, candles: int) -> Case:
    times = sorted({time for rows in case.candles.values() for time in rows})
    return cut_after(case, times[min(candles, len(times)) - 1])
