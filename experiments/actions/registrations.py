"""A reviewed protocol is frozen: canonical JSON, SHA-256, number, time."""

import datetime as dt
import re

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from centre import audit
from centre.errors import NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import protocol
from experiments.actions import library
from experiments.actions.reviews import is_own
from experiments.actions.trials import ProtocolIncomplete, require_runnable
from experiments.lifecycle import Conduct, Fact, Visibility, advance
from experiments.lifecycle import Registration as State
from experiments.models import Registration, Review, Trial

_LOCK = 0x54524E4F  # "TRNO": one number at a time on PostgreSQL


class SecondPerson(NotPermitted):
    """The registrar must be somebody else than the author and the reviewer."""


@transaction.atomic
def register(*, trial: Trial, by: User) -> Registration:
    """The protocol is frozen: from now on it changes only by amendment."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_REGISTER, on=trial)
    read, today = trial.draft, timezone.localdate()
    if is_own(trial, by):
        raise SecondPerson("A second person must clear this: the author cannot register their own trial.")
    found = protocol.problems(read, today=today)
    if found:
        raise ProtocolIncomplete("The protocol is not complete", found)
    require_runnable(read)
    review = _approving_review(trial, read)
    if review and review.reviewer_id == by.pk:
        raise SecondPerson("A second person must clear this: the reviewer cannot also register the trial.")
    facts = {Fact.COMPLETE: not found, Fact.REVIEWED: review is not None}
    trial.registration_state = advance(State(trial.registration_state), State.REGISTERED, facts)
    trial.number = _next_number(today.year)
    trial.registered_at = timezone.now()
    _set_visibility(trial, read, today)
    trial.save()
    registration = freeze(
        trial=trial, read=read, version=(1, 0), registrar=by, reviewer=review.reviewer if review else None
    )
    library.note(trial, by)
    detail = {"number": trial.number, "sha256": registration.sha256, "badge": registration.badge}
    audit.record("trial.registered", subject=trial, by=by, detail=detail)
    return registration


@transaction.atomic
def withdraw(*, trial: Trial, reason: str, by: User) -> Trial:
    """The registration is withdrawn before anything began; number, title and reason stay."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_REGISTER, on=trial)
    if is_own(trial, by):
        raise SecondPerson("A second person must clear this: the author cannot withdraw alone.")
    facts = {
        Fact.REASON: not is_blank(reason),
        Fact.NOT_STARTED_YET: trial.conduct_state == Conduct.NOT_STARTED,
    }
    trial.registration_state = advance(State(trial.registration_state), State.WITHDRAWN, facts)
    trial.conduct_state = advance(Conduct(trial.conduct_state), Conduct.NEVER_STARTED, facts)
    trial.state_reason = tidied(reason)
    trial.save()
    library.note(trial, by)
    audit.record("trial.withdrawn", subject=trial, by=by, detail={"reason": trial.state_reason})
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
    first = read.dates.first_unit.date
    is_prospective = first is None or timezone.localdate() <= first
    seen = read.data
    return Registration.objects.create(
        trial=trial,
        major=version[0],
        minor=version[1],
        protocol=protocol.to_json(read),
        sha256=protocol.digest(read),
        registered_at=timezone.now(),
        registrar=registrar,
        reviewer=reviewer,
        badge=Registration.Badge.PROSPECTIVE if is_prospective else Registration.Badge.RETROSPECTIVE,
        outcome_data_category=seen.outcome_data_seen.category if seen.outcome_data_seen else 4,
        assignment_data_category=seen.assignment_data_seen.category if seen.assignment_data_seen else 4,
        previous=previous,
    )


def _approving_review(trial: Trial, read: protocol.Protocol) -> Review | None:
    """Return the last review, if it approves this very text."""
    last: Review | None = trial.reviews.order_by("-at", "-pk").first()
    is_this = last is not None and last.protocol_sha256 == protocol.digest(read)
    return last if is_this and last and last.decision == Review.Decision.APPROVE else None


def _next_number(year: int) -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    prefix = f"{settings.REGISTRY_PREFIX}-{year}-"
    taken = Trial.objects.filter(number__startswith=prefix).values_list("number", flat=True)
    serials = (int(match[1]) for number in taken if (match := re.match(rf"{prefix}(\d+)-\d", number or "")))
    return protocol.trial_number(year, max(serials, default=0) + 1, prefix=settings.REGISTRY_PREFIX)


def _set_visibility(trial: Trial, read: protocol.Protocol, today: dt.date) -> None:
    until = read.data.embargo_until
    after = Visibility.EMBARGOED if until and until > today else Visibility.PUBLIC
    trial.visibility = advance(Visibility(trial.visibility), after, {Fact.REGISTERED: True})
    trial.embargo_until = until if after is Visibility.EMBARGOED else None
