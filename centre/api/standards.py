"""Standards of productivity, and how forces stand against each: to those who work in the hub."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.filters import ChoiceFilter, FilterSet
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView, ListView, visible
from centre.hub import benchmarks
from centre.hub.benchmarks import Benchmark, Row
from centre.hub.standards.assurance import Verdict
from centre.hub.standards.funnel import Standing
from centre.models import Standard
from centre.permissions import Permission, require


class StandardSerializer(ReadSerializer):
    """A standard as it holds today."""

    inputs = serializers.CharField(
        source="inputs.key", default=None, allow_null=True, help_text="Key of the measure of what is put in."
    )
    activity = serializers.CharField(
        source="activity.key", default=None, allow_null=True, help_text="Key of the measure of what is done."
    )
    outcome = serializers.CharField(source="outcome.key", help_text="Key of the measure of what comes of it.")
    direction = serializers.CharField(help_text="Which way the outcome is better: higher or lower.")
    target = serializers.FloatField(
        allow_null=True,
        help_text="Of each month, in per cent of a share, else for each thousand; null: none.",
    )

    class Meta:
        model = Standard
        fields: ClassVar[Any] = (
            "key",
            "version",
            "name",
            "good",
            "inputs",
            "activity",
            "outcome",
            "direction",
            "target",
            "target_source",
            "valid_from",
            "adopted_at",
            "reason",
        )
        extra_kwargs: ClassVar = {
            "good": {"help_text": "What good looks like, in words."},
        }


class ForceStandingSerializer(serializers.Serializer[Any]):
    """One force against the standard. What is not known is null, and never 0."""

    force = serializers.SlugField(source="force.slug")
    value = serializers.FloatField(
        source="outcome.value",
        default=None,
        allow_null=True,
        help_text="Of the outcome, in the twelve months.",
    )
    denominator = serializers.FloatField(source="outcome.denominator", default=None, allow_null=True)
    estimate = serializers.FloatField(
        source="share", allow_null=True, help_text="In per cent of a share, else for each thousand."
    )
    standing = serializers.ChoiceField(
        choices=[one.value for one in Standing],
        source="placed.standing",
        default=None,
        allow_null=True,
        help_text="Against the limits of all that are compared; null: not compared. It is no rank.",
    )
    left_out = serializers.CharField(
        source="why_left_out", allow_blank=True, help_text="Why it is not compared; empty where it is."
    )
    target = serializers.ChoiceField(
        choices=[one.value for one in Verdict],
        source="assurance.verdict",
        default=None,
        allow_null=True,
        help_text="What may be expected of months to come, if nothing changes.",
    )


class StandardStandingSerializer(StandardSerializer):
    """A standard, and how the forces stand that the caller may see."""

    first_month = serializers.SerializerMethodField(help_text="Of the twelve that are compared.")
    last_month = serializers.SerializerMethodField(help_text="Of the twelve that are compared.")
    not_compared = serializers.SerializerMethodField(
        help_text="Why no force is compared; empty where some are."
    )
    forces = serializers.SerializerMethodField(help_text="Force by force, in the order of the alphabet.")

    class Meta(StandardSerializer.Meta):
        fields: ClassVar[Any] = (
            *StandardSerializer.Meta.fields,
            "first_month",
            "last_month",
            "not_compared",
            "forces",
        )

    def get_first_month(self, standard: Standard) -> str | None:
        """Return it, as YYYY-MM."""
        months = self._found(standard).months
        return months[0] if months else None

    def get_last_month(self, standard: Standard) -> str | None:
        """Return it, as YYYY-MM."""
        months = self._found(standard).months
        return months[1] if months else None

    def get_not_compared(self, standard: Standard) -> str:
        """Return the reason."""
        return self._found(standard).why_no_funnel

    def get_forces(self, standard: Standard) -> list[dict[str, Any]]:
        """Return the rows that the caller may see."""
        rows: list[Row] = self._found(standard).rows_for(self._own())
        return [dict(one) for one in ForceStandingSerializer(rows, many=True).data]

    def _own(self) -> frozenset[int] | None:
        return benchmarks.own_forces(self.context["request"].user)

    def _found(self, standard: Standard) -> Benchmark:
        if not hasattr(self, "_benchmark"):
            figures = benchmarks.Figures(benchmarks.pool(self._own()))
            self._benchmark = benchmarks.compared(figures, standard)
        return self._benchmark


class StandardFilter(FilterSet):
    """What standards can be filtered by."""

    direction = ChoiceFilter(choices=Standard.Direction.choices)

    class Meta:
        model = Standard
        fields: ClassVar[Any] = ()


class StandardList(ListView):
    """Standards that hold today; each one's address has how forces stand."""

    permission_classes = (SignedIn,)
    serializer_class = StandardSerializer
    filterset_class = StandardFilter
    search_fields = ("name", "good")
    sorts: ClassVar = {"name": "name", "key": "key", "valid_from": "valid_from"}
    default_sort = "name"
    modified_field = "adopted_at"
    queryset = Standard.objects.all()

    def get_queryset(self) -> QuerySet[Standard]:
        """Return those that hold today."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[Standard] = Standard.objects.visible_to(self.request.user).in_force()
        return rows.select_related("inputs", "activity", "outcome")


class StandardDetail(DetailView):
    """One standard as it holds today, with twelve months of each force: your own, and what may be published."""

    permission_classes = (SignedIn,)
    serializer_class = StandardStandingSerializer

    def modified(self, rows: list[Any]) -> datetime | None:
        """Return nothing: how forces stand changes with every figure that arrives."""
        return None

    def thing(self) -> Standard:
        """Return the standard."""
        rows = Standard.objects.visible_to(self.request.user).in_force()
        return visible(rows.select_related("inputs", "activity", "outcome"), key=self.kwargs["standard"])
