"""No timing without equality: what must be exact, and what may differ in the last bits."""

from dataclasses import dataclass, field

import numpy as np

from benchmarks.outcome import REASONS, Exits, Outcome

CAPITAL_TOLERANCE = 1e-9


@dataclass(slots=True)
class Equality:
    """Comparisons of one contender with ours: how much was compared, and the first difference if there is one."""

    compared: list[str] = field(default_factory=list)
    difference: str | None = None

    @property
    def is_equal(self) -> bool:
        """Whether something was compared and nothing differed."""
        return self.difference is None and len(self.compared) > 0

    def check_exits(self, ours: list[Exits], theirs: list[Exits], total: int) -> None:
        """Exit row, reason (where told) and price must be exact, for every call of every combination given."""
        for number, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            self._note(_find_exit_difference(our, their), f"combination {number} of the sample")
        calls = ours[0].row.size
        self.compared.append(f"{len(ours) * calls:,} exits ({len(ours):,} of {total:,} combinations)")

    def check_outcome(self, ours: Outcome, theirs: Outcome, total: int) -> None:
        """Trade counts must be exact, final capital equal to 1e-9 relative."""
        if ours.trades.shape != theirs.trades.shape:
            self._note(f"{ours.trades.size} and {theirs.trades.size} combinations", "outcome")
            return
        wrong = np.flatnonzero(ours.trades != theirs.trades)
        if wrong.size:
            first = int(wrong[0])
            self._note(f"trades {ours.trades[first]} and {theirs.trades[first]}", f"{wrong.size} combinations")
        allowed = CAPITAL_TOLERANCE * np.abs(ours.final_capital)
        # Written so that NaN counts as a difference.
        wrong = np.flatnonzero(~(np.abs(ours.final_capital - theirs.final_capital) <= allowed))
        if wrong.size:
            first = int(wrong[0])
            self._note(
                f"final capital {float(ours.final_capital[first])!r} and {float(theirs.final_capital[first])!r}",
                f"{wrong.size} combinations",
            )
        self.compared.append(f"{ours.trades.size:,} of {total:,} final capitals and trade counts")

    def _note(self, difference: str | None, where: str) -> None:
        if difference is not None and self.difference is None:
            self.difference = f"{where}: ours and theirs: {difference}"


def _find_exit_difference(ours: Exits, theirs: Exits) -> str | None:
    if ours.row.shape != theirs.row.shape:
        return f"{ours.row.size} and {theirs.row.size} exits"
    # Written so that NaN counts as a difference.
    is_different = (ours.row != theirs.row) | ~(ours.price == theirs.price)
    if ours.reason is not None and theirs.reason is not None:
        is_different |= ours.reason != theirs.reason
    wrong = np.flatnonzero(is_different)
    if wrong.size == 0:
        return None
    first = int(wrong[0])
    return f"{wrong.size} exits differ, first call {first}: {_describe(ours, first)} and {_describe(theirs, first)}"


def _describe(exits: Exits, call: int) -> str:
    reason = "" if exits.reason is None else f"{REASONS[int(exits.reason[call])]}, "
    return f"candle {exits.row[call]}, {reason}{float(exits.price[call])!r}"
