"""Units that went another way than their arm's, with the reason that people give: it feeds the CONSORT flow."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from experiments.models.account import AccountEntry


class Loss(AccountEntry):
    """So many units of one arm, at one stage, for one reason."""

    is_for_no_analyst = True

    class Stage(models.TextChoices):
        NOT_TREATED = "not_treated", "Did not get what its arm calls for"
        NO_OUTCOME = "no_outcome", "No outcome could be measured"
        LEFT_OUT = "left_out", "Has an outcome, and was left out of the analysis"

    arm = models.CharField(max_length=100, blank=True)  # blank: nothing was drawn
    period = models.CharField(max_length=40, blank=True)  # blank: for good, or the design has no periods
    stage = models.CharField(max_length=12, choices=Stage)
    n_units = models.PositiveIntegerField()
    reason = models.TextField()

    class Meta(AccountEntry.Meta):
        verbose_name_plural = "losses"
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *AccountEntry.Meta.constraints,
            models.CheckConstraint(name="experiments_loss_counts", condition=Q(n_units__gte=1)),
            models.CheckConstraint(
                name="experiments_loss_stage",
                condition=Q(stage__in=("not_treated", "no_outcome", "left_out")),
            ),
        )
