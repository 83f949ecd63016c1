"""All signals by name: the built-in ones, and those of the user's files."""

from collections.abc import Sequence
from typing import Final

from quantbot_engine.indicators.problems import refuse
from quantbot_engine.indicators.registry import INDICATORS
from quantbot_engine.rules.functions import FUNCTIONS
from quantbot_engine.rules.signals.built_in.breakouts import BREAKOUTS
from quantbot_engine.rules.signals.built_in.crossings import CROSSINGS
from quantbot_engine.rules.signals.built_in.extremes import EXTREMES
from quantbot_engine.rules.signals.signal import Signal
from quantbot_engine.rules.signals.user_files import read_signal_files

BUILT_IN: Final[dict[str, Signal]] = {entry.name: entry for entry in (*CROSSINGS, *BREAKOUTS, *EXTREMES)}


def read_signals(files: Sequence[str] = ()) -> dict[str, Signal]:
    """Return built-in signals and those marked in the files.

    Raises
    ------
    EngineError
        FILE_NOT_FOUND; INVALID_STRATEGY for a file that cannot be loaded, marks no signal, or repeats a known name.
    """
    own = read_signal_files(files)
    for name, found in own.items():
        for kind, known in (("signal", BUILT_IN), ("indicator", INDICATORS), ("function", FUNCTIONS)):
            if name in known:
                message = f"signal file {found.file}: expected a name of its own, {name!r} is a built-in {kind}"
                raise refuse(message, file=found.file, signal=name)
    return {**BUILT_IN, **own}
