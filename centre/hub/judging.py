"""How good a force's files are, from the newest version of each month, now or as it was at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import numpy as np
from django.db.models import OuterRef, QuerySet, Subquery
from numpy.typing import NDArray

from centre import vault
from centre.hub.counts import Counts
from centre.hub.examination import returned
from centre.hub.quality.checks import Series, findings
from centre.hub.quality.findings import Finding
from centre.hub.quality.revisions import Revision, revision
from centre.hub.quality.scorecard import Scorecard, Tier, scorecards
from centre.hub.street.profile import Profile
from centre.models import Force, MonthlyFile


@dataclass(frozen=True, slots=True)
class Judged:
    """A force's files in order of month, with what is found and a scorecard for each month."""

    force: Force
    series: Series
    findings: tuple[Finding, ...]
    scorecards: tuple[Scorecard, ...]

    @property
    def newest(self) -> Scorecard:
        """Return the scorecard of the newest month."""
        return self.scorecards[-1]

    @property
    def comparable_months(self) -> frozenset[str]:
        """Return the months whose counts may be compared, with or without a note."""
        return frozenset(one.month for one in self.scorecards if one.counts is not Tier.NOT)

    @property
    def barred_months(self) -> frozenset[str]:
        """Return the months whose counts are not to be compared, those without a file too."""
        return frozenset(one.month for one in self.scorecards if one.counts is Tier.NOT)

    @property
    def comparable(self) -> int:
        """Return how many months may be compared, with or without a note."""
        return len(self.comparable_months)


def judged(force: Force, *, as_of: datetime | None = None) -> Judged | None:
    """Judge a force's files; None where it has sent none."""
    files = MonthlyFile.objects.newest(as_of=as_of).filter(force=force, kind=MonthlyFile.Kind.STREET)
    keys = tuple(files.order_by("month").values_list("pk", "submission_id"))
    if not keys:
        return None
    series, found, cards = _judged(force.slug, keys)
    return Judged(force, series, found, cards)


def all_judged(forces: QuerySet[Force], *, as_of: datetime | None = None) -> list[Judged]:
    """Judge each force that has sent files, in the order of the forces."""
    return [one for force in forces if (one := judged(force, as_of=as_of)) is not None]


@lru_cache(maxsize=200)  # of frozen rows, so that what is kept cannot go stale
def _judged(
    slug: str, keys: tuple[tuple[int, UUID], ...]
) -> tuple[Series, tuple[Finding, ...], tuple[Scorecard, ...]]:
    files = MonthlyFile.objects.filter(pk__in=[key for key, _ in keys]).order_by("month")
    series = Series(
        slug,
        [Profile.from_json(one.profile) for one in files],
        returned([_ids(one.ids_sha256) for one in files]),
        rows_before=_rows_before([key for key, _ in keys]),
    )
    found = findings(series)
    return series, tuple(found), tuple(scorecards(series, found))


def _rows_before(keys: list[int]) -> dict[str, int]:
    """Return the rows of the version before, for each month that was sent again."""
    before = MonthlyFile.objects.filter(
        force=OuterRef("force"),
        kind=OuterRef("kind"),
        month=OuterRef("month"),
        version=OuterRef("version") - 1,
    )
    again = MonthlyFile.objects.filter(pk__in=keys, version__gt=1)
    found = again.annotate(rows_before=Subquery(before.values("rows")))
    return {f"{month:%Y-%m}": rows for month, rows in found.values_list("month", "rows_before")}


def revised(file: MonthlyFile) -> Revision | None:
    """Return what a version changed in the one before it; None for the first."""
    before = MonthlyFile.objects.filter(
        force=file.force, kind=file.kind, month=file.month, version=file.version - 1
    ).first()
    if before is None:
        return None
    return revision(
        counted(before),
        counted(file),
        _ids(before.ids_sha256) if before.ids_sha256 else None,
        _ids(file.ids_sha256) if file.ids_sha256 else None,
    )


def counted(file: MonthlyFile) -> Profile | Counts:
    """Return what was counted of a file, by its kind."""
    of_streets = file.kind == MonthlyFile.Kind.STREET
    return Profile.from_json(file.profile) if of_streets else Counts.from_json(file.profile)


def revisions(files: Iterable[MonthlyFile]) -> list[tuple[MonthlyFile, Revision]]:
    """Return what each version changed in the one before it, where there is one."""
    return [(one, found) for one in files if one.version > 1 and (found := revised(one))]


def _ids(sha256: str) -> NDArray[np.uint64]:
    return np.frombuffer(vault.read(sha256), dtype="<u8")
