"""The boundaries of police force areas, simplified for maps. Each loading is a version; the newest is in use."""

from django.db import models

from centre.frozen import FrozenModel


class ForceBoundaries(FrozenModel):
    """One version of the boundaries, as the maps draw them."""

    vintage = models.CharField(max_length=60)  # "December 2023"
    source_sha256 = models.CharField(max_length=64, unique=True)
    document = models.JSONField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ("-loaded_at", "-pk")
        verbose_name_plural = "force boundaries"

    def __str__(self) -> str:
        return f"Force boundaries, {self.vintage}"

    @classmethod
    def in_use(cls) -> "ForceBoundaries | None":
        """Return the version that maps are drawn with; None where none is loaded."""
        newest: ForceBoundaries | None = cls.objects.first()
        return newest
