"""The ladders of trial security: each row as the trace says it, at both sides of its cut-off."""

from dataclasses import replace
from math import log
from typing import Any

import pytest

from tactics.rating import CURRENT, Design, Step, TrialEvidence
from tactics.rating.ladders import attrition, counts_as_randomised, design, detectable, power
from tests.unit.tactics.rating.test_security import CLEAN, DID

PEOPLE = replace(CLEAN, metric="smd")
# With a multiplier of 1 the detectable effect is the standard error itself, so a cut-off can be met exactly.
PLAIN = replace(CURRENT, power_multiplier=1.0)


@pytest.mark.parametrize(
    ("made", "rule", "score", "sms", "words"),
    [
        ("discontinuity", "D4b", 4, 4, "Regression discontinuity"),
        ("difference", "D4b", 4, 3, "Difference-in-differences with a comparison group"),
        ("synthetic", "D4b", 4, 3, "Synthetic control with a comparison group"),
        ("adjusted", "D3", 3, 3, "Adjusted for all agreed confounders, the earlier outcome included"),
        ("partly_adjusted", "D2", 2, 2, "Adjusted for some confounders only"),
        ("comparison", "D1", 1, 1, "A comparison group, nothing adjusted"),
        ("no_comparison", "D0", 0, 1, "No comparison group"),
    ],
)
def test_a_design_without_a_draw(made: str, rule: str, score: int, sms: int, words: str) -> None:
    step = Step(rule, "score", words, score, {"design": made})
    assert design(replace(DID, design=Design(made)), CURRENT) == (step, sms)


@pytest.mark.parametrize(
    ("overrides", "concealed", "rule", "score", "words"),
    [
        (0.0, True, "D5", 5, "Randomised, generated and concealed, overrides 5% or fewer"),
        (0.05, True, "D5", 5, "Randomised, generated and concealed, overrides 5% or fewer"),
        (0.06, True, "D4a", 4, "Randomised; overrides 6%"),
        (0.2, True, "D4a", 4, "Randomised; overrides 20%"),
        (0.2, None, "D4a", 4, "Randomised; concealment is not known"),
        (0.0, None, "D4a", 4, "Randomised; concealment is not known"),
        (0.21, True, "D2", 2, "Randomised, but 21% of units did not keep their allocation"),
        (0.21, None, "D2", 2, "Randomised, but 21% of units did not keep their allocation"),
    ],
)
def test_a_draw_is_worth_what_was_kept_of_it(
    overrides: float, concealed: bool | None, rule: str, score: int, words: str
) -> None:
    values = {"design": "randomised", "overrides": overrides, "concealed": concealed}
    found, _ = design(replace(CLEAN, overrides=overrides, concealed=concealed), CURRENT)
    assert found == Step(rule, "score", words, score, values)


@pytest.mark.parametrize("overrides", [0.0, 0.1, 0.3])
@pytest.mark.parametrize(
    ("adjusted", "rule", "score", "words"),
    [
        (True, "D2", 2, "Adjusted for some confounders only"),
        (False, "D1", 1, "A comparison group, nothing adjusted"),
    ],
)
def test_a_draw_that_was_known_beforehand_is_worth_what_is_adjusted_for(
    overrides: float, adjusted: bool, rule: str, score: int, words: str
) -> None:
    """The reference gives D4a where concealment is unknown, and nothing to a draw that is known to have been open."""
    open_list = replace(CLEAN, concealed=False, overrides=overrides, baseline_adjusted=adjusted)
    said = f"Randomised, but the sequence was not concealed. {words}"
    values = {"design": "randomised", "overrides": overrides, "concealed": False, "adjusted": adjusted}
    assert design(open_list, CURRENT) == (Step(rule, "score", said, score, values), score)


@pytest.mark.parametrize(("overrides", "sms"), [(0.05, 5), (0.06, 4), (0.2, 4), (0.21, 2)])
def test_the_maryland_level_of_a_draw(overrides: float, sms: int) -> None:
    assert design(replace(CLEAN, overrides=overrides), CURRENT)[1] == sms


