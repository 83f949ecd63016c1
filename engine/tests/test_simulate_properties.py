"""What must hold for strategies on candles, on every market and under all rules."""

import itertools
from dataclasses import replace

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quantbot_engine.simulate.rules import BasisPointCosts, SimulationRules
from reference.candles import Candle, Fill, Signal
from simulate_markets import (
    Case,
    cases,
    cut_after,
    read_fills,
    read_shortfalls,
    read_trades,
    rule_sets,
    run_engine_on,
)

MONEY = 1e-9
PLENTY = 1e6
CASES = cases(max_candles=15)
# Fixed units and more money than they can cost: what one position does changes nothing for the next.
WITHOUT_LIMITS = {
    "sizing": "units",
    "size": 2.0,
    "initial_capital": PLENTY,
    "max_position_size": None,
    "max_drawdown": None,
    "daily_loss_limit": None,
}
FREE = BasisPointCosts(fee_bps=0.0, fixed_fee=0.0, slippage_bps=0.0)
DISTANCES_ONLY = st.just(frozenset({"price", "stop_distance", "target_distance"}))


def times_of(case: Case) -> list[int]:
    return sorted({time for rows in case.candles.values() for time in rows})


@given(case=CASES, rules=rule_sets())
def test_no_money_appears_or_vanishes(case: Case, rules: SimulationRules) -> None:
    result = run_engine_on(case, rules)
    gained = sum(trade.pnl for trade in read_trades(result))
    assert result.final_equity == pytest.approx(rules.initial_capital + gained, rel=MONEY, abs=MONEY)
    if rules.final_close == "close":
        assert result.cash[-1] == result.equity[-1]
        assert result.exposure[-1] == 0


@given(case=CASES, rules=rule_sets())
def test_money_that_is_not_there_is_never_spent(case: Case, rules: SimulationRules) -> None:
    result = run_engine_on(case, rules)
    # A short that a gap carries beyond twice its entry price costs more than was set aside for it; nothing else does.
    overdrawn = [trade for trade in read_trades(result) if trade.pnl < -trade.units * trade.entry_price - trade.costs]
    if not overdrawn:
        assert result.cash.min() >= -MONEY


@given(case=CASES, rules=rule_sets())
def test_a_position_is_sold_exactly_once(case: Case, rules: SimulationRules) -> None:
    result = run_engine_on(case, rules)
    fills = read_fills(result)
    for position, trade in enumerate(read_trades(result)):
        entry, *exits = (fill for fill in fills if fill.position == position)
        assert entry.reason == "entry"
        assert entry.units == trade.units
        assert all(fill.side != entry.side for fill in exits)
        assert sum(fill.fee for fill in (entry, *exits)) == pytest.approx(trade.costs, rel=MONEY, abs=MONEY)
        if trade.reason != "open":
            assert sum(fill.units for fill in exits) == pytest.approx(trade.units, rel=MONEY)
        assert trade.mae <= 0 <= trade.mfe


@given(case=CASES, rules=rule_sets())
def test_every_entry_signal_is_filled_or_accounted_for(case: Case, rules: SimulationRules) -> None:
    result = run_engine_on(case, rules)
    allowed = {"long": {1}, "short": {-1}, "both": {1, -1}}[rules.directions]
    asked = sum(signal.direction in allowed for rows in case.signals.values() for signal in rows.values())
    unfilled = sum(shortfall.given == 0 for shortfall in read_shortfalls(result))
    assert len(read_trades(result)) + unfilled == asked


@given(case=CASES, rules=rule_sets())
def test_never_more_positions_than_allowed_nor_both_directions_at_once(case: Case, rules: SimulationRules) -> None:
    held: dict[str, dict[int, float]] = {symbol: {} for symbol in case.candles}
    sides: dict[str, str] = {}
    for fill in read_fills(run_engine_on(case, rules)):
        positions = held[fill.symbol]
        if fill.reason == "entry":
            assert not positions or sides[fill.symbol] == fill.side
            positions[fill.position] = fill.units
            sides[fill.symbol] = fill.side
        else:
            positions[fill.position] -= fill.units
            if positions[fill.position] <= MONEY * fill.units:
                del positions[fill.position]
        assert len(positions) <= rules.max_positions


@given(case=CASES, rules=rule_sets(), data=st.data())
def test_cutting_the_data_after_a_candle_never_changes_a_fill_up_to_it(
    case: Case, rules: SimulationRules, data: st.DataObject
) -> None:
    last = data.draw(st.sampled_from(times_of(case)))
    # Every symbol needs a candle of its own, or it could not be declared.
    assume(all(min(rows) <= last for rows in case.candles.values()))
    cut = read_fills(run_engine_on(cut_after(case, last), rules))
    whole = read_fills(run_engine_on(case, rules))
    assert [fill for fill in cut if fill.reason != "end_of_data"] == [
        fill for fill in whole if fill.timestamp <= last and fill.reason != "end_of_data"
    ]


@given(case=CASES, rules=rule_sets(), data=st.data())
def test_cutting_the_data_never_changes_equity_before_the_cut(
    case: Case, rules: SimulationRules, data: st.DataObject
) -> None:
    times = times_of(case)
    last = data.draw(st.sampled_from(times))
    assume(all(min(rows) <= last for rows in case.candles.values()))
    known = times.index(last)
    cut = run_engine_on(cut_after(case, last), rules)
    assert cut.equity[:known].tolist() == run_engine_on(case, rules).equity[:known].tolist()


