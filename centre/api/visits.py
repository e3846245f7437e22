"""Visits to forces, and the actions that were agreed on findings: to be read."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.filters import ChoiceFilter, DateFilter, FilterSet, SlugFilter, UuidFilter, YesNoFilter
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView, ListView, visible
from centre.models import QualityAction, Visit
from centre.permissions import Permission, require


class VisitSerializer(ReadSerializer):
    """A visit as it was planned. Who planned it is not told here."""

    force = serializers.CharField(source="force.slug")
    n_notes = serializers.IntegerField(help_text="Notes of what was seen and said.")
    n_actions = serializers.IntegerField(help_text="Actions that were agreed at it.")

    class Meta:
        model = Visit
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "force",
            "visited_on",
            "team",
            "planned_at",
            "called_off_at",
            "called_off_because",
            "n_notes",
            "n_actions",
        )


class NoteSerializer(serializers.Serializer[Any]):
    """What somebody wrote down."""

    seen = serializers.CharField(help_text="What the team saw.")
    said = serializers.CharField(help_text="What the force said.")
    at = serializers.DateTimeField()


class WholeVisitSerializer(VisitSerializer):
    """A visit with its notes."""

    notes = NoteSerializer(many=True)

    class Meta(VisitSerializer.Meta):
        fields = (*VisitSerializer.Meta.fields, "notes")


class VisitFilter(FilterSet):
    """What visits can be filtered by."""

    force = SlugFilter(field_name="force__slug")
    visited_from = DateFilter(field_name="visited_on", lookup_expr="gte")
    visited_to = DateFilter(field_name="visited_on", lookup_expr="lte")

    class Meta:
        model = Visit
        fields = ()


class VisitList(ListView):
    """Visits to your forces, the newest first; all for the Centre."""

    permission_classes = (SignedIn,)
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    sorts: ClassVar = {"visited_on": "visited_on", "planned_at": "planned_at"}
    default_sort = "-visited_on"
    queryset = Visit.objects.all()

    def get_queryset(self) -> QuerySet[Visit]:
        """Return what the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[Visit] = Visit.objects.visible_to(self.request.user).for_list()
        return rows


class VisitDetail(DetailView):
    """One visit, with what was seen and said."""

    permission_classes = (SignedIn,)
    serializer_class = WholeVisitSerializer

    def thing(self) -> Visit:
        """Return the visit."""
        rows = Visit.objects.visible_to(self.request.user).for_list().prefetch_related("notes")
        return visible(rows, pk=self.kwargs["visit_id"])


class QualityActionSerializer(ReadSerializer):
    """An agreed action, with the finding as it was then."""

    force = serializers.CharField(source="force.slug")
    visit_id = serializers.UUIDField(allow_null=True, help_text="The visit at which it was agreed.")
    check = serializers.CharField(source="check_name", help_text="The check that found it.")
    months = serializers.ListField(child=serializers.CharField(), help_text="Of the finding, each YYYY-MM.")
    is_overdue = serializers.BooleanField(help_text="Open, and its day is over.")

    class Meta:
        model = QualityAction
        fields = (
            "id",
            "force",
            "visit_id",
            "check",
            "months",
            "words",
            "rules_version",
            "what",
            "owner",
            "due_on",
            "is_overdue",
            "agreed_at",
            "ended_at",
            "outcome",
            "ended_words",
        )


class QualityActionFilter(FilterSet):
    """What actions can be filtered by."""

    force = SlugFilter(field_name="force__slug")
    visit_id = UuidFilter(field_name="visit_id")
    outcome = ChoiceFilter(choices=QualityAction.Outcome.choices)
    is_open = YesNoFilter(field_name="ended_at", lookup_expr="isnull")
    due_to = DateFilter(field_name="due_on", lookup_expr="lte")

    class Meta:
        model = QualityAction
        fields = ()


class QualityActionList(ListView):
    """Actions that were agreed on findings of your forces, the first due first; all for the Centre."""

    permission_classes = (SignedIn,)
    serializer_class = QualityActionSerializer
    filterset_class = QualityActionFilter
    sorts: ClassVar = {"due_on": "due_on", "agreed_at": "agreed_at"}
    default_sort = "due_on"
    queryset = QualityAction.objects.all()

    def get_queryset(self) -> QuerySet[QualityAction]:
        """Return what the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[QualityAction] = QualityAction.objects.visible_to(self.request.user)
        return rows.select_related("force")
