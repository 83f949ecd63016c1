"""The trap of Numba's disk cache: a rule is edited in another file than its kernel, and the old results go on."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine_calls import SOURCE_FOLDER, run_engine
from quantbot_engine.calls import capital_walk, first_meetings, lane_walk, release_buckets
from quantbot_engine.calls.arrays import Tables, allocate_level_table
from quantbot_engine.indicators import kernels
from quantbot_engine.metrics import account_measurement
from quantbot_engine.simulate import kernel
from scenario_files import read_scenarios

SIMULATION = next(scenario.to_request() for scenario in read_scenarios() if scenario.name == "exits/take-profit")
KERNELS = (
    first_meetings.find_entries,
    first_meetings.find_first_meetings,
    release_buckets.fill_release_buckets,
    capital_walk.walk_pairs,
    lane_walk.walk_tiles,
    kernels.rolling_highest,
    kernels.settle,
    kernels.session_vwap,
    kernels.supertrend,
    kernel.run_candles,
    account_measurement.measure_account_periods,
)


def final_capital(source_folder: Path, cache_folder: Path) -> float:
    ended = run_engine([], json.dumps(SIMULATION).encode(), source_folder, QUANTBOT_CACHE_DIR=str(cache_folder))
    assert ended.returncode == 0, ended.stdout
    found: float = json.loads(ended.stdout)["final_capital"]
    return found


def test_editing_a_rule_changes_the_result_and_undoing_it_reuses_the_cache(tmp_path: Path) -> None:
    sources = tmp_path / "src"
    cache = tmp_path / "cache"
    shutil.copytree(SOURCE_FOLDER, sources, ignore=shutil.ignore_patterns("__pycache__"))
    # What a target counts is read by a kernel in another file.
    rules = sources / "quantbot_engine" / "calls" / "arrays.py"
    original = rules.read_text()
    assert final_capital(sources, cache) == 1050
    first_caches = {folder.name for folder in (cache / "numba").iterdir()}
    assert len(first_caches) == 1
    assert "MET_TARGET: Final = 1" in original
    rules.write_text(
        original.replace("MET_STOP: Final = 0", "MET_STOP: Final = 1").replace(
            "MET_TARGET: Final = 1", "MET_TARGET: Final = 0"
        )
    )
    assert final_capital(sources, cache) != 1050
    rules.write_text(original)
    assert final_capital(sources, cache) == 1050
    assert len(list((cache / "numba").iterdir())) == 2


@pytest.mark.parametrize("compiled", KERNELS, ids=lambda compiled: str(compiled.__name__))
def test_a_kernel_has_one_signature_and_never_compiles_another(compiled: object) -> None:
    dispatcher: Any = compiled
    assert len(dispatcher.overloads) == 1
    assert not dispatcher._can_compile


def test_a_read_only_array_is_an_error_not_a_new_compilation() -> None:
    ts_ms = np.zeros(1, dtype=np.int64)
    table = allocate_level_table(1, 1)
    release_buckets.fill_release_buckets(ts_ms, Tables(table, table, table))
    ts_ms.setflags(write=False)
    with pytest.raises(TypeError, match="No matching definition"):
        release_buckets.fill_release_buckets(ts_ms, Tables(table, table, table))
