"""The golden messages of protocol/messages: this side accepts and refuses what packages/core does."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from quantbot_engine import protocol
from quantbot_engine.errors import EngineError
from quantbot_engine.worker.decoding import convert, decode_json

MESSAGES_FOLDER = Path(__file__).parents[2] / "protocol" / "messages"


def read_messages(kind: str) -> list[tuple[str, Any]]:
    paths = sorted((MESSAGES_FOLDER / kind).glob("*.json"))
    return [(path.stem, json.loads(path.read_text())) for path in paths]


def type_of(golden: dict[str, Any]) -> Any:
    """Return the type that a golden message names in `schema`."""
    return getattr(protocol, golden["schema"])


VALID = read_messages("valid")
INVALID = read_messages("invalid")


def test_every_root_of_the_protocol_has_a_golden_message() -> None:
    named = {golden["schema"] for _, golden in VALID}
    assert {"HostMessage", "WorkerMessage", "Operation", "SliceManifest"} <= named
    results = protocol.OPERATION_RESULTS.values()
    assert all(any(type_of(golden) == result for _, golden in VALID) for result in results)


@pytest.mark.parametrize(("name", "golden"), VALID, ids=[name for name, _ in VALID])
def test_accepts_what_is_valid(name: str, golden: dict[str, Any]) -> None:
    message = convert(golden["message"], type_of(golden))
    again = msgspec.to_builtins(message)
    assert convert(again, type_of(golden)) == message
    # Nothing that was said is lost; what was left out may come back as a default.
    check_within(golden["message"], again, name)


@pytest.mark.parametrize(("name", "golden"), INVALID, ids=[name for name, _ in INVALID])
def test_refuses_what_is_invalid_and_names_the_field(name: str, golden: dict[str, Any]) -> None:
    raw = json.dumps(golden["message"]).encode()
    with pytest.raises(EngineError) as caught:
        convert(decode_json(raw), type_of(golden))
    assert caught.value.code == "INVALID_REQUEST", name
    assert golden["field"] in caught.value.message


def check_within(said: Any, kept: Any, where: str) -> None:
    if isinstance(said, dict):
        for key, value in said.items():
            check_within(value, kept[key], f"{where}.{key}")
    elif isinstance(said, list):
        assert len(said) == len(kept), where
        for index, value in enumerate(said):
            check_within(value, kept[index], f"{where}[{index}]")
    else:
        assert said == kept, where


def test_messages_never_change_after_they_are_made() -> None:
    config = protocol.CapitalSimulatorConfig()
    for name in config.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(config, name, getattr(config, name))


def test_every_error_code_has_an_exit_code_that_is_not_success() -> None:
    assert protocol.EXIT_CODES.keys() == set(protocol.ErrorCode)
    assert all(0 < code < 256 for code in protocol.EXIT_CODES.values())
