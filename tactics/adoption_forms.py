"""The form of an entry of the adoption ledger. What the fields may hold is `tactics.adoption`, through the action."""

from collections.abc import Iterable
from typing import Any

from django import forms

from centre.errors import Refusal
from centre.forms import DatePartsField, HintedRadios, PlainCharField, PlainTextField
from centre.models import Force
from tactics.adoption import FIDELITIES, MEANINGS, MISTAKE, STAGES, AdoptionSaid
from tactics.models import Adoption

_FIELDS = ("stage", "since", "fidelity", "scale", "reason", "contact")


class SaidForm(forms.Form):
    """A form in which somebody speaks for a force: one of those they may speak for."""

    force = forms.ChoiceField(
        label="Force",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a force from the list"),
    )

    def __init__(self, forces: Iterable[Force], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.forces = {force.slug: force for force in forces}
        choices = [(slug, force.name) for slug, force in self.forces.items()]
        if len(choices) == 1:  # one's own force is not a question
            self.fields["force"].widget = forms.HiddenInput()
            self.fields["force"].initial = choices[0][0]
        else:
            choices.insert(0, ("", "Choose a force"))
        self.fields["force"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen_force(self) -> Force:
        """Return the force that is spoken for."""
        return self.forces[self.cleaned_data["force"]]

    def add_problems(self, refusal: Refusal) -> None:
        """Show each problem beside its field, and what concerns none above the form."""
        for problem in refusal.shown:
            self.add_error(problem.pointer if problem.pointer in self.fields else None, problem.message)


class AdoptionForm(SaidForm):
    """How far a force has come with a tactic."""

    stage = forms.ChoiceField(
        label="How far has your force come?",
        choices=[(key, STAGES[key]) for key in MEANINGS],
        widget=HintedRadios(MEANINGS),
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose how far your force has come"),
    )
    since = DatePartsField(label="The date since when this is so", help_text="For example, 27 3 2025")
    fidelity = forms.ChoiceField(
        label="How closely is it done as the library describes it? (optional if you only consider it)",
        choices=list(FIDELITIES.items()),
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose how closely it is done as designed"},
    )
    scale = PlainCharField(
        name="Scale",
        label="On what scale?",
        required=False,
        max_length=200,
        help_text="For example, two of six districts, or all response teams",
    )
    reason = PlainTextField(
        name="Reason",
        label="What did you change, or why did you stop?",
        required=False,
        max_length=2_000,
        rows=4,
        help_text="Needed if you adapted it or stopped. Do not name people",
    )
    contact = PlainCharField(
        name="Contact",
        label="Which team can others ask?",
        required=False,
        max_length=200,
        help_text="A team or a role, not a person. It will be public",
    )

    @classmethod
    def of(cls, adoption: Adoption) -> "AdoptionForm":
        """Return the form with an entry that is put right."""
        values = {name: getattr(adoption, name) for name in _FIELDS}
        return cls([adoption.force], initial=values).correcting()

    def correcting(self) -> "AdoptionForm":
        """Return the form with the answer that nothing of the kind is so."""
        stage: Any = self.fields["stage"]
        stage.choices = [*stage.choices, (MISTAKE, "None of these: it was entered by mistake")]
        return self

    def said(self) -> AdoptionSaid:
        """Return what was said."""
        return AdoptionSaid(**{name: self.cleaned_data[name] for name in _FIELDS})
