"""How often a tool is wrong, as counted somewhere: never without the denominator."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel
from tactics import error_rates
from tactics.models.catalogue import Tactic
from tactics.models.outside import OutsideQuerySet


class ErrorRate(FrozenModel):
    """One count over one denominator. The same count may stand over several; they are shown side by side."""

    class Kind(models.TextChoices):
        """What went wrong. The order is the order on the page."""

        MISSED = "missed", "Missed"
        FALSE_ALERT = "false_alert", "False alerts"
        REWORK = "rework", "Rework"

    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="error_rates")
    kind = models.CharField(max_length=11, choices=Kind)
    numerator = models.PositiveBigIntegerField()
    numerator_counts = models.CharField(max_length=120)  # "false alerts"
    denominator = models.PositiveBigIntegerField()
    denominator_counts = models.CharField(max_length=120)  # "faces scanned"
    period = models.CharField(max_length=120)
    how_measured = models.CharField(max_length=300)
    source = models.CharField(max_length=300)
    checked_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_because = models.CharField(max_length=600, blank=True)

    frozen_except: ClassVar[tuple[str, ...]] = ("withdrawn_at", "withdrawn_by", "withdrawn_because")

    objects: ClassVar[models.Manager[Any]] = OutsideQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(denominator__gte=1, numerator__lte=F("denominator")),
                name="tactics_error_rate_is_a_share",
            ),
            models.CheckConstraint(
                condition=~Q(numerator_counts="") & ~Q(denominator_counts=""),
                name="tactics_error_rate_names_both",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_because="")),
                name="tactics_error_rate_withdrawn_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.percent} of {self.denominator_counts}"

    @property
    def counted(self) -> str:
        """Return the count in words: "10 false alerts"."""
        return f"{self.numerator:,} {self.numerator_counts}"

    @property
    def fraction(self) -> str:
        """Return the count over its denominator: "10 of 2,077 alerts"."""
        return f"{self.numerator:,} of {self.denominator:,} {self.denominator_counts}"

    @property
    def percent(self) -> str:
        """Return the rate: "0.48%"."""
        return error_rates.percent(self.numerator / self.denominator)

    @property
    def interval(self) -> str:
        """Return the 95% interval in words."""
        return error_rates.interval(self.numerator, self.denominator)

    @property
    def one_in(self) -> str:
        """Return a small rate as "1 in 208 alerts"; empty where that helps nobody."""
        found = error_rates.one_in(self.numerator, self.denominator)
        return f"{found} {self.denominator_counts}" if found else ""

    @property
    def rate(self) -> float:
        """Return the rate as a share."""
        return self.numerator / self.denominator

    @property
    def conf_low(self) -> float:
        """Return the lower end of the 95% interval, as a share."""
        return error_rates.wilson(self.numerator, self.denominator)[0]

    @property
    def conf_high(self) -> float:
        """Return the upper end of the 95% interval, as a share."""
        return error_rates.wilson(self.numerator, self.denominator)[1]

    @property
    def of_one_count(self) -> tuple[Any, ...]:
        """Return what two rates share when they are one count over two denominators."""
        return (self.numerator, self.numerator_counts, self.period, self.source, self.how_measured)
