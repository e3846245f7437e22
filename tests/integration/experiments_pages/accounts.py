"""The account of a trial: one entry of each kind."""

from typing import Any

from django.utils import timezone

from experiments.actions import deviations, explanations, harms, implementations, losses, remarks
from experiments.lifecycle import REPORTED
from tests.integration.experiments_pages import stages


def told(cast: Any, trial: Any) -> None:
    """Record one entry of each kind in the account of the trial."""
    said = {"what": "Late.", "reason": "Snow.", "effect": "None.", "happened_on": timezone.localdate()}
    deviations.record(trial=trial, pointer="/arms", **said, by=cast.force_user)
    harms.record(
        trial=trial, name="Injury", was_found=False, found_by="records", how="Read.", by=cast.force_user
    )
    losses.record(
        trial=trial, stage="no_outcome", arm="control", n_units=1, reason="Moved.", by=cast.force_user
    )
    implementations.record(trial=trial, **stages.DELIVERED, by=cast.force_user)
    remarks.record(trial=trial, kind="limitation", text="One force.", by=cast.force_user)
    if stages.fresh(trial).results_state not in REPORTED:
        why = {"about": "not_published", "code": "quality", "text": "It is being read."}
        explanations.record(trial=trial, **why, by=cast.force_user)
