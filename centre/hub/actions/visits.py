"""The data-quality team visits a force: planned, written up, or called off."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.hub.actions.wording import cleaned
from centre.models import Force, User, Visit, VisitNote
from centre.permissions import Permission, require

REACH = dt.timedelta(days=366)  # before today and after it


class AlreadyPlanned(Conflict):
    """The force is visited on that day already."""


class CalledOff(Conflict):
    """The visit does not take place."""


class NotYet(Conflict):
    """Its day has not come."""


@transaction.atomic
def plan(*, force: Force, visited_on: dt.date, team: str, by: User) -> Visit:
    """The force is visited on that day; it sees so on its own pages."""
    require(by, Permission.VISIT_KEEP, on=force)
    if abs(visited_on - timezone.localdate()) > REACH:
        raise Invalid.field("/visited_on", "The date must be within a year of today")
    team = cleaned(
        "team",
        team,
        label="Who goes",
        maximum=300,
        required="Say who goes, like two of the data-quality team",
    )
    locked = Force.objects.select_for_update().get(pk=force.pk)
    if locked.visits.standing().filter(visited_on=visited_on).exists():
        raise AlreadyPlanned(f"A visit to {force} on {visited_on:%-d %B %Y} is planned already.")
    visit: Visit = Visit.objects.create(
        force=force, visited_on=visited_on, team=team, planned_at=timezone.now(), planned_by=by
    )
    audit.record(
        "visit.planned", subject=visit, by=by, detail={"force": force.slug, "on": visited_on.isoformat()}
    )
    return visit


@transaction.atomic
def note(*, visit: Visit, seen: str, said: str, by: User) -> VisitNote:
    """What the team saw and what the force said stands on the visit, for the force too."""
    stored = held(visit, by=by)
    texts = {
        "seen": cleaned("seen", seen, label="What you saw", maximum=4_000),
        "said": cleaned("said", said, label="What the force said", maximum=4_000),
    }
    if not any(texts.values()):
        raise Invalid.field("/seen", "Write what you saw, or what the force said")
    made = VisitNote.objects.create(visit=stored, at=timezone.now(), by=by, **texts)
    audit.record("visit.noted", subject=stored, by=by, detail={"note": made.pk})
    return made


@transaction.atomic
def call_off(*, visit: Visit, because: str, by: User) -> Visit:
    """The visit does not take place. One that was written up did."""
    stored = _standing(visit, by=by)
    if stored.notes.exists() or stored.actions.exists():
        raise Conflict("The visit took place: something was noted or agreed at it.")
    stored.called_off_because = cleaned(
        "because", because, label="Why", maximum=500, required="Say why it is called off", lines=False
    )
    stored.called_off_at, stored.called_off_by = timezone.now(), by
    stored.save(update_fields=["called_off_at", "called_off_by", "called_off_because"])
    audit.record("visit.called_off", subject=stored, by=by, detail={"because": stored.called_off_because})
    return stored


def held(visit: Visit, *, by: User) -> Visit:
    """Return the visit, locked: its day has come, and it was not called off.

    Raises
    ------
    CalledOff, NotYet : there is nothing to write down.
    """
    stored = _standing(visit, by=by)
    if not stored.has_come:
        raise NotYet(f"The visit is on {stored.visited_on:%-d %B %Y}: write it up from that day on.")
    return stored


def _standing(visit: Visit, *, by: User) -> Visit:
    stored: Visit = Visit.objects.select_for_update(of=("self",)).select_related("force").get(pk=visit.pk)
    require(by, Permission.VISIT_KEEP, on=stored.force)
    if stored.called_off_at is not None:
        raise CalledOff(f"The visit was called off on {stored.called_off_at:%-d %B %Y}.")
    return stored
