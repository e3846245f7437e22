"""What forces say of their own practice: who uses a tactic."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.filters import ChoiceFilter, DateFilter, FilterSet, SlugFilter, YesNoFilter
from centre.api.serializers import ReadSerializer
from centre.api.views import ListView, visible
from tactics.adoption import STAGES
from tactics.models import Adoption, Tactic


class SaidSerializer(ReadSerializer):
    """What all rows share that forces say. Who typed it is nobody else's business; whether the force did, is."""

    id = serializers.UUIDField(source="public_id")
    tactic = serializers.SlugField(source="tactic.slug")
    force = serializers.SlugField(source="force.slug")
    corrects = serializers.UUIDField(
        source="corrects.public_id", default=None, allow_null=True, help_text="The earlier row put right."
    )
    by_centre = serializers.BooleanField(help_text="The Centre said it on the force's behalf.")


class AdoptionSerializer(SaidSerializer):
    """One entry of the adoption ledger."""

    is_current = serializers.BooleanField(help_text="This is what the force says now.")

    class Meta:
        model = Adoption
        fields = (
            "id",
            "tactic",
            "force",
            "stage",
            "since",
            "fidelity",
            "scale",
            "reason",
            "contact",
            "is_current",
            "corrects",
            "by_centre",
            "said_at",
        )


class AdoptionFilter(FilterSet):
    """Filters of the ledger."""

    force = SlugFilter(field_name="force__slug")
    stage = ChoiceFilter(choices=list(STAGES.items()))
    is_current = YesNoFilter(field_name="is_current")
    said_from = DateFilter(field_name="said_at", lookup_expr="date__gte")

    class Meta:
        model = Adoption
        fields = ()


class AdoptionList(ListView):
    """Every entry of the adoption ledger of one tactic, those that were corrected too."""

    serializer_class: Any = AdoptionSerializer
    filterset_class = AdoptionFilter
    sorts: ClassVar = {"said_at": "said_at", "since": "since", "stage": "stage"}
    default_sort = "-said_at"
    modified_field = "said_at"
    queryset = Adoption.objects.all()

    def get_queryset(self) -> QuerySet[Adoption]:
        """Return the ledger of a tactic that the caller may see."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rows: QuerySet[Adoption] = Adoption.objects.filter(tactic=tactic).with_state()
        return rows.select_related("tactic", "force", "corrects")
