"""Standards of productivity, and how forces stand against each: to those who work in the hub."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from centre.api.filters import ChoiceFilter, FilterSet, YesNoFilter
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView, ListView, visible
from centre.hub import benchmarks
from centre.hub.benchmarks import Benchmark
from centre.hub.standards.assurance import Verdict
from centre.hub.standards.funnel import Standing
from centre.models import Standard
from centre.models.standards import Aim
from centre.permissions import Permission, require

if TYPE_CHECKING:
    from centre.permissions import Person


class AimSerializer(serializers.Serializer[Any]):
    """An outcome beside the first."""

    outcome = serializers.CharField(source="measure.key", help_text="Key of the measure of what comes of it.")
    direction = serializers.CharField(help_text="Which way the outcome is better: higher or lower.")
    target = serializers.FloatField(allow_null=True, help_text="Of each month; null: none.")
    target_source = serializers.CharField(allow_blank=True)


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

    further_inputs = serializers.SerializerMethodField(
        help_text="Keys of further measures of what is put in."
    )
    further_activities = serializers.SerializerMethodField(
        help_text="Keys of further measures of what is done."
    )
    further_outcomes = serializers.SerializerMethodField(help_text="What else comes of it.")
    withdrawn_at = serializers.DateTimeField(
        source="withdrawal.decided_at",
        default=None,
        allow_null=True,
        help_text="Since when no force is compared by it; null: it holds.",
    )
    withdrawn_because = serializers.CharField(
        source="withdrawal.reason", default="", help_text="Why; empty where it holds."
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
            "withdrawn_at",
            "withdrawn_because",
            "further_inputs",
            "further_activities",
            "further_outcomes",
        )
        extra_kwargs: ClassVar = {
            "good": {"help_text": "What good looks like, in words."},
        }

    def get_further_inputs(self, standard: Standard) -> list[str]:
        """Return them."""
        return [one.key for one in standard.put_in[1:]]

    def get_further_activities(self, standard: Standard) -> list[str]:
        """Return them."""
        return [one.key for one in standard.done[1:]]

    @extend_schema_field(AimSerializer(many=True))
    def get_further_outcomes(self, standard: Standard) -> list[dict[str, Any]]:
        """Return them."""
        return [dict(one) for one in AimSerializer(standard.aims[1:], many=True).data]


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


class OutcomeStandingSerializer(AimSerializer):
    """One outcome, and how the forces stand that the caller may see."""

    first_month = serializers.CharField(
        allow_null=True, help_text="Of the twelve that are compared: YYYY-MM."
    )
    last_month = serializers.CharField(allow_null=True, help_text="Of the twelve that are compared: YYYY-MM.")
    not_compared = serializers.CharField(
        allow_blank=True, help_text="Why no force is compared; empty where some are."
    )
    forces = ForceStandingSerializer(many=True, help_text="Force by force, in the order of the alphabet.")


class StandardStandingSerializer(StandardSerializer):
    """A standard, and how the forces stand that the caller may see, in its first outcome and in each other."""

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
        return self._outcomes(standard)[0]["first_month"]

    def get_last_month(self, standard: Standard) -> str | None:
        """Return it, as YYYY-MM."""
        return self._outcomes(standard)[0]["last_month"]

    def get_not_compared(self, standard: Standard) -> str:
        """Return the reason."""
        return str(self._outcomes(standard)[0]["not_compared"])

    @extend_schema_field(ForceStandingSerializer(many=True))
    def get_forces(self, standard: Standard) -> list[dict[str, Any]]:
        """Return the rows that the caller may see."""
        return list(self._outcomes(standard)[0]["forces"])

    @extend_schema_field(OutcomeStandingSerializer(many=True))
    def get_further_outcomes(self, standard: Standard) -> list[dict[str, Any]]:
        """Return them, each with the rows that the caller may see."""
        return self._outcomes(standard)[1:]

    def _outcomes(self, standard: Standard) -> list[dict[str, Any]]:
        if not hasattr(self, "_read"):
            if standard.withdrawal:
                found = [_not_compared(one) for one in standard.aims]
            else:
                own = benchmarks.own_forces(self.context["request"].user)
                figures = benchmarks.Figures(benchmarks.pool(own))
                found = [_standing(one, own) for one in benchmarks.compared(figures, standard)]
            self._read = [dict(one) for one in OutcomeStandingSerializer(found, many=True).data]
        return self._read


def _not_compared(aim: Aim) -> dict[str, Any]:
    return {
        **_of_aim(aim),
        "first_month": None,
        "last_month": None,
        "not_compared": "the standard was withdrawn",
        "forces": [],
    }


def _standing(found: Benchmark, own: frozenset[int] | None) -> dict[str, Any]:
    first, last = found.months or (None, None)
    return {
        **_of_aim(found.aim),
        "first_month": first,
        "last_month": last,
        "not_compared": found.why_no_funnel,
        "forces": found.rows_for(own),
    }


def _of_aim(aim: Aim) -> dict[str, Any]:
    return {name: getattr(aim, name) for name in ("measure", "direction", "target", "target_source")}


class StandardFilter(FilterSet):
    """What standards can be filtered by."""

    direction = ChoiceFilter(choices=Standard.Direction.choices)
    is_withdrawn = YesNoFilter(method="by_withdrawal")

    def by_withdrawal(self, rows: Any, name: str, value: bool) -> Any:
        """Keep those that were withdrawn, or those that hold."""
        ended = rows.withdrawn().values("pk")
        return rows.filter(pk__in=ended) if value else rows.exclude(pk__in=ended)

    class Meta:
        model = Standard
        fields: ClassVar[Any] = ()


class StandardList(ListView):
    """Standards that hold today, and those that held until they were withdrawn; each has how forces stand."""

    permission_classes = (SignedIn,)
    serializer_class = StandardSerializer
    filterset_class = StandardFilter
    search_fields = ("name", "good")
    sorts: ClassVar = {"name": "name", "key": "key", "valid_from": "valid_from"}
    default_sort = "name"
    queryset = Standard.objects.all()

    def get_queryset(self) -> QuerySet[Standard]:
        """Return those that hold today or were withdrawn."""
        require(person(self.request), Permission.HUB_SEE)
        return _read(self.request.user)


class StandardDetail(DetailView):
    """One standard, with twelve months of each force where it holds: your own, and what may be published."""

    permission_classes = (SignedIn,)
    serializer_class = StandardStandingSerializer

    def modified(self, rows: list[Any]) -> datetime | None:
        """Return nothing: how forces stand changes with every figure that arrives."""
        return None

    def thing(self) -> Standard:
        """Return the standard."""
        return visible(_read(self.request.user), key=self.kwargs["standard"])


def _read(user: "Person") -> QuerySet[Standard]:
    rows: QuerySet[Standard] = Standard.objects.visible_to(user).in_force_or_withdrawn().with_measures()
    return rows
