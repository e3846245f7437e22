"""What the registry of trials tells the library."""

import logging
from datetime import date

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict
from centre.models import User
from tactics.actions import ratings
from tactics.models import OutcomeDomain, RegisteredTrial, Tactic

log = logging.getLogger(__name__)


@transaction.atomic
def note_trial(
    *,
    tactic: Tactic,
    trial_number: str,
    state: str,
    by: User | None,
    title: str = "",
    results_due: date | None = None,
    published: bool = False,
) -> RegisteredTrial:
    """The library knows where a registered trial of the tactic stands, and has rated the tactic again.

    Called by experiments at registration and whenever the trial's public state changes; it has checked what `by` may
    do. None is a timer of the registry. `state` is one of `RegisteredTrial.State`; `results_due` is the day by which
    results should be public (12 months after the last outcome data).
    """
    known = RegisteredTrial.objects.filter(number=trial_number).first()
    if known is not None and known.tactic_id != tactic.pk:
        raise Conflict(f"Trial {trial_number} is registered for another tactic.")
    trial, _ = RegisteredTrial.objects.update_or_create(
        number=trial_number,
        defaults={
            "tactic": tactic,
            "title": title or (known.title if known else ""),
            "state": RegisteredTrial.State(state),
            "report_due": results_due,
            "results_published": published,
            "noted_at": timezone.now(),
        },
    )
    audit.record(
        "trial.noted",
        subject=tactic,
        by=by or audit.SYSTEM,
        detail={"trial": trial_number, "state": trial.state, "published": published},
    )
    for domain in rated_domains(tactic):
        ratings.propose(tactic=tactic, outcome_domain=domain, by=by)
    return trial


def rerate(*, tactic: Tactic) -> int:
    """Every outcome of the tactic is pooled and rated as of today; return how many ratings are new.

    The registry itself acts. What cannot be rated does not hold the other outcomes up; it stands in the log.
    """
    return sum(_rerate(tactic, domain) for domain in rated_domains(tactic))


def _rerate(tactic: Tactic, domain: OutcomeDomain) -> bool:
    started = timezone.now()
    try:
        rating = ratings.propose(tactic=tactic, outcome_domain=domain, by=None)
    except Exception:
        log.exception("%s could not be rated on %s", tactic.slug, domain.slug)
        return False
    return bool(rating.computed_at >= started)


def rated_domains(tactic: Tactic) -> list[OutcomeDomain]:
    """Return the outcomes on which the tactic is rated: its main one, and those that have findings."""
    found = {finding.outcome_domain for finding in tactic.findings.current().select_related("outcome_domain")}
    if tactic.main_outcome is not None:
        found.add(tactic.main_outcome)
    return sorted(found, key=lambda domain: domain.slug)
