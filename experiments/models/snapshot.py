"""Snapshots: the whole public registry of a day, as one file that never changes."""

from django.db import models

from centre.frozen import FrozenModel


class Snapshot(FrozenModel):
    """The file of one day: in the vault, under its hash."""

    vault_fields = ("sha256",)

    day = models.DateField(unique=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    parts = models.JSONField()  # of each file in it: name, sha256, bytes, rows
    made_at = models.DateTimeField()

    media_type = "application/zip"

    class Meta:
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"Snapshot of {self.day:%-d %B %Y}"

    @property
    def name(self) -> str:
        """Return the name that it is downloaded under."""
        return f"tactic-registry-{self.day:%Y-%m-%d}.zip"
