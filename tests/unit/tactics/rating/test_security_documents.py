"""A security rating as it is stored and printed, and evidence as it is refused: every word of both."""

from dataclasses import replace
from typing import Any

import pytest

from tactics.rating import (
    CURRENT,
    BadEvidence,
    Direction,
    Level,
    Security,
    Step,
    Threat,
    TrialEvidence,
    security,
)
from tests.unit.tactics.rating.test_security import CLEAN

JUDGED = tuple(Threat(name, Level.MODERATE) for name in ("T2", "T4", "T6"))


def result(lowest: int, less: int, score: int, name: str) -> Step:
    words = f"Lowest of the ladders and caps {lowest}, less {less}: {score}, {name}"
    return Step("SECURITY", "result", words, score, {"lowest": lowest, "drop": less})


@pytest.mark.parametrize(
    ("change", "lowest", "less", "score", "name"),
    [
        ({}, 5, 0, 5, "very high"),
        ({"concealed": None}, 4, 0, 4, "high"),
        ({"threats": JUDGED}, 5, 1, 4, "high"),
        ({"attrition_units": 0.25}, 3, 0, 3, "moderate to high"),
        ({"allocation_verified": False, "threats": JUDGED}, 3, 1, 2, "moderate to low"),
        ({"std_error": 0.15, "threats": ()}, 1, 0, 1, "low"),
        ({"treated_clusters": 1, "control_clusters": 9, "threats": JUDGED}, 1, 1, 0, "very low"),
        ({"std_error": 0.5, "threats": JUDGED}, 0, 1, 0, "very low"),
    ],
)
def test_the_result_is_the_lowest_less_the_drop(
    change: dict[str, Any], lowest: int, less: int, score: int, name: str
) -> None:
    found = security(replace(CLEAN, **change))
    assert found.trace[-1] == result(lowest, less, score, name)
    assert (found.score, found.name, found.reason) == (score, name, "")


def test_the_trace_runs_from_the_ladders_to_the_result() -> None:
    evidence = replace(CLEAN, allocation_verified=False, threats=JUDGED)
    assert [(step.rule, step.kind) for step in security(evidence).trace] == [
        ("D5", "score"),
        ("P5", "score"),
        ("A5", "score"),
        ("C10", "cap"),
        ("T2", "threat"),
        ("T4", "threat"),
        ("T6", "threat"),
        ("DROP1b", "drop"),
        ("SECURITY", "result"),
    ]


@pytest.mark.parametrize(
    ("change", "rules", "reason"),
    [
        (
            {"clustering_ignored": True},
            ["D5", "P5", "A5", "C9"],
            "Clustering or serial correlation was ignored: no rating until it is analysed again (C9)",
        ),
        (
            {"metric": "difference", "allocation_verified": False},
            ["D5", "A5", "C10"],
            "Power cannot be judged: the estimate is a difference and the outcome's spread is not given",
        ),
        (
            {"metric": "difference", "clustering_ignored": True},
            ["D5", "A5", "C9"],
            "Clustering or serial correlation was ignored: no rating until it is analysed again (C9)",
        ),
    ],
)
def test_what_is_not_rated_says_why_and_keeps_what_was_found(
    change: dict[str, Any], rules: list[str], reason: str
) -> None:
    found = security(replace(CLEAN, **change))
    assert (found.score, found.name, found.sms, found.reason) == (None, "not rated", 5, reason)
    assert found.rules_version == "RULES-1.0"
    assert [step.rule for step in found.trace] == rules


def test_the_rules_in_use_are_the_ones_that_are_given_and_named() -> None:
    strict = replace(CURRENT, version="RULES-X", cap_c10=1)
    found = security(replace(CLEAN, allocation_verified=False), rules=strict)
    assert (found.score, found.rules_version) == (1, "RULES-X")


def test_the_document_of_a_rating() -> None:
    step = Step("C10", "cap", "Words", 3, {"a": 1})
    assert Security(2, 4, "RULES-X", (step,), "Because").as_json() == {
        "score": 2,
        "name": "moderate to low",
        "sms": 4,
        "rules_version": "RULES-X",
        "reason": "Because",
        "trace": [{"rule": "C10", "kind": "cap", "text": "Words", "effect": 3, "values": {"a": 1}}],
    }


