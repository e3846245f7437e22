"""What others found: reviews and studies that are cited and never pooled; and studies not taken in, with the reason."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel, FrozenQuerySet
from tactics.models.catalogue import OutcomeDomain, Tactic


class OutsideQuerySet(FrozenQuerySet):
    """Questions about many rows on what was found elsewhere."""

    def standing(self) -> "OutsideQuerySet":
        """Return the rows that nobody has taken back."""
        return self.filter(withdrawn_at=None)


class CitedEvidence(FrozenModel):
    """What a published review or study says of a tactic, as it may be quoted. It has no part in any rating.

    Only what was confirmed in the named source is recorded. Where the source gives no interval there is none here.
    """

    class Kind(models.TextChoices):
        """Whose words they are."""

        REVIEW = "review", "External review"
        STUDY = "study", "Located study"
        CLAIM = "claim", "Published claim"  # of those who use or sell it, with nothing to compare it with

    key = models.SlugField(max_length=80, unique=True)
    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="cited_evidence")
    outcome_domain = models.ForeignKey(OutcomeDomain, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    outcome = models.CharField(max_length=120)  # in the source's own terms
    says = models.CharField(max_length=600)
    citation = models.CharField(max_length=300)
    doi = models.CharField(max_length=80, blank=True)
    quality = models.CharField(max_length=300, blank=True)  # how good the evidence is, in plain words
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    frozen_except: ClassVar[tuple[str, ...]] = ("withdrawn_at", "withdrawn_by")

    objects: ClassVar[models.Manager[Any]] = OutsideQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "pk")
        verbose_name_plural = "cited evidence"
        constraints = (
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="tactics_cited_withdrawn_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.citation}: {self.outcome}"

    @property
    def url(self) -> str:
        """Return where the source is; empty where it has no DOI."""
        return f"https://doi.org/{self.doi}" if self.doi else ""


class RejectedStudy(FrozenModel):
    """A study that was looked at and not taken in. The list is public, with the reason."""

    class Reason(models.TextChoices):
        """Why it was not taken in."""

        NO_COMPARISON = "no_comparison", "Nothing to compare with"
        ONE_UNIT = "one_unit", "One treated unit, or one to compare with"
        NO_OUTCOME = "no_outcome", "No outcome was measured that the library holds"
        NO_ESTIMATE = "no_estimate", "No effect with its uncertainty can be drawn from it"
        NOT_REPORTED = "not_reported", "The report does not say enough to judge it"
        SAME_DATA = "same_data", "The same data as a study that was taken in"
        OTHER_TACTIC = "other_tactic", "Another tactic than the one it is named for"
        OTHER = "other", "Another reason"

    tactic = models.ForeignKey(
        Tactic, on_delete=models.PROTECT, null=True, blank=True, related_name="rejected_studies"
    )
    study = models.CharField(max_length=200)
    citation = models.CharField(max_length=300)
    reason = models.CharField(max_length=16, choices=Reason)
    explanation = models.CharField(max_length=600)
    is_simulated = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_because = models.CharField(max_length=600, blank=True)

    frozen_except: ClassVar[tuple[str, ...]] = ("withdrawn_at", "withdrawn_by", "withdrawn_because")

    objects: ClassVar[models.Manager[Any]] = OutsideQuerySet.as_manager()

    class Meta:
        ordering = ("-decided_at", "-pk")
        verbose_name_plural = "rejected studies"
        constraints = (
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_because="")),
                name="tactics_rejected_withdrawn_whole",
            ),
        )

    def __str__(self) -> str:
        return self.study
