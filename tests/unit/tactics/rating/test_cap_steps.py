"""The caps C1 to C10: each as the trace says it, and the nearest case in which it does not fire."""

from dataclasses import replace
from typing import Any

import pytest

from tactics.rating import CURRENT, Design, Step, TrialEvidence
from tactics.rating.caps import caps, passes_pre_trends
from tests.unit.tactics.rating.test_security import CLEAN, DID, LOSSY, SYNTHETIC

QED = replace(DID, design=Design.ADJUSTED)
EQUIVALENT = "groups equivalent at baseline"
NOT_SHOWN = "equivalence fails or is not shown"
OVERRIDDEN = replace(CLEAN, overrides=0.21)


@pytest.mark.parametrize(
    ("smd", "adjusted", "rule", "cap", "why"),
    [
        (0.0, False, "C1", 3, EQUIVALENT),
        (0.05, False, "C1", 3, EQUIVALENT),
        (-0.05, False, "C1", 3, EQUIVALENT),
        (0.06, False, "C2", 1, NOT_SHOWN),
        (0.06, True, "C1", 3, EQUIVALENT),
        (0.25, True, "C1", 3, EQUIVALENT),
        (-0.25, True, "C1", 3, EQUIVALENT),
        (0.25, False, "C2", 1, NOT_SHOWN),
        (0.26, True, "C2", 1, NOT_SHOWN),
        (-0.26, True, "C2", 1, NOT_SHOWN),
        (None, True, "C2", 1, NOT_SHOWN),
    ],
)
def test_high_attrition_of_a_draw(smd: float | None, adjusted: bool, rule: str, cap: int, why: str) -> None:
    """10 % lost, 7 points apart: the cautious boundary allows 6.3."""
    values = {"overall": 0.1, "differential": 0.07, "boundary": "cautious", "limit": 6.3, "baseline_smd": smd,
              "adjusted": adjusted}  # fmt: skip
    evidence = replace(LOSSY, baseline_smd=smd, baseline_adjusted=adjusted)
    words = f"High attrition (cautious boundary); {why}"
    assert caps(evidence, CURRENT) == [Step(rule, "cap", words, cap, values)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"attrition_clusters": 0.3}, {"overall": 0.3, "boundary": "cautious", "limit": 4.1}),
        (
            {"attrition_boundary": "optimistic", "attrition_differential": 0.11},
            {"overall": 0.1, "boundary": "optimistic", "limit": 10.9},
        ),
        ({"attrition_units": 0.58}, {"overall": 0.58, "boundary": "cautious", "limit": None}),
    ],
)
def test_the_boundary_is_read_at_the_worse_level(change: dict[str, Any], expected: dict[str, Any]) -> None:
    (found,) = caps(replace(LOSSY, baseline_smd=0.0, **change), CURRENT)
    assert found.text == f"High attrition ({expected['boundary']} boundary); {EQUIVALENT}"
    assert {key: found.values[key] for key in expected} == expected


@pytest.mark.parametrize(
    "evidence",
    [
        replace(LOSSY, attrition_differential=0.063),  # at the boundary is low
        replace(LOSSY, attrition_boundary="optimistic"),
        replace(LOSSY, overrides=0.21),  # no longer judged as a draw
        replace(DID, attrition_units=0.1, attrition_differential=0.07),
    ],
)
def test_attrition_that_is_low_or_of_no_draw_has_no_cap(evidence: TrialEvidence) -> None:
    assert caps(evidence, CURRENT) == []


