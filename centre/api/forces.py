"""Forces: reference data."""

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.filters import ChoiceFilter, FilterSet
from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView, ListView, visible
from centre.models import Force


class ForceSerializer(ReadSerializer):
    """One police force."""

    officers = serializers.FloatField(
        allow_null=True, help_text="Full-time equivalent. Home Office, police workforce tables."
    )
    recorded_crime = serializers.IntegerField(
        allow_null=True,
        help_text="In the year to its date, fraud not included. Office for National Statistics.",
    )
    population = serializers.IntegerField(
        allow_null=True, help_text="Residents. Office for National Statistics, mid-2023 estimates."
    )
    crime_per_1000 = serializers.FloatField(
        source="crime_rate",
        allow_null=True,
        help_text="Recorded crimes a year for every 1,000 residents; null where residents say little of those present.",
    )

    class Meta:
        model = Force
        fields = (
            "slug",
            "name",
            "ons_code",
            "region",
            "nation",
            "kind",
            "officers",
            "officers_on",
            "population",
            "population_on",
            "recorded_crime",
            "recorded_crime_on",
            "crime_per_1000",
            "figures_note",
        )


class ForceFilter(FilterSet):
    """What forces can be filtered by."""

    kind = ChoiceFilter(choices=Force.Kind.choices)

    class Meta:
        model = Force
        fields = ("region", "nation")


class ForceList(ListView):
    """Police forces, and the invented ones of the sample programme (kind=sample)."""

    serializer_class = ForceSerializer
    filterset_class = ForceFilter
    search_fields = ("name", "region")
    sorts: ClassVar = {"name": "name", "slug": "slug", "region": "region"}
    default_sort = "name"
    queryset = Force.objects.all()

    def get_queryset(self) -> QuerySet[Force]:
        """Return the forces."""
        return Force.objects.visible_to(self.request.user)


class ForceDetail(DetailView):
    """One police force."""

    serializer_class = ForceSerializer

    def thing(self) -> Force:
        """Return the force."""
        return visible(Force.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
