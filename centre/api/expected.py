"""Which monthly files are expected of forces, which came, and what is stated to be absent at its source."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from centre.api.filters import ChoiceFilter, FilterSet, SlugFilter, YesNoFilter
from centre.api.permissions import SignedIn, person
from centre.api.quality import OfForcesList
from centre.api.serializers import Prunable, ReadSerializer
from centre.api.views import ListView
from centre.hub import expecting
from centre.models import MonthlyFile, SourceAbsence
from centre.permissions import Permission, require


class MonthsField(serializers.ListField):
    """Months, each YYYY-MM."""

    child = serializers.CharField()


class ExpectedFilesSerializer(Prunable):
    """The files of one kind of one force: a month without one is missing, and never 0."""

    force = serializers.CharField()
    kind = serializers.ChoiceField(choices=MonthlyFile.Kind.choices)
    kept = MonthsField(help_text="Months whose file the hub has, each YYYY-MM.")
    not_received = MonthsField(help_text="Months of which no file came; why is not known.")
    absent_at_source = MonthsField(help_text="Months that are stated to have no file at the source.")


class ExpectedFilesList(OfForcesList):
    """Your forces’ files by kind over the newest 36 months of which you may see any; all forces for the Centre."""

    serializer_class = ExpectedFilesSerializer

    def matching(self, request: Request) -> Any:
        """Return a row for each kind of each force."""
        return [
            {
                "force": found.force.slug,
                "kind": one.kind,
                "kept": one.kept,
                "not_received": one.not_received,
                "absent_at_source": one.absent,
            }
            for found in expecting.of_all(self.seen(request))
            for one in found.kinds
        ]


class AbsenceSerializer(ReadSerializer):
    """A statement that a source has no such file, with where that can be read."""

    force = serializers.SlugField(source="force.slug")
    first_month = serializers.DateField(help_text="Its first day.")
    last_month = serializers.DateField(allow_null=True, help_text="Its first day; null: it goes on.")
    checked_on = serializers.DateField(help_text="When the source was read.")
    withdrawn_at = serializers.DateTimeField(source="withdrawal.at", default=None, allow_null=True)
    withdrawn_because = serializers.CharField(source="withdrawal.because", default=None, allow_null=True)

    class Meta:
        model = SourceAbsence
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "force",
            "kind",
            "first_month",
            "last_month",
            "words",
            "source",
            "checked_on",
            "stated_at",
            "withdrawn_at",
            "withdrawn_because",
        )


class AbsenceFilter(FilterSet):
    """What statements can be filtered by."""

    force = SlugFilter(field_name="force__slug")
    kind = ChoiceFilter(choices=MonthlyFile.Kind.choices)
    is_standing = YesNoFilter(field_name="withdrawal", lookup_expr="isnull")

    class Meta:
        model = SourceAbsence
        fields = ()


class AbsenceList(ListView):
    """What is stated to be absent at its source, of your forces; of all for the Centre. Withdrawn statements stay."""

    permission_classes = (SignedIn,)
    serializer_class = AbsenceSerializer
    filterset_class = AbsenceFilter
    sorts: ClassVar = {"stated_at": "stated_at", "first_month": "first_month"}
    default_sort = "-stated_at"
    queryset = SourceAbsence.objects.all()

    def get_queryset(self) -> QuerySet[SourceAbsence]:
        """Return what the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[SourceAbsence] = SourceAbsence.objects.visible_to(self.request.user)
        return rows.select_related("force", "withdrawal")
