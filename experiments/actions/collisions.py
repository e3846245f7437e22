"""Trials that meet are declared: in a protocol, or by the registrar where the author may not know of the other."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotFound, Problem
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments.analysis.collisions import Collision, collisions
from experiments.models import CollisionNote, Trial
from experiments.protocol import Protocol

POINTER = "/design/concurrent_trials"


class Undeclared(Invalid):
    """The protocol does not name a registered trial that acts in the same places, on the same days."""


def require_declared(trial: Trial, read: Protocol, by: User, before: Protocol | None = None) -> None:
    """Refuse a protocol that meets a trial which it does not name, as far as the person may know of that trial.

    With `before`, the version in force, only what the change brings about is refused.
    """
    found = undeclared(trial, read)
    if found and before:
        known = {one.other.pk for one in undeclared(trial, before)}
        found = [one for one in found if one.other.pk not in known]
    seen = set(
        Trial.objects.visible_to(by)
        .filter(pk__in=[one.other.pk for one in found])
        .values_list("pk", flat=True)
    )
    problems = [Problem(POINTER, _said(one)) for one in found if one.other.pk in seen]
    if problems:
        raise Undeclared("The protocol does not name a trial that it meets", problems)


def settle(trial: Trial, read: Protocol, reason: str, by: User) -> None:
    """Keep the registrar's word on each trial that the protocol does not name; refuse to go on without one."""
    found = undeclared(trial, read)
    if not found:
        return
    if is_blank(reason):
        raise Undeclared(
            "The protocol does not name a trial that it meets",
            [Problem("/collision_reason", f"{one.said}: say how the two are kept apart") for one in found],
        )
    for one in found:
        _keep(trial, one.other, reason, by)


@transaction.atomic
def note(*, trial: Trial, other: Trial, reason: str, by: User) -> CollisionNote:
    """Two registered trials that meet are known to the registrar, who says how they are kept apart."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_REGISTER, on=trial)
    if not Trial.objects.visible_to(by).filter(pk=other.pk).exists():
        raise NotFound("There is no such trial.")
    registration = trial.registration
    if registration is None:
        raise Conflict("Before registration the protocol itself names the trials that it meets.")
    if is_blank(reason):
        raise Invalid.field("/reason", "Say how the two are kept apart")
    if other.pk not in {one.other.pk for one in collisions(trial, registration.frozen_protocol)}:
        raise Invalid.field("/other", "The two trials do not meet")
    made = _keep(trial, other, reason, by)
    # The other trial may be hidden from those who read this one's log: the note says which it is.
    audit.record("trial.collision_noted", subject=trial, by=by, detail={"note": made.pk})
    return made


def undeclared(trial: Trial, read: Protocol) -> list[Collision]:
    """Return the trials that it meets and that nobody has declared."""
    return [one for one in collisions(trial, read) if not one.declared]


def _keep(trial: Trial, other: Trial, reason: str, by: User) -> CollisionNote:
    return CollisionNote.objects.create(
        trial=trial, other=other, reason=tidied(reason), at=timezone.now(), by=by
    )


def _said(one: Collision) -> str:
    return f"{one.said}: name it here, and say under contamination how the two are kept apart"
