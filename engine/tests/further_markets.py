"""Random further exits for the property tests, on the markets of `markets.py`."""

from hypothesis import strategies as st
from msgspec import UNSET

from markets import HOLDS, STOPS, TARGETS, params
from quantbot_engine.protocol import (
    BreakEvenStop,
    LadderRung,
    TargetStep,
    TrailingStop,
    V1BaselineGrid,
    V1BaselineParams,
)

ACTIVATIONS = st.sampled_from([1.0, 1.125, 1.25, 1.5, 2.0])
TRAILS = st.sampled_from([0.05, 0.125, 0.25, 0.3, 0.5, 0.9])
TRIGGERS = st.sampled_from([1.0625, 1.125, 1.25, 1.5, 1.1])
HIGH_TARGETS = st.sampled_from([1.5, 2.0, 3.0, 6.0, 1.37])
RUNG_MULTS = (1.0625, 1.125, 1.25, 1.3, 1.36)
AFTER_HRS = st.lists(st.sampled_from([1e-7, 1 / 60, 0.05, 0.1, 0.15, 0.3]), min_size=1, max_size=3, unique=True)

trailing = st.builds(TrailingStop, activation_mult=ACTIVATIONS, trail_pct=TRAILS)
break_even = st.builds(BreakEvenStop, trigger_mult=TRIGGERS)


@st.composite
def ladders(draw: st.DrawFn) -> list[LadderRung]:
    mults = sorted(draw(st.lists(st.sampled_from(RUNG_MULTS), min_size=1, max_size=3, unique=True)))
    shares = draw(st.sampled_from([[0.5, 0.25, 0.125], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.3, 0.3, 0.3]]))
    fractions = shares[: len(mults)]
    if draw(st.booleans()):
        fractions = [*fractions[:-1], 1.0 - sum(fractions[:-1])]
    return [LadderRung(mult=mult, fraction=fraction) for mult, fraction in zip(mults, fractions, strict=True)]


@st.composite
def decays(draw: st.DrawFn) -> list[TargetStep]:
    return [TargetStep(after_hrs=after, tp_mult=draw(TARGETS)) for after in sorted(draw(AFTER_HRS))]


further_params = st.one_of(
    params,
    st.builds(V1BaselineParams, tp_mult=TARGETS, sl_mult=STOPS, max_hold_hrs=HOLDS, trailing=trailing),
    st.builds(V1BaselineParams, tp_mult=TARGETS, sl_mult=STOPS, max_hold_hrs=HOLDS, break_even=break_even),
    st.builds(V1BaselineParams, tp_mult=HIGH_TARGETS, sl_mult=STOPS, max_hold_hrs=HOLDS, ladder=ladders()),
    st.builds(V1BaselineParams, tp_mult=TARGETS, sl_mult=STOPS, max_hold_hrs=HOLDS, target_decay=decays()),
    st.builds(
        V1BaselineParams,
        tp_mult=HIGH_TARGETS,
        sl_mult=STOPS,
        max_hold_hrs=HOLDS,
        trailing=st.one_of(st.just(UNSET), trailing),
        break_even=st.one_of(st.just(UNSET), break_even),
        ladder=st.one_of(st.just(UNSET), ladders()),
        target_decay=st.one_of(st.just(UNSET), decays()),
    ),
)

further_grids = st.builds(
    V1BaselineGrid,
    tp_mults=st.lists(HIGH_TARGETS, min_size=1, max_size=2),
    sl_mults=st.lists(STOPS, min_size=1, max_size=2),
    max_hold_hrs=st.lists(HOLDS, min_size=1, max_size=2),
    trail_activation_mults=st.lists(ACTIVATIONS, min_size=1, max_size=3),
    trail_pcts=st.lists(st.one_of(st.none(), TRAILS), min_size=1, max_size=3),
    break_even_mults=st.one_of(st.just(UNSET), st.lists(st.one_of(st.none(), TRIGGERS), min_size=1, max_size=2)),
    ladders=st.one_of(st.just(UNSET), st.lists(st.one_of(st.none(), ladders()), min_size=1, max_size=2)),
    target_decays=st.one_of(st.just(UNSET), st.lists(st.one_of(st.none(), decays()), min_size=1, max_size=2)),
)
