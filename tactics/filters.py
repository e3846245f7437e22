"""The filters of the library's list. A value that is no choice is refused by name."""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from django import forms

from centre.forms import PlainCharField
from centre.models import Force
from tactics.kinds import POPULATIONS, SETTINGS
from tactics.models import Problem, Rating, Tactic
from tactics.shelf import Mask, Shelf
from tactics.wording import COST_WORDS

ANY = [("", "Any")]
NARROWING = ("problem", "setting", "population", "label", "strength", "cost", "stage", "region", "tested")
# What the API calls a filter, where it has another name.
_IN_API = {
    "q": "search",
    "setting": "setting_kind",
    "population": "population_kind",
    "strength": "strength_from",
    "cost": "cost_up_to",
}
SORTS = {
    "": "Best match, then best rated",
    "rated": "Best rated",
    "strength": "Strongest evidence",
    "cost": "Lowest cost",
    "newest": "Newest",
    "name": "Name",
}


class TacticFilter(forms.Form):
    """What to look for. Everything may be left out."""

    q = PlainCharField(name="Search text", label="Search", required=False, max_length=200)
    problem = forms.ChoiceField(label="Problem", required=False)
    setting = forms.ChoiceField(
        label="Where it is used", required=False, choices=ANY + list(SETTINGS.items())
    )
    population = forms.ChoiceField(
        label="Who it is for", required=False, choices=ANY + list(POPULATIONS.items())
    )
    label = forms.ChoiceField(label="Rating", required=False, choices=ANY + list(Rating.LabelChoices.choices))
    strength = forms.ChoiceField(
        label="Strength of evidence",
        required=False,
        choices=[*ANY, *((str(n), f"{n} or more of 5") for n in (1, 2, 3, 4)), ("5", "5 of 5")],
    )
    cost = forms.ChoiceField(
        label="Cost",
        required=False,
        choices=[*ANY, *((str(n), f"{words} or less") for n, words in list(COST_WORDS.items())[:4])],
    )
    stage = forms.ChoiceField(
        label="Stage of practice", required=False, choices=ANY + list(Tactic.Stage.choices)
    )
    region = forms.ChoiceField(label="Region of the force", required=False)
    tested = forms.ChoiceField(
        label="Trials",
        required=False,
        choices=[*ANY, ("now", "Being tested now"), ("none", "No trial under way")],
    )
    sort = forms.ChoiceField(label="Order", required=False, choices=list(SORTS.items()))

    field_messages: ClassVar = {
        "problem": "Choose a problem from the list",
        "setting": "Choose a kind of place from the list",
        "population": "Choose a kind of people from the list",
        "label": "Choose a rating from the list",
        "strength": "Choose a strength from the list",
        "cost": "Choose a cost from the list",
        "stage": "Choose a stage from the list",
        "region": "Choose a region from the list",
        "tested": "Choose from the list whether a trial is under way",
        "sort": "Choose an order from the list",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        problems = Problem.objects.values_list("slug", "name")
        regions = (
            Force.objects.exclude(region="").order_by("region").values_list("region", flat=True).distinct()
        )
        self.fields["problem"].choices = ANY + list(problems)  # type: ignore[attr-defined]
        self.fields["region"].choices = ANY + [(name, name) for name in regions]  # type: ignore[attr-defined]
        for name, message in self.field_messages.items():
            self.fields[name].error_messages["invalid_choice"] = message

    def applied_to(self, shelf: Shelf, without: str = "") -> Mask:
        """Return which tactics pass the filters, but for one."""
        passing = [
            shelf.passing(name, self.cleaned_data[name])
            for name in NARROWING
            if name != without and self.cleaned_data[name]
        ]
        return np.logical_and.reduce(passing) if passing else shelf.everything

    @property
    def as_api(self) -> dict[str, str]:
        """Return the same search as the API's list of tactics takes it."""
        return {
            _IN_API.get(name, name): str(value)
            for name, value in self.cleaned_data.items()
            if value and name != "sort"
        }

    @property
    def is_narrowed(self) -> bool:
        """Return whether words or any filter are set."""
        return any(self.data.get(name) for name in self.fields if name != "sort")

    @property
    def chosen(self) -> Iterable[str]:
        """Return the names of the filters that are set, without the words and the order."""
        return [name for name in NARROWING if self.data.get(name)]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the filters that a new search keeps: all but those with an error, which are shown to be changed."""
        return [(name, self.data[name]) for name in self.chosen if name not in self.errors]
