"""Grants of access: read under the eyes of the audit log, taken back at once."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.clock import database_today
from centre.errors import Conflict, Gone, Invalid, NotFound, NotPermitted, Refusal
from centre.models import User
from centre.permissions import Permission, has_permission, require
from centre.text import is_blank, tidied
from experiments.actions.access_applications import LONGEST, named
from experiments.models import (
    AccessApplication,
    AccessDecision,
    AccessNotice,
    AccessRevocation,
    RestrictedFile,
    Trial,
)
from experiments.protocol.text import text_problems


@transaction.atomic
def revoke(*, application: AccessApplication, reason: str, by: User) -> AccessRevocation:
    """From now on nothing is read under the grant, whoever of the Centre takes it back."""
    require(by, Permission.ACCESS_DECIDE)
    Trial.objects.for_action(application.dataset.trial, by)  # two revocations wait for each other
    found = _newest(application)
    states = AccessApplication.State
    if found.state_on(database_today()) not in (states.OPEN, states.NOT_YET):
        raise Conflict("There is no grant to revoke: it was not given, has ended, or is revoked already.")
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why: the applicant reads it")
    if problems := list(text_problems("/reason", reason, label="The reason", max_length=LONGEST)):
        raise Invalid(problems[0].message, problems)
    made: AccessRevocation = AccessRevocation.objects.create(
        decision=found.decision, reason=tidied(reason), revoked_at=timezone.now(), revoked_by=by
    )
    AccessNotice.objects.create(
        user=found.applicant,
        application=found,
        said="Your access is revoked. Delete every copy; the reason stands with your application.",
        at=made.revoked_at,
    )
    detail = named(found) | {"reason": made.reason}
    audit.record("access.revoked", subject=found, by=by, detail=detail)
    return made


def read(*, application: AccessApplication, via: str, by: User) -> RestrictedFile:
    """The applicant reads the file, or is refused: either is on the audit log before the first byte leaves.

    Raises
    ------
    NotFound : it is not this person's, or nothing was granted.
    Gone : the grant has ended or is revoked.
    Conflict : it has not begun.
    NotPermitted : the person is no researcher any more.
    """
    if application.applicant_id != by.pk:
        raise NotFound("There is no such file.")
    found = _newest(application)
    decision: AccessDecision | None = getattr(found, "decision", None)
    if decision is None or decision.file is None:
        raise NotFound("There is no such file.")
    refusal = _why_closed(found, decision, by)
    detail = named(found) | {
        "grant": decision.pk,
        "purpose": decision.purpose,
        "person": by.name,
        "file": decision.file.sha256,
        "via": via,
    }
    # A transaction of its own: what is raised next must not take the event back.
    if refusal is not None:
        audit.record(
            "access.read_refused", subject=found, by=by, detail=detail | {"because": refusal.message}
        )
        raise refusal
    audit.record("access.read", subject=found, by=by, detail=detail)
    return decision.file


def _newest(application: AccessApplication) -> AccessApplication:
    found: AccessApplication = AccessApplication.objects.for_list().get(pk=application.pk)
    return found


def _why_closed(application: AccessApplication, decision: AccessDecision, by: User) -> Refusal | None:
    """Return why the file is not read now; None where it is."""
    state, states = application.state_on(database_today()), AccessApplication.State
    if state == states.REVOKED:
        return Gone(
            f"Your access was revoked on {timezone.localdate(decision.revocation.revoked_at):%-d %B %Y}."
        )
    if state == states.EXPIRED:
        return Gone(f"Your access ended on {decision.ends_on:%-d %B %Y}.")
    if state == states.NOT_YET:
        return Conflict(f"Your access begins on {decision.starts_on:%-d %B %Y}.")
    if not has_permission(by, Permission.ACCESS_APPLY):
        return NotPermitted("You do not hold the role of a researcher any more.")
    return None