APART = "must be a difference of shares, from -1 to 1"
METRICS = "log_rate_ratio, log_odds_ratio, smd, difference"


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"metric": "hazard"}, "/metric", f"unknown metric; use {METRICS}"),
        ({"attrition_boundary": "hopeful"}, "/attrition_boundary", "use cautious or optimistic"),
        ({"std_error": 0}, "/std_error", "must be a finite number above 0"),
        ({"std_error": float("inf")}, "/std_error", "must be a finite number above 0"),
        ({"std_error": float("nan")}, "/std_error", "must be a finite number above 0"),
        ({"outcome_sd": 0}, "/outcome_sd", "must be a finite number above 0"),
        ({"outcome_sd": float("inf")}, "/outcome_sd", "must be a finite number above 0"),
        ({"overrides": 1.01}, "/overrides", "must be a share from 0 to 1"),
        ({"attrition_units": 1.01}, "/attrition_units", "must be a share from 0 to 1"),
        ({"attrition_clusters": 1.01}, "/attrition_clusters", "must be a share from 0 to 1"),
        ({"overrides": -0.1}, "/overrides", "must be a share from 0 to 1"),
        ({"attrition_units": -0.01}, "/attrition_units", "must be a share from 0 to 1"),
        ({"attrition_clusters": -1}, "/attrition_clusters", "must be a share from 0 to 1"),
        ({"attrition_differential": -1.01}, "/attrition_differential", APART),
        ({"attrition_differential": 1.01}, "/attrition_differential", APART),
        ({"attrition_differential": float("nan")}, "/attrition_differential", APART),
        ({"attrition_units": float("nan")}, "/attrition_units", "must be a share from 0 to 1"),
        ({"treated_clusters": -1}, "/treated_clusters", "must be 0 or more"),
        ({"control_clusters": -1}, "/control_clusters", "must be 0 or more"),
        ({"pre_periods": -1}, "/pre_periods", "must be 0 or more"),
        ({"zeal": 1, "colour": "red"}, "/colour", "unknown field"),
        ({"design": "magic"}, "/design or /threats", "'magic' is not a valid Design"),
        (
            {"threats": [{"id": "T1", "level": "grave"}]},
            "/design or /threats",
            "'grave' is not a valid Level",
        ),
        (
            {"threats": [{"id": "T9", "level": "high"}]},
            "/threats",
            "unknown threat T9; use T1, T2, T3, T4, T5, T6, T7",
        ),
        ({"threats": [{"id": "T1"}]}, "/threats", "each threat needs an id and a level"),
        ({"threats": [{"level": "high"}]}, "/threats", "each threat needs an id and a level"),
        ({"threats": None}, "/threats", "each threat needs an id and a level"),
        (
            {"threats": [{"id": "T1", "level": "high"}, {"id": "T1", "level": "low"}]},
            "/threats",
            "each threat may be judged once",
        ),
    ],
)
def test_bad_evidence_says_what_is_wrong_with_which_field(
    change: dict[str, Any], pointer: str, message: str
) -> None:
    with pytest.raises(BadEvidence) as refusal:
        TrialEvidence.from_json({**CLEAN.as_json(), **change})
    assert (refusal.value.pointer, refusal.value.message) == (pointer, message)
    assert str(refusal.value) == f"{pointer}: {message}"


@pytest.mark.parametrize("name", ["design", "metric", "std_error"])
def test_what_evidence_cannot_do_without(name: str) -> None:
    values = {key: value for key, value in CLEAN.as_json().items() if key != name}
    with pytest.raises(BadEvidence) as refusal:
        TrialEvidence.from_json(values)
    assert (refusal.value.pointer, refusal.value.message) == (f"/{name}", "needed")


@pytest.mark.parametrize(
    "change",
    [
        {"outcome_sd": 0.5},
        {"overrides": 1, "attrition_units": 1, "attrition_clusters": 1, "attrition_differential": -1},
        {"treated_clusters": 0, "control_clusters": 0, "pre_periods": 0},
    ],
)
def test_numbers_at_the_end_of_their_range_are_taken(change: dict[str, Any]) -> None:
    found = TrialEvidence.from_json({**CLEAN.as_json(), **change})
    assert {name: getattr(found, name) for name in change} == change


def test_a_threat_goes_through_json_with_its_direction_and_reason() -> None:
    judged = replace(CLEAN, threats=(Threat("T4", Level.HIGH, Direction.AGAINST, "half was delivered"),))
    assert TrialEvidence.from_json(judged.as_json()) == judged


def test_a_threat_needs_no_more_than_its_level() -> None:
    least = {"design": "randomised", "metric": "smd", "std_error": 0.1}
    given = {**least, "threats": [{"id": "T6", "level": "moderate"}]}
    assert TrialEvidence.from_json(given).threats == (Threat("T6", Level.MODERATE),)
    assert TrialEvidence.from_json(least).threats == ()
