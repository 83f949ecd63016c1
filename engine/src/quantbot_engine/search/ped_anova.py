"""Optuna's PED-ANOVA over recorded trials of one objective. Loads Optuna: imported only when it is asked."""

import warnings
from collections import Counter
from typing import Final

from optuna.importance import PedAnovaImportanceEvaluator
from optuna.samplers import RandomSampler

from quantbot_engine.protocol import PastTrial
from quantbot_engine.search.samplers.optuna_trials import open_study, to_distributions, to_finished, to_inner
from quantbot_engine.search.samplers.verdicts import FEASIBLE, Verdict
from quantbot_engine.search.space.space import Space

# Optuna takes no notice of fewer, which would look like no importance.
FEWEST_WITH: Final = 2


def evaluate(space: Space, trials: list[tuple[PastTrial, float]]) -> dict[str, float]:
    """Return a number of no fixed scale, at least 0, for each parameter that trials have, in the order of the file."""
    axes = {axis.name: axis for axis in space.axes}
    distributions = to_distributions(space)
    finished = []
    for position, (trial, value) in enumerate(trials):
        inner = {name: to_inner(axes[name], given) for name, given in trial.params.items() if name in axes}
        finished.append(to_finished(position, Verdict(FEASIBLE, [value]), inner, distributions))
    # The sampler is never asked.
    study = open_study(finished, RandomSampler(seed=0), objectives=1)
    trials_with = Counter(name for trial in finished for name in trial.params)
    weighed = [name for name in space.names if trials_with[name] >= FEWEST_WITH]
    with warnings.catch_warnings():
        # That a conditional parameter is rare is no news to who wrote the condition.
        warnings.simplefilter("ignore")
        found = PedAnovaImportanceEvaluator().evaluate(study, weighed)
    return {name: float(found[name]) for name in weighed}
