"""What the registry may be searched for."""

from typing import TYPE_CHECKING, Any

from django import forms

from centre.forms import PlainCharField
from experiments.lifecycle import Conduct, Results
from experiments.protocol import Design
from tactics.models import Tactic

if TYPE_CHECKING:
    from centre.permissions import Person

_CONDUCT = [(state.value, state.value.replace("_", " ").capitalize()) for state in Conduct]
_RESULTS = [
    (Results.NONE.value, "No results yet"),
    (Results.PUBLISHED.value, "Published"),
    (Results.CORRECTED.value, "Corrected"),
    (Results.RETRACTED.value, "Retracted"),
]


class TrialSearchForm(forms.Form):
    """Words and filters; everything may be left out."""

    q = PlainCharField(name="Search", label="Words, or a trial number", max_length=200, required=False)
    design = forms.ChoiceField(
        label="Design", choices=[("", "Any design"), *Design.choices()], required=False
    )
    conduct = forms.ChoiceField(label="How far it is", choices=[("", "Any stage"), *_CONDUCT], required=False)
    results = forms.ChoiceField(label="Results", choices=[("", "With or without"), *_RESULTS], required=False)
    tactic = forms.ChoiceField(label="Tactic", required=False)

    def __init__(self, data: Any, *, user: "Person") -> None:
        super().__init__(data)
        tactics = Tactic.objects.visible_to(user).order_by("name").values_list("slug", "name")
        self.fields["tactic"].choices = [("", "Any tactic"), *tactics]  # type: ignore[attr-defined]
