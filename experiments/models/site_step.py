"""What a force has to agree to before a trial runs in it, step by step, each a fact with who and when."""

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from centre.models import Force
from experiments.lifecycle import Conduct, Registration
from experiments.models.trial import Site, Trial

_OVER = (Conduct.COMPLETED, Conduct.TERMINATED, Conduct.NEVER_STARTED)
_CLOSED = (Registration.REJECTED, Registration.WITHDRAWN)


class SiteStepQuerySet(models.QuerySet[Any]):
    """Questions about agreement steps."""

    def settled(self) -> Self:
        """Return the steps that are done or not needed."""
        return self.exclude(done_at=None, not_needed_at=None)

    def forces_ready(self) -> set[int]:
        """Return the forces, of one trial, whose steps without which it may not start are all settled."""
        settled = self.settled().filter(kind__in=TO_START).values_list("force")
        counted = settled.annotate(n=models.Count("pk")).filter(n=len(TO_START)).order_by()
        return {force for force, _ in counted}

    def open(self) -> Self:
        """Return the steps that are neither done nor not needed, of forces that the protocol still names."""
        still_named = Site.objects.filter(trial=OuterRef("trial"), force=OuterRef("force"))
        return self.filter(Exists(still_named), done_at=None, not_needed_at=None)

    def late(self, today: dt.date) -> Self:
        """Return the open steps whose day has passed, in trials that are not over."""
        live = self.open().filter(due_on__lt=today)
        return live.exclude(trial__conduct_state__in=_OVER).exclude(trial__registration_state__in=_CLOSED)


class SiteStep(models.Model):
    """One step of one force in one trial.

    A force agrees, not an area: a site whose area is renamed keeps its steps. What was on record before is in the
    audit log.
    """

    class Kind(models.TextChoices):
        SPONSOR = "sponsor", "Chief officer sponsor"
        DATA_SHARING = "data_sharing", "Data sharing agreement"
        DPIA = "dpia", "Data protection impact assessment"
        ETHICS = "ethics", "Ethics"
        EQUALITY = "equality", "Equality impact assessment"
        VETTING = "vetting", "Vetting"
        COMMUNITY = "community", "Community"

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="site_steps")
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="site_steps")
    kind = models.CharField(max_length=20, choices=Kind)
    due_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="site_steps_done"
    )
    reference = models.CharField(
        max_length=300, blank=True
    )  # where the paper is kept: a number, a name, a day
    not_needed_at = models.DateTimeField(null=True)
    not_needed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="site_steps_not_needed"
    )
    not_needed_because = models.TextField(blank=True)

    objects = SiteStepQuerySet.as_manager()

    class Meta:
        ordering = ("force__name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("trial", "force", "kind"), name="experiments_site_step_once"),
            models.CheckConstraint(
                name="experiments_site_step_kind",
                condition=Q(
                    kind__in=("sponsor", "data_sharing", "dpia", "ethics", "equality", "vetting", "community")
                ),
            ),
            models.CheckConstraint(
                name="experiments_site_step_done_whole",
                condition=Q(done_at=None, done_by=None, reference="")
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(reference="")),
            ),
            models.CheckConstraint(
                name="experiments_site_step_not_needed_whole",
                condition=Q(not_needed_at=None, not_needed_by=None, not_needed_because="")
                | (Q(not_needed_at__isnull=False, not_needed_by__isnull=False) & ~Q(not_needed_because="")),
            ),
            models.CheckConstraint(
                name="experiments_site_step_settled_one_way",
                condition=Q(done_at=None) | Q(not_needed_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.force}"

    @property
    def is_settled(self) -> bool:
        """Return whether it is done or not needed."""
        return bool(self.done_at or self.not_needed_at)

    def is_late(self, today: dt.date) -> bool:
        """Return whether its day has passed, it is still open and the trial is not over."""
        is_over = self.trial.conduct_state in _OVER or self.trial.registration_state in _CLOSED
        return not self.is_settled and not is_over and self.due_on is not None and self.due_on < today


# Without these no data of a force may be touched, nor its officers asked to act.
TO_START = (SiteStep.Kind.SPONSOR, SiteStep.Kind.DATA_SHARING, SiteStep.Kind.DPIA)
