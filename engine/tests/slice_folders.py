"""Writes slices as a host would, so that tests read real folders."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from quantbot_engine.protocol import SliceRef
from quantbot_engine.slices.manifest import COLUMN_TYPES, hash_manifest
from reference.baseline import Call, Series


def write_slice(folder: Path, series: list[Series], calls: list[Call]) -> SliceRef:
    """Write the series once each, the calls pointing into them, and return the reference."""
    folder.mkdir(parents=True, exist_ok=True)
    candles = [candle for one in series for candle in one.candles]
    files = []
    for column, dtype in COLUMN_TYPES.items():
        values = np.array([getattr(candle, column) for candle in candles], dtype=dtype)
        np.save(folder / f"{column}.npy", values)
        digest = hashlib.sha256((folder / f"{column}.npy").read_bytes()).hexdigest()
        files.append({"name": f"{column}.npy", "dtype": dtype, "rows": len(candles), "sha256": digest})
    offset = 0
    spans = []
    for index, one in enumerate(series):
        spans.append({"name": f"S{index}", "interval_s": one.interval_s, "offset": offset, "rows": len(one.candles)})
        offset += len(one.candles)
    position = {id(one): index for index, one in enumerate(series)}
    content = {
        "format": 1,
        "files": files,
        "series": spans,
        "calls": {
            "id": [call.id for call in calls],
            "mint": [call.id for call in calls],
            "caller": [call.caller for call in calls],
            "ts_ms": [call.ts_ms for call in calls],
            "series": [-1 if call.series is None else position[id(call.series)] for call in calls],
        },
    }
    return write_manifest(folder, content)


def write_manifest(folder: Path, content: dict[str, Any]) -> SliceRef:
    """Write the manifest with the id that its content has."""
    slice_id = hash_manifest(content)
    (folder / "manifest.json").write_text(json.dumps({**content, "id": slice_id}), encoding="utf-8")
    return SliceRef(path=str(folder), id=slice_id)
