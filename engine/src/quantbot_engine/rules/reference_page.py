"""The page docs/indicators.md, written from the registries: `python -m quantbot_engine.rules.reference_page FILE`."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from quantbot_engine.indicators.definition import Indicator, ParameterSpec
from quantbot_engine.indicators.registry import INDICATORS, check_params
from quantbot_engine.rules.functions import FUNCTIONS
from quantbot_engine.rules.signals.registry import BUILT_IN
from quantbot_engine.rules.signals.signal import NUMBER, Signal

INTRODUCTION = """# Indicators, signals and rules

<!-- Written by `python -m quantbot_engine.rules.reference_page` from the registries. Change it there. -->

Value *i* of everything on this page is computed from candles up to *i*, and is known when candle *i* closes; what a
rule asks for happens afterwards. The first candles, the **warm-up**, have no value and are never traded: no rule of a
strategy is asked before the longest warm-up of anything its rules speak of has passed. Each entry states its warm-up
in candles for the defaults. Indicators that build on their own past (ema, macd, rsi, atr, adx, obv, supertrend) start
at the first candle of the data, so their values depend a little on where the data begin.

## Expressions

`rsi(14) < 30 and close > sma(200)`. They know the prices `open`, `high`, `low`, `close` and `volume`, the parameters
of the strategy, `+ - * /`, `< <= > >= == !=`, `and or not`, the functions below, all indicators, and the numbers of
signals (`volume_spike(20).volume_ratio`). Parameters of an indicator stand in the order given below; those left out
have their defaults. An indicator with several outputs needs one: `macd(12, 26, 9).signal`. One with a single input
takes another series in front: `ema(rsi(14), 9)`, `sma(volume, 20)`.

A value that is undefined (warm-up, division by zero on a candle) makes a comparison neither true nor false, and `not`
does not make it true: only what is certainly true is traded. Dividing by the number 0 is an error. Text and numbers
are kept apart, as are conditions and numbers.

| Function | Meaning |
| -------- | ------- |
"""

OWN_SIGNALS = """## Signals of your own

A Python file in `strategies/signals/` adds signals, which rules use like the built-in ones; numbers among their
outputs can also stand in expressions, so an indicator of your own is a signal with a number.

```python
import numpy as np
from quantbot_engine.indicators.compute import indicator
from quantbot_engine.rules.signals.signal import signal

@signal(
    "near_low",
    outputs={"event": ("none", "near_low"), "distance": "number"},
    parameters={"period": 20, "within": 0.01},
    warm_up=lambda params: params["period"],
)
def near_low(candles, params):
    lowest = indicator(candles, "lowest", period=params["period"])
    distance = candles.close / lowest - 1
    return {"event": (distance < params["within"]).astype(np.int8), "distance": distance}
```

`candles` has the columns `timestamp` (opening, Unix seconds), `open`, `high`, `low`, `close` and `volume`, which
cannot be written to. Every output is an array with one value per candle: whole numbers, positions in the declared
names of which the first means that nothing happened, or floating-point numbers, which must be finite after the
warm-up. Anything else is refused with the file, the output and the row.
"""


def render() -> str:
    """Return the page."""
    functions = "".join(f"| `{each.usage}` | {each.meaning} |\n" for each in FUNCTIONS.values())
    indicators = "\n".join(_render_indicator(INDICATORS[name]) for name in sorted(INDICATORS))
    signals = "\n".join(_render_signal(BUILT_IN[name]) for name in sorted(BUILT_IN))
    return f"{INTRODUCTION}{functions}\n## Indicators\n\n{indicators}\n## Signals\n\n{signals}\n{OWN_SIGNALS}"


def _render_indicator(entry: Indicator) -> str:
    params = check_params(entry, {})
    outputs = [
        f"`{entry.name if entry.outputs == ('value',) else f'.{name}'}` ({unit})"
        for name, unit in zip(entry.outputs, entry.units, strict=True)
    ]
    lines = [
        f"### {entry.name}\n",
        f"{entry.title}: `{entry.name}({', '.join(spec.name for spec in entry.parameters)})`\n",
        f"- Formula: {_to_prose(entry.formula)}",
        f"- Inputs: {', '.join(entry.inputs)}",
        f"- Parameters: {_render_parameters(entry.parameters, entry.needs)}",
        f"- Outputs: {', '.join(outputs)}",
        f"- Warm-up: {entry.warm_up(params)} candles",
        f"- Source: {entry.source}",
    ]
    return "\n".join(lines) + "\n"


def _render_signal(entry: Signal) -> str:
    outputs = [
        f"`{name}` ({'number' if kind == NUMBER else ', '.join(kind)})" for name, kind in sorted(entry.outputs.items())
    ]
    lines = [
        f"### signal {entry.name}\n",
        f"- Formula: {_to_prose(entry.formula)}",
        f"- Parameters: {_render_parameters(entry.parameters, entry.needs)}",
        f"- Outputs: {'; '.join(outputs)}",
        f"- Warm-up: {entry.warm_up(entry.complete({}))} candles",
        f"- Source: {entry.source}",
    ]
    return "\n".join(lines) + "\n"


def _render_parameters(specs: Sequence[ParameterSpec], needs: Iterable[tuple[str, str]]) -> str:
    if not specs:
        return "none"
    shown = ", ".join(f"`{spec.name}` {spec.default:g} ({spec.low:g} to {spec.high:g})" for spec in specs)
    return shown + "".join(f"; `{smaller}` below `{larger}`" for smaller, larger in needs)


def _to_prose(formula: str) -> str:
    """Return a formula as Markdown shows it: an asterisk could become emphasis."""
    return formula.replace(" * ", " \N{MULTIPLICATION SIGN} ")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
