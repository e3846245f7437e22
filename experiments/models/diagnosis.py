"""Diagnoses of a design: the registered plan run on data drawn from what the protocol states, kept as they came out."""

import uuid

from django.conf import settings
from django.db import models

from centre.frozen import FrozenModel
from centre.models import Run
from experiments.models.registration import Registration
from experiments.models.trial import Trial
from experiments.querysets import OfTrialQuerySet


class Diagnosis(FrozenModel):
    """One version of a protocol with one stated design. Its replicates are shared out among parts."""

    frozen_except = ("document", "document_sha256", "finished_at")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="diagnoses")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, related_name="diagnoses"
    )  # null: made of a draft
    protocol_edition = models.PositiveIntegerField()
    protocol_sha256 = models.CharField(max_length=64)
    plan = models.JSONField()
    parameters = models.JSONField()  # the stated design, the seed, the replicates and the effects tried
    parameters_sha256 = models.CharField(max_length=64)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="diagnoses_requested"
    )
    finished_at = models.DateTimeField(null=True)
    document = models.JSONField(null=True)
    document_sha256 = models.CharField(max_length=64, blank=True)  # of its canonical JSON

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at", "-pk")
        verbose_name_plural = "diagnoses"

    def __str__(self) -> str:
        return f"Design diagnosis of {self.trial}"

    @property
    def is_finished(self) -> bool:
        return bool(self.document_sha256)

    @property
    def replicates(self) -> int:
        return int(self.parameters["replicates"])


class DiagnosisPart(FrozenModel):
    """Some replicates of a diagnosis, and the Run that does them: any worker, in any order."""

    frozen_except = ("runs",)

    diagnosis = models.ForeignKey(Diagnosis, on_delete=models.PROTECT, related_name="parts")
    first = models.PositiveIntegerField()  # the first replicate, counted from 0
    count = models.PositiveIntegerField()
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="diagnosis_part")
    runs = models.JSONField(null=True)  # what came out, a row for each replicate and effect

    class Meta:
        ordering = ("first",)
        constraints = (
            models.UniqueConstraint(fields=("diagnosis", "first"), name="experiments_diagnosis_part_once"),
        )

    def __str__(self) -> str:
        return f"Replicates {self.first + 1} to {self.first + self.count} of {self.diagnosis}"