@given(case=CASES, rules=rule_sets(), more_bps=st.floats(0.5, 300), fixed=st.sampled_from([0.0, 3.0]))
def test_higher_fees_never_help_when_the_units_are_fixed(
    case: Case, rules: SimulationRules, more_bps: float, fixed: float
) -> None:
    # Limits of the account end a losing strategy earlier the more it pays, which may well help it.
    cheap_costs = rules.costs if isinstance(rules.costs, BasisPointCosts) else BasisPointCosts()
    dear_costs = msgspec.structs.replace(
        cheap_costs, fee_bps=cheap_costs.fee_bps + more_bps, fixed_fee=cheap_costs.fixed_fee + fixed
    )
    rules = msgspec.structs.replace(rules, **WITHOUT_LIMITS, min_order_value=0.0)
    cheap = run_engine_on(case, msgspec.structs.replace(rules, costs=cheap_costs))
    dear = run_engine_on(case, msgspec.structs.replace(rules, costs=dear_costs))
    # So does a liquidation, which comes earlier the more it costs to close.
    assume(not any(fill.reason == "liquidation" for fill in (*read_fills(cheap), *read_fills(dear))))
    assert len(read_trades(cheap)) == len(read_trades(dear))
    for before, after in zip(read_trades(cheap), read_trades(dear), strict=True):
        assert after.pnl <= before.pnl
    assert dear.final_equity <= cheap.final_equity


@given(case=CASES, rules=rule_sets(), data=st.data())
def test_the_order_of_the_symbols_does_not_matter_where_no_cash_is_short(
    case: Case, rules: SimulationRules, data: st.DataObject
) -> None:
    rules = msgspec.structs.replace(rules, **WITHOUT_LIMITS)
    order = data.draw(st.permutations(list(case.candles)))
    permuted = replace(case, candles={symbol: case.candles[symbol] for symbol in order})
    first, second = (by_symbol(read_fills(run_engine_on(one, rules))) for one in (case, permuted))
    assert first == second


def by_symbol(fills: list[Fill]) -> dict[str, list[tuple[object, ...]]]:
    """Return the fills of each symbol, without the number of their position, which counts over all symbols."""
    return {
        symbol: [tuple(fill[:-1]) for fill in group]
        for symbol, group in itertools.groupby(sorted(fills, key=lambda fill: fill.symbol), lambda fill: fill.symbol)
    }


@given(case=cases(max_candles=15, columns=DISTANCES_ONLY), rules=rule_sets())
def test_a_short_in_the_mirror_is_a_long(case: Case, rules: SimulationRules) -> None:
    # Distances are the same on both sides of a mirror, fractions of a price and costs are not.
    mirrored_rules = {
        **WITHOUT_LIMITS,
        "directions": "both",
        "costs": FREE,
        "stop_loss": None,
        "take_profit": None,
        "trailing_stop": None,
        "break_even_trigger": None,
        "break_even_offset": 0.0,
        "ladder": (),
    }
    rules = msgspec.structs.replace(rules, **mirrored_rules, min_order_value=0.0)
    # A fall to half of the mirrored price is out of reach, so nothing is liquidated.
    image = mirror(case, 512.0)
    fills, mirrored = read_fills(run_engine_on(case, rules)), read_fills(run_engine_on(image, rules))
    assume(not any(fill.reason == "liquidation" for fill in fills))
    swapped = {"buy": "sell", "sell": "buy"}
    assert [
        fill._replace(price=512.0 - fill.price, side=swapped[fill.side], position=fill.position) for fill in mirrored
    ] == fills


def mirror(case: Case, around: float) -> Case:
    """Return the case with every price at `around` less what it was, and long and short exchanged."""
    candles = {
        symbol: {
            time: Candle(time, around - row.open, around - row.low, around - row.high, around - row.close)
            for time, row in rows.items()
        }
        for symbol, rows in case.candles.items()
    }
    signals = {
        symbol: {
            time: replace(
                signal,
                direction=-signal.direction,
                price=None if signal.price is None else around - signal.price,
                exit_long=signal.exit_short,
                exit_short=signal.exit_long,
            )
            for time, signal in rows.items()
        }
        for symbol, rows in case.signals.items()
    }
    return replace(case, candles=candles, signals=signals)


def test_a_run_with_more_fills_than_room_is_repeated_with_enough() -> None:
    times = [60 * step for step in range(40)]
    rows = {time: Candle(time, 10.0, 10.5, 9.5, 10.0) for time in times}
    # Half of what is left, thirty times: one entry, many more fills than the two that one entry is given room for.
    signals = {time: Signal(direction=int(time == 0), exit_long=60 < time < 1900) for time in times}
    rules = SimulationRules(costs=FREE, partial_close_pct=0.5)
    result = run_engine_on(Case({"A": rows}, {"A": signals}), rules)
    assert len(read_fills(result)) == 1 + 30 + 1
    assert [trade.reason for trade in read_trades(result)] == ["end_of_data"]
    assert result.final_equity == pytest.approx(10_000, abs=MONEY)


def test_a_signal_that_stays_on_is_counted_in_full_and_kept_in_part() -> None:
    times = [60 * step for step in range(11_000)]
    rows = {time: Candle(time, 10.0, 10.5, 9.5, 10.0) for time in times}
    signals = {time: Signal(direction=1) for time in times}
    result = run_engine_on(Case({"A": rows}, {"A": signals}), SimulationRules(costs=FREE))
    assert result.shortfall_counts == {"position_open": 10_998, "end_of_data": 1}
    assert result.shortfalls.reason.size == 10_000
