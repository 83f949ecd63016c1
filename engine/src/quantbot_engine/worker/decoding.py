"""Bytes → messages, with errors that name the field, what was expected there and what was found."""

import re
from typing import Any

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import ErrorCode

# msgspec: "Expected `float` < 1.0 - at `$.params.sl_mult`"; [...] stands for any key of an object.
_LOCATED = re.compile(r"^(?P<reason>.*?)(?: - at `(?P<path>\$.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+)\]|(?P<any>\[\.\.\.\])")
_FOUND_LENGTH = 80
# Finding which of many entries is wrong converts the request once for each; beyond this the path keeps its dots.
_MAX_SEARCHED_ENTRIES = 2_000


def decode_json(raw: bytes) -> Any:
    """Return the JSON value; INVALID_REQUEST for anything else, NaN and Infinity included."""
    if not raw.strip():
        raise EngineError(ErrorCode.INVALID_REQUEST, "expected a request as JSON, found no input")
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"expected a request as JSON, found something else: {error}"
        raise EngineError(ErrorCode.INVALID_REQUEST, message) from error


def convert(value: Any, message_type: Any) -> Any:
    """Return the value as a message of this type, which may be a union; INVALID_REQUEST names the wrong field."""
    try:
        return msgspec.convert(value, message_type)
    except msgspec.ValidationError as error:
        raise _explain(value, message_type, str(error)) from error


def _explain(value: Any, message_type: Any, text: str) -> EngineError:
    match = _LOCATED.match(text)
    reason = match["reason"] if match else text
    path = (match["path"] if match else None) or "$"
    path = _name_entries(value, message_type, path)
    field = path.removeprefix("$").removeprefix(".") or "request"
    reason = reason.replace("`", "")
    message = f"{field}: {reason[:1].lower()}{reason[1:]}"
    found = _find(value, path)
    if found is not _NOTHING and not isinstance(found, dict | list):
        message = f"{message.partition(', got ')[0]}, found {_show(found)}"
    return EngineError(ErrorCode.INVALID_REQUEST, message, field=field)


def _name_entries(value: Any, message_type: Any, path: str) -> str:
    """Replace the first [...] of a path by the key of the first entry that alone is refused."""
    head, dots, _ = path.partition("[...]")
    entries = _find(value, head)
    if not dots or not isinstance(entries, dict) or len(entries) > _MAX_SEARCHED_ENTRIES:
        return path
    steps = [match["key"] or int(match["index"]) for match in _STEP.finditer(head.removeprefix("$"))]
    for key, entry in entries.items():
        try:
            msgspec.convert(_with_only(value, steps, {key: entry}), message_type)
        except msgspec.ValidationError as error:
            match = _LOCATED.match(str(error))
            if match and match["path"] and match["path"].startswith(head):
                return match["path"].replace("[...]", f".{key}", 1)
    return path


def _with_only(value: Any, steps: list[str | int], replacement: Any) -> Any:
    if not steps:
        return replacement
    step, inner = steps[0], _with_only(value[steps[0]], steps[1:], replacement)
    if isinstance(step, int):
        return [*value[:step], inner, *value[step + 1 :]]
    return {**value, step: inner}


_NOTHING = object()


def _find(value: Any, path: str) -> Any:
    """Return what stands at a path, or _NOTHING."""
    for match in _STEP.finditer(path.removeprefix("$")):
        key: str | int | None = match["key"] if match["key"] is not None else match["index"]
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and match["index"] is not None and int(match["index"]) < len(value):
            value = value[int(match["index"])]
        else:
            return _NOTHING
    return value


def _show(found: Any) -> str:
    text = msgspec.json.encode(found).decode()
    return text if len(text) <= _FOUND_LENGTH else f"{text[:_FOUND_LENGTH]}..."
