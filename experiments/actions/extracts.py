"""Counts that places were chosen from are frozen under their hash, and the hub's counts become a trial's outcomes."""

from django.db import transaction
from django.utils import timezone

from centre import audit, vault
from centre.errors import Conflict
from centre.models import User
from experiments.actions.trials import open_for_editing
from experiments.analysis import extracting
from experiments.analysis.extracting import Rule
from experiments.models import Extract, Trial


class AlreadyFrozen(Conflict):
    """The very same counts are frozen for this trial already."""


@transaction.atomic
def freeze(*, trial: Trial, rule: Rule, by: User) -> Extract:
    """The counts are kept as they are now, with the rule and the files they come from, while the draft is open."""
    trial = open_for_editing(trial, by)
    found = extracting.look(trial, rule, by)
    stored = vault.put_bytes(found.counts.content())
    if known := trial.extracts.filter(sha256=stored.sha256).first():
        raise AlreadyFrozen(f"These very counts were frozen on {known.frozen_at:%-d %B %Y}.")
    made: Extract = Extract.objects.create(
        trial=trial,
        sha256=stored.sha256,
        measure=rule.measure,
        n_units=len(found.counts.units),
        months=list(found.counts.months),
        rule=rule.as_json(),
        files=list(found.files),
        frozen_at=timezone.now(),
        frozen_by=by,
    )
    audit.record(
        "extract.frozen",
        subject=trial,
        by=by,
        detail={"extract": str(made.public_id), "sha256": made.sha256, "units": made.n_units},
    )
    return made
