"""Analyses and their estimates. Whether an analysis was registered is computed and stays with it."""

import uuid

from django.conf import settings
from django.db import models

from centre.frozen import FrozenModel
from centre.models import Run
from experiments.models.dataset import Dataset
from experiments.models.kept_file import KeptFile
from experiments.models.registration import Registration
from experiments.models.trial import Trial
from experiments.querysets import OfTrialQuerySet


class Analysis(FrozenModel):
    """One plan on one version of the data."""

    frozen_except = ("result_sha256", "finished_at", "delivery")
    vault_fields = ("result_sha256",)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="analyses")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="analyses")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="analyses")
    plan = models.JSONField()
    plan_sha256 = models.CharField(max_length=64)
    is_registered = models.BooleanField()  # the plan is, byte for byte, the registered one; else post hoc
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="analysis")
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="analyses_requested"
    )
    finished_at = models.DateTimeField(null=True)
    result_sha256 = models.CharField(max_length=64, blank=True)  # the result document, in the vault
    delivery = models.JSONField(null=True)  # what the dose ledger said as it ran; null without reports

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at",)
        verbose_name_plural = "analyses"

    def __str__(self) -> str:
        return f"{self.label} analysis of {self.trial}"

    @property
    def label(self) -> str:
        return "Registered" if self.is_registered else "Post hoc"

    @property
    def is_finished(self) -> bool:
        return bool(self.result_sha256)


class AnalysisFile(KeptFile):
    """A file that an analysis made: kept in the vault, not yet cleared for anybody outside."""

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="files")

    class Meta(KeptFile.Meta):
        constraints = (
            models.UniqueConstraint(fields=("analysis", "name"), name="experiments_analysis_file_once"),
        )


class Result(FrozenModel):
    """One estimate, in the contract's own words; `document` is its whole row."""

    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="results")
    estimate_id = models.CharField(max_length=60)
    role = models.CharField(max_length=12)
    outcome = models.CharField(max_length=120)
    estimand = models.CharField(max_length=8)
    estimator = models.CharField(max_length=40)
    covariance = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    scale = models.CharField(max_length=20, blank=True)
    estimate = models.FloatField(null=True)
    std_error = models.FloatField(null=True)
    df = models.FloatField(null=True)
    statistic = models.FloatField(null=True)
    p_value = models.FloatField(null=True)
    p_value_adjusted = models.FloatField(null=True)
    conf_low = models.FloatField(null=True)
    conf_high = models.FloatField(null=True)
    conf_level = models.FloatField(null=True)
    yi = models.FloatField(null=True)
    vi = models.FloatField(null=True)
    pct_change = models.FloatField(null=True)
    n_obs = models.PositiveIntegerField(null=True)
    n_units = models.PositiveIntegerField(null=True)
    n_clusters = models.PositiveIntegerField(null=True)
    n_treated = models.PositiveIntegerField(null=True)
    icc = models.FloatField(null=True)
    mde = models.FloatField(null=True)
    document = models.JSONField()

    class Meta:
        ordering = ("analysis", "pk")
        constraints = (
            models.UniqueConstraint(fields=("analysis", "estimate_id"), name="experiments_result_once"),
            models.CheckConstraint(
                name="experiments_result_number_or_reason",
                condition=models.Q(status="ok", estimate__isnull=False)
                | (models.Q(status="not_estimable", estimate=None) & ~models.Q(reason="")),
            ),
        )

    def __str__(self) -> str:
        return self.estimate_id
