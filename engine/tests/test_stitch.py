"""Walk-forward tests on one account, over requests as a host makes them."""

from pathlib import Path
from typing import Any

import pytest

from candle_requests import backtest, hour_ms, hourly, random_closes, reference, rules, to_slice
from engine_calls import ask
from quantbot_engine.errors import EngineError

ROWS = 600
CROSS = {"parameters": {"fast": 5, "slow": 20}, "enter_long": "crosses_above(sma(fast), sma(slow))"}
EXIT = {"exit_long": "crosses_below(sma(fast), sma(slow))", "simulation": {"stop_loss": 0.02}}


@pytest.fixture
def slice_(tmp_path: Path) -> dict[str, str]:
    return to_slice(tmp_path, hourly(random_closes(ROWS), spread=0.002))


def stitch(segments: list[tuple[int, int, dict[str, Any]]], slice_: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "operation": "stitch",
        "strategy": reference(rules(**CROSS, **EXIT)),
        "slice": slice_,
        "segments": [
            {"from_ms": hour_ms(start), "to_ms": hour_ms(end), "params": params} for start, end, params in segments
        ],
        **more,
    }


def test_one_segment_is_a_backtest_of_that_range(slice_: dict[str, str]) -> None:
    range_ = {"from_ms": hour_ms(100), "to_ms": hour_ms(500)}
    alone = ask(backtest(reference(rules(**CROSS, **EXIT)), slice_, params={"fast": 8}, range=range_))
    stitched = ask(stitch([(100, 500, {"fast": 8})], slice_))
    for name in ("trades", "curve", "figures", "monthly_returns"):
        assert stitched[name] == alone[name], name
    assert stitched["segments"][0]["params"] == {"fast": 8, "slow": 20}
    assert stitched["segments"][0]["trades"] == len(alone["trades"]["pnl"]) > 3


def test_each_segment_goes_on_with_the_money_of_the_one_before(slice_: dict[str, str]) -> None:
    result = ask(stitch([(50, 250, {"fast": 3}), (250, 400, {"fast": 8}), (420, 600, {"fast": 10})], slice_))
    first, second, third = result["segments"]
    assert first["start_equity"] == 10_000
    assert second["start_equity"] == first["end_equity"] != 10_000
    assert third["start_equity"] == second["end_equity"]
    (figures,) = result["figures"]
    assert figures["metrics"]["final_balance"] == third["end_equity"]
    total = 1.0
    for segment in result["segments"]:
        total *= 1 + segment["figures"]["metrics"]["total_return"]
    assert figures["metrics"]["total_return"] == pytest.approx(total - 1, rel=1e-12)
    assert sum(result["trades"]["pnl"]) == pytest.approx(third["end_equity"] - 10_000, rel=1e-9)
    assert sum(segment["trades"] for segment in result["segments"]) == len(result["trades"]["pnl"])


def test_nothing_is_held_from_one_segment_to_the_next(slice_: dict[str, str]) -> None:
    result = ask(stitch([(50, 300, {"fast": 3}), (300, 600, {"fast": 3})], slice_))
    for entry, left in zip(result["trades"]["entry_ts_ms"], result["trades"]["exit_ts_ms"], strict=True):
        assert (entry < hour_ms(300)) == (left < hour_ms(300))


def test_the_benchmark_is_held_over_segments_and_gaps_alike(tmp_path: Path) -> None:
    closes = random_closes(ROWS)
    slice_ = to_slice(tmp_path, hourly(closes))
    curve = ask(stitch([(100, 200, {}), (300, 400, {})], slice_))["curve"]
    assert curve["benchmark"][-1] == pytest.approx(10_000 * closes[399] / closes[99], rel=1e-12)


def test_an_empty_account_trades_no_further(tmp_path: Path) -> None:
    # Twice the money is owed at the close of hour 60: the short lost more than there was.
    closes = [100.0] * 60 + [1000.0] * 40
    always_short = reference(
        rules(
            enter_short="close > 0",
            simulation={"size": 1.0, "costs": {"type": "basis_points", "fee_bps": 0, "slippage_bps": 0}},
        )
    )
    request = stitch([(0, 70, {}), (70, 100, {})], to_slice(tmp_path, hourly(closes)))
    result = ask({**request, "strategy": always_short})
    assert len(result["segments"]) == 1
    assert result["segments"][0]["end_equity"] <= 0
    assert result["notes"][0] == "the account was empty after segment 1 of 2; the others were not traded"


@pytest.mark.parametrize(
    "segments", [[(200, 100, {})], [(100, 300, {}), (200, 400, {})], [(300, 400, {}), (100, 200, {})]]
)
def test_segments_out_of_order_are_refused(
    segments: list[tuple[int, int, dict[str, Any]]], slice_: dict[str, str]
) -> None:
    with pytest.raises(EngineError, match="put them in order, without overlap") as refused:
        ask(stitch(segments, slice_))
    assert refused.value.code.value == "INVALID_REQUEST"


def test_efficiency_compares_with_what_the_search_had_found(slice_: dict[str, str]) -> None:
    request = stitch([(100, 300, {}), (300, 500, {})], slice_)
    trained = [{"from_ms": hour_ms(0), "to_ms": hour_ms(100), "total_return": value} for value in (0.01, 0.03)]
    for segment, in_sample in zip(request["segments"], trained, strict=True):
        segment["in_sample"] = in_sample
    result = ask(request)
    years = 200 / (365.25 * 24)
    expected = [(each["end_equity"] / each["start_equity"]) ** (1 / years) - 1 for each in result["segments"]]
    found = [1.01 ** (2 / years) - 1, 1.03 ** (2 / years) - 1]
    assert [each["annual_return"] for each in result["segments"]] == pytest.approx(expected, rel=1e-9)
    assert [each["in_sample_annual_return"] for each in result["segments"]] == pytest.approx(found, rel=1e-9)
    assert result["efficiency"] == pytest.approx(sum(expected) / sum(found), rel=1e-9)
    assert result["winning_segments"] == sum(value > 0 for value in expected)


@pytest.mark.parametrize(("returns", "reason"), [((None, 0.1), "no_in_sample"), ((-0.1, 0.0), "no_in_sample_profit")])
def test_efficiency_is_undefined_with_a_reason(
    returns: tuple[float | None, float], reason: str, slice_: dict[str, str]
) -> None:
    request = stitch([(100, 300, {}), (300, 500, {})], slice_)
    for segment, value in zip(request["segments"], returns, strict=True):
        segment["in_sample"] = {"from_ms": hour_ms(0), "to_ms": hour_ms(100), "total_return": value}
    result = ask(request)
    assert (result["efficiency"], result["efficiency_reason"]) == (None, reason)
