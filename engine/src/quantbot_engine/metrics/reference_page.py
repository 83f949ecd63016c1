"""The page docs/metrics.md, written from the figures: `python -m quantbot_engine.metrics.reference_page FILE`."""

import inspect
import sys
from pathlib import Path

from quantbot_engine.metrics.figure_texts import GROUPS, REASONS, TEXTS
from quantbot_engine.metrics.figures import DETAIL_FIGURES, FIGURES

INTRODUCTION = """# Figures of a backtest

<!-- Written by `python -m quantbot_engine.metrics.reference_page` from the table of figures. Change it there. -->

Every figure is computed for each period that is asked for: the last 30 days (`30d`), 90 days (`90d`), 365 days (`1y`)
and everything (`all`), counted back from the last candle. A period starts with the equity that the account had then;
one that is longer than the data is all of them. Trades belong to the period in which they ended.

- **Equity** is the initial capital, then cash plus open positions at the close of every candle. For sets of calls it is
  equity at cost: it changes when a trade ends.
- **Daily returns** are those of equity at UTC midnight, days without trades included as 0. The first and the last day
  may be incomplete. In the formulas below n is their number, m their mean, s their standard deviation (n - 1). They end
  with the first close of 0 or less, and once equity was below 0 there are no ratios. Less than 1e-12 of the initial
  capital is nothing.
- **A year** has 365 daily returns (markets that never close) and 365.25 days of growth. The risk-free rate is 0.
- **Signs**: drawdowns are positive fractions; returns, value at risk, expected shortfall and average or largest losses
  are negative when they are losses. 0.1 is ten percent. Money is in the account's currency.
- Results of trades are after fees. A position that is still open is part of equity and of no figure of trades.

The same returns give other ratios elsewhere. 365 daily returns with a mean of 0.12 % and a standard deviation of 2 %
have a Sharpe ratio of 1.15 here; where a year is taken to have 252 days it is 0.95, although nothing is different.

## Undefined figures

A figure that has no value is null and has a reason, never NaN, infinity or an invented number. It ranks below all
numbers, and meets no criterion of a study.

"""


def render() -> str:
    """Return the page."""
    reasons = _table([("Reason", "When"), *((f"`{reason}`", text) for reason, text in REASONS.items())])
    groups = "\n\n".join(f"## {title}\n\n" + "\n\n".join(map(_entry, names)) for title, names in GROUPS.items())
    return f"{INTRODUCTION}{reasons}\n\n{groups}\n"


def _table(rows: list[tuple[str, str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    head, *body = [f"| {first:<{widths[0]}} | {second:<{widths[1]}} |" for first, second in rows]
    return "\n".join([head, f"| {'-' * widths[0]} | {'-' * widths[1]} |", *body])


def _entry(name: str) -> str:
    text = TEXTS[name]
    figure = FIGURES.get(name) or DETAIL_FIGURES.get(name)
    summary = (
        (inspect.getdoc(figure) or "").partition("\n")[0] if figure else "Recent CAGR over recent maximum drawdown."
    )
    lines = [f"### {name}", "", summary, "", f"- Formula: {text.formula}", f"- Source: {text.source}"]
    if text.undefined:
        lines.append("- Undefined: " + ", ".join(f"`{reason}`" for reason in text.undefined))
    if text.note:
        lines.append(f"- Note: {text.note}")
    if name in DETAIL_FIGURES:
        lines.append("- Of single backtests only, not of the trials of a study")
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