@pytest.mark.parametrize(
    ("evidence", "rule", "cap", "words"),
    [
        (replace(QED, baseline_smd=0.26), "C3", 1, "Groups differed by 0.26 SD before the trial"),
        (
            replace(QED, baseline_beyond_spread=True),
            "C3",
            1,
            "Groups differed beyond any spread before the trial",
        ),
        (replace(QED, baseline_smd=-0.26), "C3", 1, "Groups differed by 0.26 SD before the trial"),
        (replace(OVERRIDDEN, baseline_smd=0.26), "C3", 1, "Groups differed by 0.26 SD before the trial"),
        (
            replace(DID, baseline_smd=0.26),
            "C3",
            3,
            "Groups differed by 0.26 SD before the trial; pre-trends are parallel",
        ),
        (
            replace(DID, baseline_smd=0.26, pre_trend_p=None),
            "C3",
            1,
            "Groups differed by 0.26 SD before the trial",
        ),
        (
            replace(QED, baseline_smd=0.25),
            "C4",
            2,
            "Groups differed by 0.25 SD before the trial, not adjusted",
        ),
        (
            replace(DID, baseline_smd=-0.06),
            "C4",
            2,
            "Groups differed by 0.06 SD before the trial, not adjusted",
        ),
    ],
)
@pytest.mark.parametrize("adjusted", [False, True])
def test_groups_that_differed_before(
    evidence: TrialEvidence, rule: str, cap: int, words: str, adjusted: bool
) -> None:
    """Adjustment answers C4 and never C3."""
    values = {"baseline_smd": evidence.baseline_smd, "adjusted": adjusted}
    expected = [] if rule == "C4" and adjusted else [Step(rule, "cap", words, cap, values)]
    assert caps(replace(evidence, baseline_adjusted=adjusted), CURRENT) == expected


@pytest.mark.parametrize(
    "evidence",
    [
        replace(QED, baseline_smd=None),
        replace(QED, baseline_smd=0.05),
        replace(QED, baseline_smd=-0.05),
        replace(CLEAN, baseline_smd=0.26),
    ],
)
def test_groups_alike_or_drawn_have_no_baseline_cap(evidence: TrialEvidence) -> None:
    assert caps(evidence, CURRENT) == []


def test_high_attrition_is_not_answered_by_groups_that_differ_beyond_any_spread() -> None:
    found = caps(
        replace(LOSSY, baseline_smd=0.0, baseline_beyond_spread=True, baseline_adjusted=True), CURRENT
    )
    assert [(step.rule, step.effect) for step in found] == [("C2", 1)]


def test_a_pre_trend_that_fails_leaves_no_mercy_for_a_difference() -> None:
    found = caps(replace(DID, baseline_smd=0.3, pre_trend_p=0.04), CURRENT)
    assert [(step.rule, step.effect) for step in found] == [("C3", 1), ("C6", 2)]
    assert found[0].text == "Groups differed by 0.30 SD before the trial"


SINGLE = "One arm has a single cluster"


@pytest.mark.parametrize(
    ("evidence", "treated", "control", "rule", "cap", "words"),
    [
        (CLEAN, 1, 20, "C5", 1, SINGLE),
        (CLEAN, 20, 1, "C5", 1, SINGLE),
        (DID, 1, 1, "C5", 1, SINGLE),
        (replace(DID, placebo_p=True), 1, 20, "C5", 1, SINGLE),
        (replace(SYNTHETIC, placebo_p=False), 1, 20, "C5", 1, SINGLE),
        (SYNTHETIC, 1, 20, "C5", 2, SINGLE),
        (CLEAN, 2, 20, "C5b", 2, "The smaller arm has 2 clusters"),
        (CLEAN, 20, 4, "C5b", 2, "The smaller arm has 4 clusters"),
        (CLEAN, 5, 20, "C5b", 3, "The smaller arm has 5 clusters"),
        (CLEAN, 20, 9, "C5b", 3, "The smaller arm has 9 clusters"),
    ],
)
def test_few_clusters(
    evidence: TrialEvidence, treated: int, control: int, rule: str, cap: int, words: str
) -> None:
    values = {"treated": treated, "control": control}
    found = caps(replace(evidence, treated_clusters=treated, control_clusters=control), CURRENT)
    assert found == [Step(rule, "cap", words, cap, values)]


