"""The forms of a force's account. What the answers may be is `tactics.practice`, through the action."""

from typing import Any

from django import forms

from centre.errors import Invalid
from tactics.models import Practice, PracticeVersion, Problem, Tactic
from tactics.practice import CHOICES, QUESTIONS, Question


def _field(name: str, question: Question) -> forms.Field:
    common: dict[str, Any] = {
        "label": question.label if question.is_required else f"{question.label} (optional)",
        "required": False,
        "help_text": question.hint,
    }
    if question.kind == "topics":
        return forms.MultipleChoiceField(
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Choose topics from the list"},
            **common,
        )
    if question.kind == "choice":
        return forms.ChoiceField(
            choices=list(CHOICES[name].items()),
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": f"{question.label}: choose from the list"},
            **common,
        )
    widget = (
        forms.Textarea(attrs={"rows": 5, "cols": None})
        if question.kind in ("text", "bullets")
        else forms.TextInput()
    )
    return forms.CharField(strip=False, widget=widget, **common)


class PracticeForm(forms.Form):
    """Everything that a force says of its practice. To save, only the name is needed."""

    edition = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, question in QUESTIONS.items():
            self.fields[name] = _field(name, question)
        self.fields["topics"].choices = Problem.objects.values_list("slug", "name")  # type: ignore[attr-defined]

    @classmethod
    def of(cls, practice: Practice) -> "PracticeForm":
        """Return the form with what stands."""
        return cls(initial={**practice.answers, "edition": practice.edition})

    def over(self, edition: int) -> "PracticeForm":
        """Return the same answers on top of a newer edition."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data["edition"] = str(edition)
        return PracticeForm(data)

    @property
    def said(self) -> dict[str, Any]:
        """Return the answers."""
        return {name: self.cleaned_data.get(name) for name in QUESTIONS}

    def add_problems(self, refusal: Invalid) -> None:
        """Show each problem beside its field."""
        for problem in refusal.problems:
            self.add_error(problem.pointer if problem.pointer in self.fields else None, problem.message)


ACCEPT, CHANGE, DECLINE = "accept", "change", "decline"
NEW = ""


class PracticeAnswerForm(forms.Form):
    """What the Centre answers to an account."""

    edition = forms.IntegerField(required=False, widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label="Your answer",
        widget=forms.RadioSelect,
        choices=[
            (ACCEPT, "Accept it: it stands on a tactic's page, as the force's own account"),
            (CHANGE, "Ask for changes"),
            (DECLINE, "Decline it"),
        ],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what you answer"),
    )
    because = forms.CharField(
        label="What should change, or why it is declined",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": None}),
        help_text="The force reads this. Leave it empty when you accept",
    )
    repeatable = forms.ChoiceField(
        label="Could another force repeat it from this account?",
        required=False,
        choices=PracticeVersion.Repeatable.choices,
        widget=forms.RadioSelect,
    )
    repeatable_because = forms.CharField(
        label="What another force would have or lack",
        required=False,
        strip=False,
        help_text="Public, beside the account",
    )
    tactic = forms.ChoiceField(
        label="On which tactic's page?",
        required=False,
        error_messages={"invalid_choice": "Choose a tactic from the list"},
    )

    def __init__(self, practice: Practice, may_make: bool, data: Any = None) -> None:
        super().__init__(data, initial={"edition": practice.edition})
        tactics = Tactic.objects.filter(is_simulated=practice.force.is_sample).order_by("name")
        made = [(NEW, "None of these: make a new draft tactic of it")] if may_make else []
        self.fields["tactic"].choices = [*made, *tactics.values_list("slug", "name")]  # type: ignore[attr-defined]
