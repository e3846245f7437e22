"""Where within a force something rises: scans of its areas, for those who may see the force's data."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.filters import FilterSet, SlugFilter
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView, ListView, visible
from centre.models import PlaceScan
from centre.permissions import Permission, require


class ClusterSerializer(serializers.Serializer[Any]):
    """One group of areas that is beyond chance."""

    measure = serializers.CharField(help_text="Key of the measure.")
    centre = serializers.CharField(help_text="Code of the area in the middle.")
    areas = serializers.ListField(child=serializers.CharField(), help_text="Codes of all its areas.")
    start = serializers.CharField(help_text="First month, YYYY-MM.")
    end = serializers.CharField(help_text="Last month, YYYY-MM.")
    radius_km = serializers.FloatField(help_text="From the middle to the farthest area.")
    observed = serializers.IntegerField(help_text="What was counted.")
    expected = serializers.FloatField(help_text="From the areas' usual level and the force's months.")
    p_value = serializers.FloatField(help_text="Rank among the likeliest groups of draws.")
    q_value = serializers.FloatField(help_text="Of its category's likeliest group, over the categories.")


class PlaceScanSerializer(ReadSerializer):
    """One scan of the areas of a force."""

    force = serializers.SlugField(source="force.slug", help_text="Slug of the force.")
    measure = serializers.CharField(help_text="Key of the measure; empty where every category was scanned.")
    months = serializers.ListField(
        child=serializers.CharField(), help_text="YYYY-MM; those that may not be compared are not there."
    )
    found = ClusterSerializer(many=True, help_text="Groups of areas beyond chance, the clearest first.")
    inputs_sha256 = serializers.CharField(help_text="Of the files, the lookup of areas and the rules.")

    class Meta:
        model = PlaceScan
        fields = (
            "id",
            "force",
            "measure",
            "measure_name",
            "scanned_at",
            "months",
            "n_found",
            "found",
            "files_as_of",
            "inputs_sha256",
            "results_sha256",
        )


class PlaceScanFilter(FilterSet):
    """What scans can be filtered by."""

    force = SlugFilter(field_name="force__slug")

    class Meta:
        model = PlaceScan
        fields = ("measure",)


class PlaceScanList(ListView):
    """Scans of areas: of your own force, or of all for those who see the whole hub."""

    permission_classes = (SignedIn,)
    serializer_class = PlaceScanSerializer
    filterset_class = PlaceScanFilter
    sorts: ClassVar = {"scanned_at": "scanned_at"}
    default_sort = "-scanned_at"
    queryset = PlaceScan.objects.all()

    def get_queryset(self) -> QuerySet[PlaceScan]:
        """Return those that the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[PlaceScan] = PlaceScan.objects.visible_to(self.request.user).select_related("force")
        return rows


class PlaceScanDetail(DetailView):
    """One scan."""

    permission_classes = (SignedIn,)
    serializer_class = PlaceScanSerializer

    def thing(self) -> PlaceScan:
        """Return it."""
        rows = PlaceScan.objects.visible_to(self.request.user).select_related("force")
        return visible(rows, pk=self.kwargs["place_scan_id"])
