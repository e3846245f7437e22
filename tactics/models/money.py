"""What a tactic costs, as somebody has stated it; the index of prices; and the appraisals that were made of both."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel, FrozenQuerySet
from centre.models import Force
from tactics.models.catalogue import Tactic
from tactics.models.ratings import Rating
from tactics.money import PAYERS, Amount, CostLine, Deflator


class CostQuerySet(FrozenQuerySet):
    """Questions about many statements of cost."""

    def standing(self) -> "CostQuerySet":
        """Return the statements that no newer one has replaced."""
        return self.filter(superseded_at=None)


class TacticCost(FrozenModel):
    """What the tactic costs one payer in a place with so many incidents a year: a range, with its source.

    Without a force it is the Centre's statement for anybody; with one it is that force's own. A newer statement for the
    same payer takes its place.
    """

    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="costs")
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="+")
    payer = models.CharField(max_length=12, choices=list(PAYERS.items()))
    price_year = models.CharField(max_length=7)
    incidents = models.PositiveIntegerField()
    set_up_low = models.DecimalField(max_digits=12, decimal_places=2)
    set_up_central = models.DecimalField(max_digits=12, decimal_places=2)
    set_up_high = models.DecimalField(max_digits=12, decimal_places=2)
    per_year_low = models.DecimalField(max_digits=12, decimal_places=2)
    per_year_central = models.DecimalField(max_digits=12, decimal_places=2)
    per_year_high = models.DecimalField(max_digits=12, decimal_places=2)
    range_is_assumed = models.BooleanField(default=False)  # no range was given: 20 % either side
    source = models.CharField(max_length=500)
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    frozen_except: ClassVar[tuple[str, ...]] = ("superseded_at",)

    objects: ClassVar[models.Manager[Any]] = CostQuerySet.as_manager()

    class Meta:
        ordering = ("payer", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("tactic", "payer"),
                condition=Q(superseded_at=None, force=None),
                name="tactics_cost_one_of_the_centre",
            ),
            models.UniqueConstraint(
                fields=("tactic", "force", "payer"),
                condition=Q(superseded_at=None, force__isnull=False),
                name="tactics_cost_one_of_a_force",
            ),
            models.CheckConstraint(condition=Q(incidents__gte=1), name="tactics_cost_for_incidents"),
            models.CheckConstraint(
                condition=Q(
                    set_up_low__gte=0,
                    set_up_central__gte=models.F("set_up_low"),
                    set_up_high__gte=models.F("set_up_central"),
                    per_year_low__gte=0,
                    per_year_central__gte=models.F("per_year_low"),
                    per_year_high__gte=models.F("per_year_central"),
                ),
                name="tactics_cost_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tactic}: {self.get_payer_display()}"

    @property
    def set_up(self) -> Amount:
        """Return what is paid once."""
        return Amount(float(self.set_up_low), float(self.set_up_central), float(self.set_up_high))

    @property
    def per_year(self) -> Amount:
        """Return what is paid each year."""
        return Amount(float(self.per_year_low), float(self.per_year_central), float(self.per_year_high))

    @property
    def line(self) -> CostLine:
        """Return the statement as an appraisal reads it."""
        return CostLine(
            payer=self.payer,  # type: ignore[arg-type]  # held to the choices by the action
            set_up=self.set_up,
            per_year=self.per_year,
            price_year=self.price_year,
            incidents=float(self.incidents),
            source=self.source,
        )


class PriceIndex(FrozenModel):
    """A series that turns prices of one year into those of another. The newest that was loaded is used."""

    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=100)
    series = models.JSONField()
    sha256 = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ("-loaded_at", "-pk")
        verbose_name_plural = "price indices"

    def __str__(self) -> str:
        return self.source

    @property
    def deflator(self) -> Deflator:
        """Return it as an appraisal reads it."""
        return Deflator(self.source, self.series)


class Appraisal(FrozenModel):
    """A public figure: what was put in, by which version, and what came out. Made once, and never changed."""

    class Place(models.TextChoices):
        """For whom it speaks."""

        AVERAGE = "average", "The average place"
        NEW = "new", "A new place like yours"

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="appraisals")
    place = models.CharField(max_length=7, choices=Place)
    inputs = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64)
    result = models.JSONField()
    money_version = models.CharField(max_length=20)
    software_version = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        # Of those made at once, the one for a new place speaks first: it is what a reader's force would be.
        ordering = ("-made_at", "-place")

    def __str__(self) -> str:
        return f"{self.rating}: {self.get_place_display()}"

    @property
    def share_ahead(self) -> float:
        """Return the chance that the benefit is larger than the cost."""
        return float(self.result["share_ahead"])
