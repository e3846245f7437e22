"""A tactic's rating as it is stored and printed: every note, reason and word of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tactics.rating import CURRENT, Label, Override, RatedTrial, RegistryCounts, Step, rate
from tactics.rating.tactic import Listed
from tactics.synthesis import BadEffects
from tests.unit.tactics.rating.test_tactic import TODAY, rated, trial

ONE_METHOD = "The trial's own estimate and interval: one trial, so nothing is pooled"
TWO_METHOD = "Inverse-variance mean of two trials, 95% interval from the normal distribution"
PAIR = (trial("a"), trial("b", -0.25))


@pytest.mark.parametrize(
    ("trials", "method", "metric"),
    [
        ([trial()], ONE_METHOD, "log_rate_ratio"),
        ([trial(metric="smd")], ONE_METHOD, "smd"),
        (PAIR, TWO_METHOD, "log_rate_ratio"),
    ],
)
def test_the_trace_begins_with_how_it_was_pooled(trials: list[RatedTrial], method: str, metric: str) -> None:
    result = rated(*trials)
    assert result.trace[0] == Step("POOL", "note", method, len(trials), {"metric": metric})
    assert result.metric == metric


def test_the_trace_runs_from_the_pooling_to_the_label() -> None:
    assert [(step.rule, step.kind) for step in rated(*PAIR).trace] == [
        ("POOL", "note"),
        ("E2", "code"),
        ("SIZE", "band"),
        ("ST", "start"),
        ("SI", "cap"),
        ("STRENGTH", "result"),
        ("L2", "label"),
    ]


def test_the_document_of_one_trial() -> None:
    """One trial of security 4: log rate ratio -0.3 is 25.9% less, strength 3 by its cap."""
    result = rated(trial("Northmoor", ref="7", sms=5), trial("Elsewhere", security=1, ref="8"))
    document = result.as_json()
    summary, trace = document.pop("summary"), document.pop("trace")
    assert document == {
        "rules_version": "RULES-1.0",
        "label": "promising",
        "label_name": "Promising",
        "crt_code": "+3",
        "strength": 3,
        "size_band": "moderate",
        "metric": "log_rate_ratio",
        "k": 1,
        "review_due": False,
        "harm_not_excluded": False,
        "crosswalk": {
            "crime_reduction_toolkit": "+3",
            "yef_band": "moderate",
            "crime_solutions": "Promising",
            "grade": "Moderate",
            "best_sms": "5",
        },
        "eligible": [{"study": "Northmoor", "finding": "7"}],
        "listed": [{"study": "Elsewhere", "finding": "8", "reason": "security 1 is below 2"}],
    }
    assert (summary["k"], summary["estimate"]) == (1, -0.3)
    assert trace[2] == {
        "rule": "SIZE",
        "kind": "band",
        "text": "Reduction of 25.9%, 10% to below 30%",
        "effect": "moderate",
        "values": {"percent_reduction": pytest.approx(25.918177932)},
    }


@pytest.mark.parametrize(
    ("trials", "counts", "label", "crime_solutions", "last"),
    [
        ((), RegistryCounts(), "untested", "", "L8"),
        ((), RegistryCounts(registered=2, awaited=2), "being_tested", "", "L7"),
        ((trial(security=0),), RegistryCounts(), "inconclusive", "Inconclusive", "L6"),
    ],
)
def test_the_document_without_an_eligible_trial(
    trials: tuple[RatedTrial, ...],
    counts: RegistryCounts,
    label: str,
    crime_solutions: str,
    last: str,
) -> None:
    result = rate(trials, counts, today=TODAY)
    document = result.as_json()
    assert document["crosswalk"] == {"grade": "Very low", "crime_solutions": crime_solutions}
    assert (document["label"], document["crt_code"], document["size_band"]) == (label, "", "")
    assert (document["strength"], document["k"], document["metric"]) == (0, 0, "")
    assert (document["summary"], document["eligible"]) == (None, [])
    assert document["rules_version"] == "RULES-1.0"
    assert len(document["listed"]) == len(trials)
    assert result.trace[0] == Step("ST", "start", "No eligible trial", 0)
    assert [step.rule for step in result.trace[1:]] == [last]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"below_integrity_floor": True, "security": 1},
            "not a test of the tactic: delivery fell below the trial's integrity floor",
        ),
        ({"security": None}, "not rated until it is analysed again"),
        ({"security": 0}, "security 0 is below 2"),
        ({"security": 1}, "security 1 is below 2"),
        (
            {"metric": "smd"},
            "measured on another scale; estimates are pooled only within one metric",
        ),
    ],
)
def test_a_trial_that_is_listed_and_not_pooled_says_why(change: dict[str, Any], reason: str) -> None:
    other = trial("other", **change)
    result = rated(*PAIR, other)
    assert result.listed == (Listed(other, reason),)
    assert result.eligible == PAIR


def test_security_2_is_enough_to_be_pooled() -> None:
    assert rated(trial(security=2)).k == 1


def test_trials_stand_by_day_and_then_by_name_and_those_without_a_day_first() -> None:
    rows = [("d", date(2026, 1, 2)), ("c", date(2026, 1, 1)), ("b", date(2026, 1, 1)), ("z", None)]
    trials = [trial(name, completed_on=day) for name, day in rows]
    weak = [replace(one, study=one.study.upper(), security=0) for one in trials]
    result = rated(*trials, *weak)
    assert [one.study for one in result.eligible] == ["z", "b", "c", "d"]
    assert [one.trial.study for one in result.listed] == ["Z", "B", "C", "D"]


@pytest.mark.parametrize(
    ("metrics", "main"),
    [
        (["smd", "log_rate_ratio"], "log_rate_ratio"),
        (["difference", "smd"], "smd"),
        (["smd", "log_odds_ratio"], "log_odds_ratio"),
        (["log_rate_ratio", "difference", "difference"], "difference"),
    ],
)
def test_the_scale_of_most_trials_is_pooled_and_on_a_tie_the_first_listed(
    metrics: list[str], main: str
) -> None:
    result = rated(*(trial(str(i), metric=metric) for i, metric in enumerate(metrics)))
    assert result.metric == main
    assert {one.metric for one in result.eligible} == {main}
    assert result.k + len(result.listed) == len(metrics)


@pytest.mark.parametrize(
    ("step", "before", "after", "label", "grade"),
    [(-1, 4, 3, Label.PROMISING, "Moderate"), (1, 4, 5, Label.EFFECTIVE, "High")],
)
def test_an_override_is_in_the_trace_with_its_reason(
    step: Any, before: int, after: int, label: Label, grade: str
) -> None:
    result = rate(PAIR, today=TODAY, override=Override(step, "Delivery differed"))
    assert result.trace[-2] == Step(
        "OVERRIDE", "change", "Reviewers: Delivery differed", step, {"from": before, "to": after}
    )
    assert (result.strength, result.label, result.crosswalk["grade"]) == (after, label, grade)
    assert Override.of(result.as_json()) == Override(step, "Delivery differed")


@pytest.mark.parametrize(("trials", "step", "score"), [("abc", 1, 5), ("w", -1, 0)])
def test_an_override_stays_between_0_and_5(trials: str, step: Any, score: int) -> None:
    """Three clean trials have 5; one of security 2 has 2, less 2 for its bias."""
    given = [trial(name, -0.3, security=2 if name == "w" else 4) for name in trials]
    result = rate(given, today=TODAY, override=Override(step, "So it is"))
    assert result.strength == score
    assert result.trace[-2].values == {"from": score, "to": score}


def test_a_rating_that_nobody_moved_has_no_override() -> None:
    assert Override.of(rated(*PAIR).as_json()) is None


@pytest.mark.parametrize(
    ("result", "name"),
    [
        (rated(trial(yi=0.4)), "Negative Effects"),
        (rated(*PAIR), "Effective"),
        (rated(trial("a", -0.3), trial("b", 0.3)), "Inconclusive"),
        (rated(trial(yi=-0.02, se=0.04)), "No Effects"),
        (rated(trial(yi=-0.02, se=0.08)), "Inconclusive"),
    ],
)
def test_the_nearest_words_of_other_systems(result: Any, name: str) -> None:
    assert result.crosswalk["crime_solutions"] == name
    assert result.crosswalk["crime_reduction_toolkit"] == result.crt_code
    assert result.crosswalk["yef_band"] == result.size_band


@pytest.mark.parametrize(
    ("trials", "strength", "grade"),
    [
        ([trial(name) for name in "abc"], 5, "High"),
        (PAIR, 4, "High"),
        ([trial()], 3, "Moderate"),
        ([trial(country="Norway", security=3)], 2, "Low"),
        ([trial(country="Norway", security=3, n_events=9)], 1, "Very low"),
        ([trial(security=2)], 0, "Very low"),
    ],
)
def test_the_word_of_grade(trials: list[RatedTrial], strength: int, grade: str) -> None:
    result = rated(*trials)
    assert (result.strength, result.crosswalk["grade"]) == (strength, grade)


def test_the_best_maryland_level_is_shown() -> None:
    assert rated(trial("a", sms=3), trial("b", sms=5), trial("c", sms=4)).crosswalk["best_sms"] == "5"


@pytest.mark.parametrize(
    ("yi", "se", "label", "not_excluded"),
    [
        (-0.02, 0.04, Label.NO_EFFECT, True),
        (-0.02, 0.03, Label.NO_EFFECT, False),
        (-0.02, 0.08, Label.INCONCLUSIVE, False),  # a harm is not excluded, and neither is anything else
        (0.3, 0.05, Label.HARMFUL, False),
    ],
)
def test_harm_not_excluded_is_said_beside_no_effect_only(
    yi: float, se: float, label: Label, not_excluded: bool
) -> None:
    result = rated(trial(yi=yi, se=se))
    assert (result.label, result.harm_not_excluded) == (label, not_excluded)


def test_what_is_given_reaches_the_rules() -> None:
    """The registry's counts, the day, other cut-offs and a moderator that explains the spread."""
    counts = RegistryCounts(registered=1, overdue=1)
    strict = replace(CURRENT, version="RULES-X", eligible_security=5, size_moderate=28)
    result = rate([trial(security=5), trial("b")], counts, today=date(2032, 1, 2), rules=strict)
    assert (result.rules_version, result.size_band, result.review_due) == ("RULES-X", "low", True)
    assert [step.text for step in result.trace if step.rule == "SR"] == [
        "1 of 1 registered trials are overdue with their results"
    ]
    assert result.listed[0].reason == "security 4 is below 5"
    assert rate([], today=TODAY, rules=strict).rules_version == "RULES-X"


def test_a_number_that_cannot_be_pooled_names_its_study() -> None:
    with pytest.raises(BadEffects) as refusal:
        rated(trial("Northmoor", vi=0.0))
    assert str(refusal.value) == "Northmoor: effect and interval must be finite and the variance above 0"


@pytest.mark.parametrize(("label", "holds"), [(0.4, True), (-0.4, False)])
def test_a_harm_alone_raises_the_hold(label: float, holds: bool) -> None:
    assert rated(trial(yi=label)).raises_hold is holds
