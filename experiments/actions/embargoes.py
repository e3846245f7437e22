"""The director extends an embargo, once; its end stays the timer's."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import deadlines
from experiments.lifecycle import Visibility
from experiments.models import EmbargoExtension, Trial
from experiments.protocol.deadlines import months_after


@transaction.atomic
def extend(*, trial: Trial, until: dt.date, reason: str, by: User) -> EmbargoExtension:
    """The record stays hidden until the day."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_DIRECT, on=trial)
    last = latest(trial)
    if EmbargoExtension.objects.filter(trial=trial).exists():
        raise Conflict("The embargo of this trial has been extended once, and cannot be again.")
    if trial.embargo_until is None or last is None or trial.is_public:
        raise Conflict("This record is not under embargo.")
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why: it is public when the record is")
    if not trial.embargo_until < until <= last:
        message = f"Give a day after {trial.embargo_until:%-d %B %Y} and not after {last:%-d %B %Y}"
        raise Invalid.field("/until", message)
    made = EmbargoExtension.objects.create(
        trial=trial, before=trial.embargo_until, until=until, reason=tidied(reason), by=by, at=timezone.now()
    )
    trial.embargo_until = until
    trial.public_from = timezone.make_aware(dt.datetime.combine(until, dt.time()))
    trial.save(update_fields=["embargo_until", "public_from", "updated_at"])
    detail = {"before": made.before.isoformat(), "until": until.isoformat(), "reason": made.reason}
    audit.record("trial.embargo_extended", subject=trial, by=by, detail=detail)
    return made


def latest(trial: Trial) -> dt.date | None:
    """Return the last day that the embargo may be extended to."""
    if trial.visibility != Visibility.EMBARGOED or trial.embargo_until is None:
        return None
    return months_after(trial.embargo_until, deadlines.LONGEST_EXTENSION_MONTHS)
