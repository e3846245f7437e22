"""Access to restricted data: who asked for what, who decided, what was given, and when it was taken back."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel
from centre.models import AuditEvent
from experiments.access_querysets import AccessApplicationQuerySet, AccessNoticeQuerySet
from experiments.models.dataset import Dataset
from experiments.models.kept_file import KeptFile

READS = ("access.read", "access.read_refused")


class AccessApplication(FrozenModel):
    """A researcher asks for the rows behind published results: one version of the data of one trial."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a decision"
        WITHDRAWN = "withdrawn", "Withdrawn"
        REFUSED = "refused", "Refused"
        NOT_YET = "not_yet", "Granted, not begun"
        OPEN = "open", "Open"
        EXPIRED = "expired", "Ended"
        REVOKED = "revoked", "Revoked"

    frozen_except = ("withdrawn_at",)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="access_applications")
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_applications"
    )
    question = models.TextField()
    why_rows = models.TextField()  # why the released files are not enough
    lawful_basis = models.TextField()  # and the ethics decision
    others = models.TextField()  # who else would see the rows
    starts_on = models.DateField()
    ends_on = models.DateField()
    applied_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = AccessApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("-applied_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="experiments_access_asked_for_days", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="experiments_access_application_says_why",
                condition=~Q(question="") & ~Q(why_rows="") & ~Q(lawful_basis="") & ~Q(others=""),
            ),
        )

    def __str__(self) -> str:
        return f"Application for {self.dataset.trial}"

    def state_on(self, today: dt.date) -> State:
        """Return how it stands on a day, which the caller takes from the database's clock."""
        decided: AccessDecision | None = getattr(self, "decision", None)
        if decided is None:
            return self.State.WITHDRAWN if self.withdrawn_at else self.State.WAITING
        if not decided.is_grant:
            return self.State.REFUSED
        if hasattr(decided, "revocation"):
            return self.State.REVOKED
        return decided.time_on(today)

    def reads(self) -> models.QuerySet[AuditEvent]:
        """Return every read under its grant, refused ones too, the newest first: the audit log is the only record."""
        own = AuditEvent.objects.with_erased().filter(
            subject_type=self._meta.label_lower, subject_id=str(self.pk)
        )
        return own.filter(event__in=READS).order_by("-pk")


class RestrictedFile(KeptFile):
    """The one file that grants on a version of the data give: pseudonyms for names, made once, never changed."""

    dataset = models.OneToOneField(Dataset, on_delete=models.PROTECT, related_name="restricted_file")
    n_rows = models.PositiveIntegerField()
    columns = models.JSONField()  # [{"name": …, "use": …}], as they stand in the file
    left_out = models.JSONField()  # [{"name": …, "why": …}]
    key_id = models.CharField(max_length=16)  # of the key of its pseudonyms, which is nowhere in the database
    fewest = models.PositiveSmallIntegerField()  # units that had to share a word
    made_at = models.DateTimeField()


class AccessDecision(FrozenModel):
    """What the Centre decided on one application: a grant for a purpose and a time, or a refusal with its reason."""

    class Outcome(models.TextChoices):
        GRANT = "grant", "Grant"
        REFUSE = "refuse", "Refuse"

    application = models.OneToOneField(AccessApplication, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=6, choices=Outcome)
    reason = models.TextField(blank=True)  # of a refusal
    purpose = models.TextField(blank=True)  # what a grant is for, and the only thing it is for
    conditions = models.TextField(blank=True)  # beside those that every grant has
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)  # the last day
    file = models.ForeignKey(RestrictedFile, on_delete=models.PROTECT, null=True, related_name="grants")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_decisions"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="experiments_access_decision_whole",
                condition=(
                    Q(outcome="grant", reason="", file__isnull=False)
                    & Q(starts_on__isnull=False, ends_on__isnull=False, ends_on__gte=F("starts_on"))
                    & ~Q(purpose="")
                )
                | (
                    Q(outcome="refuse", purpose="", conditions="", file=None, starts_on=None, ends_on=None)
                    & ~Q(reason="")
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.decided_at:%-d %B %Y}"

    @property
    def is_grant(self) -> bool:
        return self.outcome == self.Outcome.GRANT

    def time_on(self, today: dt.date) -> AccessApplication.State:
        """Return whether the time of a grant has begun or ended on a day."""
        assert self.starts_on is not None and self.ends_on is not None  # noqa: S101, PT018  a grant has both
        if today < self.starts_on:
            return AccessApplication.State.NOT_YET
        return AccessApplication.State.EXPIRED if today > self.ends_on else AccessApplication.State.OPEN


class AccessRevocation(FrozenModel):
    """A grant is taken back: from this row on, nothing is read under it."""

    decision = models.OneToOneField(AccessDecision, on_delete=models.PROTECT, related_name="revocation")
    reason = models.TextField()
    revoked_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_revocations"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(name="experiments_access_revoked_with_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"Revoked, {self.revoked_at:%-d %B %Y}"


class AccessNotice(FrozenModel):
    """The applicant is told what became of an application or a grant."""

    frozen_except = ("seen_at",)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_notices"
    )
    application = models.ForeignKey(AccessApplication, on_delete=models.PROTECT, related_name="notices")
    said = models.TextField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    objects = AccessNoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.said
