"""The manifest of a slice: read, held against its own hash, and checked for inner contradictions."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import SLICE_FORMAT, ErrorCode, SliceManifest, SliceRef

COLUMN_TYPES = {"timestamp": "<i8", "open": "<f8", "high": "<f8", "low": "<f8", "close": "<f8", "volume": "<f8"}
MANIFEST_NAME = "manifest.json"


def read_manifest(reference: SliceRef) -> SliceManifest:
    """Return the manifest of the slice, which must be the one that the reference names.

    Raises
    ------
    EngineError
        SLICE_NOT_FOUND without a manifest; SLICE_CORRUPT if it is not what its id says, or contradicts itself.
    """
    path = Path(reference.path) / MANIFEST_NAME
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise EngineError(
            ErrorCode.SLICE_NOT_FOUND,
            f"expected a slice with a {MANIFEST_NAME} in {reference.path}; found none",
            path=reference.path,
        ) from None
    try:
        content: Any = msgspec.json.decode(raw)
        manifest = msgspec.convert(content, SliceManifest)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise corrupt(MANIFEST_NAME, "a manifest of the protocol", str(error)) from error
    _check_identity(manifest, content, reference)
    _check_consistency(manifest)
    return manifest


def hash_manifest(content: dict[str, Any]) -> str:
    """Return the id of a manifest: SHA-256 (hex) of its canonical JSON, sorted keys and no blanks, without `id`."""
    named = {key: value for key, value in content.items() if key != "id"}
    return hashlib.sha256(msgspec.json.encode(named, order="sorted")).hexdigest()


def corrupt(file: str, expected: str, found: str) -> EngineError:
    """Return a SLICE_CORRUPT error about one file of a slice."""
    return EngineError(
        ErrorCode.SLICE_CORRUPT,
        f"{file}: expected {expected}, found {found}; delete the slice's folder and let it be written again",
        file=file,
        expected=expected,
        found=found,
    )


def _check_identity(manifest: SliceManifest, content: dict[str, Any], reference: SliceRef) -> None:
    if manifest.format != SLICE_FORMAT:
        raise corrupt(MANIFEST_NAME, f"format {SLICE_FORMAT}", f"format {manifest.format}")
    digest = hash_manifest(content)
    for name, expected in (("its own id", manifest.id), ("the id asked for", reference.id)):
        if digest != expected:
            raise corrupt(MANIFEST_NAME, f"a content with {name}, {expected}", f"a content with id {digest}")


def _check_consistency(manifest: SliceManifest) -> None:
    files = {file.name: file for file in manifest.files}
    expected = {f"{column}.npy": dtype for column, dtype in COLUMN_TYPES.items()}
    found = {name: file.dtype for name, file in files.items()}
    if found != expected or len(manifest.files) != len(expected):
        raise corrupt(MANIFEST_NAME, f"the files {sorted(expected.items())}", f"{sorted(found.items())}")
    counts = {file.rows for file in manifest.files}
    if len(counts) != 1:
        raise corrupt(MANIFEST_NAME, "columns of one length", f"lengths {sorted(counts)}")
    rows = counts.pop()
    next_row = 0
    for series in manifest.series:
        if series.offset != next_row:
            raise corrupt(MANIFEST_NAME, f"series {series.name} to start at row {next_row}", f"row {series.offset}")
        next_row += series.rows
    if next_row != rows:
        raise corrupt(MANIFEST_NAME, f"series that cover {rows} rows", f"{next_row} rows")
    _check_calls(manifest)


def _check_calls(manifest: SliceManifest) -> None:
    calls = manifest.calls
    lengths = {len(column) for column in (calls.id, calls.mint, calls.caller, calls.ts_ms, calls.series)}
    if len(lengths) != 1:
        raise corrupt(MANIFEST_NAME, "columns of calls of one length", f"lengths {sorted(lengths)}")
    strange = [index for index in calls.series if not -1 <= index < len(manifest.series)]
    if strange:
        raise corrupt(MANIFEST_NAME, f"series between -1 and {len(manifest.series) - 1}", f"series {strange[0]}")
