"""What trials, analyses, releases and estimates can be filtered by."""

from typing import TYPE_CHECKING, Any

from centre.api.filters import ChoiceFilter, DateFilter, FilterSet, SlugFilter, UuidFilter, YesNoFilter
from experiments.lifecycle import Conduct, Registration, Results
from experiments.models import Amendment, Analysis, Dataset, ReleasedEstimate, Trial
from experiments.protocol import Design
from experiments.protocol.vocabulary import AllocationMethod

if TYPE_CHECKING:
    from django.db.models import QuerySet

_ROLES = ("primary", "secondary", "guardrail", "harm", "sensitivity", "exploratory")


def _choices(values: Any) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in values]


class TrialFilter(FilterSet):
    """Filters of the trials."""

    tactic = SlugFilter(field_name="tactic__slug")
    force = SlugFilter(method="sought", help_text="Slug of a force that leads it or has a site in it.")
    problem = SlugFilter(method="sought", help_text="Slug of a problem that the protocol names.")
    design = ChoiceFilter(field_name="searched_design", choices=_choices(Design))
    registration_state = ChoiceFilter(choices=_choices(Registration))
    conduct_state = ChoiceFilter(choices=_choices(Conduct))
    results_state = ChoiceFilter(choices=_choices(Results))
    is_simulated = YesNoFilter(field_name="is_simulated")
    registered_from = DateFilter(method="sought")
    registered_to = DateFilter(method="sought")
    running_on = DateFilter(
        method="sought",
        help_text="A day between the first and the last treatment, planned where not yet known.",
    )

    class Meta:
        model = Trial
        fields = ()

    def sought(self, rows: "QuerySet[Trial]", name: str, value: Any) -> "QuerySet[Trial]":
        """Return the trials that the page of the registry would find."""
        found: QuerySet[Trial] = rows.searched(**{name: value})  # type: ignore[attr-defined]
        return found


class DatasetFilter(FilterSet):
    """Filters of a trial's datasets."""

    kind = ChoiceFilter(choices=Dataset.Kind.choices)

    class Meta:
        model = Dataset
        fields = ()


class AnalysisFilter(FilterSet):
    """Filters of a trial's analyses."""

    is_registered = YesNoFilter(field_name="is_registered")

    class Meta:
        model = Analysis
        fields = ()


class EstimateFilter(FilterSet):
    """Filters of the estimates."""

    trial_id = SlugFilter(field_name="trial_id", help_text="Number of a trial.")
    analysis_id = UuidFilter(field_name="analysis_id")
    tactic = SlugFilter(field_name="release__trial__tactic__slug")
    outcome_role = ChoiceFilter(choices=_choices(_ROLES))
    estimand = SlugFilter(field_name="estimand")
    estimator = SlugFilter(field_name="estimator")
    status = ChoiceFilter(choices=_choices(("ok", "not_estimable")))
    prespecified = YesNoFilter(field_name="prespecified")
    is_simulated = YesNoFilter(field_name="is_simulated")
    released_from = DateFilter(field_name="released_at", lookup_expr="date__gte")
    released_to = DateFilter(field_name="released_at", lookup_expr="date__lte")

    class Meta:
        model = ReleasedEstimate
        fields = ()


class OfTrialFilter(FilterSet):
    """Filters of what hangs on a trial, whichever rows they are."""

    trial = SlugFilter(field_name="trial__number", help_text="Number of a trial.")
    tactic = SlugFilter(field_name="trial__tactic__slug")
    is_simulated = YesNoFilter(field_name="trial__is_simulated")


class AmendmentFilter(OfTrialFilter):
    """Filters of the amendments."""

    reason_code = ChoiceFilter(field_name="amendment__reason_code", choices=Amendment.Reason.choices)
    is_major = YesNoFilter(field_name="amendment__is_major")
    registered_from = DateFilter(field_name="registered_at", lookup_expr="date__gte")


class AccountFilter(OfTrialFilter):
    """Filters of what the teams of trials say happened."""

    is_standing = YesNoFilter(
        method="standing", help_text="Whether no later entry replaces it or takes it back."
    )

    def standing(self, rows: Any, name: str, value: bool) -> Any:
        """Return the entries that stand, or those that do not."""
        stands = rows.standing().values("pk")
        return rows.filter(pk__in=stands) if value else rows.exclude(pk__in=stands)


class AllocationFilter(OfTrialFilter):
    """Filters of the allocations."""

    method = ChoiceFilter(choices=_choices(AllocationMethod))
    is_revealed = YesNoFilter(method="revealed")

    def revealed(self, rows: Any, name: str, value: bool) -> Any:
        """Return the allocations whose seed is out, or those whose seed is not."""
        return rows.filter(revealed_at__isnull=not value)


class RegistrationFeedFilter(FilterSet):
    """Filters of the feed of registrations."""

    tactic = SlugFilter(field_name="tactic__slug")
    is_simulated = YesNoFilter(field_name="is_simulated")

    class Meta:
        model = Trial
        fields = ()
