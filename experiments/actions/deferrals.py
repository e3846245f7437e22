"""The registrar puts publication off, once, for at most 60 days, with a reason that everybody can read."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import deadlines
from experiments.lifecycle import Results
from experiments.models import Deferral, Release, Trial
from experiments.protocol.text import require_nothing_personal


@transaction.atomic
def put_off(*, trial: Trial, until: dt.date, reason: str, by: User) -> Deferral:
    """Nothing of the trial is published before the day."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_REGISTER, on=trial)
    if Deferral.objects.filter(trial=trial).exists():
        raise Conflict("The publication of this trial has been put off once, and cannot be again.")
    if trial.results_state != Results.CHECKED_INTERNAL:
        raise Conflict(
            "Publication is put off when two checkers have cleared the release, before it is published."
        )
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why: it is public")
    require_nothing_personal("/reason", reason)
    last = latest(trial)
    if not timezone.localdate() < until <= last:
        raise Invalid.field("/until", f"Give a day after today and not after {last:%-d %B %Y}")
    made = Deferral.objects.create(trial=trial, until=until, reason=tidied(reason), by=by, at=timezone.now())
    detail = {"until": until.isoformat(), "reason": made.reason}
    audit.record("trial.publication_deferred", subject=trial, by=by, detail=detail)
    return made


def latest(trial: Trial) -> dt.date:
    """Return the last day that publication may be put off to: 60 days after it would come by itself."""
    release: Release | None = next((one for one in trial.releases.all() if one.is_cleared), None)
    ends = release.facts_until if release else None
    day = timezone.localdate(ends) if ends else timezone.localdate()
    return max(day, trial.report_due or day) + deadlines.LONGEST_DEFERRAL
