"""A library to test with: made through the actions, so that every state is one that can be reached."""

from datetime import date
from decimal import Decimal
from typing import Any

from tactics.actions import findings, ratings, tactics
from tactics.actions.findings import StudyResult
from tactics.details import TacticDetails
from tactics.models import Finding, OutcomeDomain, Rating, Tactic
from tactics.rating import Design, TrialEvidence

LONG_TEXT = "First paragraph of plain words.\n\nSecond paragraph, with more."


def details(name: str = "Follow-up visits after a burglary", **changes: Any) -> TacticDetails:
    """Return details that are complete enough to publish."""
    values: dict[str, Any] = {
        "name": name,
        "summary": "Officers visit neighbours within 48 hours of a burglary",
        "problems": ("burglary", "repeat-victims"),
        "main_outcome": "burglary",
        "problem_text": LONG_TEXT,
        "mechanism": LONG_TEXT,
        "moderators": "Works where neighbours are at home.",
        "implementation": LONG_TEXT,
        "first_30_days": "Week 1: name a lead.\n\nWeek 2: brief the teams.",
        "economics": "Two officers for an hour each.",
        "cost_band": 2,
        "cost_basis": "Officer time at 2024 rates",
        "hours_per_100_incidents": Decimal("40.0"),
        "hours_basis": "estimate",
        "stage": "piloting",
        "contact": "Neighbourhood policing team",
        **changes,
    }
    return TacticDetails(**values)


def proposed(by: Any, name: str = "Follow-up visits after a burglary", **changes: Any) -> Tactic:
    """Return a draft tactic."""
    is_simulated = changes.pop("is_simulated", False)
    return tactics.propose(details=details(name, **changes), by=by, is_simulated=is_simulated)


def published(by: Any, name: str = "Follow-up visits after a burglary", **changes: Any) -> Tactic:
    """Return a published tactic, rated on its main outcome."""
    return tactics.publish(tactic=proposed(by, name, **changes), by=by)


STRONG = TrialEvidence(
    design=Design.RANDOMISED,
    metric="log_rate_ratio",
    std_error=0.05,
    concealed=True,
    allocation_verified=True,
)


def found(
    tactic: Tactic,
    by: Any,
    number: str = "CPP-2026-0001-5",
    *,
    estimate: float = -0.25,
    domain: str = "burglary",
    evidence: TrialEvidence = STRONG,
    **changes: Any,
) -> Finding:
    """Return a finding of a randomised trial."""
    half = 1.96 * evidence.std_error
    values: dict[str, Any] = {
        "study_label": f"Trial {number}",
        "trial_number": number,
        "forces": (f"Force of {number}",),
        "evaluator": f"Team of {number}",
        "completed_on": date(2026, 6, 1),
        "n_units": 120,
        "n_events": 2400,
        "is_simulated": tactic.is_simulated,
        **changes,
    }
    result = StudyResult(estimate=estimate, conf_low=estimate - half, conf_high=estimate + half, **values)
    outcome = OutcomeDomain.objects.get(slug=domain)
    return findings.record(tactic=tactic, outcome_domain=outcome, evidence=evidence, result=result, by=by)


def candidate(tactic: Tactic) -> Rating:
    """Return the rating that waits for signatures."""
    return Rating.objects.candidates().get(tactic=tactic)


def signed(rating: Rating, *reviewers: Any) -> Rating:
    """Return the rating with the reviewers' names under it."""
    for reviewer in reviewers:
        ratings.sign(rating=rating, by=reviewer)
    rating.refresh_from_db()
    return rating
