"""What tactics, findings and ratings can be filtered by."""

from typing import TYPE_CHECKING, Any

from django.db.models import Exists

from centre.api.filters import ChoiceFilter, DateFilter, FilterSet, SlugFilter, YesNoFilter
from tactics.kinds import POPULATIONS, SETTINGS
from tactics.models import Bulletin, Finding, Rating, Tactic

if TYPE_CHECKING:
    from django.db.models import QuerySet

_COST_BANDS = [(str(band), str(band)) for band in range(1, 6)]


class TacticFilter(FilterSet):
    """Filters of the tactics."""

    problem = SlugFilter(method="about", help_text="Slug of a problem.")
    force = SlugFilter(field_name="force__slug", help_text="Slug of the force that proposed it.")
    outcome_domain = SlugFilter(field_name="main_outcome__slug", help_text="Slug of the main outcome.")
    stage = ChoiceFilter(choices=Tactic.Stage.choices)
    cost_band = ChoiceFilter(choices=_COST_BANDS)
    cost_up_to = ChoiceFilter(
        field_name="cost_band",
        lookup_expr="lte",
        choices=_COST_BANDS,
        help_text="This cost band or a lower one.",
    )
    label = ChoiceFilter(field_name="rated_label", choices=Rating.LabelChoices.choices)
    strength_from = ChoiceFilter(
        field_name="rated_strength",
        lookup_expr="gte",
        choices=[(str(step), str(step)) for step in range(1, 6)],
        help_text="This strength of evidence or more.",
    )
    setting_kind = ChoiceFilter(choices=list(SETTINGS.items()))
    population_kind = ChoiceFilter(choices=list(POPULATIONS.items()))
    region = SlugFilter(field_name="force__region", help_text="Region of the force that proposed it.")
    tested = ChoiceFilter(
        method="being_tested",
        choices=[("now", "now"), ("none", "none")],
        help_text="Whether a trial of it is under way.",
    )
    is_simulated = YesNoFilter(field_name="is_simulated")

    class Meta:
        model = Tactic
        fields = ()

    def about(self, rows: Any, name: str, value: str) -> "QuerySet[Tactic]":
        """Return the tactics that answer one problem."""
        found: QuerySet[Tactic] = rows.about(value)
        return found

    def being_tested(self, rows: Any, name: str, value: str) -> "QuerySet[Tactic]":
        """Return the tactics with a trial under way, or those without."""
        under_way = Exists(rows.awaited_trials())
        found: QuerySet[Tactic] = rows.filter(under_way if value == "now" else ~under_way)
        return found


class FindingFilter(FilterSet):
    """Filters of the findings."""

    outcome_domain = SlugFilter(field_name="outcome_domain__slug")
    source = ChoiceFilter(choices=Finding.Source.choices)
    metric = ChoiceFilter(choices=Finding.Metric.choices)
    is_randomised = YesNoFilter(field_name="is_randomised")
    is_current = YesNoFilter(field_name="superseded_at", lookup_expr="isnull")
    recorded_from = DateFilter(field_name="recorded_at", lookup_expr="date__gte")

    class Meta:
        model = Finding
        fields = ()


class RatingFilter(FilterSet):
    """Filters of the ratings."""

    outcome_domain = SlugFilter(field_name="outcome_domain__slug")
    label = ChoiceFilter(choices=Rating.LabelChoices.choices)
    is_current = YesNoFilter(field_name="superseded_at", lookup_expr="isnull")

    class Meta:
        model = Rating
        fields = ()


class BulletinFilter(FilterSet):
    """Filters of the news."""

    outcome_domain = SlugFilter(field_name="outcome_domain__slug")
    kind = ChoiceFilter(choices=Bulletin.Kind.choices)
    from_day = DateFilter(field_name="at", lookup_expr="date__gte")

    class Meta:
        model = Bulletin
        fields = ()


class RatingFeedFilter(FilterSet):
    """Filters of the feed of rating changes."""

    tactic = SlugFilter(field_name="tactic__slug")
    outcome_domain = SlugFilter(field_name="outcome_domain__slug")
    is_simulated = YesNoFilter(field_name="tactic__is_simulated")

    class Meta:
        model = Bulletin
        fields = ()
