"""Forces: reference data."""

from typing import ClassVar

from django.db.models import QuerySet

from centre.api.filters import ChoiceFilter, FilterSet
from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView, ListView, visible
from centre.models import Force


class ForceSerializer(ReadSerializer):
    """One police force."""

    class Meta:
        model = Force
        fields = ("slug", "name", "ons_code", "region", "nation", "kind")


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
