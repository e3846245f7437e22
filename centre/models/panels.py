"""National panels: what the hub knows of one; its rows lie as columns in the vault, a file for each year."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils import timezone

from centre.frozen import FrozenModel, FrozenQuerySet
from centre.models.people import User
from centre.models.submissions import AreaLookup
from centre.permissions import Permission, has_permission

if TYPE_CHECKING:
    from centre.permissions import Person


class PanelQuerySet(FrozenQuerySet):
    """Questions about many panels."""

    def visible_to(self, user: "Person") -> "PanelQuerySet":
        """Return every panel for those who see the hub; which forces of one they see, its page decides."""
        return self.all() if has_permission(user, Permission.HUB_SEE) else self.none()


class Panel(FrozenModel):
    """One version of one panel: areas of one vintage by months, with what its roll-up was made by."""

    vault_fields = ("manifest_sha256", "rollup_sha256")

    class Vintage(models.TextChoices):
        """Of which census the areas are."""

        OF_2011 = "2011", "LSOAs of 2011"
        OF_2021 = "2021", "LSOAs of 2021"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    vintage = models.CharField(max_length=4, choices=Vintage)
    lookup = models.ForeignKey(AreaLookup, on_delete=models.PROTECT, related_name="+")
    absent_is_zero = models.BooleanField()  # rows without a count were left out by whoever sent it
    measures = models.JSONField(default=list)  # keys, in order
    first_month = models.DateField()
    last_month = models.DateField()
    n_areas = models.PositiveIntegerField()
    n_rows = models.PositiveBigIntegerField()
    n_cells = models.PositiveBigIntegerField()
    files = models.JSONField(default=list)  # those that came and the partitions: each with its hash
    manifest_sha256 = models.CharField(max_length=64)
    rollup_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now)
    received_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null: a command

    objects: ClassVar[models.Manager[Any]] = PanelQuerySet.as_manager()

    class Meta:
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="centre_panel_version_once"),
            models.CheckConstraint(
                condition=models.Q(first_month__day=1, last_month__day=1)
                & models.Q(first_month__lte=models.F("last_month")),
                name="centre_panel_months_are_first_days_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    def kept_files(self) -> list[str]:
        """Return the manifest, the roll-up, what came, and the partitions."""
        return super().kept_files() + [one["sha256"] for one in self.files]
