"""Random evidence: labels are monotone where the rules are, and a trace alone gives the rating again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tactics.rating import (
    Design,
    Direction,
    Label,
    Level,
    RatedTrial,
    RatingResult,
    Step,
    Threat,
    TrialEvidence,
    security,
)
from tactics.rating.evidence import THREATS
from tests.unit.tactics.rating.test_tactic import rated, trial

# From a harm to a benefit. What lies between claims no benefit and no harm, and has no order of its own.
RANK = {Label.HARMFUL: 0, Label.PROMISING: 2, Label.EFFECTIVE: 3}
STEPS = settings(deadline=None, max_examples=120)

numbers = st.integers(-120, 120).map(lambda value: value / 100)
spreads = st.integers(2, 60).map(lambda value: value / 100)
securities = st.sampled_from([None, 0, 1, 2, 3, 4, 5])
rows = st.tuples(numbers, spreads, securities, st.booleans(), st.sampled_from("abc"))


def trials_of(found: Sequence[Any], metric: str = "log_rate_ratio") -> list[RatedTrial]:
    return [
        trial(str(i), yi, se, security=score, is_randomised=drawn, forces=frozenset({force}), metric=metric)
        for i, (yi, se, score, drawn, force) in enumerate(found)
    ]


def moved(one: RatedTrial, by: float) -> RatedTrial:
    return replace(one, yi=one.yi + by, conf_low=one.conf_low + by, conf_high=one.conf_high + by)


def rank(result: RatingResult) -> int:
    return RANK.get(result.label, 1)


def inconsistency(result: RatingResult) -> list[object]:
    return [step.effect for step in result.trace if step.rule == "SI" and step.kind == "change"]


@STEPS
@given(st.lists(rows, min_size=1, max_size=6), st.integers(1, 150))
def test_more_harm_in_every_trial_never_raises_the_label(found: list[Any], percent: int) -> None:
    """Every trial moves by as much: the spread stays, so nothing but the harm has changed.

    One step reads the place and not the spread alone: a prediction interval that no longer reaches a worthwhile
    benefit stops "spanning both ways". Such pairs are left out.
    """
    before = trials_of(found)
    first, second = rated(*before), rated(*(moved(one, percent / 100) for one in before))
    assume(inconsistency(first) == inconsistency(second))
    assert rank(second) <= rank(first)


@STEPS
@given(st.lists(rows, min_size=1, max_size=2), st.integers(1, 150), st.integers(0, 1))
def test_more_harm_in_one_of_two_trials_never_raises_the_label(
    found: list[Any], percent: int, at: int
) -> None:
    before = trials_of(found)
    at = min(at, len(before) - 1)
    after = [moved(one, percent / 100) if i == at else one for i, one in enumerate(before)]
    assert rank(rated(*after)) <= rank(rated(*before))


@STEPS
@given(st.lists(rows, max_size=5), st.integers(1, 100), spreads, st.sampled_from(["primary", "harm"]))
def test_a_secure_harm_that_no_secure_benefit_answers_is_always_held(
    found: list[Any], above: int, se: float, role: str
) -> None:
    others = [one for one in trials_of(found) if not (one.is_good and (one.security or 0) >= 4)]
    harm = trial("harm", 1.96 * se + above / 100, se, role=role)
    result = rated(*others, harm)
    assert result.label == Label.HARMFUL
    assert result.raises_hold


@STEPS
@given(st.lists(rows, max_size=6), st.sampled_from(["log_rate_ratio", "log_odds_ratio", "smd"]))
def test_the_trace_alone_gives_strength_and_label_again(found: list[Any], metric: str) -> None:
    result = rated(*trials_of(found, metric))
    steps = result.as_json()["trace"]
    assert replayed_strength(steps) == result.strength
    assert [step["effect"] for step in steps if step["kind"] == "label"] == [result.label.value]
    assert [step["effect"] for step in steps if step["kind"] == "code"] == [result.crt_code] * bool(result.k)


def replayed_strength(steps: list[dict[str, Any]]) -> int:
    """Read the strength off the trace as a person would: start, changes, 0 to 5, caps."""
    total = sum(step["effect"] for step in steps if step["kind"] in ("start", "change"))
    return min([min(5, max(0, total)), *(step["effect"] for step in steps if step["kind"] == "cap")])


levels = st.sampled_from(list(Level))
facts = st.fixed_dictionaries(
    {
        "design": st.sampled_from(list(Design)),
        "std_error": st.integers(1, 60).map(lambda value: value / 100),
        "attrition_units": st.integers(0, 60).map(lambda value: value / 100),
        "attrition_differential": st.integers(0, 12).map(lambda value: value / 100),
        "baseline_smd": st.sampled_from([None, 0.02, 0.1, 0.4]),
        "overrides": st.sampled_from([0.0, 0.1, 0.3]),
        "concealed": st.booleans(),
        "treated_clusters": st.sampled_from([None, 1, 3, 7, 20]),
        "control_clusters": st.sampled_from([None, 1, 3, 7, 20]),
        "pre_periods": st.sampled_from([None, 1, 5]),
        "pre_trend_p": st.sampled_from([None, 0.01, 0.5]),
        "clustering_ignored": st.booleans(),
        "allocation_verified": st.booleans(),
    }
)


def evidence(given: dict[str, Any], threats: Sequence[Threat] = ()) -> TrialEvidence:
    return TrialEvidence(metric="log_rate_ratio", threats=tuple(threats), **given)


@STEPS
@given(facts, st.lists(levels, min_size=7, max_size=7))
def test_security_is_what_its_trace_adds_up_to(given: dict[str, Any], found: list[Level]) -> None:
    threats = [Threat(name, level) for name, level in zip(THREATS, found, strict=True)]
    rating = security(evidence(given, threats))
    again = TrialEvidence.from_json(evidence(given, threats).as_json())
    assert security(again) == rating
    if rating.score is None:
        assert rating.reason
        return
    lowest = min(_numbers(rating.trace, "score", "cap"))
    assert rating.score == max(0, lowest - sum(_numbers(rating.trace, "drop")))


def _numbers(steps: Sequence[Step], *kinds: str) -> list[int]:
    return [int(step.effect or 0) for step in steps if step.kind in kinds]


@STEPS
@given(facts, st.lists(levels, min_size=7, max_size=7), st.sampled_from(list(THREATS)), st.booleans())
def test_a_worse_threat_never_raises_security(
    given: dict[str, Any], found: list[Level], at: str, same_way: bool
) -> None:
    """All threats push one known way, or none is known: in between, the published table itself is not ordered.

    (Three Moderate threats of one direction drop 2; a fourth of unknown direction makes it 1.)
    """
    direction = Direction.FAVOURS if same_way else Direction.UNKNOWN
    order = list(Level)
    threats = [Threat(name, level, direction) for name, level in zip(THREATS, found, strict=True)]
    worse = [
        replace(one, level=order[min(2, order.index(one.level) + 1)]) if one.id == at else one
        for one in threats
    ]
    first, second = security(evidence(given, threats)).score, security(evidence(given, worse)).score
    assert (second is None) == (first is None)
    assert (second or 0) <= (first or 0)


@STEPS
@given(facts, st.integers(1, 60))
def test_a_larger_error_never_raises_security(given: dict[str, Any], more: int) -> None:
    wider = {**given, "std_error": given["std_error"] + more / 100}
    assert (security(evidence(wider)).score or 0) <= (security(evidence(given)).score or 0)
