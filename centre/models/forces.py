"""Police forces: reference data, loaded after every migrate from centre/reference/forces.csv."""

from django.db import models


class ForceQuerySet(models.QuerySet["Force"]):
    """Questions about many forces."""

    def official(self) -> "ForceQuerySet":
        """Return the real forces: never the invented ones of the sample programme."""
        return self.exclude(kind=Force.Kind.SAMPLE)

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

    objects = ForceQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def force_ids(self) -> frozenset[int]:
        """Return the force itself, for permission questions."""
        return frozenset({self.pk})

    @property
    def is_sample(self) -> bool:
        """Return whether the force is invented."""
        return self.kind == self.Kind.SAMPLE
