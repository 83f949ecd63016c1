"""How well a recorded trial did, for samplers with a model: feasible first, then the values. All are maximised."""

from typing import Final, NamedTuple

from quantbot_engine.protocol import PastTrial

# How far a trial is from one with values that count; models only compare these.
FEASIBLE: Final = 0.0
BREAKS_A_CONSTRAINT: Final = 1.0
UNDEFINED: Final = 2.0
FAILED: Final = 3.0


class Verdict(NamedTuple):
    """`violation` is one of the constants above; the values of a trial that is not feasible are never looked at."""

    violation: float
    values: list[float]


def judge(trial: PastTrial, objectives: int) -> Verdict:
    """Return the verdict on a trial: failed is worse than undefined, and that worse than breaking a constraint."""
    if trial.values is None:
        return Verdict(FAILED, [0.0] * objectives)
    known = [0.0 if value is None else float(value) for value in trial.values]
    if any(value is None for value in trial.values):
        return Verdict(UNDEFINED, known)
    return Verdict(FEASIBLE if trial.is_feasible else BREAKS_A_CONSTRAINT, known)


def beats(first: Verdict, second: Verdict) -> bool:
    """Return whether the first is at least as good in all objectives, and better in one; feasible beats infeasible."""
    if first.violation != second.violation:
        return first.violation < second.violation
    pairs = list(zip(first.values, second.values, strict=True))
    return all(one >= other for one, other in pairs) and any(one > other for one, other in pairs)
