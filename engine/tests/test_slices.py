"""Slices on disk: what is loaded, what is refused, and what is kept."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from in_memory import to_engine_market
from markets import RandomMarket, configs, markets, params
from quantbot_engine.calls.simulation import simulate_params
from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import CapitalSimulatorConfig, SliceRef, V1BaselineParams
from quantbot_engine.slices.interval import find_interval_s
from quantbot_engine.slices.load import SliceCache, load_slice
from quantbot_engine.slices.manifest import hash_manifest
from reference.baseline import Call, Candle, Series
from slice_folders import write_manifest, write_slice

SERIES = Series([Candle(0, 1, 2, 0.5, 1.5), Candle(60, 1.5, 2, 1, 1)], 60)
EMPTY = Series([], None)
CALLS = [Call("late", "Ben", 60_000, SERIES), Call("early", "Ann", 0, SERIES), Call("none", "Ünal 🚀", 0, None)]


@pytest.fixture
def reference(tmp_path: Path) -> SliceRef:
    return write_slice(tmp_path / "slice", [SERIES, EMPTY], CALLS)


def read_manifest_json(reference: SliceRef) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((Path(reference.path) / "manifest.json").read_text())
    return content


def test_loads_calls_in_order_of_time_and_maps_the_columns(reference: SliceRef) -> None:
    market = load_slice(reference)
    assert market.calls.ids == ["early", "none", "late"]
    assert market.calls.series.tolist() == [0, -1, 0]
    assert market.series.interval_s.tolist() == [60, 60]
    assert market.candles.close.tolist() == [1.5, 1.0]
    assert not market.candles.close.flags.owndata


def test_the_id_is_the_hash_of_the_canonical_json_that_javascript_writes() -> None:
    # The same content hashed by: JSON.stringify with sorted keys, SHA-256.
    content = {"b": ["Ünal 🚀", 'a"b\\c', "\n\u0001\u007f"], "a": {"z": None, "y": 9007199254740991}, "id": "left out"}
    assert hash_manifest(content) == hash_manifest({**content, "id": "something else"})
    assert hash_manifest(content) == JAVASCRIPT_DIGEST


JAVASCRIPT_DIGEST = "8240ab87a7ad86124de188d28c3555052e673e65be8c0ca1d80fa81d9852a166"


@pytest.mark.parametrize("file", ["manifest.json", "timestamp.npy", "volume.npy"])
def test_a_missing_file_is_a_missing_slice(reference: SliceRef, file: str) -> None:
    (Path(reference.path) / file).unlink()
    with pytest.raises(EngineError) as caught:
        SliceCache().load(reference)
    assert caught.value.code == "SLICE_NOT_FOUND"


def test_a_folder_that_does_not_exist_is_a_missing_slice(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        SliceCache().load(SliceRef(path=str(tmp_path / "nowhere"), id="x"))
    assert caught.value.code == "SLICE_NOT_FOUND"


@pytest.mark.parametrize("column", ["timestamp", "open", "high", "low", "close", "volume"])
def test_one_changed_byte_is_noticed_and_the_file_named(reference: SliceRef, column: str) -> None:
    path = Path(reference.path) / f"{column}.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(EngineError) as caught:
        load_slice(reference)
    assert caught.value.code == "SLICE_CORRUPT"
    assert caught.value.details["file"] == f"{column}.npy"
    assert caught.value.details["expected"] != caught.value.details["found"]


@pytest.mark.parametrize("size", [0, 10, 128, 130])
def test_a_cut_file_is_noticed(reference: SliceRef, size: int) -> None:
    path = Path(reference.path) / "close.npy"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(EngineError) as caught:
        load_slice(reference)
    assert caught.value.code == "SLICE_CORRUPT"


def test_a_changed_manifest_is_not_the_slice_that_was_asked_for(reference: SliceRef) -> None:
    content = read_manifest_json(reference)
    content["calls"]["ts_ms"][0] += 1
    other = write_manifest(Path(reference.path), {key: value for key, value in content.items() if key != "id"})
    assert load_slice(other).calls.ids
    with pytest.raises(EngineError, match="the id asked for"):
        load_slice(reference)
    (Path(reference.path) / "manifest.json").write_text(json.dumps({**content, "id": reference.id}))
    with pytest.raises(EngineError, match="its own id"):
        load_slice(reference)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m: m.update(format=2), "format 1"),
        (lambda m: m["files"].pop(), "the files"),
        (lambda m: m["files"][0].update(name="../timestamp.npy"), "the files"),
        (lambda m: m["files"][0].update(rows=9), "columns of one length"),
        (lambda m: m["series"][0].update(rows=1), "to start at row 1"),
        (lambda m: m["series"].append({"name": "x", "interval_s": 60, "offset": 2, "rows": 5}), "cover 2 rows"),
        (lambda m: m["calls"]["series"].__setitem__(0, 2), "between -1 and 1"),
        (lambda m: m["calls"]["ts_ms"].pop(), "columns of calls of one length"),
        (lambda m: m.update(surprise=1), "a manifest of the protocol"),
        (lambda m: [file.update(rows=3) for file in m["files"]] and m["series"][1].update(rows=1), "3 rows of <"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(reference: SliceRef, change: Any, expected: str) -> None:
    content = read_manifest_json(reference)
    change(content)
    changed = write_manifest(Path(reference.path), {key: value for key, value in content.items() if key != "id"})
    with pytest.raises(EngineError) as caught:
        load_slice(changed)
    assert caught.value.code == "SLICE_CORRUPT"
    assert expected in caught.value.message


def test_a_bad_candle_is_named_by_series_and_row_of_the_series(tmp_path: Path) -> None:
    bad = Series([*SERIES.candles, Candle(120, 1, 1, 1, float("nan"))], 60)
    with pytest.raises(EngineError) as caught:
        load_slice(write_slice(tmp_path, [SERIES, bad], CALLS[1:2]))
    assert caught.value.code == "INVALID_MARKET_DATA"
    assert caught.value.details["series"] == "S1"
    assert caught.value.details["row"] == 2
    assert caught.value.details["close"] == "nan"


def test_time_may_go_back_from_one_series_to_the_next(tmp_path: Path) -> None:
    later = Series([Candle(600, 1, 1, 1, 1)], 60)
    market = load_slice(write_slice(tmp_path, [later, EMPTY, SERIES], [Call("a", "Ann", 0, SERIES)]))
    assert market.candles.timestamp.tolist() == [600, 0, 60]


def test_a_repeated_call_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match='found "early" more than once'):
        load_slice(write_slice(tmp_path, [SERIES], [CALLS[1], CALLS[1]]))


def test_a_slice_is_checked_once_and_again_when_a_file_changes(reference: SliceRef) -> None:
    cache = SliceCache()
    first = cache.load(reference)
    assert cache.load(reference) is first
    path = Path(reference.path) / "open.npy"
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    again = cache.load(reference)
    assert again is not first
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(EngineError, match=r"open\.npy"):
        cache.load(reference)


@given(market=markets(), params=params, config=configs)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_slice_gives_the_same_result_as_the_market_it_was_written_from(
    tmp_path: Path, market: RandomMarket, params: V1BaselineParams, config: CapitalSimulatorConfig
) -> None:
    mapped = load_slice(write_slice(tmp_path / "slice", market.series, market.calls))
    direct = to_engine_market(market)
    from_slice = simulate_params(mapped, mapped.calls, params, config)
    assert msgspec.to_builtins(from_slice) == msgspec.to_builtins(simulate_params(direct, direct.calls, params, config))


@pytest.mark.parametrize(
    ("timestamps", "interval_s"),
    [([], 60), ([7], 60), ([0, 300], 300), ([0, 60, 120, 420], 60), ([0, 120, 180], 60), ([0, 60, 180, 300], 120)],
)
def test_the_interval_is_the_most_frequent_difference_a_tie_the_smaller(timestamps: list[int], interval_s: int) -> None:
    assert find_interval_s(np.array(timestamps, dtype=np.int64)) == interval_s
