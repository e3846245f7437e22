"""Error rates of tools are recorded as they were counted, and taken back with a reason; none is ever edited."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, Problem
from centre.models import User
from centre.permissions import Permission, require
from centre.text import clean_text, personal_detail
from tactics.actions.withdrawing import withdraw
from tactics.models import ErrorRate, Tactic

LARGEST = 10**15
TEXTS = {
    "numerator_counts": ("What the count counts", 120, "Say what was counted, such as false alerts"),
    "denominator_counts": (
        "What the denominator counts",
        120,
        "Say what the rate is of, such as faces scanned",
    ),
    "period": ("Period", 120, "Enter the period"),
    "how_measured": ("How it was measured", 300, "Say how it was measured"),
    "source": ("Source", 300, "Enter the source"),
    "checked_by": ("Checked by", 200, "Say who checked it, or that nobody outside has"),
}


class OnlyForAi(Conflict):
    """The tactic is not marked as one that uses AI."""


@transaction.atomic
def record(
    *, tactic: Tactic, kind: str, numerator: int, denominator: int, by: User, **said: str
) -> ErrorRate:
    """The page shows the rate with its denominator. `said` has the texts of `TEXTS`."""
    tactic = Tactic.objects.select_for_update(of=("self",)).select_related("force").get(pk=tactic.pk)
    _require_may(tactic, by)
    if not tactic.uses_ai:
        raise OnlyForAi("Error rates belong to tactics that use AI. Say that it does when you edit it.")
    found = _cleaned(kind, numerator, denominator, said)
    made: ErrorRate = ErrorRate.objects.create(
        tactic=tactic,
        kind=kind,
        numerator=numerator,
        denominator=denominator,
        recorded_at=timezone.now(),
        recorded_by=by,
        **found,
    )
    detail = {"rate": made.pk, "kind": kind, "of": made.denominator_counts}
    audit.record("error_rate.recorded", subject=tactic, by=by, detail=detail)
    return made


@transaction.atomic
def take_back(*, rate: ErrorRate, because: str, by: User) -> ErrorRate:
    """The page no longer shows the rate; the record keeps it with the reason."""
    _require_may(rate.tactic, by)
    stored = withdraw(rate, because=because, by=by)
    audit.record("error_rate.taken_back", subject=rate.tactic, by=by, detail={"rate": stored.pk})
    return stored


def may_record(tactic: Tactic, by: Any) -> bool:
    """Return whether a page may offer it: a draft to its force, a published tactic to the Centre."""
    return tactic.uses_ai and tactic.may_be_edited_by(by)


def _require_may(tactic: Tactic, by: User) -> None:
    require(by, Permission.TACTIC_EDIT, on=tactic)
    if not tactic.may_be_edited_by(by):
        raise Conflict("This tactic is published. Ask the Centre to change its error rates.")


def _cleaned(kind: str, numerator: int, denominator: int, said: Mapping[str, str]) -> dict[str, str]:
    """Return the texts tidied.

    Raises
    ------
    Invalid : with one problem for each field that must change.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    if kind not in ErrorRate.Kind.values:
        problems.append(Problem("kind", "Choose what went wrong"))
    if not 1 <= denominator <= LARGEST:
        problems.append(Problem("denominator", "The denominator must be a whole number of 1 or more"))
    elif not 0 <= numerator <= denominator:
        problems.append(
            Problem(
                "numerator", "The count must be a whole number from 0 to the denominator: it is a part of it"
            )
        )
    for name, (label, maximum, required) in TEXTS.items():
        try:
            found[name] = clean_text(said[name], label=label, maximum=maximum, required=required)
        except Invalid as refusal:
            problems.append(Problem(name, refusal.message))
            continue
        if detail := personal_detail(found[name]):
            problems.append(Problem(name, f"This looks like personal data: remove {detail}"))
    if problems:
        raise Invalid("There is a problem with the error rate", problems)
    return found
