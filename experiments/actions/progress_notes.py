"""Every six months the team tells the public how the trial goes."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments.actions.trials import require_author
from experiments.models import ProgressNote, Trial
from experiments.protocol.text import require_nothing_personal


@transaction.atomic
def write(*, trial: Trial, text: str, by: User) -> ProgressNote:
    """The note is public, with its day; it cannot be changed."""
    trial = Trial.objects.for_action(trial, by)
    for permission in (Permission.TRIAL_CONDUCT, Permission.TRIAL_SUBMIT):
        require(by, permission, on=trial)
    require_author(trial, by)
    if not trial.is_registered:
        raise Conflict("Notes on progress begin when the trial is registered.")
    if is_blank(text):
        raise Invalid.field("/text", "Say how the trial goes")
    require_nothing_personal("/text", text)
    note = ProgressNote.objects.create(trial=trial, text=tidied(text), by=by, at=timezone.now())
    audit.record("trial.progress_noted", subject=trial, by=by, detail={"note": note.pk})
    return note
