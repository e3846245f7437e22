"""Harms that were reported, and that they were looked for, are on record; by those who do not analyse the trial."""

from django.db import transaction

from centre.errors import Invalid
from centre.models import User
from experiments.actions import accounts
from experiments.models import Harm, Trial
from experiments.protocol import Protocol
from experiments.protocol.text import required_text

LARGEST, LONGEST_NAME = 1_000_000, 200


@transaction.atomic
def record(
    *,
    trial: Trial,
    was_found: bool,
    found_by: str,
    how: str,
    outcome: str = "",
    name: str = "",
    arm: str = "",
    n_events: int | None = None,
    n_units: int | None = None,
    severity: str = "",
    relatedness: str = "",
    action: str = "",
    corrects: Harm | None = None,
    correction_reason: str = "",
    by: User,
) -> Harm:
    """The harm is on record with its counts; or that it was looked for, how, and that none was found."""
    trial = accounts.opened(trial, by)
    read = accounts.registered_protocol(trial)
    if found_by not in Harm.FoundBy.values:
        raise Invalid.field("/found_by", "Choose how it was looked for or found")
    if not was_found and found_by == Harm.FoundBy.REPORTED:
        raise Invalid.field("/found_by", "None was found only where somebody looked: choose how")
    made = Harm(
        trial=trial,
        outcome=outcome,
        name=_name(read, outcome, name),
        arm=accounts.arm_of(read, arm),
        was_found=was_found,
        found_by=found_by,
        how=accounts.text("/how", how, "How it was looked for", "Say how it was looked for or found"),
        **accounts.correction(trial, corrects, correction_reason),
    )
    if was_found:
        _count(made, n_events, n_units)
        _judge(made, severity, relatedness)
        made.action = accounts.text("/action", action, "What was done", "Say what was done about it")
    return accounts.keep(made, by)


def _name(read: Protocol, outcome: str, name: str) -> str:
    if not outcome:
        return required_text(
            "/name",
            name,
            label="The name of the harm",
            max_length=LONGEST_NAME,
            missing="Name the harm, or choose a registered one",
        )
    found = next((one.name for one in read.outcomes if one.id == outcome), None)
    if found is None:
        raise Invalid.field("/outcome", "Choose an outcome of the registered protocol")
    return found


def _count(made: Harm, n_events: int | None, n_units: int | None) -> None:
    for field, count, missing in (
        ("n_events", n_events, "Enter how many events there were"),
        ("n_units", n_units, "Enter how many units or people were concerned"),
    ):
        if count is None:
            raise Invalid.field(f"/{field}", missing)
        if not 1 <= count <= LARGEST:
            raise Invalid.field(f"/{field}", f"Enter a whole number from 1 to {LARGEST:,}")
        setattr(made, field, count)


def _judge(made: Harm, severity: str, relatedness: str) -> None:
    if severity not in Harm.Severity.values:
        raise Invalid.field("/severity", "Choose how bad it was")
    if relatedness not in Harm.Relatedness.values:
        raise Invalid.field("/relatedness", "Choose whether the tactic caused it")
    made.severity, made.relatedness = severity, relatedness
