"""The objectives by name, and what becomes of one whose figures are undefined (docs/assumptions.md, objectives)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from quantbot_engine.errors import EngineError
from quantbot_engine.objectives.composite import cps, cps_v2, return_dd_ratio, utility
from quantbot_engine.objectives.outcome import Outcome
from quantbot_engine.protocol import ErrorCode

# A value, or the reason why there is none.
Score = float | str

# Figures without which there is no outcome to judge.
REQUIRED: Final = ("total_return", "max_drawdown", "trades")
# Figures that count as 0 in a composite when they are undefined.
_OPTIONAL: Final = {
    "sharpe_ratio": "sharpe",
    "sortino_ratio": "sortino",
    "win_rate": "win_rate",
    "benchmark_return": "benchmark_return",
    "trades_per_30d": "trades_per_30d",
}


def mar(outcome: Outcome) -> Score:
    """Total return over maximum drawdown, both fractions.

    Examples
    --------
    >>> mar(Outcome(total_return=0.5, max_drawdown=0.25, trades=10))
    2.0
    """
    return outcome.total_return / outcome.max_drawdown if outcome.max_drawdown > 0.0 else "no_drawdown"


COMPOSITES: Final[dict[str, Callable[[Outcome], Score]]] = {
    "mar": mar,
    "utility": utility,
    "cps": cps,
    "cps_v2": cps_v2,
    "cps_v2_profit_biased": cps_v2,
    "profit_biased": cps_v2,
    "return_dd_ratio": return_dd_ratio,
}
# Figures that are objectives as they are.
PLAIN: Final = (
    "final_balance",
    "total_return",
    "sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
    "win_rate",
    "profit_factor",
)
OBJECTIVE_NAMES: Final = (*PLAIN, *COMPOSITES)


def check_objectives(names: Sequence[str]) -> None:
    """Raise INVALID_STUDY unless all names are objectives."""
    for name in names:
        if name not in OBJECTIVE_NAMES:
            raise EngineError(
                ErrorCode.INVALID_STUDY,
                f"objectives: expected one of {', '.join(OBJECTIVE_NAMES)}; found {name!r}",
                objective=name,
            )


def score(names: Sequence[str], figures: Mapping[str, float | str]) -> dict[str, Score]:
    """Return a value or a reason for each objective.

    Parameters
    ----------
    names : sequence of str
        Names that `check_objectives` has accepted.
    figures : mapping of str to float or str
        Figures of a period; a string is the reason why one is undefined, one that is missing is `not_reported`.
    """
    missing = next(
        (reason for reason in map(lambda name: _reason(figures, name), REQUIRED) if reason is not None), None
    )
    outcome = None if missing is not None else _to_outcome(figures)
    scores: dict[str, Score] = {}
    for name in names:
        if name in PLAIN:
            scores[name] = figures.get(name, "not_reported")
        elif outcome is None:
            scores[name] = missing or "not_reported"
        else:
            scores[name] = COMPOSITES[name](outcome)
    return scores


def _reason(figures: Mapping[str, float | str], name: str) -> str | None:
    figure = figures.get(name, "not_reported")
    return figure if isinstance(figure, str) else None


def _to_outcome(figures: Mapping[str, float | str]) -> Outcome:
    known = {field: figures[name] for name, field in _OPTIONAL.items() if not isinstance(figures.get(name, ""), str)}
    return Outcome(
        total_return=float(figures["total_return"]),
        max_drawdown=float(figures["max_drawdown"]),
        trades=float(figures["trades"]),
        **{field: float(figure) for field, figure in known.items()},
    )
