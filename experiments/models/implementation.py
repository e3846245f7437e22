"""What was delivered in the trial and what it took: asked for before a trial is completed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from experiments.models.account import AccountEntry


class Implementation(AccountEntry):
    """What was delivered, by whom, how it was adapted; staff hours and costs, each measured or with the reason why not.

    It is of the tactic's arm, for the whole trial.
    """

    class Basis(models.TextChoices):
        MEASURED = "measured", "Measured in the trial"
        TIME_AND_MOTION = "time_and_motion", "A time-and-motion study"
        ESTIMATE = "estimate", "An estimate"

    delivered = models.TextField()
    by_whom = models.TextField()
    adaptation = models.TextField()
    staff_hours = models.DecimalField(max_digits=12, decimal_places=1, null=True)
    hours_basis = models.CharField(max_length=16, choices=Basis, blank=True)
    hours_not_measured_because = models.TextField(blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # pounds
    price_year = models.PositiveSmallIntegerField(null=True)
    payer = models.TextField(blank=True)
    cost_covers = models.TextField(blank=True)
    cost_not_measured_because = models.TextField(blank=True)

    class Meta(AccountEntry.Meta):
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *AccountEntry.Meta.constraints,
            models.CheckConstraint(
                name="experiments_implementation_hours_whole",
                condition=Q(
                    staff_hours__isnull=False,
                    staff_hours__gte=0,
                    hours_basis__in=("measured", "time_and_motion", "estimate"),
                    hours_not_measured_because="",
                )
                | (Q(staff_hours=None, hours_basis="") & ~Q(hours_not_measured_because="")),
            ),
            models.CheckConstraint(
                name="experiments_implementation_cost_whole",
                condition=(
                    Q(cost__isnull=False, cost__gte=0, price_year__isnull=False)
                    & Q(cost_not_measured_because="")
                    & ~Q(payer="")
                    & ~Q(cost_covers="")
                )
                | (
                    Q(cost=None, price_year=None, payer="", cost_covers="") & ~Q(cost_not_measured_because="")
                ),
            ),
        )
