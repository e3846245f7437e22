"""What forces send to the hub: archives as they came, and their monthly files, each version kept."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from centre.frozen import FrozenModel, FrozenQuerySet
from centre.models.forces import Force
from centre.models.of_forces import OfForceQuerySet, WithPartsOfForcesQuerySet
from centre.models.people import User


class AreaLookupQuerySet(FrozenQuerySet):
    """Questions about many lookups."""

    def current(self) -> "AreaLookup | None":
        """Return the lookup that files are judged by from now on; None before the first is loaded."""
        return self.order_by("-loaded_at", "-pk").first()


class AreaLookup(FrozenModel):
    """What is known of areas at a date: LSOAs of 2011 and 2021, their districts, the districts' forces."""

    vault_fields = ("lookup_sha256", "districts_sha256")

    vintage = models.CharField(max_length=120)
    lookup_sha256 = models.CharField(max_length=64)
    districts_sha256 = models.CharField(max_length=64, blank=True)
    n_areas = models.PositiveIntegerField()
    loaded_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = AreaLookupQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("lookup_sha256", "districts_sha256"), name="centre_arealookup_once"
            ),
        )

    def __str__(self) -> str:
        return self.vintage


class SubmissionQuerySet(WithPartsOfForcesQuerySet):
    """Questions about many submissions."""

    parts = "files"

    def for_list(self) -> "SubmissionQuerySet":
        """Add what a list shows: how many files and rows, and the months."""
        counted = self.select_related("received_by").annotate(
            n_files=models.Count("files"),
            n_rows=models.Sum("files__rows"),
            first_month=models.Min("files__month"),
            last_month=models.Max("files__month"),
        )
        return counted.order_by("-received_at", "-pk")


class Submission(FrozenModel):
    """An archive as it came. It makes a version of each monthly file that differs from the newest one."""

    vault_fields = ("sha256",)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filename = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    unchanged = models.PositiveIntegerField()  # files that the hub had already, byte for byte
    passed_over = models.JSONField(default=list)  # other files of the archive, by their path
    areas = models.ForeignKey(AreaLookup, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)
    received_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null: a command

    objects: ClassVar[models.Manager[Any]] = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return self.filename


class MonthlyFileQuerySet(OfForceQuerySet):
    """Questions about many monthly files."""

    def newest(self, *, as_of: datetime | None = None) -> "MonthlyFileQuerySet":
        """Return the newest version of each force's month, as it stood at a moment."""
        rows = self.filter(submission__received_at__lte=as_of) if as_of else self.all()
        later: Any = MonthlyFile.objects.filter(
            force=OuterRef("force"),
            kind=OuterRef("kind"),
            month=OuterRef("month"),
            version__gt=OuterRef("version"),
        )
        if as_of:
            later = later.filter(submission__received_at__lte=as_of)
        return rows.exclude(Exists(later))


class MonthlyFile(FrozenModel):
    """One version of one kind of file of one force's month: counts in `profile`, its columns and ids in the vault.

    The columns of stops and searches are those that describe no person, and they name no crime: no ids.
    """

    vault_fields = ("columns_sha256", "ids_sha256")

    class Kind(models.TextChoices):
        """What the file holds."""

        STREET = "street", "street-level crime"
        OUTCOMES = "outcomes", "outcomes"
        STOP_AND_SEARCH = "stop-and-search", "stop and search"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="files")
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="monthly_files")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.STREET)
    month = models.DateField()  # its first day
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)  # of the file as it stands in the archive
    rows = models.PositiveIntegerField()
    profile = models.JSONField()
    columns_sha256 = models.CharField(max_length=64)
    ids_sha256 = models.CharField(max_length=64, blank=True)

    objects: ClassVar[models.Manager[Any]] = MonthlyFileQuerySet.as_manager()

    class Meta:
        ordering = ("force", "kind", "month", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("force", "kind", "month", "version"), name="centre_monthlyfile_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="centre_monthlyfile_month_is_its_first_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.force}, {self.get_kind_display()}, {self.month:%B %Y}, version {self.version}"
