"""The computing half of quantbot: reads requests, simulates and searches, writes results (ARCHITECTURE.md)."""

from typing import Final

ENGINE_VERSION: Final = "0.1.0"
