"""Harm by force and month: what recorded offences come to under each version of a measure's weights."""

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request

from centre.api.computed import ComputedList
from centre.api.permissions import SignedIn, person
from centre.api.problems import refused_parameter
from centre.api.schema import query
from centre.api.serializers import Prunable
from centre.hub import harms, weighing
from centre.models import Force, Measure
from centre.permissions import Permission, forces_on, has_permission, require


class HarmPartSerializer(serializers.Serializer[Any]):
    """What a group of offences adds; an offence is a group of its own where the table has no groups."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    harm = serializers.DecimalField(max_digits=None, decimal_places=None)


class HarmOfMonthSerializer(Prunable):
    """One version of one figure. What is not known is null, and never 0."""

    force = serializers.SlugField(source="force.slug")
    month = serializers.DateField(help_text="Its first day.")
    weights = serializers.CharField(source="table.name")
    weights_version = serializers.CharField(source="table.version")
    counts_version = serializers.IntegerField(
        source="sent.version", help_text="Of the month, as it was sent."
    )
    value = serializers.DecimalField(
        source="weighed.value",
        max_digits=None,
        decimal_places=None,
        allow_null=True,
        help_text="Count times weight, added up, exact; null where the month is not whole.",
    )
    unit = serializers.CharField(source="table.unit")
    why_not = serializers.CharField(
        source="weighed.why_not", allow_blank=True, help_text="Why it is not known; empty where it is."
    )
    recorded = serializers.IntegerField(source="weighed.n_recorded", help_text="Offences that are counted.")
    weighted = serializers.IntegerField(
        source="weighed.n_weighted", help_text="Of those, that have a weight."
    )
    per_1000_residents = serializers.FloatField(source="per_1000", allow_null=True)
    groups = HarmPartSerializer(
        source="weighed.groups", many=True, help_text="What it is made of, the greatest part first."
    )


class HarmOfMonthList(ComputedList):
    """Harm of your forces, of all for the Centre: every month, under every version of the weights that holds."""

    permission_classes = (SignedIn,)
    serializer_class = HarmOfMonthSerializer
    queryset = Measure.objects.all()
    parameters: ClassVar = (
        query("force", {"type": "string"}, "Short name of a force."),
        query("month", {"type": "string", "format": "date"}, "Its first day."),
        query("weights_version", {"type": "string"}, "Version of the weights."),
    )

    def matching(self, request: Request) -> Any:
        """Return the figures that fit the filters, in order of force, month and version of the weights."""
        by = person(request)
        require(by, Permission.HUB_SEE)
        measure = (
            Measure.objects.in_force().filter(key=self.kwargs["harm_measure"]).exclude(weights="").first()
        )
        if measure is None:
            raise Http404
        forces = Force.objects.all()
        if not has_permission(by, Permission.HUB_SEE_ALL):
            forces = forces.filter(pk__in=forces_on(by, Permission.HUB_SEE))
        asked = request.query_params
        if "force" in asked:
            forces = forces.filter(slug=asked["force"])
        tables = [
            one
            for one in weighing.held(measure.weights)
            if one.version == asked.get("weights_version", one.version)
        ]
        found = harms.weighed(measure, forces, tables=tables)
        month = _month(asked["month"]) if "month" in asked else None
        return [one for one in found if month is None or one.month == month]

    def modified(self, rows: list[Any]) -> dt.datetime | None:
        """Return nothing: a figure changes with the version of the weights that holds."""
        return None


def _month(text: str) -> dt.date:
    try:
        found: dt.date = forms.DateField(input_formats=["%Y-%m-%d"]).clean(text)
    except ValidationError:
        raise refused_parameter("month", "Use YYYY-MM-DD") from None
    return found
