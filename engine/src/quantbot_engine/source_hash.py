"""The hash of the engine's own sources: names the JIT cache, and is stored with every result."""

import hashlib
from functools import cache
from pathlib import Path

PACKAGE_FOLDER = Path(__file__).parent


@cache
def get_source_hash() -> str:
    """Return the SHA-256 (hex) over path and content of every Python file of the package."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE_FOLDER.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(PACKAGE_FOLDER).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
