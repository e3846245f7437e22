"""A methods reviewer reads a submitted protocol and decides."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Invalid, NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import protocol
from experiments.actions import steps
from experiments.lifecycle import Fact, Registration
from experiments.models import Review, Trial


class OwnTrial(NotPermitted):
    """The reviewer is in the team, or wrote or sent the protocol."""


@transaction.atomic
def decide(*, trial: Trial, decision: str, comment: str = "", by: User) -> Review:
    """The reviewer's word is on the record: it goes back, or waits for the registrar to register or reject it."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_REVIEW, on=trial)
    if is_own(trial, by):
        raise OwnTrial("A second person must clear this: you belong to the team of this trial.")
    if decision not in Review.Decision.values:
        raise Invalid.field("/decision", "Choose approve, ask for changes, or reject")
    if decision != Review.Decision.APPROVE and is_blank(comment):
        raise Invalid.field("/comment", "Say what must change, or why it is rejected")
    digest = protocol.digest(trial.draft)
    if trial.registration_state != Registration.IN_REVIEW:
        steps.take(trial, Registration.IN_REVIEW, by=by, using=Permission.TRIAL_REVIEW, object_sha256=digest)
    review = Review.objects.create(
        trial=trial,
        protocol_edition=trial.protocol_edition,
        protocol_sha256=digest,
        reviewer=by,
        decision=decision,
        comment=tidied(comment),
        at=timezone.now(),
    )
    detail = {"decision": decision, "review": review.pk}
    if review.decision == Review.Decision.CHANGES_REQUESTED:
        steps.take(
            trial,
            Registration.CHANGES_REQUESTED,
            facts={Fact.REASON: True},
            by=by,
            using=Permission.TRIAL_REVIEW,
            event="trial.reviewed",
            reason=review.comment,
            object_sha256=digest,
            **detail,
        )
    else:
        audit.record("trial.reviewed", subject=trial, by=by, detail=detail)
    return review


def is_own(trial: Trial, by: User) -> bool:
    """Return whether the person wrote, sent or works on the trial."""
    return (
        by.pk in (trial.created_by_id, trial.submitted_by_id) or trial.team_members.filter(user=by).exists()
    )
