"""What was known of places before a trial: counts from the data hub that units were chosen from, held by their hash."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from centre.frozen import FrozenModel
from centre.hub.street import counting
from experiments.models.trial import Trial
from experiments.querysets import OfTrialQuerySet


class Extract(FrozenModel):
    """Counts of units by month, in the vault, with the rule that chose the units and the files behind them."""

    vault_fields = ("sha256",)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="extracts")
    sha256 = models.CharField(max_length=64)  # of the canonical CSV: unit, month, count
    measure = models.CharField(max_length=60)  # its key
    n_units = models.PositiveIntegerField()
    months = models.JSONField()  # YYYY-MM, those that are counted
    rule = (
        models.JSONField()
    )  # forces, first and last month, fewest a month, most units, units that will be treated
    files = models.JSONField()  # force, month, version and SHA-256 of each file
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="extracts_frozen"
    )

    objects: ClassVar[models.Manager[Any]] = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-frozen_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("trial", "sha256"), name="experiments_extract_once"),)

    def __str__(self) -> str:
        return f"{counting.names()[self.measure]} of {self.n_units:,} units, {self.months[0]} to {self.months[-1]}"
