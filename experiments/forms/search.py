"""What the registry may be searched for."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms

from centre.forms import DatePartsField, PlainCharField
from centre.models import Force
from experiments.lifecycle import Conduct, Registration, Results
from experiments.protocol import Design
from tactics.models import Problem, Tactic

if TYPE_CHECKING:
    from centre.permissions import Person

_REGISTRATION = [(Registration.REGISTERED.value, "Registered"), (Registration.WITHDRAWN.value, "Withdrawn")]
_CONDUCT = [(state.value, state.value.replace("_", " ").capitalize()) for state in Conduct]
_RESULTS = [
    (Results.NONE.value, "No results yet"),
    (Results.PUBLISHED.value, "Published"),
    (Results.CORRECTED.value, "Corrected"),
    (Results.RETRACTED.value, "Retracted"),
]
# What the API calls a filter, where it has another name.
_IN_API = {
    "q": "search",
    "conduct": "conduct_state",
    "results": "results_state",
    "registration": "registration_state",
}
NEWEST = "newest"
_SORTS = [(NEWEST, "Newest first"), ("title", "Title"), ("results_due", "Results due first")]


class TrialSearchForm(forms.Form):
    """Words and filters; everything may be left out."""

    FIRST = ("q", "problem", "force", "conduct", "results")

    q = PlainCharField(name="Search", label="Words, or a trial number", max_length=200, required=False)
    problem = forms.ChoiceField(label="Problem", required=False)
    force = forms.ChoiceField(label="Force that leads it or has a site", required=False)
    conduct = forms.ChoiceField(label="How far it is", choices=[("", "Any stage"), *_CONDUCT], required=False)
    results = forms.ChoiceField(label="Results", choices=[("", "With or without"), *_RESULTS], required=False)
    tactic = forms.ChoiceField(label="Tactic", required=False)
    design = forms.ChoiceField(
        label="Design", choices=[("", "Any design"), *Design.choices()], required=False
    )
    registration = forms.ChoiceField(
        label="Registration", choices=[("", "Registered or withdrawn"), *_REGISTRATION], required=False
    )
    registered_from = DatePartsField(label="Registered on or after", required=False)
    registered_to = DatePartsField(label="Registered on or before", required=False)
    running_on = DatePartsField(
        label="Treating on",
        help_text="A day between the first and the last treatment, planned where it is not known yet",
        required=False,
    )
    sort = forms.ChoiceField(label="Order", choices=_SORTS, required=False)

    def __init__(self, data: Any, *, user: "Person") -> None:
        super().__init__(data)
        lists = {
            "tactic": ("Any tactic", Tactic.objects.visible_to(user).order_by("name")),
            "force": ("Any force", Force.objects.visible_to(user).order_by("name")),
            "problem": ("Any problem", Problem.objects.all()),
        }
        for name, (anything, rows) in lists.items():
            self.fields[name].choices = [("", anything), *rows.values_list("slug", "name")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("registered_from"), values.get("registered_to")
        if first and last and last < first:
            self.add_error("registered_to", "Registered on or before must not be earlier than on or after")
        return values

    def add_error(self, field: str | None, error: Any) -> None:
        """Note what is wrong; a value that is in no list stays in its own, so that it can be seen and changed."""
        super().add_error(field, error)
        choices = getattr(self.fields.get(field or ""), "choices", None)
        if field and choices:
            given = str(self.data.get(field, ""))
            self.fields[field].choices = [*choices, (given, given)]  # type: ignore[attr-defined]

    @property
    def narrowing(self) -> dict[str, Any]:
        """Return what narrows the list: all that was given but the order."""
        return {name: value for name, value in self.cleaned_data.items() if value and name != "sort"}

    @property
    def as_api(self) -> dict[str, str]:
        """Return the same search as the API's list of trials takes it; what cannot be read is left out."""
        return {
            _IN_API.get(name, name): value.isoformat() if isinstance(value, dt.date) else str(value)
            for name, value in self.cleaned_data.items()
            if value and name != "sort"
        }

    @property
    def first(self) -> list[forms.BoundField]:
        """Return the fields that most people need."""
        return [self[name] for name in self.FIRST]

    @property
    def further(self) -> list[forms.BoundField]:
        """Return the other filters."""
        return [self[name] for name in self.fields if name not in (*self.FIRST, "sort")]

    @property
    def is_further_used(self) -> bool:
        """Return whether one of the other filters has a value or an error."""
        return any(field.errors or self.cleaned_data.get(field.name) for field in self.further)
