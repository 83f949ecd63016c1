"""What a trial of the V1 baseline is made of: its own values laid over the fixed ones of the study.

A parameter goes by the name it has in a request: `tp_mult`, `taker_fee_bps`, and with a dot if it lies within another,
as in `trailing.trail_pct`.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct, field

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import CapitalSimulatorConfig, ErrorCode, V1BaselineParams
from quantbot_engine.strategies.strategy import Failure, TrialValues

EXIT_NAMES: Final = frozenset(V1BaselineParams.__struct_fields__)
SIMULATOR_NAMES: Final = frozenset(CapitalSimulatorConfig.__struct_fields__)


class V1Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fixed settings of a study: parameters that are not searched, the simulator, and whose calls to take (all)."""

    params: dict[str, Any] = field(default_factory=dict)
    simulator_config: CapitalSimulatorConfig = field(default_factory=CapitalSimulatorConfig)
    caller_groups: list[str] = field(default_factory=list)


class Settings(NamedTuple):
    """One trial, complete."""

    params: V1BaselineParams
    simulator: CapitalSimulatorConfig


def read_config(config: Mapping[str, Any]) -> V1Config:
    """Return the config of a request; INVALID_STUDY says what is wrong with it."""
    try:
        found = msgspec.convert(dict(config), V1Config)
    except msgspec.ValidationError as error:
        raise EngineError(ErrorCode.INVALID_STUDY, f"strategy v1_baseline: config: {error}") from error
    unknown = sorted(found.params.keys() - EXIT_NAMES)
    if unknown:
        expected = ", ".join(sorted(EXIT_NAMES))
        message = f"strategy v1_baseline: config: params: expected some of {expected}; found {unknown[0]!r}"
        raise EngineError(ErrorCode.INVALID_STUDY, message, parameter=unknown[0])
    return found


def to_settings(values: TrialValues, config: V1Config) -> Settings | Failure:
    """Return the settings of a trial, or why it cannot have these values."""
    exits, simulator = deepcopy(config.params), {}
    for name, value in values.items():
        first = name.partition(".")[0]
        if first in EXIT_NAMES:
            _set(exits, name.split("."), value)
        elif name in SIMULATOR_NAMES:
            simulator[name] = value
        else:
            expected = ", ".join(sorted(EXIT_NAMES | SIMULATOR_NAMES))
            return Failure(ErrorCode.INVALID_STUDY, f"parameter {name}: expected one of {expected}")
    try:
        params = msgspec.convert(exits, V1BaselineParams)
        if not simulator:
            return Settings(params, config.simulator_config)
        fixed = msgspec.to_builtins(config.simulator_config)
        return Settings(params, msgspec.convert({**fixed, **simulator}, CapitalSimulatorConfig))
    except msgspec.ValidationError as error:
        shown = ", ".join(f"{name} = {value!r}" for name, value in values.items())
        return Failure(ErrorCode.INVALID_STUDY, f"parameters {shown}: {error}")


def _set(fields: dict[str, Any], path: list[str], value: Any) -> None:
    """Set the value at a path; what stands in its way is replaced."""
    *outer, last = path
    for name in outer:
        inner = fields.get(name)
        fields[name] = inner if isinstance(inner, dict) else {}
        fields = fields[name]
    fields[last] = value
