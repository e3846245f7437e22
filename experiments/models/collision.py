"""Two trials meet in places, people or officers, and somebody has said how they are kept apart."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel, FrozenQuerySet
from experiments.models.trial import Trial


class CollisionNoteQuerySet(FrozenQuerySet):
    """Questions about notes. They are for Centre staff: one of the two trials may be hidden."""

    def about(self, trial: Trial) -> Self:
        """Return the notes about a trial and others, newest first."""
        return self.filter(Q(trial=trial) | Q(other=trial))


class CollisionNote(FrozenModel):
    """The registrar's word on two trials that meet, where neither protocol names the other."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="collision_notes")
    other = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="collision_notes_of_others")
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="collision_notes")

    objects = CollisionNoteQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="experiments_collision_of_two_trials", condition=~Q(trial=F("other"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.trial} and {self.other}"
