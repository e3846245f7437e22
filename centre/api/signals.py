"""What is rising in the data hub: the signals of the newest scans, for those who may see their forces' data."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.filters import ChoiceFilter, DateFilter, FilterSet, SlugFilter
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView, ListView, visible
from centre.models import Signal
from centre.permissions import Permission, require


class StatisticSerializer(serializers.Serializer[Any]):
    """What a rule without a p value came to."""

    rule = serializers.CharField(help_text="Key of the rule.")
    value = serializers.FloatField(help_text="What it came to.")
    bound = serializers.FloatField(help_text="Above this it may fire.")


class SignalSerializer(ReadSerializer):
    """One month of one series that is rising beyond what chance explains."""

    force = serializers.SlugField(source="force.slug", help_text="Slug of the force.")
    month = serializers.DateField(help_text="First day of the month.")
    expected = serializers.FloatField(help_text="From the same season of earlier years.")
    upper_bound = serializers.FloatField(help_text="Up to here a count is ordinary, for the series alone.")
    p_value = serializers.FloatField(help_text="Of a count so high, for the series alone.")
    q_value = serializers.FloatField(help_text="The same, allowing for all the series that were judged.")
    rules_fired = serializers.ListField(child=serializers.CharField(), help_text="Keys of the rules.")
    rules_in_words = serializers.ListField(child=serializers.CharField(), help_text="What each rule says.")
    statistics = StatisticSerializer(
        many=True, help_text="Of EARS C1 to C3 and CUSUM, fired or not; none before rules RISING-1.1."
    )
    years_back = serializers.IntegerField(help_text="Years of history; a trend is looked for from three.")
    same_season = serializers.IntegerField(help_text="Counts of the same season that it was compared with.")
    state = serializers.ChoiceField(
        choices=list(Signal.STATES.items()), help_text="What was said of it last."
    )
    scan_id = serializers.UUIDField(help_text="The scan that found it.")
    scanned_at = serializers.DateTimeField(source="scan.scanned_at", help_text="When that scan ended.")
    files_as_of = serializers.DateTimeField(
        source="scan.files_as_of", help_text="It has seen the files received until then."
    )

    class Meta:
        model = Signal
        fields = (
            "id",
            "force",
            "measure",
            "measure_name",
            "month",
            "observed",
            "expected",
            "upper_bound",
            "p_value",
            "q_value",
            "rules_fired",
            "rules_in_words",
            "statistics",
            "years_back",
            "same_season",
            "state",
            "sentence",
            "scan_id",
            "scanned_at",
            "files_as_of",
        )


class SignalFilter(FilterSet):
    """What signals can be filtered by."""

    force = SlugFilter(field_name="force__slug")
    month = DateFilter()
    state = ChoiceFilter(choices=list(Signal.STATES.items()))

    class Meta:
        model = Signal
        fields = ("measure",)


class SignalList(ListView):
    """Signals: of your own force, or of all for those who see the whole hub. An older look at a month is left out."""

    permission_classes = (SignedIn,)
    serializer_class = SignalSerializer
    filterset_class = SignalFilter
    sorts: ClassVar = {"month": "month", "p_value": "p_value"}
    default_sort = "-month,p_value"
    queryset = Signal.objects.all()

    def get_queryset(self) -> QuerySet[Signal]:
        """Return those that the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[Signal] = (
            Signal.objects.visible_to(self.request.user)
            .current()
            .with_state()
            .select_related("force", "scan")
        )
        return rows


class SignalDetail(DetailView):
    """One signal, also of an older look at its month."""

    permission_classes = (SignedIn,)
    serializer_class = SignalSerializer

    def thing(self) -> Signal:
        """Return the signal."""
        rows = Signal.objects.visible_to(self.request.user).with_state().select_related("force", "scan")
        return visible(rows, pk=self.kwargs["signal_id"])
