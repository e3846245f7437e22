"""Which monthly files are expected of forces, from what the hub keeps and what was stated of the source."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Min, QuerySet

from centre.hub.expected import OfKind, of_kind
from centre.hub.months import between
from centre.models import Force, MonthlyFile, SourceAbsence

MONTHS = 36  # that an archive of data.police.uk holds


@dataclass(frozen=True, slots=True)
class Expected:
    """One force: what is known of each month's file, by kind."""

    force: Force
    months: tuple[str, ...]
    kinds: tuple[OfKind, ...]

    @property
    def has_any(self) -> bool:
        """Return whether a file was kept, or something stated of one."""
        return any(one.kept or one.absent for one in self.kinds)


def of_all(forces: QuerySet[Force]) -> list[Expected]:
    """Return every force over the newest months of which the hub knows anything; nothing where it knows nothing."""
    span = _span(forces)
    if span is None:
        return []
    rows, months = list(forces), between(*span)[-MONTHS:]
    return _found(rows, {force.pk: months for force in rows})


def of_one(force: Force, among: QuerySet[Force]) -> Expected | None:
    """Return one force from its own first month to the newest of those that the reader sees; None: nothing is known."""
    own, all_seen = _span(Force.objects.filter(pk=force.pk)), _span(among)
    if own is None or all_seen is None:
        return None
    return _found([force], {force.pk: between(own[0], max(own[1], all_seen[1]))})[0]


def _span(forces: QuerySet[Force]) -> tuple[str, str] | None:
    """Return the first and the last month of any file or statement of these forces."""
    files = MonthlyFile.objects.filter(force__in=forces).aggregate(first=Min("month"), last=Max("month"))
    stated = SourceAbsence.objects.standing().filter(force__in=forces)
    absent = stated.aggregate(first=Min("first_month"), last=Max("last_month"), begins=Max("first_month"))
    days: list[dt.date] = [
        day for day in (files["first"], files["last"], *absent.values()) if day is not None
    ]
    return (f"{min(days):%Y-%m}", f"{max(days):%Y-%m}") if days else None


def _found(forces: Sequence[Force], months: dict[int, list[str]]) -> list[Expected]:
    kept: dict[tuple[int, str], set[str]] = defaultdict(set)
    absent: dict[tuple[int, str], set[str]] = defaultdict(set)
    files = MonthlyFile.objects.filter(force__in=forces, version=1)  # of whatever version: the first is there
    for force, kind, month in files.values_list("force", "kind", "month"):
        kept[force, kind].add(f"{month:%Y-%m}")
    for one in SourceAbsence.objects.standing().filter(force__in=forces):
        absent[one.force_id, one.kind].update(_months(one, months[one.force_id][-1]))
    return [
        Expected(
            force,
            tuple(months[force.pk]),
            tuple(
                of_kind(kind, months[force.pk], kept[force.pk, kind], absent[force.pk, kind])
                for kind in MonthlyFile.Kind.values
            ),
        )
        for force in forces
    ]


def _months(one: SourceAbsence, newest: str) -> list[str]:
    """Return the months that a statement speaks of, up to the newest that is looked at where it goes on."""
    first = f"{one.first_month:%Y-%m}"
    last = f"{one.last_month:%Y-%m}" if one.last_month else newest
    return between(first, last)
