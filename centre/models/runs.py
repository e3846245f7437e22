"""The Run row: it owns the state of long work. Celery is only the doorbell."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from centre.models import User
    from centre.permissions import Person


class RunQuerySet(models.QuerySet["Run"]):
    """Questions about many runs."""

    def visible_to(self, user: "Person") -> "RunQuerySet":
        """Return the runs a person may see: their own, and all of them for centre staff."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_centre_staff:
            return self.all()
        return self.filter(requested_by=user)

    def await_file(self, run: "Run") -> bool:
        """Return whether another unfinished run of the same task was given the same staged file."""
        others = self.unfinished().filter(task=run.task).exclude(pk=run.pk)
        return others.filter(params__sha256=run.params["sha256"]).exists()

    def unfinished(self) -> "RunQuerySet":
        """Return the runs that are queued or running."""
        return self.filter(state__in=(Run.State.QUEUED, Run.State.RUNNING))


class Run(models.Model):
    """One execution of long work. Claims, leases and fences are in `centre.runs`."""

    class State(models.TextChoices):
        """Where the work stands."""

        QUEUED = "queued", "Queued"  # waiting for a worker
        RUNNING = "running", "Running"  # a worker holds the lease
        DONE = "done", "Done"  # finished, its rows are written
        FAILED = "failed", "Failed"  # ended with a reason; nothing was written
        CANCELLED = "cancelled", "Cancelled"  # a person stopped it; nothing was written

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    requested_by = models.ForeignKey(  # null: the registry itself, by its timetable
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="runs"
    )
    idempotency_key = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001  null: no key given
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    progress = models.FloatField(default=0)
    message = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    lease_owner = models.CharField(max_length=160, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    code_version = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    problems = models.JSONField(default=list)
    links = models.JSONField(default=dict)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=("state", "created_at"), name="centre_run_state"),
            models.Index(fields=("subject_type", "subject_id"), name="centre_run_subject"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("queued", "running"), finished_at=None)
                | Q(state__in=("done", "failed", "cancelled"), finished_at__isnull=False),
                name="centre_run_finished_whole",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="centre_run_progress_between_0_and_1"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def person(self) -> "User":
        """Return who asked, of work that only people ask for."""
        if self.requested_by is None:
            raise ValueError("The registry itself asked for this run.")
        return self.requested_by

    @property
    def is_finished(self) -> bool:
        """Return whether nothing more will happen to it."""
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)

    @property
    def percent(self) -> int:
        """Return the progress in whole per cent."""
        return round(self.progress * 100)


class RunAttempt(models.Model):
    """One worker's go at a Run: the history that its page shows."""

    class Outcome(models.TextChoices):
        """How the worker's go ended."""

        WORKING = "working", "At work"
        DONE = "done", "Finished, and its results were written"
        FAILED = "failed", "Ended with a reason; nothing was written"
        CANCELLED = "cancelled", "Stopped on request; nothing was written"
        LOST = "lost", "The worker was lost; nothing was written"
        DISCARDED = "discarded", "Came back after another worker had taken over; its output was discarded"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    fence = models.PositiveIntegerField()
    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WORKING)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("run", "fence"), name="centre_runattempt_once"),
            models.CheckConstraint(
                condition=Q(outcome="working", ended_at=None)
                | (~Q(outcome="working") & Q(ended_at__isnull=False)),
                name="centre_runattempt_ended_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.run}, attempt {self.number}"
