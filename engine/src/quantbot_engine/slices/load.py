"""A slice on disk → a market in memory: columns are mapped, not read, after their hashes and rules are checked."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode, SliceFile, SliceManifest, SliceRef
from quantbot_engine.slices.call_rules import order_calls
from quantbot_engine.slices.candle_rules import check_candles
from quantbot_engine.slices.interval import find_interval_s
from quantbot_engine.slices.manifest import COLUMN_TYPES, MANIFEST_NAME, corrupt, read_manifest
from quantbot_engine.slices.market import CallTable, CandleColumns, Market, SeriesTable

# More would not be faster: hashing runs at the speed of the disk or of memory.
HASHING_THREADS = 2

_Fingerprint = tuple[str, str, tuple[tuple[int, int], ...]]


class SliceCache:
    """Keeps the last slice mapped, so that the operations of one study check it once.

    A slice is known by path, id, and the size and time of change of each of its files. `meanwhile` is called in this
    thread while files are hashed: what an operation needs can load then.
    """

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._meanwhile = meanwhile
        self._fingerprint: _Fingerprint | None = None
        self._market: Market | None = None

    def load(self, reference: SliceRef) -> Market:
        """Return the market of the slice; see `load_slice` for the errors."""
        fingerprint = _take_fingerprint(reference)
        if self._market is None or fingerprint != self._fingerprint:
            # The old one goes first: two large slices need not fit in memory together.
            self._market = None
            self._market = load_slice(reference, self._meanwhile)
            self._fingerprint = fingerprint
        return self._market


def load_slice(reference: SliceRef, meanwhile: Callable[[], object] = lambda: None) -> Market:
    """Return the checked market of a slice; `meanwhile` is called while its files are hashed.

    Raises
    ------
    EngineError
        SLICE_NOT_FOUND, SLICE_CORRUPT (file, expected, found), or INVALID_MARKET_DATA (series, row, reason).
    """
    try:
        return _read_slice(reference, meanwhile)
    except EngineError as error:
        if error.code is not ErrorCode.SLICE_CORRUPT:
            raise
        raise EngineError(
            error.code, f"{error.message}: {reference.path}", path=reference.path, **error.details
        ) from error


def _read_slice(reference: SliceRef, meanwhile: Callable[[], object]) -> Market:
    manifest = read_manifest(reference)
    folder = Path(reference.path)
    with ThreadPoolExecutor(HASHING_THREADS) as pool:
        checks = pool.map(lambda file: _check_hash(folder, file), manifest.files)
        meanwhile()
        list(checks)
    # One after the other: NumPy reads headers with Python's parser, which fails now and then in two threads (3.11).
    columns = {Path(file.name).stem: _map_column(folder, file) for file in manifest.files}
    candles = CandleColumns(**columns)
    series = _to_series(manifest, candles)
    calls = order_calls(_to_calls(manifest))
    check_candles(candles, series)
    return Market(candles=candles, series=series, calls=calls)


def _take_fingerprint(reference: SliceRef) -> _Fingerprint:
    folder = Path(reference.path)
    names = [MANIFEST_NAME, *(f"{column}.npy" for column in COLUMN_TYPES)]
    try:
        stats = [(folder / name).stat() for name in names]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise EngineError(
            ErrorCode.SLICE_NOT_FOUND,
            f"expected a slice in {reference.path}; {Path(str(error.filename)).name} is not there",
            path=reference.path,
        ) from None
    return (reference.path, reference.id, tuple((stat.st_size, stat.st_mtime_ns) for stat in stats))


def _check_hash(folder: Path, file: SliceFile) -> None:
    with (folder / file.name).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != file.sha256:
        raise corrupt(file.name, f"SHA-256 {file.sha256}", digest)


def _map_column(folder: Path, file: SliceFile) -> npt.NDArray[Any]:
    path = folder / file.name
    try:
        # Copy-on-write: nothing is ever written, but the arrays have the one type that the kernels know.
        column = np.load(path, mmap_mode="c" if file.rows > 0 else None, allow_pickle=False)
    except ValueError as error:
        raise corrupt(file.name, "a .npy file", str(error)) from error
    expected = f"one dimension of {file.rows} rows of {file.dtype}"
    if column.ndim != 1 or column.size != file.rows or column.dtype.str != file.dtype:
        raise corrupt(file.name, expected, f"shape {column.shape} of {column.dtype.str}")
    plain: npt.NDArray[Any] = column.view(np.ndarray)
    return plain if plain.flags.aligned else plain.copy()


def _to_series(manifest: SliceManifest, candles: CandleColumns) -> SeriesTable:
    def interval_of(position: int) -> int:
        series = manifest.series[position]
        if series.interval_s is not None:
            return series.interval_s
        return find_interval_s(candles.timestamp[series.offset : series.offset + series.rows])

    return SeriesTable(
        names=[series.name for series in manifest.series],
        offset=np.array([series.offset for series in manifest.series], dtype=np.int64),
        rows=np.array([series.rows for series in manifest.series], dtype=np.int64),
        interval_s=np.array([interval_of(position) for position in range(len(manifest.series))], dtype=np.int64),
    )


def _to_calls(manifest: SliceManifest) -> CallTable:
    return CallTable(
        ids=manifest.calls.id,
        callers=manifest.calls.caller,
        ts_ms=np.array(manifest.calls.ts_ms, dtype=np.int64),
        series=np.array(manifest.calls.series, dtype=np.int64),
    )
