"""A public figure is made of a public rating: frozen with everything that it was made of."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict
from centre.models import User
from centre.permissions import Permission, require
from tactics import worth
from tactics.models import Appraisal, Rating
from tactics.money import MONEY_VERSION, PLACES, Place, appraise
from tactics.synthesis import NotEstimable


class NothingToAppraise(Conflict):
    """No figure can be made; the message says why."""


class NothingNew(Conflict):
    """The figure that stands was made of the same."""


@transaction.atomic
def make(*, rating: Rating, by: User) -> list[Appraisal]:
    """The rating has the public figures that follow from what stands now."""
    require(by, Permission.TACTIC_PUBLISH)
    rating.refresh_from_db()
    if not rating.is_current:
        raise NothingToAppraise("A figure is made of the rating that is public now.")
    try:
        worth.inputs(rating)
    except NotEstimable as refusal:
        raise NothingToAppraise(f"No figure can be made. {refusal.message}.") from None
    made = keep(rating=rating, by=by)
    if not made:
        raise NothingNew("The figure that stands was made of the same evidence, costs and prices.")
    return made


@transaction.atomic
def keep(*, rating: Rating, by: User | None) -> list[Appraisal]:
    """The figures that can be made and do not stand yet are made: one for the average place, one for a new one.

    Called where a rating is published; what cannot be worked out is simply not there.
    """
    made = [one for place in PLACES if (one := _one(rating, place, by))]
    for one in made:
        audit.record(
            "tactic.appraised",
            subject=one,
            by=by or audit.SYSTEM,
            detail={"tactic": rating.tactic.slug, "rating": str(rating.pk), "inputs": one.inputs_sha256},
        )
    return made


def _one(rating: Rating, place: Place, by: User | None) -> Appraisal | None:
    try:
        inputs = worth.inputs(rating, worth.Asked(place=place))
        found = appraise(inputs)
    except NotEstimable:
        return None
    newest = Appraisal.objects.filter(rating=rating, place=place).first()
    if newest is not None and (newest.inputs_sha256, newest.money_version) == (
        found.inputs_sha256,
        MONEY_VERSION,
    ):
        return None
    appraisal: Appraisal = Appraisal.objects.create(
        rating=rating,
        place=place,
        inputs=inputs.as_json(),
        inputs_sha256=found.inputs_sha256,
        result=found.as_json(),
        money_version=MONEY_VERSION,
        software_version=settings.CODE_VERSION,
        made_at=timezone.now(),
        made_by=by,
    )
    return appraisal
