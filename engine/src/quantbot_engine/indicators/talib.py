"""TA-Lib, loaded when the first indicator needs it."""

import importlib
from functools import cache
from typing import Any

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode


@cache
def load_talib() -> Any:
    """Return the module; SETUP_INCOMPLETE if it is not installed."""
    try:
        return importlib.import_module("talib")
    except ImportError as error:
        message = f"expected the Python package TA-Lib, found none that loads ({error}); run npm run setup"
        raise EngineError(ErrorCode.SETUP_INCOMPLETE, message) from error
