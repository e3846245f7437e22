"""How the service itself is: who of its parts was heard from, and whether it is read-only."""

from django.db import models
from django.db.models import Q


class Heartbeat(models.Model):
    """When a part was last heard from: `beat`, `sweep`, `backup`, or `worker` with its name."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M:%S}"


class ReadOnlyPeriod(models.Model):
    """A time in which nobody may change anything, and why."""

    reason = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-began_at",)
        constraints = (
            models.UniqueConstraint(
                models.Value(1), name="centre_readonly_one_open", condition=Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        return self.reason
