"""The quality of the outcome data is looked at, blind to arms, before they are locked."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments.lifecycle import Conduct, Fact
from experiments.models import BlindReview, Trial


@transaction.atomic
def record(*, trial: Trial, comment: str, by: User) -> BlindReview:
    """The newest outcome data have been reviewed blind: the data can be locked."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.DATASET_SEE, on=trial)
    if trial.conduct_state != Conduct.FOLLOW_UP:
        raise Conflict("The data are reviewed when delivery has ended and before they are locked.")
    newest, allocation = trial.newest_outcomes, trial.allocation
    if newest is None:
        raise Conflict(Fact.OUTCOME_DATA.value)
    if allocation and by.pk in (allocation.committed_by_id, allocation.drawn_by_id):
        raise NotPermitted("The custodian knows the arms, and cannot review the data blind.")
    if is_blank(comment):
        raise Invalid.field("/comment", "Say what you looked at and what you found")
    review = BlindReview.objects.create(
        trial=trial, dataset=newest, reviewer=by, comment=tidied(comment), at=timezone.now()
    )
    detail = {"dataset": str(newest.public_id), "sha256": newest.file_sha256}
    audit.record("dataset.reviewed_blind", subject=trial, by=by, detail=detail)
    return review
