"""Limitations, and what the team makes of the results, are on record."""

from django.db import transaction

from centre.errors import Invalid
from centre.models import User
from experiments.actions import accounts
from experiments.models import Remark, Trial


@transaction.atomic
def record(
    *,
    trial: Trial,
    kind: str,
    text: str,
    corrects: Remark | None = None,
    correction_reason: str = "",
    by: User,
) -> Remark:
    """The remark is on record. It becomes public with the results."""
    trial = accounts.opened(trial, by)
    if kind not in Remark.Kind.values:
        raise Invalid.field("/kind", "Choose what you write about")
    made = Remark(
        trial=trial,
        kind=kind,
        text=accounts.text("/text", text, "The text", "Write the text"),
        **accounts.correction(trial, corrects, correction_reason),
    )
    return accounts.keep(made, by)
