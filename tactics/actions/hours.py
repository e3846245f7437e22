"""A force says what hours a tactic saved and took; a mistake is put right by a new claim that names it."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict
from centre.models import Force, User
from centre.permissions import Permission
from tactics.actions import practice
from tactics.hours import HoursSaid, cleaned
from tactics.models import HoursClaim, Tactic


class Overlapping(Conflict):
    """The same hours would be counted twice."""


class AlreadyCorrected(Conflict):
    """A newer claim stands in its place: that one is corrected."""


@transaction.atomic
def claim(*, tactic: Tactic, force: Force, said: HoursSaid, by: User) -> HoursClaim:
    """The account has the claim. Its period meets no other of the force's on the same basis and of the same status."""
    stored = practice.locked(tactic=tactic, force=force, permission=Permission.HOURS_REPORT, by=by)
    return _enter(stored, force, said, by)


@transaction.atomic
def correct(*, claim: HoursClaim, said: HoursSaid, by: User) -> HoursClaim:
    """The claim no longer counts: a new one stands in its place, and both can be read."""
    stored = practice.locked(
        tactic=claim.tactic, force=claim.force, permission=Permission.HOURS_REPORT, by=by
    )
    if HoursClaim.objects.filter(corrects=claim).exists():
        raise AlreadyCorrected("This claim has been corrected already: correct the newer one.")
    return _enter(stored, claim.force, said, by, corrects=claim)


def _enter(
    tactic: Tactic, force: Force, said: HoursSaid, by: User, corrects: HoursClaim | None = None
) -> HoursClaim:
    said = cleaned(said, today=timezone.localdate())
    _require_no_overlap(tactic, force, said, corrects)
    made: HoursClaim = HoursClaim.objects.create(
        tactic=tactic,
        force=force,
        corrects=corrects,
        said_at=timezone.now(),
        said_by=by,
        by_centre=practice.is_for_another(force=force, by=by),
        **said.columns(),
    )
    detail = {"force": force.slug, "basis": made.basis, "status": made.status, "claim": str(made.public_id)}
    if corrects is not None:
        detail["corrects"] = str(corrects.public_id)
    audit.record("hours.corrected" if corrects else "hours.claimed", subject=tactic, by=by, detail=detail)
    return made


def _require_no_overlap(tactic: Tactic, force: Force, said: HoursSaid, corrects: HoursClaim | None) -> None:
    others = HoursClaim.objects.overlapping(said).filter(tactic=tactic, force=force)
    if corrects is not None:
        others = others.exclude(pk=corrects.pk)
    if met := others.order_by("starts_on").first():
        raise Overlapping(
            f"Your force has said hours of {met.starts_on:%-d %B %Y} to {met.ends_on:%-d %B %Y} already, known and "
            "stated in the same way. Correct that claim, or choose a period that does not meet it: no hour is "
            "counted twice."
        )