@pytest.mark.parametrize(
    ("evidence", "counts"),
    [
        (replace(CLEAN, overrides=0.2), True),
        (replace(CLEAN, overrides=0.21), False),
        (replace(CLEAN, concealed=None), True),
        (replace(CLEAN, concealed=False), False),
        (DID, False),
    ],
)
def test_a_draw_that_protects_nothing_is_judged_as_none(evidence: TrialEvidence, counts: bool) -> None:
    assert counts_as_randomised(evidence, CURRENT) is counts


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        (replace(CLEAN, std_error=-log(0.9) / 2.8), (pytest.approx(10), "%")),
        (replace(CLEAN, metric="log_odds_ratio", std_error=-log(0.7) / 2.8), (pytest.approx(30), "%")),
        (replace(PEOPLE, std_error=0.1), (pytest.approx(0.28), "SD")),
        (replace(CLEAN, metric="difference", std_error=2, outcome_sd=10), (pytest.approx(0.56), "SD")),
        (replace(CLEAN, metric="difference", std_error=2), None),
    ],
)
def test_the_detectable_effect_and_its_unit(evidence: TrialEvidence, found: Any) -> None:
    assert detectable(evidence, CURRENT) == found


@pytest.mark.parametrize(
    ("percent", "score"),
    [(0, 5), (9.9, 5), (10.1, 4), (14.9, 4), (15.1, 3), (19.9, 3), (20.1, 2), (29.9, 2), (30.1, 1), (39.9, 1),
     (40.1, 0)],
)  # fmt: skip
def test_power_for_rates_in_words_and_values(percent: float, score: int) -> None:
    error = -log(1 - percent / 100) / 2.8 if percent else 1e-9
    values = {
        "std_error": error,
        "detectable": pytest.approx(percent, abs=1e-6),
        "unit": "%",
        "planned": 12.5,
    }
    words = f"Could detect a change of {percent:.1f}% with 80% power"
    assert power(replace(CLEAN, std_error=error, planned_mdes=12.5), CURRENT) == Step(
        f"P{score}", "score", words, score, values
    )


def test_a_change_that_just_meets_a_cut_off_for_rates_earns_its_score() -> None:
    evidence = replace(CLEAN, std_error=0.1)
    exact = detectable(evidence, CURRENT)
    assert exact is not None
    step = power(evidence, replace(CURRENT, power_ratio_at_most=(1, 2, 3, 4, exact[0])))
    assert step is not None
    assert step.rule == "P1"


@pytest.mark.parametrize(
    ("size", "score"),
    [(0.2, 5), (0.21, 4), (0.29, 4), (0.3, 3), (0.39, 3), (0.4, 2), (0.49, 2), (0.5, 1), (0.59, 1), (0.6, 0)],
)
def test_power_for_people_in_words_and_values(size: float, score: int) -> None:
    """0.20 is the last of score 5; each later score ends before its number."""
    values = {"std_error": size, "detectable": size, "unit": "SD", "planned": None}
    words = f"Could detect a difference of {size:.2f} standard deviations with 80% power"
    assert power(replace(PEOPLE, std_error=size), PLAIN) == Step(f"P{score}", "score", words, score, values)


def test_power_is_not_judged_without_the_spread_of_a_difference() -> None:
    assert power(replace(CLEAN, metric="difference"), CURRENT) is None


@pytest.mark.parametrize(
    ("units", "clusters", "lost", "score"),
    [
        (0.0, 0.0, "0.0", 5),
        (0.1, 0.0, "10.0", 5),
        (0.0, 0.101, "10.1", 4),
        (0.2, 0.1, "20.0", 4),
        (0.1, 0.201, "20.1", 3),
        (0.1 + 0.2, 0.0, "30.0", 3),  # a share is a sum: 0.30000000000000004
        (0.301, 0.0, "30.1", 2),
        (0.0, 0.4, "40.0", 2),
        (0.401, 0.5, "50.0", 1),
        (0.501, 0.5, "50.1", 0),
        (0.0, 1.0, "100.0", 0),
    ],
)
def test_attrition_is_the_worse_of_units_and_clusters(
    units: float, clusters: float, lost: str, score: int
) -> None:
    values = {"units": units, "clusters": clusters}
    evidence = replace(CLEAN, attrition_units=units, attrition_clusters=clusters)
    assert attrition(evidence, CURRENT) == Step(f"A{score}", "score", f"{lost}% were lost", score, values)
