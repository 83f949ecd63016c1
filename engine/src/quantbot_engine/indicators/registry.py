"""All indicators by name. Adding one: its entry in one of the three files; test and documentation find it here."""

from typing import Final

from quantbot_engine.indicators.averages import AVERAGES
from quantbot_engine.indicators.channels import CHANNELS
from quantbot_engine.indicators.definition import Indicator, Params, complete_params
from quantbot_engine.indicators.oscillators import OSCILLATORS
from quantbot_engine.indicators.problems import nearest, refuse

INDICATORS: Final[dict[str, Indicator]] = {entry.name: entry for entry in (*AVERAGES, *CHANNELS, *OSCILLATORS)}


def find_indicator(name: str) -> Indicator:
    """Return the indicator; INVALID_STRATEGY with the nearest known name if there is none."""
    if name not in INDICATORS:
        raise refuse(f"unknown indicator {name!r}{nearest(name, INDICATORS)}", indicator=name)
    return INDICATORS[name]


def check_params(indicator: Indicator, params: Params) -> dict[str, float]:
    """Return all parameters of the indicator, defaults filled in; INVALID_STRATEGY if they are not what it takes."""
    complete = complete_params(indicator.name, indicator.parameters, params)
    for smaller, larger in indicator.needs:
        if not complete[smaller] < complete[larger]:
            raise refuse(
                f"{indicator.name}: expected {smaller} below {larger}, found {complete[smaller]} and {complete[larger]}"
            )
    return complete


def warm_up(name: str, params: Params) -> int:
    """Return how many candles at the start have no value. Parameters that are not given have their defaults."""
    indicator = find_indicator(name)
    return indicator.warm_up(check_params(indicator, params))
