"""What was not done as the protocol says is on record, with the registry's own stamp on what had been seen by then."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from centre.errors import Conflict, Invalid
from centre.models import User
from experiments.actions import accounts
from experiments.actions.amendments import outcome_data_evidence
from experiments.models import Deviation, Trial
from experiments.protocol.anchors import holds


@transaction.atomic
def record(
    *,
    trial: Trial,
    pointer: str,
    what: str,
    happened_on: dt.date,
    reason: str,
    effect: str,
    corrects: Deviation | None = None,
    correction_reason: str = "",
    by: User,
) -> Deviation:
    """The deviation is on record. It cannot be edited: a later entry may stand in its place."""
    trial = accounts.opened(trial, by)
    registration = trial.registration
    if registration is None:
        raise Conflict("There is no registered protocol to deviate from.")
    if not holds(registration.frozen_protocol, pointer):
        raise Invalid.field("/pointer", "Choose a field of the registered protocol")
    if happened_on > timezone.localdate():
        raise Invalid.field("/happened_on", "The day it happened must be today or in the past")
    seen = outcome_data_evidence(trial)
    made = Deviation(
        trial=trial,
        registration=registration,
        pointer=pointer,
        what=accounts.text("/what", what, "What happened", "Say what happened"),
        happened_on=happened_on,
        reason=accounts.text("/reason", reason, "The reason", "Say why it happened"),
        effect=accounts.text(
            "/effect", effect, "The effect on the results", "Say what it may do to the results"
        ),
        outcome_data_opened=bool(seen["analyses"]),
        outcome_data_evidence=seen,
        **accounts.correction(trial, corrects, correction_reason),
    )
    return accounts.keep(made, by)
