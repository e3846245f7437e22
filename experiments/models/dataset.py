"""Data that arrived: immutable versions, known by their hash."""

import uuid

from django.conf import settings
from django.db import models

from centre.frozen import FrozenModel
from centre.models import Force
from experiments.models.trial import Trial
from experiments.querysets import DatasetQuerySet, OfTrialQuerySet


class Dataset(FrozenModel):
    """One version of a trial's data: the file as it came and its checked columns, both in the vault."""

    class Kind(models.TextChoices):
        OUTCOME = "outcome", "Outcomes"  # what the plan analyses
        BASELINE = "baseline", "Baseline"  # from before the first unit
        DOSE = (
            "dose",
            "Treatment delivered",
        )  # by unit and day; versions add up, and the newest word on a day counts

    vault_fields = ("file_sha256", "parquet_sha256")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="datasets")
    kind = models.CharField(max_length=10, choices=Kind)
    version = models.PositiveIntegerField()
    file_sha256 = models.CharField(max_length=64)
    file_size = models.PositiveBigIntegerField()
    parquet_sha256 = models.CharField(max_length=64)
    n_rows = models.PositiveIntegerField()
    columns = models.JSONField()  # [{"name": …, "kind": …}]
    filename_given = models.CharField(max_length=120, blank=True)  # shown, never used as a path
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="datasets")
    reason = models.TextField(blank=True)  # why it replaces the version before
    warnings = models.JSONField(default=list)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="datasets_received"
    )

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "-version")
        constraints = (
            models.UniqueConstraint(fields=("trial", "kind", "version"), name="experiments_dataset_version"),
            models.UniqueConstraint(
                fields=("trial", "kind", "file_sha256"), name="experiments_dataset_file_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.version}"

    def kept_files(self) -> list[str]:
        """Return the hashes of its files; where they are sealed, the seal names what is kept instead."""
        return [] if hasattr(self, "seal") else super().kept_files()

    @property
    def is_sealed(self) -> bool:
        """Return whether it has rows that nobody may read before the data are locked."""
        return hasattr(self, "seal") and not self.trial.is_data_locked

    @property
    def is_released_from(self) -> bool:
        """Return whether a published release stands on it."""
        return self.analyses.filter(
            releases__published_at__isnull=False, releases__withdrawn_at=None
        ).exists()


class BlindReview(FrozenModel):
    """Somebody has looked at the quality of one version of the outcome data, blind to arms, before the lock."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="blind_reviews")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="blind_reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="blind_reviews"
    )
    comment = models.TextField()  # what was looked at and found
    at = models.DateTimeField()

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"Blind review of {self.dataset}"
