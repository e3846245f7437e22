"""Measures: the public dictionary of what is counted."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from centre.api.filters import ChoiceFilter, FilterSet
from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView, ListView
from centre.models import Measure


class MeasureVersionSerializer(ReadSerializer):
    """One version of a measure. Who adopted it is not told here."""

    class Meta:
        model = Measure
        fields: ClassVar[tuple[str, ...]] = (
            "key",
            "version",
            "name",
            "definition",
            "exclusions",
            "recording_rule",
            "kind",
            "unit",
            "direction",
            "denominator",
            "source",
            "licence",
            "standard",
            "weights",
            "valid_from",
            "adopted_at",
            "reason",
        )
        extra_kwargs: ClassVar = {
            "definition": {"help_text": "What it is, in plain words."},
            "exclusions": {"help_text": "What it is not."},
            "recording_rule": {"help_text": "When a thing is counted, and how often."},
            "kind": {
                "help_text": "What is put in, done, or comes of it. An input is never productivity alone."
            },
            "denominator": {"help_text": "Of a rate or share: of what it is one."},
            "standard": {"help_text": "The standard it belongs to, if any."},
            "weights": {
                "help_text": "Name of the table by which the hub works harm out; empty: figures are sent."
            },
            "valid_from": {"help_text": "The day from which this version holds."},
            "reason": {"help_text": "Why it replaced the version before; empty for the first."},
        }


class MeasureSerializer(MeasureVersionSerializer):
    """A measure as it holds today, with every version that it has had."""

    versions = serializers.SerializerMethodField()

    class Meta(MeasureVersionSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*MeasureVersionSerializer.Meta.fields, "versions")

    @extend_schema_field(MeasureVersionSerializer(many=True))
    def get_versions(self, measure: Measure) -> Any:
        """Return every version, the newest first."""
        rows = Measure.objects.filter(key=measure.key).order_by("-version")
        return MeasureVersionSerializer(rows, many=True).data


class MeasureFilter(FilterSet):
    """What measures can be filtered by."""

    kind = ChoiceFilter(choices=Measure.Kind.choices)
    unit = ChoiceFilter(choices=Measure.Unit.choices)
    direction = ChoiceFilter(choices=Measure.Direction.choices)

    class Meta:
        model = Measure
        fields = ("standard",)


def _changed(rows: list[Measure]) -> datetime | None:
    """Return when the newest of the rows began to hold: it was adopted before, or later for a day gone by."""
    midnight = datetime.min.time()
    moments = [
        max(row.adopted_at, timezone.make_aware(datetime.combine(row.valid_from, midnight)))
        for row in rows
        if row.valid_from <= timezone.localdate()
    ]
    return max(moments, default=None)


class MeasureList(ListView):
    """Measures as they hold today; each one's address has all its versions."""

    serializer_class = MeasureVersionSerializer
    filterset_class = MeasureFilter
    search_fields = ("name", "definition", "exclusions")
    sorts: ClassVar = {"name": "name", "key": "key", "valid_from": "valid_from"}
    default_sort = "name"
    queryset = Measure.objects.all()

    def modified(self, rows: list[Measure]) -> datetime | None:
        """Return when the newest of them began to hold."""
        return _changed(rows)

    def get_queryset(self) -> QuerySet[Measure]:
        """Return those that hold today."""
        rows: QuerySet[Measure] = Measure.objects.visible_to(self.request.user).in_force()
        return rows


class MeasureDetail(DetailView):
    """One measure as it holds today, or as it will first hold, with every version."""

    serializer_class = MeasureSerializer

    def modified(self, rows: list[Measure]) -> datetime | None:
        """Return when the newest version was adopted, or began to hold."""
        versions = list(Measure.objects.filter(key__in=[row.key for row in rows]))
        return max(filter(None, (_changed(versions), *(one.adopted_at for one in versions))))

    def thing(self) -> Measure:
        """Return the measure."""
        versions = Measure.objects.visible_to(self.request.user).filter(key=self.kwargs["measure"])
        found: Measure | None = versions.in_force().first() or versions.order_by("version").first()
        if found is None:
            raise Http404
        return found
