"""Trial security: the golden tests of the rules, and every row of every table."""

from dataclasses import replace
from itertools import product
from math import sqrt

import pytest

from tactics.rating import Design, Direction, Level, Threat, TrialEvidence, security
from tactics.rating.attrition import CAUTIOUS, OPTIMISTIC, is_high, limit
from tactics.rating.drops import drop
from tactics.rating.evidence import THREATS

CLEAN = TrialEvidence(
    design=Design.RANDOMISED,
    metric="log_rate_ratio",
    std_error=0.03,
    concealed=True,
    allocation_verified=True,
)
DID = TrialEvidence(
    design=Design.DIFFERENCE, metric="log_rate_ratio", std_error=0.03, pre_periods=12, pre_trend_p=0.6
)
LOSSY = replace(CLEAN, attrition_units=0.1, attrition_differential=0.07)
SYNTHETIC = replace(DID, design=Design.SYNTHETIC, placebo_p=True)
KENT = replace(
    CLEAN,
    metric="smd",
    std_error=sqrt(4 / 416),
    attrition_units=0.195,
    attrition_differential=0.035,
    threats=(Threat("T6", Level.MODERATE), Threat("T7", Level.MODERATE)),
)


def fired(evidence: TrialEvidence) -> list[str]:
    return [step.rule for step in security(evidence).trace]


def test_clean_trial_is_very_high() -> None:
    found = security(CLEAN)
    assert (found.score, found.name, found.sms) == (5, "very high", 5)
    assert fired(CLEAN) == ["D5", "P5", "A5", "DROP0", "SECURITY"]


def test_golden_i_rapid_video_response() -> None:
    assert security(KENT).score == 4
    assert fired(KENT) == ["D5", "P4", "A4", "T6", "T7", "DROP0", "SECURITY"]


def test_golden_i_b_same_direction_drops_one() -> None:
    threats = tuple(replace(threat, direction=Direction.FAVOURS) for threat in KENT.threats)
    found = security(replace(KENT, threats=threats))
    assert found.score == 3
    assert "DROP1c" in [step.rule for step in found.trace]


def test_golden_ii_boundary_decides() -> None:
    lossy = replace(CLEAN, attrition_units=0.12, attrition_differential=0.08, baseline_smd=0.02)
    assert limit(0.12, "cautious") == 6.2
    assert limit(0.12, "optimistic") == 10.9
    assert "C1" in fired(lossy)
    assert security(lossy).score == 3
    assert "C1" not in fired(replace(lossy, attrition_boundary="optimistic"))


def test_golden_iii_one_treated_force() -> None:
    found = security(replace(DID, treated_clusters=1, control_clusters=20))
    assert "C5" in [step.rule for step in found.trace]
    assert found.score == 1


def test_golden_iv_hot_spots_on_two_scales() -> None:
    smd = 2.8 * sqrt(1 / 34 + 1 / 38)
    assert smd == pytest.approx(0.66, abs=0.005)
    assert "P0" in fired(replace(CLEAN, metric="smd", std_error=smd / 2.8))
    on_ratio = replace(CLEAN, std_error=0.075)
    step = next(step for step in security(on_ratio).trace if step.rule == "P3")
    assert step.values["detectable"] == pytest.approx(18.9, abs=0.05)


@pytest.mark.parametrize(
    ("evidence", "rule", "score"),
    [
        (replace(CLEAN, overrides=0.05), "D5", 5),
        (replace(CLEAN, overrides=0.051), "D4a", 4),
        (replace(CLEAN, concealed=None), "D4a", 4),
        (replace(CLEAN, concealed=False), "D1", 1),
        (replace(CLEAN, concealed=False, baseline_adjusted=True), "D2", 2),
        (replace(CLEAN, overrides=0.21), "D2", 2),
        (replace(DID, design=Design.DISCONTINUITY), "D4b", 4),
        (DID, "D4b", 4),
        (replace(DID, design=Design.ADJUSTED), "D3", 3),
        (replace(DID, design=Design.PARTLY_ADJUSTED), "D2", 2),
        (replace(DID, design=Design.COMPARISON), "D1", 1),
        (replace(DID, design=Design.NO_COMPARISON), "D0", 0),
    ],
)
def test_design_ladder(evidence: TrialEvidence, rule: str, score: int) -> None:
    assert rule in fired(evidence)
    assert security(evidence).score == score


@pytest.mark.parametrize(
    ("std_error", "rule"),
    [(0.0376, "P5"), (0.0377, "P4"), (0.0580, "P4"), (0.0581, "P3"), (0.0796, "P3"), (0.0798, "P2"),
     (0.1273, "P2"), (0.1275, "P1"), (0.1824, "P1"), (0.1825, "P0")],
)  # fmt: skip
def test_power_ladder_for_rates(std_error: float, rule: str) -> None:
    assert rule in fired(replace(CLEAN, std_error=std_error))


@pytest.mark.parametrize(
    ("mdes", "rule"), [(0.19, "P5"), (0.21, "P4"), (0.31, "P3"), (0.41, "P2"), (0.51, "P1"), (0.61, "P0")]
)
def test_power_ladder_for_people(mdes: float, rule: str) -> None:
    assert rule in fired(replace(CLEAN, metric="smd", std_error=mdes / 2.8))
    assert rule in fired(replace(CLEAN, metric="difference", std_error=mdes * 10 / 2.8, outcome_sd=10))


