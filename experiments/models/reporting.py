"""What a trial owes the public and its force: notes on progress, a factual check, and the one deferral."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel
from experiments.models.release import Release
from experiments.models.trial import Trial
from experiments.querysets import OfTrialQuerySet


class ProgressNote(FrozenModel):
    """How the trial goes, in public, every six months."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="progress_notes")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="progress_notes")
    at = models.DateTimeField()

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"Progress of {self.trial}, {self.at:%-d %B %Y}"


class FactualCheck(FrozenModel):
    """The force's lead has read a cleared release for errors of fact. It is recorded and answered; it is no veto."""

    frozen_except = ("answer", "answered_at", "answered_by")

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="factual_check")
    comment = models.TextField(blank=True)  # blank: nothing to say
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="factual_checks")
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="factual_checks_answered",
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="experiments_factual_check_answer_whole",
                condition=Q(answer="", answered_at=None, answered_by=None)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"Factual check of {self.release}"

    @property
    def waits_for_answer(self) -> bool:
        return bool(self.comment) and self.answered_at is None


class EmbargoExtension(FrozenModel):
    """The director lets a record stay hidden for longer, once."""

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="embargo_extension")
    before = models.DateField()  # when it was to end
    until = models.DateField()
    reason = models.TextField()  # public once the record is
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="embargo_extensions"
    )
    at = models.DateTimeField()

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="experiments_embargo_extension_is_longer", condition=Q(until__gt=F("before"))
            ),
        )

    def __str__(self) -> str:
        return f"Embargo of {self.trial} until {self.until:%-d %B %Y}"


class Deferral(FrozenModel):
    """The registrar puts publication off, once, for at most 60 days, and says why in public."""

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="deferral")
    until = models.DateField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deferrals")
    at = models.DateTimeField()

    objects = OfTrialQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Publication of {self.trial} put off until {self.until:%-d %B %Y}"
