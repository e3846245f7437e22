"""Which facts of a protocol, its data and its release a threat is judged by; the levels are those of the rules."""

from dataclasses import replace
from typing import Any

import pytest

from experiments import protocol
from experiments.analysis import threats
from experiments.analysis.threats import Measured
from experiments.models import Registration
from experiments.protocol.vocabulary import Direction as Better
from experiments.stats import plan as plans
from tactics.rating import CURRENT, Direction, Level, Threat
from tests.unit.experiments.protocol.documents import read

LOW, MODERATE, HIGH = Level.LOW, Level.MODERATE, Level.HIGH
ARM_B = {"options": {"arm": "b"}}
PLACES = {"design__design": "rct_place", "design__unit_type": "hot_spot"}


def specs(*others: dict[str, Any]) -> dict[str, plans.EstimateSpec]:
    """Return the registered estimates by id: H1, and others of the same outcome."""
    usual = {"role": "sensitivity", "outcome": "calls", "estimator": "ancova"}
    read_plan = plans.parse(
        {
            "plan_version": 1,
            "columns": {"unit": "unit", "arm": "arm"},
            "arms": {"control": "control", "treatments": ["a", "b"]},
            "seed": 1,
            "estimates": [
                {**usual, "id": "H1", "role": "primary", "covariates": ["age", "area"]},
                *({**usual, **other} for other in others),
            ],
        }
    )
    return {spec.id: spec for spec in read_plan.estimates}


def row(estimate: float | None, *, scale: str = "difference", outcome: str = "calls") -> dict[str, Any]:
    status = "not_estimable" if estimate is None else "ok"
    return {"estimate": estimate, "scale": scale, "outcome": outcome, "status": status}


def measured(**changes: Any) -> Measured:
    """Return what is known of a trial in which nothing is wrong: calls fell by 1, and nothing is missing."""
    usual: dict[str, Any] = {
        "spec": specs()["H1"],
        "numbers": (-1.0, -1.5, -0.5),
        "specs": specs(),
        "estimates": {"H1": row(-1.0)},
        "checks": {},
        "missing_share": 0.0,
        "control_mean": lambda column: None,
        "delivered": {"integrity": 0.9, "contamination": 0.0},
    }
    return Measured(**{**usual, **changes})


# T1


def balance(**differences: float | None) -> dict[str, Any]:
    rows = [{"covariate": name, "standardised_difference": size} for name, size in differences.items()]
    return {"balance": {"rows": rows}}


def confounding(checks: dict[str, Any], **places: Any) -> Threat | None:
    return threats._confounding(read(**places), measured(checks=checks), CURRENT)


@pytest.mark.parametrize(
    ("checks", "level"),
    [
        ({}, LOW),
        ({"balance": None}, LOW),
        (balance(age=0.2, calls_before=-0.25), LOW),
        (balance(age=-0.3), MODERATE),
        (balance(**{"area=North": 0.3}), MODERATE),
        (balance(area_before=0.3), HIGH),
        (balance(age=0.5, calls_before=0.3), HIGH),
        (balance(age=None), MODERATE),
        (balance(calls_before=None), HIGH),
    ],
)
def test_a_baseline_difference_is_adjusted_where_the_rated_estimate_names_that_covariate(
    checks: dict[str, Any], level: Level
) -> None:
    judged = confounding(checks)
    assert judged is not None
    assert (judged.id, judged.level) == ("T1", level)


def test_without_a_draw_the_baseline_is_a_matter_of_the_caps() -> None:
    assert confounding(balance(calls_before=0.9), design__design="did_2x2") is None


# T2


def test_a_trial_that_meets_none_has_no_threat_from_others() -> None:
    assert threats._concurrent(read(), [], CURRENT).level is LOW


@pytest.mark.parametrize("named", ["concurrent_trials", "concurrent_operations"])
def test_what_the_protocol_names_was_logged_and_its_share_of_the_time_is_not_known(named: str) -> None:
    document = protocol.to_json(read())
    document["design"][named] = ["CPP-2026-0001-9"]
    reason = "another operation covered an unknown share of unit-time in one arm"
    found = threats._concurrent(protocol.from_json(document), [], CURRENT)
    assert found == Threat("T2", MODERATE, reason=reason)


# T3


def around(**numbers: float | None) -> dict[str, Any]:
    usual = {"id": "H1", "buffer_id": "D1", "outcome": "calls", "wdd_local": -4.0, "wdd_zone": 1.0}
    return {"displacement": {"rows": [{**usual, **numbers}]}}


def spillover(buffer: float | None, found: Measured, **places: Any) -> Threat | None:
    plan = read(**{**PLACES, "design__buffer_metres": buffer, **places})
    return threats._spillover(plan, plan.outcomes[0], found, CURRENT)


