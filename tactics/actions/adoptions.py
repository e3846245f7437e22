"""A force says how far it has come with a tactic; a mistake is put right by a new entry that names it."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import Force, User
from centre.permissions import Permission
from tactics.actions import practice
from tactics.adoption import MISTAKE, AdoptionSaid, cleaned
from tactics.models import Adoption, Tactic


class AlreadyCorrected(Conflict):
    """A newer entry stands in its place: that one is corrected."""


@transaction.atomic
def report(*, tactic: Tactic, force: Force, said: AdoptionSaid, by: User) -> Adoption:
    """The ledger says how far the force has come."""
    stored = practice.locked(tactic=tactic, force=force, permission=Permission.ADOPTION_REPORT, by=by)
    if said.stage == MISTAKE:
        raise Invalid.field("stage", "Choose how far your force has come")
    return _enter(stored, force, said, by)


@transaction.atomic
def correct(*, adoption: Adoption, said: AdoptionSaid, by: User) -> Adoption:
    """The entry no longer counts: a new one stands in its place, and both can be read."""
    force = adoption.force
    stored = practice.locked(
        tactic=adoption.tactic, force=force, permission=Permission.ADOPTION_REPORT, by=by
    )
    if Adoption.objects.filter(corrects=adoption).exists():
        raise AlreadyCorrected("This entry has been corrected already: correct the newer one.")
    if adoption.stage == MISTAKE:
        raise Conflict("This entry says that there was nothing: make a new one.")
    return _enter(stored, force, said, by, corrects=adoption)


def _enter(
    tactic: Tactic, force: Force, said: AdoptionSaid, by: User, corrects: Adoption | None = None
) -> Adoption:
    said = cleaned(said, today=timezone.localdate())
    made: Adoption = Adoption.objects.create(
        tactic=tactic,
        force=force,
        corrects=corrects,
        said_at=timezone.now(),
        said_by=by,
        by_centre=practice.is_for_another(force=force, by=by),
        **said.columns(),
    )
    detail = {"force": force.slug, "stage": made.stage, "adoption": str(made.public_id)}
    if corrects is not None:
        detail["corrects"] = str(corrects.public_id)
    audit.record(
        "adoption.corrected" if corrects else "adoption.reported", subject=tactic, by=by, detail=detail
    )
    return made
