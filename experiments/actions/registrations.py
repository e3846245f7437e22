"""A reviewed protocol is frozen: canonical JSON, SHA-256, number, time."""

import datetime as dt
import re

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from centre.clock import database_today
from centre.errors import NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from experiments import protocol
from experiments.actions import entries, library, steps, turns
from experiments.actions.collisions import settle
from experiments.actions.cosignatures import is_signed
from experiments.actions.reviews import is_own
from experiments.actions.trials import ProtocolIncomplete, require_runnable
from experiments.lifecycle import Fact, Visibility
from experiments.lifecycle import Registration as State
from experiments.models import Dataset, Registration, Review, Trial


class SecondPerson(NotPermitted):
    """The registrar must be somebody else than the author and the reviewer."""


@transaction.atomic
def register(*, trial: Trial, by: User, collision_reason: str = "") -> Registration:
    """The protocol is frozen: from now on it changes only by amendment.

    With a trial that it meets and does not name goes the registrar's word on how the two are kept apart.
    """
    turns.wait()
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_REGISTER, on=trial)
    read, today = trial.draft, database_today()
    if is_own(trial, by):
        raise SecondPerson("A second person must clear this: the author cannot register their own trial.")
    found = protocol.problems(read, today=today)
    if found:
        raise ProtocolIncomplete("The protocol is not complete", found)
    require_runnable(read)
    review = _approving_review(trial, read)
    if review and review.reviewer_id == by.pk:
        raise SecondPerson("A second person must clear this: the reviewer cannot also register the trial.")
    settle(trial, read, collision_reason, by)
    facts = {
        Fact.COMPLETE: not found,
        Fact.REVIEWED: review is not None,
        Fact.COSIGNED: is_signed(trial, read),
    }
    embargo_until = _embargo(read, today)
    trial.number, trial.registered_at = _next_number(today.year), timezone.now()
    trial.searched_words = entries.words(trial.title, trial.number)
    steps.take(
        trial,
        State.REGISTERED,
        facts=facts,
        by=by,
        using=Permission.TRIAL_REGISTER,
        event="trial.registered",
        object_sha256=protocol.digest(read),
        number=trial.number,
    )
    trial.embargo_until = embargo_until
    trial.public_from = _public_from(embargo_until, trial.registered_at)
    after = Visibility.EMBARGOED if embargo_until else Visibility.PUBLIC
    steps.take(trial, after, facts={Fact.REGISTERED: True}, by=by, using=Permission.TRIAL_REGISTER)
    registration = freeze(
        trial=trial, read=read, version=(1, 0), registrar=by, reviewer=review.reviewer if review else None
    )
    library.note(trial, by)
    return registration


@transaction.atomic
def reject(*, trial: Trial, by: User) -> Trial:
    """The protocol is turned down: a reviewer rejected it, and the registrar confirms. It is kept, and private."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_REGISTER, on=trial)
    review = last_review(trial, trial.draft)
    rejects = review is not None and review.decision == Review.Decision.REJECT
    if review and review.reviewer_id == by.pk:
        raise SecondPerson("A second person must clear this: the reviewer cannot also confirm the rejection.")
    trial.state_reason = review.comment if review else ""
    steps.take(
        trial,
        State.REJECTED,
        facts={Fact.REASON: True, Fact.REJECTED_BY_REVIEWER: rejects},
        by=by,
        using=Permission.TRIAL_REGISTER,
        event="trial.rejected",
        reason=trial.state_reason,
        object_sha256=protocol.digest(trial.draft),
    )
    return trial


def freeze(
    *,
    trial: Trial,
    read: protocol.Protocol,
    version: tuple[int, int],
    registrar: User,
    reviewer: User | None,
    previous: Registration | None = None,
) -> Registration:
    """Write one version. Called inside the action that decided on it."""
    now = timezone.now()
    first = read.dates.first_unit.date
    # A later version does not make a trial retrospective; a first unit that turns out to be earlier does.
    is_prospective = first is None or timezone.localdate(trial.registered_at or now) <= first
    outcome, assignment = _data_seen(trial, read)
    return Registration.objects.create(
        trial=trial,
        major=version[0],
        minor=version[1],
        protocol=protocol.to_json(read),
        sha256=protocol.digest(read),
        registered_at=now,
        registrar=registrar,
        reviewer=reviewer,
        badge=Registration.Badge.PROSPECTIVE if is_prospective else Registration.Badge.RETROSPECTIVE,
        outcome_data_category=outcome,
        assignment_data_category=assignment,
        previous=previous,
    )


def _data_seen(trial: Trial, read: protocol.Protocol) -> tuple[int, int]:
    """Return the categories of outcome and assignment data: as declared, or worse where our own rows say so."""
    said = [read.data.outcome_data_seen, read.data.assignment_data_seen]
    outcome, assignment = (one.category if one else 4 for one in said)
    if trial.analyses.exists():
        outcome = max(outcome, 4)
    elif trial.datasets.filter(kind=Dataset.Kind.OUTCOME).exists():
        outcome = max(outcome, 3)
    if (allocation := trial.allocation) and allocation.is_drawn:
        assignment = max(assignment, 3 if allocation.is_revealed else 2)
    return outcome, assignment


def last_review(trial: Trial, read: protocol.Protocol) -> Review | None:
    """Return the last review, if it is of this very text."""
    last: Review | None = trial.reviews.order_by("-at", "-pk").first()
    return last if last is not None and last.protocol_sha256 == protocol.digest(read) else None


def _approving_review(trial: Trial, read: protocol.Protocol) -> Review | None:
    review = last_review(trial, read)
    return review if review and review.decision == Review.Decision.APPROVE else None


def _next_number(year: int) -> str:
    prefix = f"{settings.REGISTRY_PREFIX}-{year}-"
    taken = Trial.objects.filter(number__startswith=prefix).values_list("number", flat=True)
    serials = (
        int(match[1])
        for number in taken
        if (match := re.match(rf"{re.escape(prefix)}(\d+)-\d", number or ""))
    )
    return protocol.trial_number(year, max(serials, default=0) + 1, prefix=settings.REGISTRY_PREFIX)


def _embargo(read: protocol.Protocol, today: dt.date) -> dt.date | None:
    until = read.data.embargo_until
    return until if until and until > today else None


def _public_from(embargo_until: dt.date | None, registered_at: dt.datetime) -> dt.datetime:
    if embargo_until is None:
        return registered_at
    return timezone.make_aware(dt.datetime.combine(embargo_until, dt.time()))
