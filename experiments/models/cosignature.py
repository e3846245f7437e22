"""The senior sponsor of the lead force has signed one text of the protocol."""

from django.conf import settings
from django.db import models

from centre.frozen import FrozenModel
from experiments.models.trial import Trial
from experiments.querysets import OfTrialQuerySet


class Cosignature(FrozenModel):
    """A sponsor's signature under a submitted protocol, by its hash."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="cosignatures")
    protocol_edition = models.PositiveIntegerField()
    protocol_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cosignatures")
    at = models.DateTimeField()

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("trial", "protocol_sha256", "by"), name="experiments_cosignature_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.by} signed {self.trial}"
