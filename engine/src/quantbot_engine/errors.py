"""The one exception of the engine: an operational error with a code of the catalogue in packages/core."""

from typing import Any

from quantbot_engine.protocol import EXIT_CODES, EngineErrorBody, ErrorCode


class EngineError(Exception):
    """Something that the caller can mend.

    Parameters
    ----------
    code : ErrorCode
        Stable code of the catalogue.
    message : str
        What was expected, what was found, what to do next.
    **details : Any
        Facts for machines, JSON values only.
    """

    def __init__(self, code: ErrorCode, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    @property
    def exit_code(self) -> int:
        """Exit code of a process that ends with this error."""
        return EXIT_CODES[self.code]

    def to_body(self, traceback: str | None = None) -> EngineErrorBody:
        """Return the error as it crosses the border."""
        return EngineErrorBody(code=self.code, message=self.message, details=self.details, traceback=traceback)
