"""The thresholds of disclosure control, as the Centre has signed them: proposed by one person, adopted by another."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel, FrozenQuerySet
from experiments.disclosure import DEFAULT, Policy


class DisclosurePolicyQuerySet(FrozenQuerySet):
    """Questions about policies."""

    def in_force(self) -> Policy:
        """Return the policy that was adopted last; the built-in one, version 0, before there is any."""
        newest = self.filter(adopted_at__isnull=False).order_by("-adopted_at", "-version").first()
        return newest.policy if newest else DEFAULT


class DisclosurePolicy(FrozenModel):
    """One version of the thresholds. It is in force from its adoption until another is adopted."""

    frozen_except = ("adopted_at", "adopted_by")

    version = models.PositiveIntegerField(unique=True)
    thresholds = models.JSONField()  # as `experiments.disclosure.thresholds` wrote them
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="disclosure_policies_proposed"
    )
    adopted_at = models.DateTimeField(null=True)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="disclosure_policies_adopted",
    )

    objects = DisclosurePolicyQuerySet.as_manager()

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.CheckConstraint(
                name="experiments_disclosure_policy_adoption_whole",
                condition=Q(adopted_at=None, adopted_by=None)
                | Q(adopted_at__isnull=False, adopted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="experiments_disclosure_policy_by_two",
                condition=Q(adopted_by=None) | ~Q(adopted_by=F("proposed_by")),
            ),
            models.CheckConstraint(name="experiments_disclosure_policy_with_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"Thresholds, version {self.version}"

    @property
    def policy(self) -> Policy:
        """Return the thresholds as disclosure control takes them."""
        values: dict[str, Any] = dict(self.thresholds)
        return Policy(**values, version=self.version)
