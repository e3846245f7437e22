"""What every entry in a trial's account has in common: who may make it, how it is corrected, how it is taken back."""

from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotFound, NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from experiments.actions.trials import may_submit, require_author
from experiments.models import TeamMember, Trial
from experiments.models.account import AccountEntry
from experiments.protocol import Protocol
from experiments.protocol.text import required_text

LONGEST = 4_000
E = TypeVar("E", bound=AccountEntry)


class AlreadyCorrected(Conflict):
    """A later entry stands in its place."""


def opened(trial: Trial, by: User) -> Trial:
    """Return the trial, locked, for somebody who speaks for it; a trial has an account once it is registered."""
    trial = Trial.objects.for_action(trial, by)
    for permission in (Permission.TRIAL_CONDUCT, Permission.TRIAL_SUBMIT):
        require(by, permission, on=trial)
    require_author(trial, by)
    if not trial.is_registered:
        raise Conflict("A trial has an account of what happened once it is registered.")
    return trial


def registered_protocol(trial: Trial) -> Protocol:
    """Return the version in force."""
    if trial.registration is None:
        raise Conflict("There is no registered protocol.")
    return trial.registration.frozen_protocol


def arm_of(read: Protocol, arm: str) -> str:
    """Return the arm, if the protocol has it; blank is none in particular."""
    if arm and arm not in {one.id for one in read.arms}:
        raise Invalid.field("/arm", "Choose an arm of the registered protocol")
    return arm


def may_record(trial: Trial, by: User) -> bool:
    """Return whether the person may add to the account of the trial."""
    return trial.is_registered and may_submit(trial, by)


def correction(trial: Trial, corrects: AccountEntry | None, reason: str) -> dict[str, Any]:
    """Return the columns that say which entry is replaced, and why; nothing where none is."""
    if corrects is None:
        return {}
    if corrects.trial_id != trial.pk:
        raise NotFound("There is no such entry in this trial.")
    if not corrects.is_standing:
        raise AlreadyCorrected("A later entry has replaced this one, or it was taken back.")
    return {"corrects": corrects, "correction_reason": _reason(reason)}


def keep(entry: E, by: User) -> E:
    """The entry is on record, with one event."""
    if entry.is_for_no_analyst:
        _require_no_analyst(entry.trial, by)
    entry.by, entry.at = by, timezone.now()
    entry.save()
    act = "taken_back" if entry.takes_back else "corrected" if entry.corrects else "recorded"
    detail = {"entry": str(entry.public_id), "reason": entry.correction_reason}
    audit.record(f"{entry._meta.model_name}.{act}", subject=entry.trial, by=by, detail=detail)
    return entry


@transaction.atomic
def take_back(*, entry: E, reason: str, by: User) -> E:
    """The entry does not stand any more, and nothing stands in its place; what it said can still be read."""
    trial = opened(entry.trial, by)
    replaced = correction(trial, entry, reason)
    same = {
        field.attname: getattr(entry, field.attname)
        for field in entry._meta.local_concrete_fields
        if field.name not in ("id", "public_id", "corrects", "correction_reason", "takes_back", "by", "at")
    }
    return keep(type(entry)(**same, **replaced, takes_back=True), by)


def text(pointer: str, given: str, label: str, missing: str) -> str:
    """Return one text of an entry, or refuse it by name."""
    return required_text(pointer, given, label=label, max_length=LONGEST, missing=missing)


def _reason(given: str) -> str:
    return text("/correction_reason", given, "The reason", "Say why the earlier entry was wrong")


def _require_no_analyst(trial: Trial, by: User) -> None:
    """Refuse who analyses the trial: what counts as a harm or a loss is not theirs to say."""
    is_analyst = trial.team_members.filter(user=by, role=TeamMember.Role.ANALYST).exists()
    if is_analyst or trial.analyses.filter(requested_by=by).exists():
        raise NotPermitted("Who analyses this trial does not record its harms or losses.")
