"""What happened to a trial, from the audit log: each step on each axis, when, by which post, and why."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from centre.audit import SYSTEM
from centre.models import AuditEvent
from centre.permissions import ROLES
from experiments.models import Trial
from experiments.views.words import step_words

# What is no step on an axis, and still belongs in the story.
_BESIDE = {
    "allocation.units_frozen": "Unit list frozen",
    "allocation.beacon_entered": "Value of the beacon entered",
    "allocation.revealed": "Seed revealed",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a trial."""

    at: dt.datetime
    words: str
    post: str  # the role used; the public sees this
    actor: str  # the name, for those who work on the trial
    reason: str
    hash: str  # of the event: it can be found in the log by it


def history(trial: Trial) -> list[Happening]:
    """Return what happened to a trial, newest first."""
    events = AuditEvent.objects.with_erased().filter(
        Q(detail__has_key="axis") | Q(event__in=_BESIDE),
        subject_type="experiments.trial",
        subject_id=str(trial.pk),
    )
    return [_happening(event) for event in events.order_by("-pk")]


def _happening(event: AuditEvent) -> Happening:
    detail = event.detail
    words = step_words(detail["axis"], detail["to"]) if "axis" in detail else _BESIDE[event.event]
    return Happening(
        event.at,
        words,
        _post(detail.get("role", "")),
        event.actor_shown,
        str(detail.get("reason", "")),
        event.hash,
    )


def _post(role: str) -> str:
    if role == SYSTEM:
        return "the registry itself"
    return ROLES[role].display_name.lower() if role in ROLES else ""
