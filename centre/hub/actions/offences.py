"""Counts of recorded offences arrive as a CSV: kept whole or refused whole, every version of a month for ever."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit, vault
from centre.errors import Conflict, Invalid
from centre.hub import offences_file, weighing
from centre.hub.actions import sending
from centre.hub.offences_file import Month
from centre.models import Force, OffenceFile, OffenceMonth, User
from centre.text import shown_name

LARGEST = 5_000_000  # bytes: a force's hundred titles in a hundred months many times over


@transaction.atomic
def receive(
    *, content: bytes, filename: str, source: str, absent_is_none: bool, by: User | None
) -> OffenceFile:
    """Each month that says something new becomes a version. Without `by` an administrator's command sends it.

    With `absent_is_none` whoever sends the file says that an offence without a row was not recorded in that month;
    otherwise its count is not known.
    """
    forces = sending.forces(by)
    sending.refuse_larger(content, LARGEST, "counts")
    source = sending.source(source)
    months = _read(content, forces)
    sending.one_at_a_time({one.force for one in months})
    before = _newest(months)
    fresh = [
        one for one in months if _differs(one, absent_is_none, before.get((forces[one.force].pk, one.month)))
    ]
    if not fresh:
        raise Conflict("The hub has every one of these months already, as it is.")
    made: OffenceFile = OffenceFile.objects.create(
        filename=shown_name(filename) or "offences.csv",
        source=source,
        sha256=vault.put_bytes(content).sha256,
        absent_is_none=absent_is_none,
        unchanged=len(months) - len(fresh),
        received_by=by,
    )
    OffenceMonth.objects.bulk_create(
        [_month(made, one, forces[one.force], before.get((forces[one.force].pk, one.month))) for one in fresh]
    )
    detail = {"sha256": made.sha256, "months": len(fresh), "unchanged": made.unchanged}
    audit.record("offences.received", subject=made, by=by or audit.SYSTEM, detail=detail)
    return made


def _read(content: bytes, forces: dict[str, Force]) -> list[Month]:
    titles = weighing.titles()
    if not titles:
        raise Invalid(
            "No table of weights is loaded, so no offence has a title yet: ask the Centre to load one."
        )
    known = offences_file.Known(frozenset(forces), titles, timezone.localdate())
    try:
        return offences_file.read(content, known)
    except offences_file.OffencesRefused as refusal:
        raise sending.refused(refusal) from refusal


def _newest(months: Sequence[Month]) -> dict[tuple[int, Any], OffenceMonth]:
    """Return what the hub has of the forces and months, by both."""
    slugs, days = {one.force for one in months}, {one.month for one in months}
    rows = OffenceMonth.objects.newest().filter(force__slug__in=slugs, month__in=days).select_related("file")
    return {(one.force_id, one.month): one for one in rows}


def _differs(month: Month, absent_is_none: bool, before: OffenceMonth | None) -> bool:
    if before is None:
        return True
    return (dict(month.counts), absent_is_none) != (before.counts, before.file.absent_is_none)


def _month(file: OffenceFile, month: Month, force: Force, before: OffenceMonth | None) -> OffenceMonth:
    version = before.version + 1 if before else 1
    return OffenceMonth(file=file, force=force, month=month.month, version=version, counts=dict(month.counts))
