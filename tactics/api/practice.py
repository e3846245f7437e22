"""What forces say of their own practice: who uses a tactic, and what hours it saves and takes."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.filters import ChoiceFilter, DateFilter, FilterSet, SlugFilter, YesNoFilter
from centre.api.serializers import Prunable, ReadSerializer
from centre.api.views import DetailView, ListView, visible
from tactics import hours_page
from tactics.adoption import STAGES
from tactics.hours import BASES, STATUSES
from tactics.models import Adoption, HoursClaim, Tactic


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
    is_current = YesNoFilter(method="current")
    said_from = DateFilter(field_name="said_at", lookup_expr="date__gte")

    class Meta:
        model = Adoption
        fields = ()

    def current(self, rows: Any, name: str, value: bool) -> "QuerySet[Adoption]":
        """Return the rows that count now, or those that do not."""
        found: QuerySet[Adoption] = rows.filter(is_current=value)
        return found


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


class HoursSerializer(SaidSerializer):
    """Officer time of one force over one period. Never to be added across `basis` or `status`."""

    gross_hours = serializers.FloatField()
    cost_hours = serializers.FloatField(help_text="Set-up, training, checking and correction of errors.")
    net_hours = serializers.FloatField(help_text="Gross less cost.")
    net_low = serializers.FloatField()
    net_high = serializers.FloatField()
    net_per_1000 = serializers.FloatField(help_text="Net hours for every 1,000 of what was counted.")
    is_current = serializers.BooleanField(help_text="No later claim corrects it.")

    class Meta:
        model = HoursClaim
        fields = (
            "id",
            "tactic",
            "force",
            "starts_on",
            "ends_on",
            "status",
            "basis",
            "gross_hours",
            "cost_hours",
            "cost_words",
            "net_hours",
            "net_low",
            "net_high",
            "incidents",
            "counted_as",
            "net_per_1000",
            "how_known",
            "is_current",
            "corrects",
            "by_centre",
            "said_at",
        )


class HoursFilter(FilterSet):
    """Filters of the account."""

    force = SlugFilter(field_name="force__slug")
    basis = ChoiceFilter(choices=list(BASES.items()))
    status = ChoiceFilter(choices=list(STATUSES.items()))
    is_current = YesNoFilter(method="current")

    class Meta:
        model = HoursClaim
        fields = ()

    def current(self, rows: Any, name: str, value: bool) -> "QuerySet[HoursClaim]":
        """Return the rows that count now, or those that do not."""
        found: QuerySet[HoursClaim] = rows.filter(is_current=value)
        return found


class HoursList(ListView):
    """Every claim of hours of one tactic, those that were corrected too."""

    serializer_class: Any = HoursSerializer
    filterset_class = HoursFilter
    sorts: ClassVar = {"said_at": "said_at", "starts_on": "starts_on"}
    default_sort = "-said_at"
    modified_field = "said_at"
    queryset = HoursClaim.objects.all()

    def get_queryset(self) -> QuerySet[HoursClaim]:
        """Return the claims of a tactic that the caller may see."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rows: QuerySet[HoursClaim] = HoursClaim.objects.filter(tactic=tactic).with_state()
        return rows.select_related("tactic", "force", "corrects")


class SumSerializer(serializers.Serializer[Any]):
    """Claims that may be added: one status, one basis, one thing that was counted."""

    status = serializers.CharField()
    basis = serializers.CharField()
    counted_as = serializers.CharField()
    n_forces = serializers.IntegerField()
    n_claims = serializers.IntegerField()
    gross_hours = serializers.FloatField(source="gross")
    cost_hours = serializers.FloatField(source="cost")
    net_hours = serializers.FloatField(source="net")
    net_low = serializers.FloatField(source="low")
    net_high = serializers.FloatField(source="high")
    incidents = serializers.IntegerField()
    net_per_1000 = serializers.FloatField()


class RatioSerializer(serializers.Serializer[Any]):
    """Net hours a year for each officer of one force."""

    force = serializers.CharField()
    days = serializers.IntegerField()
    officers = serializers.FloatField()
    hours_a_year = serializers.FloatField()
    per_officer = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class ScaleUpSerializer(serializers.Serializer[Any]):
    """Net hours a year of all forces if each did as those that measured it. No point without its range."""

    low = serializers.FloatField()
    middle = serializers.FloatField()
    high = serializers.FloatField()
    officers = serializers.FloatField(help_text="Of the 43 forces, full-time equivalent.")
    ratios = RatioSerializer(many=True)


class HoursAccountSerializer(Prunable):
    """The account of one tactic, with its rating beside it: hours say nothing of whether it works."""

    tactic = serializers.SlugField()
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # a field of the answer
    strength = serializers.IntegerField(allow_null=True)
    sums = SumSerializer(many=True, help_text="Never added across basis, nor claimed with realised.")
    all_forces = ScaleUpSerializer(allow_null=True)
    why_none = serializers.CharField(help_text="Why there is no number for all forces; empty where there is.")


class HoursAccount(DetailView):
    """The hours of one tactic by basis and by whether they were realised, and the scale-up or why there is none."""

    serializer_class: Any = HoursAccountSerializer

    def modified(self, rows: list[Any]) -> None:
        """Say nothing: the answer rests on claims, ratings and figures on forces."""

    def thing(self) -> dict[str, Any]:
        """Return the account."""
        rows = Tactic.objects.visible_to(self.request.user).with_current_rating()
        tactic = visible(rows, slug=self.kwargs["slug"])
        found = hours_page.account(tactic, tactic.hoursclaims.standing().select_related("force"))
        rating = tactic.headline_rating
        return {
            "tactic": tactic.slug,
            "label": rating.label if rating else None,
            "strength": rating.strength if rating else None,
            "sums": found.sums,
            "all_forces": found.scale,
            "why_none": found.why_none,
        }
