"""Where within a force counts have risen: scans of its areas, kept with the files that they rest on."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone

from centre.frozen import FrozenModel
from centre.models.forces import Force
from centre.models.of_forces import OfForceQuerySet
from centre.models.people import User
from centre.models.submissions import AreaLookup


class PlaceScan(FrozenModel):
    """One look at the areas of a force: by which rules, from which files, and the clusters of each category."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="place_scans")
    measure = models.SlugField(max_length=60, blank=True)  # blank: every category, each for itself
    measure_name = models.CharField(max_length=120)
    scanned_at = models.DateTimeField(default=timezone.now)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    rules = models.JSONField()
    months = models.JSONField(default=list)  # YYYY-MM; those that may not be compared are not there
    files_as_of = models.DateTimeField()  # the newest submission that it has seen
    lookup = models.ForeignKey(AreaLookup, on_delete=models.PROTECT, null=True, related_name="+")
    left_out = models.JSONField(default=dict)  # rows, by why
    places = models.JSONField(
        default=dict
    )  # codes of the areas, and the name, longitude and latitude of each
    categories = models.JSONField(default=list)  # what the scan of each came to
    n_found = models.PositiveIntegerField()  # clusters that are beyond chance
    inputs_sha256 = models.CharField(max_length=64, unique=True)  # of the files, the lookup and the rules
    results_sha256 = models.CharField(max_length=64)

    objects: ClassVar[models.Manager[Any]] = OfForceQuerySet.as_manager()

    class Meta:
        ordering = ("-scanned_at", "-pk")

    def __str__(self) -> str:
        return f"{self.measure_name} within {self.force}, {self.scanned_at:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        """Return the address of the scan's page."""
        return reverse("hub-place-scan", args=[self.pk])

    @property
    def last_month(self) -> str:
        """Return the newest month that was scanned."""
        return str(self.months[-1])

    @property
    def found(self) -> list[dict[str, Any]]:
        """Return the clusters that are beyond chance, each with its category, in the order of their chance."""
        listed = [
            cluster | {"measure": one["measure"], "name": one["name"], "q_value": one["q_value"]}
            for one in self.categories
            for cluster in one["clusters"]
            if cluster["is_found"]
        ]
        return sorted(listed, key=lambda one: (one["p_value"], -one["statistic"]))
