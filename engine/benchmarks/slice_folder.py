"""The benchmark's data as a slice on disk, in the format that the engine maps: for measures in other processes."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.data import INTERVAL_S, CallData
from benchmarks.settings import CACHE_FOLDER
from quantbot_engine.protocol import SLICE_FORMAT
from quantbot_engine.slices.manifest import hash_manifest


@contextmanager
def slice_on_disk(data: CallData) -> Iterator[dict[str, str]]:
    """Write the slice, yield the reference of a request (path and id), and delete it at the end."""
    CACHE_FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="slice-", dir=CACHE_FOLDER) as name:
        yield {"path": name, "id": _write(Path(name), data)}


def _write(folder: Path, data: CallData) -> str:
    volume = np.zeros(data.timestamp.size)
    columns = {
        "timestamp": data.timestamp,
        "open": data.open,
        "high": data.high,
        "low": data.low,
        "close": data.close,
        "volume": volume,
    }
    files = []
    for column, values in columns.items():
        path = folder / f"{column}.npy"
        np.save(path, values)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        files.append({"name": path.name, "dtype": values.dtype.str, "rows": values.size, "sha256": digest})
    names = [f"token-{call:06d}" for call in range(data.calls)]
    manifest = {
        "format": SLICE_FORMAT,
        "files": files,
        "series": [
            {"name": name, "interval_s": INTERVAL_S, "offset": call * data.candles, "rows": data.candles}
            for call, name in enumerate(names)
        ],
        "calls": {
            "id": [str(call) for call in range(data.calls)],
            "mint": names,
            "caller": ["caller"] * data.calls,
            "ts_ms": data.ts_ms.tolist(),
            "series": list(range(data.calls)),
        },
    }
    identity = hash_manifest(manifest)
    (folder / "manifest.json").write_text(
        json.dumps({**manifest, "id": identity}, sort_keys=True, separators=(",", ":"))
    )
    return identity
