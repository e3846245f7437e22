"""Review, registration and amendment: what was promised, by whom, and what changed since."""

import datetime as dt
import uuid
from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel
from experiments import deadlines
from experiments.models.trial import Trial
from experiments.protocol import Protocol, from_json
from experiments.querysets import OfTrialQuerySet

_SEEN = {
    1: "Did not exist yet",
    2: "Existed, and nobody in the team had seen them",
    3: "Held by the team, and not analysed",
    4: "Had been analysed",
}


class Review(FrozenModel):
    """A methods reviewer's word on one edition of the protocol."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "Approve"  # may be registered as it is
        CHANGES_REQUESTED = "changes_requested", "Ask for changes"  # goes back to the author
        REJECT = "reject", "Reject"  # kept, private; may come again as a new trial

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="reviews")
    protocol_edition = models.PositiveIntegerField()
    protocol_sha256 = models.CharField(max_length=64)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trial_reviews"
    )
    decision = models.CharField(max_length=20, choices=Decision)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.reviewer}"


class Registration(FrozenModel):
    """One version of the protocol, frozen: canonical JSON, SHA-256, number, time."""

    class Badge(models.TextChoices):
        PROSPECTIVE = "prospective", "Prospective"  # registered before the first unit
        RETROSPECTIVE = "retrospective", "Retrospective"  # the trial had begun

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="registrations")
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField()
    protocol = models.JSONField()
    sha256 = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    registrar = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="registrations_made"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="registrations_reviewed"
    )  # null: a minor version changes only what the author may change alone
    badge = models.CharField(max_length=14, choices=Badge)
    outcome_data_category = models.PositiveSmallIntegerField()  # 1 not in existence … 4 analysed
    assignment_data_category = models.PositiveSmallIntegerField()
    previous = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="next")

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("major", "minor")
        indexes = (models.Index(fields=("-registered_at",), name="experiments_version_newest"),)
        constraints = (
            models.UniqueConstraint(
                fields=("trial", "major", "minor"), name="experiments_registration_version"
            ),
            models.CheckConstraint(
                name="experiments_registration_two_people",
                condition=Q(reviewer=None) | ~Q(reviewer=F("registrar")),
            ),
            models.CheckConstraint(
                name="experiments_registration_major_reviewed",
                condition=Q(minor__gt=0) | Q(reviewer__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.trial.number} version {self.version}"

    @property
    def version(self) -> str:
        return f"{self.major}.{self.minor}"

    @property
    def outcome_data_words(self) -> str:
        return _SEEN[self.outcome_data_category]

    @property
    def assignment_data_words(self) -> str:
        return _SEEN[self.assignment_data_category]

    @cached_property
    def frozen_protocol(self) -> Protocol:
        """Return the registered protocol as typed data."""
        return from_json(self.protocol)


class Amendment(FrozenModel):
    """A proposed new version: reason, fields changed, and the system's stamp on outcome data."""

    class Reason(models.TextChoices):
        EXTERNAL_EVENT = "external_event", "External event"
        SAFETY = "safety", "Safety"
        RECRUITMENT = "recruitment", "Recruitment"
        DATA_AVAILABILITY = "data_availability", "Data availability"
        ERROR = "error", "Error in the protocol"
        DESIGN_IMPROVEMENT = "design_improvement", "Improvement of the design"

    class Decision(models.TextChoices):
        APPROVE = "approve", "Approve"  # becomes a new version
        REFUSE = "refuse", "Refuse"  # the version in force stays

    frozen_except = ("decided_at", "decided_by", "decision", "decision_comment", "registration")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="amendments")
    base = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="amendments")
    protocol = models.JSONField()
    diff = models.JSONField()
    is_major = models.BooleanField()
    reason_code = models.CharField(max_length=20, choices=Reason)
    reason = models.TextField()
    outcome_data_opened = (
        models.BooleanField()
    )  # had anyone opened or analysed outcomes by arm when it was proposed
    outcome_data_evidence = models.JSONField(default=dict)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="amendments_proposed"
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="amendments_decided"
    )
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    decision_comment = models.TextField(blank=True)
    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, null=True, related_name="amendment"
    )  # the version that it became

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at",)
        constraints = (
            models.CheckConstraint(
                name="experiments_amendment_decision_whole",
                condition=Q(decided_at=None, decided_by=None, decision="")
                | Q(decided_at__isnull=False, decided_by__isnull=False, decision__in=("approve", "refuse")),
            ),
            models.CheckConstraint(
                name="experiments_amendment_two_people",
                condition=Q(decided_by=None) | Q(is_major=False) | ~Q(decided_by=F("proposed_by")),
            ),
            models.UniqueConstraint(
                name="experiments_amendment_one_open", fields=("trial",), condition=Q(decided_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"Amendment of {self.base}"

    @property
    def is_open(self) -> bool:
        return self.decided_at is None

    @property
    def has_fallen(self) -> bool:
        """Return whether it will never be in force: refused, or an objection was upheld."""
        upheld = self.objected and self.objected.answer == Objection.Answer.UPHOLD
        return self.decision == self.Decision.REFUSE or bool(upheld)

    @property
    def is_pending(self) -> bool:
        """Return whether it may still come into force, and has not."""
        return self.registration_id is None and not self.has_fallen

    @property
    def objected(self) -> "Objection | None":
        """Return the objection that was made, if one was."""
        return getattr(self, "objection", None)

    @property
    def waits_for_answer(self) -> bool:
        """Return whether a reviewer must answer an objection."""
        return self.objected is not None and self.objected.answered_at is None

    @property
    def in_force_from(self) -> dt.datetime | None:
        """Return when it comes into force if nobody objects."""
        return self.decided_at + deadlines.OBJECTION_WINDOW if self.decided_at else None


class Objection(FrozenModel):
    """One of the team is against a change that a reviewer approved, within 48 hours: a reviewer looks again."""

    class Answer(models.TextChoices):
        UPHOLD = "uphold", "Uphold the objection"  # the change falls
        OVERRULE = "overrule", "Overrule it"  # the change is in force

    frozen_except = ("answer", "answer_comment", "answered_at", "answered_by")

    amendment = models.OneToOneField(Amendment, on_delete=models.PROTECT, related_name="objection")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="objections")
    at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=Answer, blank=True)
    answer_comment = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="objections_answered"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="experiments_objection_answer_whole",
                condition=Q(answer="", answered_at=None, answered_by=None)
                | Q(answer__in=("uphold", "overrule"), answered_at__isnull=False, answered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="experiments_objection_two_people",
                condition=Q(answered_by=None) | ~Q(answered_by=F("by")),
            ),
        )

    def __str__(self) -> str:
        return f"Objection to {self.amendment}"
