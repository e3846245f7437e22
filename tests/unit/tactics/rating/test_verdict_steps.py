"""Direction, size band and label: each row as the trace says it, at both sides of its cut-off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import log
from typing import Any

import pytest

from tactics.rating import CURRENT, LABEL_NAMES, Label, RatedTrial, RegistryCounts, Step, percent_change
from tactics.rating.verdict import (
    Direction,
    direction,
    harm_not_excluded,
    label,
    label_without_trials,
    size_band,
)
from tactics.synthesis.summary import Summary
from tests.unit.tactics.rating.test_strength_steps import setting
from tests.unit.tactics.rating.test_tactic import trial

GOOD, BAD, NULL = (
    trial("good", -0.3, conf_low=-0.4, conf_high=-0.2),
    trial("bad", 0.3, conf_low=0.2, conf_high=0.4),
    trial("null", 0.0, conf_low=-0.1, conf_high=0.1),
)
WEAK, UNRATED = trial("weak", security=1), trial("unrated", security=None)
OFF_COURSE = trial("off course", below_integrity_floor=True)
TOUCHING = (trial("a", conf_low=-0.2, conf_high=0.0), trial("b", 0.1, conf_low=0.0, conf_high=0.2))

HARMFUL, BENEFICIAL = "The pooled effect is harmful", "The pooled effect is beneficial"
BOTH = "Not significant overall; trials point both ways"
SOME_BENEFIT = "Not significant overall; at least one trial found a benefit"
SOME_HARM = "Not significant overall; at least one trial found a harm"
NOTHING = "Not significant overall, and in no trial"


@pytest.mark.parametrize(
    ("trials", "low", "high", "rule", "code", "words"),
    [
        ([BAD, NULL], 0.001, 0.3, "E1", "-3", HARMFUL),
        ([BAD, GOOD], 0.001, 0.3, "E1", "-2", HARMFUL),
        ([GOOD, NULL], -0.3, -0.001, "E2", "+3", BENEFICIAL),
        ([GOOD, BAD], -0.3, -0.001, "E2", "+2", BENEFICIAL),
        ([GOOD, BAD], 0.0, 0.3, "E3", "0x", BOTH),
        ([GOOD, BAD], -0.3, 0.0, "E3", "0x", BOTH),
        ([GOOD, BAD], None, None, "E3", "0x", BOTH),
        ([NULL, GOOD], -0.3, 0.1, "E4", "+1", SOME_BENEFIT),
        ([NULL, BAD], -0.1, 0.3, "E5", "-1", SOME_HARM),
        ([NULL], -0.1, 0.1, "E6", "0", NOTHING),
        (TOUCHING, -0.1, 0.1, "E6", "0", NOTHING),
    ],
)
def test_direction(
    trials: Sequence[RatedTrial], low: float | None, high: float | None, rule: str, code: str, words: str
) -> None:
    found = direction(trials, Summary(k=len(trials), method="by hand", conf_low=low, conf_high=high))
    values = {"conf_low": low, "conf_high": high, "any_good": GOOD in trials, "any_bad": BAD in trials}
    assert found == Direction(code, rule, Step(rule, "code", words, code, values))
    assert found.is_significant is (rule in {"E1", "E2"})


def of(rule: str, code: str) -> Direction:
    return Direction(code, rule, Step(rule, "code", "", code))


NO_CODE, GAIN, MOSTLY_GAIN = of("E6", "0"), of("E2", "+3"), of("E2", "+2")
HARM, BOTH_WAYS = of("E1", "-3"), of("E3", "0x")


@pytest.mark.parametrize(
    ("percent", "found", "band", "words"),
    [
        (45, GAIN, "high", "Reduction of 45.0%, 30% or more"),
        (30, GAIN, "high", "Reduction of 30.0%, 30% or more"),
        (29.9, GAIN, "moderate", "Reduction of 29.9%, 10% to below 30%"),
        (10, NO_CODE, "moderate", "Reduction of 10.0%, 10% to below 30%"),
        (9.9, NO_CODE, "low", "Reduction of 9.9%, 2% to below 10%"),
        (2, NO_CODE, "low", "Reduction of 2.0%, 2% to below 10%"),
        (1.9, NO_CODE, "negligible", "A reduction of 1.9%, below 2% either way"),
        (0, NO_CODE, "negligible", "A reduction of 0.0%, below 2% either way"),
        (-1.9, NO_CODE, "negligible", "An increase of 1.9%, below 2% either way"),
        (-2, NO_CODE, "", "Increase, not significant: no band"),
        (-30, NO_CODE, "", "Increase, not significant: no band"),
        (-30, HARM, "harmful", "Harmful: the interval excludes no change"),
        (-1, HARM, "harmful", "Harmful: the interval excludes no change"),
    ],
)
def test_size_band(percent: float, found: Direction, band: str, words: str) -> None:
    summary = Summary(k=1, method="by hand", estimate=log(1 - percent / 100))
    step = Step("SIZE", "band", words, band, {"percent_reduction": pytest.approx(percent)})
    assert size_band(summary, found, metric="log_rate_ratio", rules=CURRENT) == step


@pytest.mark.parametrize(
    ("percent", "words"),
    [
        (45, "Reduction in the odds of 45.0%, 30% or more"),
        (12, "Reduction in the odds of 12.0%, 10% to below 30%"),
        (5, "Reduction in the odds of 5.0%, 2% to below 10%"),
        (1, "A reduction in the odds of 1.0%, below 2% either way"),
    ],
)
def test_an_odds_ratio_is_a_change_in_odds(percent: float, words: str) -> None:
    summary = Summary(k=1, method="by hand", estimate=log(1 - percent / 100))
    assert size_band(summary, NO_CODE, metric="log_odds_ratio", rules=CURRENT).text == words


def test_no_band_on_another_scale_nor_without_an_estimate() -> None:
    step = Step("SIZE", "band", "No size band: bands are defined for ratios only", "")
    summary = Summary(k=1, method="by hand", estimate=-0.5)
    assert size_band(summary, GAIN, metric="smd", rules=CURRENT) == step
    nothing = replace(summary, estimate=None)
    unpooled = Step("SIZE", "band", "No size band: the trials could not be pooled", "")
    assert size_band(nothing, NO_CODE, metric="log_rate_ratio", rules=CURRENT) == unpooled


@pytest.mark.parametrize(("ratio", "percent"), [(0.75, 25), (1.0, 0), (1.2, -20)])
def test_per_cent_of_a_ratio_is_positive_for_a_reduction(ratio: float, percent: float) -> None:
    assert percent_change(log(ratio)) == pytest.approx(percent)


def step_of(rule: str, words: str, name: Label) -> tuple[Label, Step]:
    return name, Step(rule, "label", words, name.value)


HOLD = step_of("L1", "Potentially harmful", Label.HARMFUL)
EFFECTIVE = step_of("L2", "Effective", Label.EFFECTIVE)
ONE_STUDY = step_of("L3", "Promising; one study", Label.PROMISING)
SEVERAL = step_of("L3", "Promising; several studies", Label.PROMISING)
MIXED = step_of("L4", "Mixed", Label.MIXED)
NO_EFFECT = step_of("L5", "No effect", Label.NO_EFFECT)
NOT_EXCLUDED = step_of("L5", "No effect; harm not excluded", Label.NO_EFFECT)
INCONCLUSIVE = step_of("L6", "Inconclusive", Label.INCONCLUSIVE)
A, B, C = (replace(GOOD, study=name, forces=frozenset({name}), evaluator=name) for name in "ABC")
WEAK = replace(B, security=3)
SAME_FORCE = replace(B, forces=A.forces)
SAME_TEAM = replace(B, evaluator=A.evaluator)
NOT_DRAWN = [replace(one, is_randomised=False) for one in (A, B)]
UNSURE = replace(B, conf_high=0.01)
NARROW = {"prediction_low": -0.4, "prediction_high": log(1.05)}
WIDE = {"i2": 75.0, "prediction_low": log(0.95) - 0.01, "prediction_high": log(1.05) + 0.01}
EXCLUDES = {"conf_low": log(0.9) + 1e-6, "conf_high": log(1.05) - 1e-6}


@pytest.mark.parametrize(
    ("trials", "found", "score", "summary", "expected"),
    [
        # L1
        ([NULL], HARM, 0, {}, HOLD),
        ([BAD, NULL], BOTH_WAYS, 5, {}, HOLD),
        ([replace(BAD, role="harm")], of("E5", "-1"), 1, {}, HOLD),
        ([replace(BAD, role="secondary")], of("E5", "-1"), 1, {}, INCONCLUSIVE),
        ([replace(BAD, security=3)], of("E5", "-1"), 1, {}, INCONCLUSIVE),
        ([BAD, GOOD], of("E2", "+2"), 4, {}, SEVERAL),
        ([BAD, replace(GOOD, security=3)], of("E2", "+2"), 4, {}, HOLD),
        # L2
        ([A, B], GAIN, 4, {}, EFFECTIVE),
        ([A, B], GAIN, 3, {}, SEVERAL),
        ([A, B], MOSTLY_GAIN, 5, {}, SEVERAL),
        ([A, WEAK], GAIN, 4, {}, SEVERAL),
        ([A, SAME_FORCE], GAIN, 4, {}, SEVERAL),
        ([A, SAME_TEAM], GAIN, 4, {}, SEVERAL),
        (NOT_DRAWN, GAIN, 4, {}, SEVERAL),
        ([NOT_DRAWN[0], B], GAIN, 4, {}, EFFECTIVE),
        ([A, UNSURE], GAIN, 4, {}, SEVERAL),
        ([A, UNSURE], GAIN, 4, NARROW, SEVERAL),
        ([A, B, C], GAIN, 4, NARROW, EFFECTIVE),
        ([A, UNSURE, C], GAIN, 4, NARROW, EFFECTIVE),
        ([A, B, C], GAIN, 4, {**NARROW, "prediction_high": log(1.05) + 1e-6}, SEVERAL),
        ([A, B, C], GAIN, 4, {}, SEVERAL),  # nothing says what a new place would see
        # L3
        ([A], GAIN, 2, {}, ONE_STUDY),
        ([A], GAIN, 1, {}, INCONCLUSIVE),
        ([A, B], GAIN, 2, {**WIDE}, SEVERAL),
        # L4
        ([A, NULL], BOTH_WAYS, 0, {}, MIXED),
        ([A, NULL], of("E4", "+1"), 0, WIDE, MIXED),
        ([A, NULL], of("E4", "+1"), 0, {**WIDE, "i2": 74.9}, INCONCLUSIVE),
        ([A, NULL], of("E4", "+1"), 0, {**WIDE, "i2": None}, INCONCLUSIVE),
        ([A, NULL], of("E4", "+1"), 0, {**WIDE, "prediction_high": 0.0}, INCONCLUSIVE),
        ([NULL], NO_CODE, 0, {**WIDE, **EXCLUDES}, MIXED),
        ([A], GAIN, 1, WIDE, MIXED),
        # L5
        ([NULL], NO_CODE, 0, EXCLUDES, NO_EFFECT),
        ([NULL], NO_CODE, 0, {**EXCLUDES, "conf_high": log(1.05)}, NOT_EXCLUDED),
        ([NULL], NO_CODE, 0, {**EXCLUDES, "conf_low": log(0.9)}, INCONCLUSIVE),
        ([NULL], NO_CODE, 0, {**EXCLUDES, "conf_low": None}, INCONCLUSIVE),
        ([replace(NULL, security=3)], NO_CODE, 5, EXCLUDES, INCONCLUSIVE),
        ([replace(NULL, metric="smd")], NO_CODE, 5, EXCLUDES, INCONCLUSIVE),
        ([A], GAIN, 1, EXCLUDES, INCONCLUSIVE),
    ],
)
def test_label(
    trials: Sequence[RatedTrial],
    found: Direction,
    score: int,
    summary: dict[str, Any],
    expected: tuple[Label, Step],
) -> None:
    assert label(setting(trials, **summary), found, score) == expected


@pytest.mark.parametrize(("high", "expected"), [(0.0, SEVERAL), (-1e-6, EFFECTIVE)])
def test_without_margins_effective_lies_wholly_on_the_side_of_benefit(
    high: float, expected: tuple[Label, Step]
) -> None:
    people = [replace(one, metric="smd") for one in (A, B, C)]
    assert label(setting(people, prediction_low=-0.5, prediction_high=high), GAIN, 4) == expected


@pytest.mark.parametrize(
    ("metric", "high", "reaches"),
    [
        ("log_rate_ratio", log(1.05), True),
        ("log_rate_ratio", log(1.05) - 1e-6, False),
        ("log_rate_ratio", None, False),
        ("smd", 1.0, False),
    ],
)
def test_a_harm_of_5_that_the_interval_reaches(metric: str, high: float | None, reaches: bool) -> None:
    assert harm_not_excluded(setting([trial(metric=metric)], conf_high=high)) is reaches


@pytest.mark.parametrize(
    ("awaited", "ineligible", "expected"),
    [
        (0, [WEAK], step_of("L6", "No study of sufficient security", Label.INCONCLUSIVE)),
        (3, [WEAK, WEAK], step_of("L6", "No study of sufficient security", Label.INCONCLUSIVE)),
        (3, [], step_of("L7", "3 registered trials have not published yet", Label.BEING_TESTED)),
        (1, [], step_of("L7", "1 registered trial has not published yet", Label.BEING_TESTED)),
        (0, [], step_of("L8", "No trial, and none registered", Label.UNTESTED)),
    ],
)
def test_label_without_an_eligible_trial(
    awaited: int, ineligible: list[RatedTrial], expected: tuple[Label, Step]
) -> None:
    counts = RegistryCounts(registered=awaited, awaited=awaited)
    assert label_without_trials(counts, ineligible) == expected


@pytest.mark.parametrize(
    ("ineligible", "words"),
    [
        ([UNRATED], "No study has a security rating"),
        ([OFF_COURSE], "No study was a test of the tactic"),
        ([replace(UNRATED, below_integrity_floor=True)], "No study was a test of the tactic"),
        ([WEAK, UNRATED, WEAK], "No study counts: 2 of too low security, 1 not rated"),
        ([OFF_COURSE, UNRATED], "No study counts: 1 not rated, 1 not a test of the tactic"),
    ],
)
def test_inconclusive_says_why_no_study_counts(ineligible: list[RatedTrial], words: str) -> None:
    assert label_without_trials(RegistryCounts(), ineligible)[1].text == words


def test_labels_as_readers_see_them() -> None:
    assert list(LABEL_NAMES.values()) == [
        "Potentially harmful",
        "Effective",
        "Promising",
        "Mixed",
        "No effect",
        "Inconclusive",
        "Being tested",
        "Untested – new or innovative",
    ]


@pytest.mark.parametrize(
    ("change", "independent"),
    [
        ({"evaluator": "B", "completed_on": None}, True),
        ({"evaluator": "A", "completed_on": None}, False),
        ({"evaluator": "", "completed_on": None}, False),
        ({"evaluator": "A", "completed_on": date(2026, 12, 31)}, False),
        ({"evaluator": "A", "completed_on": date(2025, 12, 31)}, True),
        ({"evaluator": "", "completed_on": date(2025, 12, 31)}, True),
        ({"evaluator": "B", "forces": frozenset({"A", "B"})}, False),
        ({"evaluator": "B", "forces": frozenset()}, False),
    ],
)
def test_independence(change: dict[str, Any], independent: bool) -> None:
    other = replace(B, **change)
    assert (A.is_independent_of(other), other.is_independent_of(A)) == (independent, independent)