@pytest.mark.parametrize(
    ("buffer", "checks", "level", "reason"),
    [
        (150.0, {}, LOW, ""),
        (None, {}, MODERATE, "no buffer or catchment measure"),
        (None, around(), LOW, ""),
        (None, {"displacement": {"rows": []}}, MODERATE, "no buffer or catchment measure"),
        (None, around(outcome="other"), MODERATE, "no buffer or catchment measure"),
        (0.0, {}, HIGH, "adjacent units, spillover not tested"),
        (0.0, around(), MODERATE, "units within the buffer, spillover tested"),
        (150.0, around(wdd_zone=2.0), HIGH, "catchment increase cancels 50% of the effect"),
        (150.0, around(wdd_zone=1.9), LOW, ""),
        (150.0, around(wdd_zone=-3.0), LOW, ""),
        (150.0, around(wdd_local=4.0, wdd_zone=-4.0), LOW, ""),
    ],
)
def test_places_are_judged_by_the_distance_between_them_and_by_what_happened_around(
    buffer: float | None, checks: dict[str, Any], level: Level, reason: str
) -> None:
    judged = spillover(buffer, measured(checks=checks))
    assert judged is not None
    assert (judged.level, judged.reason) == (level, reason)


def test_people_have_no_surroundings() -> None:
    assert spillover(None, measured(), design__unit_type="victim") is None


@pytest.mark.parametrize(
    ("inside", "outside", "mean", "share"),
    [
        (row(-4.0), row(3.0), None, 0.75),
        (row(-4.0), row(None), None, 0.0),
        # 10 of 100 fewer inside; in the busier surroundings 5% more is 15 of 300.
        (row(-0.105360516, scale="log_rate_ratio"), row(0.048790164, scale="log_rate_ratio"), 100.0, 1.5),
        (row(-0.1, scale="log_rate_ratio"), row(0.1, scale="log_rate_ratio"), None, 0.0),
        (row(-0.1, scale="log_odds_ratio"), row(0.1, scale="log_odds_ratio"), 100.0, 0.0),
    ],
)
def test_without_counts_before_and_after_the_two_estimates_say_what_was_cancelled(
    inside: dict[str, Any], outside: dict[str, Any], mean: float | None, share: float
) -> None:
    outside["outcome"] = "calls_buffer"
    means = {"calls": mean, "calls_buffer": None if mean is None else 3 * mean}
    found = measured(estimates={"H1": inside, "D1": outside}, control_mean=means.get)
    [pair] = around(wdd_local=None, wdd_zone=None)["displacement"]["rows"]
    assert threats._cancelled(pair, read().outcomes[0], found) == pytest.approx(share)


def test_where_more_is_better_a_loss_around_cancels_a_gain_inside() -> None:
    [pair] = around(wdd_local=4.0, wdd_zone=-3.0)["displacement"]["rows"]
    outcome = replace(read().outcomes[0], direction_of_benefit=Better.HIGHER)
    assert threats._cancelled(pair, outcome, measured()) == 0.75


# T4


@pytest.mark.parametrize(
    ("delivered", "level", "direction"),
    [
        (None, MODERATE, Direction.UNKNOWN),
        ({"integrity": None, "contamination": None}, MODERATE, Direction.UNKNOWN),
        ({"integrity": 0.8, "contamination": 0.2}, LOW, Direction.UNKNOWN),
        ({"integrity": 0.8, "contamination": None}, MODERATE, Direction.UNKNOWN),
        ({"integrity": 0.79, "contamination": None}, MODERATE, Direction.AGAINST),
        ({"integrity": 0.49, "contamination": 0.0}, HIGH, Direction.AGAINST),
        ({"integrity": 1.0, "contamination": 0.21}, HIGH, Direction.AGAINST),
    ],
)
def test_the_dose_of_either_side_is_what_the_ledger_said(
    delivered: dict[str, Any] | None, level: Level, direction: Direction
) -> None:
    judged = threats._fidelity(delivered, CURRENT)
    assert (judged.id, judged.level, judged.direction) == ("T4", level, direction)


# T5


def bounds(lower: float, upper: float, *, outcome: str = "calls") -> dict[str, Any]:
    units = {"outcome": outcome, "level": "units", "overall": 0.1}
    lee = {"outcome": outcome, "level": "Lee bounds", "lower": lower, "upper": upper}
    return {"checks": {"attrition": {"rows": [units, lee]}}}


NO_BOUNDS = {
    "checks": {"attrition": {"rows": [{"outcome": "calls", "level": "Lee bounds", "reason": "Why"}]}}
}


