"""A file is absent at its source: the registrar says so, with where it can be read; or that it does not hold."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.hub.actions.wording import cleaned
from centre.hub.months import first_day
from centre.models import Force, MonthlyFile, SourceAbsence, SourceAbsenceWithdrawal, User
from centre.permissions import Permission, require

BEGINNING = dt.date(2010, 12, 1)  # of the files of data.police.uk


class StatedAlready(Conflict):
    """Another statement speaks of one of the months."""


class Withdrawn(Conflict):
    """The statement was withdrawn."""


@transaction.atomic
def state(
    *,
    force: Force,
    kind: str,
    first_month: str,
    last_month: str,
    words: str,
    source: str,
    checked_on: dt.date,
    by: User,
) -> SourceAbsence:
    """The source has no such file for these months, each YYYY-MM; an empty last month: it goes on."""
    require(by, Permission.HUB_KEEP, on=force)
    if kind not in MonthlyFile.Kind.values:
        raise Invalid.field("/kind", f"Choose one of {', '.join(MonthlyFile.Kind.values)}")
    first = _month("first_month", first_month)
    last = _month("last_month", last_month) if last_month.strip() else None
    if last and last < first:
        raise Invalid.field("/last_month", "The last month must not be before the first")
    if checked_on > timezone.localdate():
        raise Invalid.field("/checked_on", "The day on which the source was read must not be in the future")
    said = {
        "words": cleaned(
            "words", words, label="What the source says", maximum=500, required="Say what the source says"
        ),
        "source": cleaned(
            "source",
            source,
            label="The source",
            maximum=300,
            required="Say where it can be read: a fact without a source is not recorded",
            lines=False,
        ),
    }
    locked = Force.objects.select_for_update().get(pk=force.pk)
    _refuse_what_is_known(locked, kind, first, last)
    made: SourceAbsence = SourceAbsence.objects.create(
        force=locked,
        kind=kind,
        first_month=first,
        last_month=last,
        checked_on=checked_on,
        stated_at=timezone.now(),
        stated_by=by,
        **said,
    )
    detail = {"force": locked.slug, "kind": kind, "months": made.span}
    audit.record("absence.stated", subject=made, by=by, detail=detail)
    return made


@transaction.atomic
def withdraw(*, absence: SourceAbsence, because: str, by: User) -> SourceAbsenceWithdrawal:
    """The statement does not hold; it and why stay on record, and another may be made."""
    require(by, Permission.HUB_KEEP, on=absence.force)
    # One person at a time. The force is locked, for a frozen row cannot be.
    Force.objects.select_for_update().get(pk=absence.force_id)
    if SourceAbsenceWithdrawal.objects.filter(absence=absence).exists():
        raise Withdrawn("This was withdrawn already.")
    because = cleaned(
        "because", because, label="Why", maximum=500, required="Say why it does not hold", lines=False
    )
    made = SourceAbsenceWithdrawal.objects.create(absence=absence, because=because, at=timezone.now(), by=by)
    audit.record("absence.withdrawn", subject=absence, by=by, detail={"because": because})
    return made


def _month(field: str, text: str) -> dt.date:
    month = first_day(text.strip())
    if month is None:
        raise Invalid.field(f"/{field}", "Write the month as year and month, like 2019-07")
    if not BEGINNING <= month <= timezone.localdate():
        raise Invalid.field(f"/{field}", f"The month must lie between {BEGINNING:%Y-%m} and this month")
    return month


def _refuse_what_is_known(force: Force, kind: str, first: dt.date, last: dt.date | None) -> None:
    """Refuse months of which the hub has a file, or of which a statement stands."""
    files = MonthlyFile.objects.filter(force=force, kind=kind, month__gte=first)
    standing = SourceAbsence.objects.standing().filter(force=force, kind=kind)
    if last:
        files, standing = files.filter(month__lte=last), standing.filter(first_month__lte=last)
    if kept := files.order_by("month").first():
        raise Invalid.field(
            "/first_month", f"The hub has a file of {kept.month:%Y-%m}: name the months without one"
        )
    for other in standing.select_related("force"):
        if other.last_month is None or other.last_month >= first:
            raise StatedAlready(f"It is stated already for {other.span}: withdraw that first.")