@pytest.mark.parametrize(("treated", "control"), [(10, 10), (None, 1), (1, None), (None, None)])
def test_enough_clusters_or_none_to_count(treated: int | None, control: int | None) -> None:
    assert caps(replace(CLEAN, treated_clusters=treated, control_clusters=control), CURRENT) == []


@pytest.mark.parametrize(
    ("p", "share", "words"),
    [
        (0.049, None, "Joint pre-trend p = 0.049"),
        (0.00012345, 0.1, "Joint pre-trend p = 0.000123"),
        (0.04, 0.9, "Joint pre-trend p = 0.04"),
        (0.05, 0.5, "Largest pre-period coefficient is 50% of the effect"),
        (None, -0.5, "Largest pre-period coefficient is -50% of the effect"),
        (0.6, 1.25, "Largest pre-period coefficient is 125% of the effect"),
        (0.05, 0.49, None),
        (None, -0.49, None),
        (0.05, None, None),
        (None, None, None),
    ],
)
def test_pre_trends(p: float | None, share: float | None, words: str | None) -> None:
    values = {"pre_trend_p": p, "pre_coefficient_share": share}
    evidence = replace(DID, pre_trend_p=p, pre_coefficient_share=share)
    expected = [Step("C6", "cap", words, 2, values)] if words else []
    assert caps(evidence, CURRENT) == expected
    assert passes_pre_trends(evidence, CURRENT) is (words is None and p is not None)
    assert caps(replace(evidence, design=Design.SYNTHETIC), CURRENT) == []


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        (None, "Pre-periods: not stated; 3 are needed"),
        (0, "Pre-periods: 0; 3 are needed"),
        (2, "Pre-periods: 2; 3 are needed"),
        (3, None),
    ],
)
def test_pre_periods(periods: int | None, words: str | None) -> None:
    expected = [Step("C7", "cap", words, 3, {"pre_periods": periods})] if words else []
    assert caps(replace(DID, pre_periods=periods), CURRENT) == expected
    assert caps(replace(SYNTHETIC, pre_periods=periods), CURRENT) == []


def test_pre_periods_that_nobody_stated_are_none_at_all() -> None:
    one = replace(CURRENT, pre_periods=1)
    assert [step.rule for step in caps(replace(DID, pre_periods=None), one)] == ["C7"]
    assert caps(replace(DID, pre_periods=1), one) == []


@pytest.mark.parametrize(
    ("evidence", "step"),
    [
        (
            replace(DID, plain_two_way_on_staggered=True),
            Step("C8", "cap", "Staggered adoption estimated by plain two-way fixed effects", 3),
        ),
        (
            replace(CLEAN, clustering_ignored=True),
            Step("C9", "cap", "Clustering or serial correlation was ignored: no rating", 0),
        ),
        (
            replace(CLEAN, allocation_verified=False),
            Step("C10", "cap", "The allocation does not verify against the registered sequence", 3),
        ),
    ],
)
def test_caps_on_a_plain_fact(evidence: TrialEvidence, step: Step) -> None:
    assert caps(evidence, CURRENT) == [step]


@pytest.mark.parametrize(
    "evidence",
    [
        CLEAN,
        DID,
        replace(DID, allocation_verified=False),
        replace(CLEAN, allocation_verified=False, in_this_registry=False),
    ],
)
def test_without_such_a_fact_there_is_no_cap(evidence: TrialEvidence) -> None:
    assert caps(evidence, CURRENT) == []


def test_every_cap_that_fires_is_named_in_order() -> None:
    many = {"clustering_ignored": True, "plain_two_way_on_staggered": True, "treated_clusters": 3,
            "control_clusters": 30}  # fmt: skip
    drawn = replace(LOSSY, allocation_verified=False, **many)
    assert [step.rule for step in caps(drawn, CURRENT)] == ["C2", "C5b", "C8", "C9", "C10"]
    compared = replace(DID, baseline_smd=0.3, pre_trend_p=0.01, pre_periods=1, **many)
    assert [step.rule for step in caps(compared, CURRENT)] == ["C3", "C5b", "C6", "C7", "C8", "C9"]
