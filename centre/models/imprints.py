"""What keeps the frozen rows honest: their imprints, and the published heads of the log and of the imprints."""

from typing import ClassVar

from django.db import models

from centre.frozen import FrozenModel


class Imprint(FrozenModel):
    """The hash of rows of one frozen table as they were written, made in the same transaction.

    `fields` are those the hash covers: all that never change, and of the others what was set. A field that is set
    later gets an imprint of its own.
    """

    has_imprint: ClassVar[bool] = False  # the published heads cover it

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    table = models.CharField(max_length=100)
    fields = models.TextField()  # names, with commas
    is_first = models.BooleanField()  # the rows were made; otherwise a field of theirs was set
    rows = models.JSONField()  # their keys, as text
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("table", "id"), name="centre_imprint_table"),)

    def __str__(self) -> str:
        return f"{self.table}: {len(self.rows)} rows"


class AuditHead(FrozenModel):
    """What was published on one day: the newest event of the log, and the hash of the imprints until then."""

    day = models.DateField(unique=True)
    count = models.PositiveBigIntegerField()  # events
    hash = models.CharField(max_length=64)  # of the newest
    imprints = models.PositiveBigIntegerField()
    imprints_hash = models.CharField(max_length=64)
    imprinted_until = models.DateTimeField()  # the imprints from before this moment
    at = models.DateTimeField()

    class Meta:
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"Head of {self.day:%-d %B %Y}"

    def as_json(self) -> dict[str, object]:
        """Return it as it is published."""
        return {
            "day": self.day.isoformat(),
            "at": self.at.isoformat(),
            "events": self.count,
            "hash": self.hash,
            "imprints": self.imprints,
            "imprints_hash": self.imprints_hash,
            "imprinted_until": self.imprinted_until.isoformat(),
        }
