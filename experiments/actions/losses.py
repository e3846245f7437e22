"""Why units were lost is on record, by those who do not analyse the trial."""

from django.db import transaction

from centre.errors import Invalid
from centre.models import User
from experiments.actions import accounts
from experiments.models import Loss, Trial
from experiments.protocol.text import text_problems

LARGEST, LONGEST_PERIOD = 10_000_000, 40


@transaction.atomic
def record(
    *,
    trial: Trial,
    stage: str,
    n_units: int | None,
    reason: str,
    arm: str = "",
    period: str = "",
    corrects: Loss | None = None,
    correction_reason: str = "",
    by: User,
) -> Loss:
    """So many units of an arm were lost at a stage, for this reason."""
    trial = accounts.opened(trial, by)
    read = accounts.registered_protocol(trial)
    if not arm and read.design.design and read.design.design.is_randomised:
        raise Invalid.field("/arm", "Choose an arm: this trial draws them")
    if stage not in Loss.Stage.values:
        raise Invalid.field("/stage", "Choose what happened to them")
    if n_units is None or not 1 <= n_units <= LARGEST:
        raise Invalid.field("/n_units", f"Enter how many units, from 1 to {LARGEST:,}")
    if found := list(text_problems("/period", period, label="The period", max_length=LONGEST_PERIOD)):
        raise Invalid(found[0].message, found)
    made = Loss(
        trial=trial,
        stage=stage,
        n_units=n_units,
        reason=accounts.text("/reason", reason, "The reason", "Say why they were lost"),
        arm=accounts.arm_of(read, arm),
        period=period.strip(),
        **accounts.correction(trial, corrects, correction_reason),
    )
    return accounts.keep(made, by)
