"""Police forces: reference data, loaded after every migrate from centre/reference/forces.csv."""

from decimal import Decimal

from django.db import models
from django.db.models import Q, Sum

from centre import figures


class ForceQuerySet(models.QuerySet["Force"]):
    """Questions about many forces."""

    def official(self) -> "ForceQuerySet":
        """Return the real forces: never the invented ones of the sample programme."""
        return self.exclude(kind=Force.Kind.SAMPLE)

    def territorial(self) -> "ForceQuerySet":
        """Return the 43 forces of England and Wales."""
        return self.filter(kind=Force.Kind.TERRITORIAL)

    def officers(self) -> Decimal:
        """Return how many officers these forces have together, where each one's number is known."""
        return Decimal(self.aggregate(all=Sum("officers"))["all"] or 0)

    def visible_to(self, user: object) -> "ForceQuerySet":
        """Return the forces a person may list: the names are public."""
        return self.all()


class Force(models.Model):
    """One police force."""

    class Kind(models.TextChoices):
        """What kind of force it is."""

        TERRITORIAL = "territorial", "territorial force"  # one of the 43 of England and Wales
        SPECIAL = "special", "special police force"  # British Transport Police
        SAMPLE = "sample", "invented force"  # of the sample programme; never a real one

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    ons_code = models.CharField(max_length=9, blank=True)
    region = models.CharField(max_length=60, blank=True)
    nation = models.CharField(max_length=30, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)

    # Public figures, each with its date; blank is not known, and never nought. What they are: `centre.figures`.
    officers = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    officers_on = models.DateField(null=True)
    population = models.PositiveIntegerField(null=True)
    population_on = models.DateField(null=True)
    recorded_crime = models.PositiveIntegerField(null=True)
    recorded_crime_on = models.DateField(null=True)
    figures_note = models.CharField(max_length=200, blank=True)

    objects = ForceQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = tuple(
            models.CheckConstraint(
                condition=Q(**{f"{name}__isnull": True, f"{name}_on__isnull": True})
                | Q(**{f"{name}__isnull": False, f"{name}_on__isnull": False}),
                name=f"centre_force_{name}_has_its_date",
            )
            for name in figures.FIGURES
        )

    def __str__(self) -> str:
        return self.name

    @property
    def force_ids(self) -> frozenset[int]:
        """Return the force itself, for permission questions."""
        return frozenset({self.pk})

    @property
    def crime_rate(self) -> float | None:
        """Return recorded crimes a year for every 1,000 residents; None where that is not known or says little."""
        return figures.per_1000(self.recorded_crime, self.population)

    @property
    def is_sample(self) -> bool:
        """Return whether the force is invented."""
        return self.kind == self.Kind.SAMPLE
