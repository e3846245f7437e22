"""The filters of the library's list. A value that is no choice is refused by name."""

from typing import Any, ClassVar

from django import forms

from centre.forms import PlainCharField
from tactics.models import Problem, Rating, Tactic
from tactics.querysets import TacticQuerySet
from tactics.wording import COST_WORDS

ANY = [("", "Any")]


class TacticFilter(forms.Form):
    """What to look for. Everything may be left out."""

    q = PlainCharField(name="Search text", label="Search", required=False, max_length=200)
    problem = forms.ChoiceField(label="Problem", required=False)
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

    field_messages: ClassVar = {
        "problem": "Choose a problem from the list",
        "label": "Choose a rating from the list",
        "strength": "Choose a strength from the list",
        "cost": "Choose a cost from the list",
        "stage": "Choose a stage from the list",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        problem = self.fields["problem"]
        problem.choices = ANY + list(Problem.objects.values_list("slug", "name"))  # type: ignore[attr-defined]
        for name, message in self.field_messages.items():
            self.fields[name].error_messages["invalid_choice"] = message

    def applied_to(self, tactics: TacticQuerySet) -> TacticQuerySet:
        """Return the tactics that pass. Needs `with_rating_columns`; best rated first, after how well they match."""
        given = self.cleaned_data
        if given["problem"]:
            tactics = tactics.about(given["problem"])
        if given["label"]:
            tactics = tactics.filter(rated_label=given["label"])
        if given["strength"]:
            tactics = tactics.filter(rated_strength__gte=int(given["strength"]))
        if given["cost"]:
            tactics = tactics.filter(cost_band__lte=int(given["cost"]))
        if given["stage"]:
            tactics = tactics.filter(stage=given["stage"])
        found = tactics.search(given["q"])
        return (
            found.best_first("-relevance") if "relevance" in found.query.annotations else found.best_first()
        )

    @property
    def is_narrowed(self) -> bool:
        """Return whether words or any filter are set."""
        return any(self.data.get(name) for name in self.fields)

    @property
    def is_filtered(self) -> bool:
        """Return whether any filter besides the words is set."""
        return any(self.data.get(name) for name in self.fields if name != "q")
