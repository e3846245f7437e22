"""What is known of tactics that use AI: transparency records and error rates."""

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.serializers import ReadSerializer
from centre.api.views import ListView, visible
from tactics.models import ErrorRate, Tactic, TransparencyRecord


class ErrorRateSerializer(ReadSerializer):
    """How often a tool is wrong: a count over the denominator that it names, with the Wilson interval."""

    rate = serializers.FloatField(help_text="The count over its denominator, as a share.")
    conf_low = serializers.FloatField(help_text="Lower end of the 95% Wilson interval, as a share.")
    conf_high = serializers.FloatField(help_text="Upper end of the 95% Wilson interval, as a share.")

    class Meta:
        model = ErrorRate
        fields = (
            "kind",
            "numerator",
            "numerator_counts",
            "denominator",
            "denominator_counts",
            "rate",
            "conf_low",
            "conf_high",
            "period",
            "how_measured",
            "source",
            "checked_by",
            "recorded_at",
        )


class TransparencyRecordSerializer(ReadSerializer):
    """A published version of a transparency record; `document` has every field by the standard's own names."""

    tactic = serializers.SlugField(source="tactic.slug")

    class Meta:
        model = TransparencyRecord
        fields = ("tactic", "number", "standard_version", "document", "sent_at", "published_at")


class TransparencyRecordList(ListView):
    """The published versions of a tactic's transparency record, newest first."""

    serializer_class = TransparencyRecordSerializer
    sorts: ClassVar = {"number": "number", "published_at": "published_at"}
    default_sort = "-number"
    modified_field = "published_at"
    queryset = TransparencyRecord.objects.all()

    def get_queryset(self) -> QuerySet[TransparencyRecord]:
        """Return the versions of a tactic that the caller may see."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rows: QuerySet[TransparencyRecord] = tactic.transparency_records.select_related("tactic")
        return rows


class ErrorRateList(ListView):
    """The error rates of a tactic that stand. One count may come over several denominators."""

    serializer_class = ErrorRateSerializer
    sorts: ClassVar = {"recorded_at": "recorded_at", "kind": "kind"}
    default_sort = "recorded_at"
    modified_field = "recorded_at"
    queryset = ErrorRate.objects.all()

    def get_queryset(self) -> QuerySet[ErrorRate]:
        """Return the rates of a tactic that the caller may see."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rows: QuerySet[ErrorRate] = tactic.error_rates.standing()
        return rows