def beside(estimate: float | None, **other: Any) -> dict[str, Any]:
    """Return another registered estimate, and what it came to."""
    registered = specs({"id": "S1", **other})
    return {"specs": registered, "estimates": {"H1": row(-1.0), "S1": row(estimate)}}


@pytest.mark.parametrize(
    ("share", "facts", "level"),
    [
        (0.05, {}, LOW),
        (0.1, {}, HIGH),
        (0.1, NO_BOUNDS, HIGH),
        (0.1, bounds(-1.4, -0.6), MODERATE),
        (0.1, bounds(-1.4, -0.6, outcome="other"), HIGH),
        (0.1, beside(-0.9), MODERATE),
        (0.1, beside(None), HIGH),
        (0.1, {"specs": specs({"id": "S1"})}, HIGH),
        (0.1, beside(-0.9, role="exploratory"), HIGH),
        (0.1, beside(-0.9, outcome="other"), HIGH),
        (0.1, beside(-0.9, **ARM_B), HIGH),
        (0.16, bounds(-1.4, -0.6), HIGH),
        (0.01, bounds(-1.4, 0.1), HIGH),
        (0.01, beside(0.1), HIGH),
        (0.01, beside(0.0), LOW),
        (0.0, beside(0.1), LOW),
        (0.1, {**bounds(-1.4, 0.1), "numbers": (-0.2, -0.5, 0.1)}, MODERATE),
        (0.1, {**bounds(-0.1, 1.4), "numbers": (0.7, 0.1, 1.3)}, HIGH),
    ],
)
def test_missing_outcomes_are_handled_by_bounds_or_a_registered_sensitivity_estimate(
    share: float, facts: dict[str, Any], level: Level
) -> None:
    """And the sign flips where either has the other sign, if the estimate has one: its interval leaves out 0."""
    assert threats._missing(measured(missing_share=share, **facts), CURRENT).level is level


# T6


def measurement(document: dict[str, Any]) -> Threat:
    made = protocol.from_json(document)
    return threats._measurement(made, made.outcomes[0])


@pytest.mark.parametrize(
    ("recipient", "before", "is_a_threat"),
    [
        ({"is_blinded": True, "how": "Nobody tells them."}, "", False),
        ({"is_blinded": False}, "Nobody knows.", True),
        ({"is_blinded": None}, "Nobody knows.", False),
        ({"is_blinded": None}, "", True),
    ],
)
def test_self_report_is_judged_by_whether_the_recipients_know(
    recipient: dict[str, Any], before: str, is_a_threat: bool
) -> None:
    """Protocols of the first schema said who is blinded in one text."""
    document = protocol.to_json(read(outcomes__0__recorded_by="self_report"))
    document["design"]["blinded"]["recipient"] = recipient
    document["design"]["blinding"] = {"text": before}
    assert measurement(document) == Threat(
        "T6", MODERATE if is_a_threat else LOW, reason="unblinded self-report" if is_a_threat else ""
    )


@pytest.mark.parametrize(
    ("recorded_by", "is_blinded", "level"),
    [
        ("observer", False, MODERATE),
        ("observer", True, LOW),
        ("observer", None, LOW),
        ("official_records", False, LOW),
    ],
)
def test_an_observer_who_knows_the_arm_may_be_led_by_it(
    recorded_by: str, is_blinded: bool | None, level: Level
) -> None:
    document = protocol.to_json(read(outcomes__0__recorded_by=recorded_by))
    document["design"]["blinded"]["outcome_assessor"] = {"is_blinded": is_blinded}
    assert measurement(document).level is level


# T7


@pytest.mark.parametrize(
    ("badge", "category", "disclosed", "level"),
    [
        ("prospective", 2, 0, LOW),
        ("prospective", 3, 0, MODERATE),
        ("prospective", 1, 1, MODERATE),
        ("retrospective", 1, 0, MODERATE),
        ("prospective", 4, 0, HIGH),
    ],
)
def test_reporting_is_judged_by_the_first_registration_and_what_changed_with_outcomes_opened(
    badge: str, category: int, disclosed: int, level: Level
) -> None:
    first = Registration(badge=badge, outcome_data_category=category)
    judged = threats._reporting(first, disclosed)
    assert (judged.id, judged.level) == ("T7", level)


def test_what_is_not_registered_is_a_high_threat() -> None:
    assert threats._reporting(None, 0).level is HIGH


@pytest.mark.parametrize(
    ("pointer", "is_frozen"),
    [
        ("/arms/0/must_happen", True),
        ("/analysis_plan/estimates/0", True),
        ("/design/timing", True),
        ("/design/buffer_metres", False),
        ("/dates/data_lock", False),
    ],
)
def test_a_deviation_is_major_where_a_change_of_the_field_would_be(pointer: str, is_frozen: bool) -> None:
    assert threats._is_frozen(pointer) is is_frozen
