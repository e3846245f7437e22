"""The tidy table of everything released: one row is one estimate, written once, when its release is published.

The columns are the contract's own names (broom's, where broom has one), so that a page, a file and a snapshot are the
table as it stands, and nothing is worked out again for a reader.
"""

from django.db import models

from centre.frozen import FrozenModel
from experiments.models.release import Release
from experiments.querysets import ReleasedEstimateQuerySet


class ReleasedEstimate(FrozenModel):
    """One estimate as its release has it: rounded, small counts taken out. Ratios are logs."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="released_estimates")
    trial_id = models.CharField(max_length=20)
    protocol_version = models.CharField(max_length=9)
    registration_hash = models.CharField(max_length=64)
    analysis_id = models.UUIDField()
    estimand = models.CharField(max_length=8)
    outcome_id = models.CharField(max_length=120)
    outcome_role = models.CharField(max_length=12)
    prespecified = models.BooleanField()
    arm = models.CharField(max_length=120, null=True)  # noqa: DJ001  null is "several", as the contract has it
    comparator = models.CharField(max_length=120, null=True)  # noqa: DJ001
    design = models.CharField(max_length=30, null=True)  # noqa: DJ001
    estimator = models.CharField(max_length=40)
    estimate = models.FloatField(null=True)
    std_error = models.FloatField(null=True)
    df = models.FloatField(null=True)
    statistic = models.FloatField(null=True)
    p_value = models.FloatField(null=True)
    p_value_adjusted = models.FloatField(null=True)
    adjustment = models.CharField(max_length=20, null=True)  # noqa: DJ001
    conf_low = models.FloatField(null=True)
    conf_high = models.FloatField(null=True)
    conf_level = models.FloatField(null=True)
    effect_scale = models.CharField(max_length=8, null=True)  # noqa: DJ001
    yi = models.FloatField(null=True)
    vi = models.FloatField(null=True)
    direction_of_benefit = models.CharField(max_length=20, null=True)  # noqa: DJ001
    n_units_arm = models.PositiveIntegerField(null=True)
    n_units_comp = models.PositiveIntegerField(null=True)
    n_clusters_arm = models.PositiveIntegerField(null=True)
    n_clusters_comp = models.PositiveIntegerField(null=True)
    icc = models.FloatField(null=True)
    integrity_pct = models.FloatField(null=True)
    window_start = models.DateField(null=True)
    window_end = models.DateField(null=True)
    suppressed = models.BooleanField()
    suppression_rule = models.CharField(max_length=120, null=True)  # noqa: DJ001
    engine_version = models.CharField(max_length=40, null=True)  # noqa: DJ001
    code_sha = models.CharField(max_length=64, null=True)  # noqa: DJ001
    data_sha = models.CharField(max_length=64)
    released_at = models.DateTimeField()
    licence = models.CharField(max_length=120)
    estimate_id = models.CharField(max_length=60)
    status = models.CharField(max_length=16)
    reason = models.TextField(null=True)  # noqa: DJ001
    n_obs = models.PositiveIntegerField(null=True)
    is_simulated = models.BooleanField()

    objects = ReleasedEstimateQuerySet.as_manager()

    class Meta:
        ordering = ("-released_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("release", "estimate_id"), name="experiments_released_estimate_once"
            ),
        )
        indexes = (
            models.Index(fields=("released_at", "id"), name="experiments_estimate_newest"),
            models.Index(fields=("trial_id", "id"), name="experiments_estimate_trial"),
        )

    def __str__(self) -> str:
        return f"{self.estimate_id} of {self.trial_id}"