def test_difference_without_spread_is_not_rated_and_says_why() -> None:
    found = security(replace(CLEAN, metric="difference"))
    assert found.score is None
    assert "Power cannot be judged" in found.reason


@pytest.mark.parametrize(
    ("share", "rule"),
    [(0.1, "A5"), (0.101, "A4"), (0.2, "A4"), (0.3, "A3"), (0.4, "A2"), (0.5, "A1"), (0.51, "A0")],
)
def test_attrition_ladder_takes_the_worse_level(share: float, rule: str) -> None:
    assert rule in fired(replace(CLEAN, attrition_units=share))
    assert rule in fired(replace(CLEAN, attrition_clusters=share))


@pytest.mark.parametrize(
    ("evidence", "rule", "cap"),
    [
        (LOSSY, "C2", 1),
        (replace(LOSSY, baseline_smd=0.2), "C2", 1),
        (replace(LOSSY, baseline_smd=0.2, baseline_adjusted=True), "C1", 3),
        (replace(DID, baseline_smd=0.3), "C3", 3),
        (replace(DID, baseline_smd=0.3, pre_trend_p=None), "C3", 1),
        (replace(DID, design=Design.ADJUSTED, baseline_smd=0.3), "C3", 1),
        (replace(DID, baseline_smd=0.06), "C4", 2),
        (replace(CLEAN, treated_clusters=4, control_clusters=30), "C5b", 2),
        (replace(CLEAN, treated_clusters=9, control_clusters=30), "C5b", 3),
        (replace(SYNTHETIC, treated_clusters=1, control_clusters=30), "C5", 2),
        (replace(DID, pre_trend_p=0.04), "C6", 2),
        (replace(DID, pre_coefficient_share=0.5), "C6", 2),
        (replace(DID, pre_periods=2), "C7", 3),
        (replace(DID, plain_two_way_on_staggered=True), "C8", 3),
        (replace(CLEAN, allocation_verified=False), "C10", 3),
    ],
)  # fmt: skip
def test_caps(evidence: TrialEvidence, rule: str, cap: int) -> None:
    step = next(step for step in security(evidence).trace if step.rule == rule)
    assert step.effect == cap
    assert security(evidence).score == cap


def test_ignored_clustering_is_not_rated() -> None:
    found = security(replace(CLEAN, clustering_ignored=True))
    assert found.score is None
    assert "C9" in found.reason


def test_located_trial_has_no_sequence_to_verify() -> None:
    assert "C10" not in fired(replace(CLEAN, allocation_verified=False, in_this_registry=False))


def test_issue_that_fired_a_cap_is_not_a_threat_again() -> None:
    evidence = replace(DID, baseline_smd=0.3, threats=(Threat("T1", Level.HIGH),))
    step = next(step for step in security(evidence).trace if step.rule == "T1")
    assert "C3 already counts it" in step.text
    assert security(evidence).score == 3


def judged(high: int, moderate: int) -> list[Threat]:
    levels = [Level.HIGH] * high + [Level.MODERATE] * moderate
    return [Threat(name, level) for name, level in zip(THREATS, levels, strict=False)]


def test_drop_table_is_total() -> None:
    for high, moderate in product(range(8), range(8)):
        if high + moderate <= 7:
            assert drop(judged(high, moderate)).effect in (0, 1, 2)


def test_boundary_tables_are_whole() -> None:
    assert (len(CAUTIOUS), len(OPTIMISTIC)) == (58, 66)
    assert (CAUTIOUS[0], CAUTIOUS[9], CAUTIOUS[20], CAUTIOUS[57]) == (5.7, 6.3, 5.4, 0.0)
    assert (OPTIMISTIC[0], OPTIMISTIC[12], OPTIMISTIC[30], OPTIMISTIC[65]) == (10.0, 10.9, 8.2, 0.3)
    assert all(cautious < optimistic for cautious, optimistic in zip(CAUTIOUS, OPTIMISTIC, strict=False))


@pytest.mark.parametrize(
    ("overall", "differential", "boundary", "high"),
    [
        (0.195, 0.054, "cautious", False),  # 19.5 rounds up to 20: 5.4
        (0.195, 0.0541, "cautious", True),
        (0.194, 0.055, "cautious", False),  # 19: 5.5
        (0.58, 0.0, "cautious", True),  # beyond the table
        (0.57, 0.0, "cautious", False),
        (0.65, 0.003, "optimistic", False),
        (0.66, 0.0, "optimistic", True),
        (0.12, -0.063, "cautious", True),  # a differential has no sign
        (0.12, 0.19 - 0.128, "cautious", False),  # 6.2 points, whatever the floating error
    ],
)
def test_boundary(overall: float, differential: float, boundary: str, high: bool) -> None:
    assert is_high(overall, differential, boundary) is high  # type: ignore[arg-type]


def test_evidence_goes_through_json_unchanged() -> None:
    assert TrialEvidence.from_json(KENT.as_json()) == KENT
