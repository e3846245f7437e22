"""Releases: fixed files that two people cleared before the public may have them."""

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel
from experiments import deadlines
from experiments.lifecycle import CHECKS_NEEDED
from experiments.models.analysis import Analysis
from experiments.models.kept_file import KeptFile
from experiments.models.trial import Trial
from experiments.querysets import ReleaseQuerySet


class Release(FrozenModel):
    """A set of files from one analysis, prepared, checked twice, published once."""

    frozen_except = ("published_at", "published_by", "withdrawn_at", "withdrawn_by", "withdrawn_reason")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="releases")
    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="releases")
    note = models.TextField(
        blank=True
    )  # published beside the files, with any exception to the small-cell rule
    document = models.JSONField()  # the result as the public has it: rounded, small counts taken out
    concerns = models.JSONField(default=list)  # what disclosure control asks the checkers to look at
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="releases_prepared"
    )
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="releases_published"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="releases_withdrawn"
    )
    withdrawn_reason = models.TextField(blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-prepared_at",)
        constraints = (
            models.CheckConstraint(
                name="experiments_release_publication_whole",
                # Without a person it is the registry itself, which publishes what is overdue.
                condition=Q(published_at=None, published_by=None) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="experiments_release_publisher_is_not_author",
                condition=Q(published_by=None) | ~Q(published_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="experiments_release_withdrawal_whole",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"Release of {self.trial}"

    @property
    def estimates(self) -> dict[str, dict[str, Any]]:
        """Return the estimates as the public has them, by id. Public numbers come from here and nowhere else."""
        return {row["id"]: row for row in self.document["estimates"]}

    @property
    def force_ids(self) -> frozenset[int]:
        return self.trial.force_ids

    def file(self, name: str) -> KeptFile | None:
        """Return a file of this name: one that was cleared, or one of the package that describes them."""
        return self.files.filter(name=name).first() or self.package_files.filter(name=name).first()

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.withdrawn_at is None

    @property
    def is_refused(self) -> bool:
        return any(check.decision == ReleaseCheck.Decision.REFUSE for check in self.checks.all())

    @property
    def is_cleared(self) -> bool:
        """Return whether two people cleared it and nobody refused."""
        decisions = [check.decision for check in self.checks.all()]
        return not self.is_refused and decisions.count(ReleaseCheck.Decision.CLEAR) >= CHECKS_NEEDED

    @property
    def cleared_at(self) -> dt.datetime | None:
        """Return when the second checker cleared it."""
        times = sorted(
            check.at for check in self.checks.all() if check.decision == ReleaseCheck.Decision.CLEAR
        )
        return times[CHECKS_NEEDED - 1] if self.is_cleared else None

    def earlier(self) -> models.QuerySet["Release"]:
        """Return what of the trial was out when this was prepared, taken back since or not: what was read is known."""
        out: models.QuerySet[Release] = type(self).objects.filter(
            trial=self.trial_id, published_at__lt=self.prepared_at
        )
        return out.exclude(analysis=self.analysis_id).order_by("published_at", "pk")

    @property
    def facts_until(self) -> dt.datetime | None:
        """Return until when the force's lead may check the facts."""
        return self.cleared_at + deadlines.FACTUAL_CHECK if self.cleared_at else None


class ReleaseFile(KeptFile):
    """One file of a release, as it will be served."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="files")

    class Meta(KeptFile.Meta):
        constraints = (
            models.UniqueConstraint(fields=("release", "name"), name="experiments_release_file_once"),
        )


class ReleaseCheck(FrozenModel):
    """One output checker's decision: clear where every file is, as `FileDecision` says of each."""

    class Decision(models.TextChoices):
        CLEAR = "clear", "Clear"  # nothing in it discloses a person or an operation
        REFUSE = "refuse", "Refuse"  # must be prepared again

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="checks")
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="release_checks"
    )
    decision = models.CharField(max_length=8, choices=Decision)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at",)
        constraints = (
            models.UniqueConstraint(fields=("release", "checker"), name="experiments_release_check_once"),
        )

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.checker}"


class FileDecision(FrozenModel):
    """What one output checker decided about one file of a release."""

    release_check = models.ForeignKey(ReleaseCheck, on_delete=models.PROTECT, related_name="file_decisions")
    file = models.ForeignKey(ReleaseFile, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=8, choices=ReleaseCheck.Decision)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("release_check", "file__name")
        constraints = (
            models.UniqueConstraint(fields=("release_check", "file"), name="experiments_file_decision_once"),
            models.CheckConstraint(
                name="experiments_file_refused_with_reason",
                condition=~Q(decision="refuse") | ~Q(reason=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.file}: {self.get_decision_display()}"


class Retraction(FrozenModel):
    """A methods reviewer asks to take a published release back; the director agrees, or says why not."""

    frozen_except = ("refused_at", "refused_by", "refusal")

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="retractions")
    reason = models.TextField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="retractions_requested"
    )
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="retractions_refused"
    )
    refusal = models.TextField(blank=True)

    class Meta:
        ordering = ("-requested_at",)
        constraints = (
            models.CheckConstraint(
                name="experiments_retraction_refusal_whole",
                condition=Q(refused_at=None, refused_by=None, refusal="")
                | (Q(refused_at__isnull=False, refused_by__isnull=False) & ~Q(refusal="")),
            ),
            models.UniqueConstraint(
                name="experiments_retraction_one_open", fields=("release",), condition=Q(refused_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"Retraction of {self.release}"
