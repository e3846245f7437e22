"""Visits of the Centre's data-quality team to forces, what was seen there, and the actions that were agreed."""

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from centre.frozen import FrozenModel
from centre.models.forces import Force
from centre.models.of_forces import OfForceQuerySet
from centre.models.people import User


class VisitQuerySet(OfForceQuerySet):
    """Questions about many visits."""

    def standing(self) -> "VisitQuerySet":
        """Return those that nobody has called off."""
        return self.filter(called_off_at=None)

    def for_list(self) -> "VisitQuerySet":
        """Add what a list shows: how much was noted and agreed."""
        counted = self.select_related("force", "planned_by").annotate(
            n_notes=models.Count("notes", distinct=True), n_actions=models.Count("actions", distinct=True)
        )
        return counted.order_by("-visited_on", "-pk")


class Visit(FrozenModel):
    """A visit to a force, as it was planned. Another day is another visit: this one is then called off."""

    frozen_except = ("called_off_at", "called_off_by", "called_off_because")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="visits")
    visited_on = models.DateField()
    team = models.CharField(max_length=300)
    planned_at = models.DateTimeField(default=timezone.now)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    called_off_because = models.CharField(max_length=500, blank=True)

    objects: ClassVar[models.Manager[Any]] = VisitQuerySet.as_manager()

    class Meta:
        ordering = ("-visited_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(called_off_at=None, called_off_by=None, called_off_because="")
                | Q(called_off_at__isnull=False, called_off_by__isnull=False) & ~Q(called_off_because=""),
                name="centre_visit_calling_off_whole",
            ),
            models.UniqueConstraint(
                fields=("force", "visited_on"),
                condition=Q(called_off_at=None),
                name="centre_visit_once_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.force}, {self.visited_on:%-d %B %Y}"

    @property
    def has_come(self) -> bool:
        """Return whether its day has come."""
        return self.visited_on <= timezone.localdate()

    @property
    def begins_at(self) -> dt.datetime:
        """Return until when files count as sent before it: the start of its day, or when it was entered on that day."""
        if timezone.localdate(self.planned_at) == self.visited_on:
            return self.planned_at
        return timezone.make_aware(dt.datetime.combine(self.visited_on, dt.time.min))


class VisitNote(FrozenModel):
    """What the team saw and what the force said, as somebody wrote it down. A correction is another note."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="notes")
    seen = models.TextField(blank=True)
    said = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(condition=~Q(seen="", said=""), name="centre_visitnote_says_something"),
        )

    def __str__(self) -> str:
        return f"Note of {self.at:%-d %B %Y} on {self.visit}"


class QualityActionQuerySet(OfForceQuerySet):
    """Questions about many actions."""

    def open(self) -> "QualityActionQuerySet":
        """Return those that nobody has ended."""
        return self.filter(ended_at=None)

    def overdue(self) -> "QualityActionQuerySet":
        """Return the open ones whose day is over."""
        return self.open().filter(due_on__lt=timezone.localdate())


class QualityAction(FrozenModel):
    """What was agreed on a finding, by when and whose it is; the finding stands as it was, whatever is judged later."""

    class Outcome(models.TextChoices):
        """How it ended."""

        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    frozen_except = ("ended_at", "ended_by", "outcome", "ended_words")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="quality_actions")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="actions")
    check_name = models.CharField(max_length=60)
    months = models.JSONField()  # of the finding, each YYYY-MM
    words = models.TextField()
    rules_version = models.CharField(max_length=20)
    what = models.TextField()
    owner = models.CharField(max_length=200)
    due_on = models.DateField()
    agreed_at = models.DateTimeField(default=timezone.now)
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    ended_words = models.TextField(blank=True)

    objects: ClassVar[models.Manager[Any]] = QualityActionQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, outcome="", ended_words="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, outcome__in=("done", "dropped"))
                & ~Q(ended_words=""),
                name="centre_qualityaction_end_whole",
            ),
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(owner="") & ~Q(words=""), name="centre_qualityaction_whole"
            ),
        )

    def __str__(self) -> str:
        return self.what

    @property
    def is_open(self) -> bool:
        """Return whether nobody has ended it."""
        return self.ended_at is None

    @property
    def is_overdue(self) -> bool:
        """Return whether it is open and its day is over."""
        return self.is_open and self.due_on < timezone.localdate()
