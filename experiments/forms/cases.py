"""The forms of cases that come one by one: the registered conditions and factors as questions."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from centre.errors import Problem
from centre.forms import PlainCharField, PlainTextField
from centre.models import Force
from experiments.actions.enrolments import LONGEST_CASE, LONGEST_NOTE, Asked
from experiments.models import Override
from experiments.protocol.schema import Eligibility
from experiments.randomise.trickle import Factor

_YES_NO = (("yes", "Yes"), ("no", "No"))
_MOST_RADIOS = 6


class CaseForm(forms.Form):
    """One case: its id, each registered condition, its level of each factor, and the word that this is right."""

    case = PlainCharField(
        name="The id of the case",
        label="Id of the case",
        help_text="Your force's own id for this trial. Not a name, not a crime number.",
        max_length=LONGEST_CASE,
        error_messages={"required": "Enter the id of the case"},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=120)

    def __init__(
        self,
        *args: Any,
        eligibility: Eligibility,
        factors: Sequence[Factor],
        forces: Sequence[Force],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial["key"] = uuid.uuid4().hex
        self.fields["case"].widget.attrs = {"autocomplete": "off", "spellcheck": "false"}
        if len(forces) > 1:
            named = [(force.slug, str(force)) for force in forces]
            self._choose("force", "Which force the case belongs to", named, "Choose the force")
        self._ask("include", eligibility.include)
        self._ask("exclude", eligibility.exclude)
        self.factors = [factor.name for factor in factors]
        for place, factor in enumerate(factors):
            named = [(level, level) for level in factor.levels]
            self._choose(f"factor_{place}", factor.name, named, f"Choose the level of “{factor.name}”")
        self.fields["confirm"] = forms.BooleanField(
            label="I have checked these answers. The case gets its arm now, and this cannot be undone.",
            error_messages={"required": "Confirm that you have checked the answers"},
        )

    def _ask(self, name: str, conditions: Sequence[str]) -> None:
        self.conditions = {**getattr(self, "conditions", {}), name: len(conditions)}
        for place, text in enumerate(conditions):
            self._choose(f"{name}_{place}", text, _YES_NO, f"Say whether this is so: {text}")

    def _choose(self, name: str, label: str, choices: Sequence[tuple[str, str]], required: str) -> None:
        words: dict[str, Any] = {"label": label, "error_messages": {"required": required}}
        if choices is _YES_NO:
            inline = forms.RadioSelect(attrs={"class": "govuk-radios--inline"})
            self.fields[name] = forms.ChoiceField(choices=choices, widget=inline, **words)
        elif len(choices) <= _MOST_RADIOS:
            self.fields[name] = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **words)
        else:
            self.fields[name] = forms.ChoiceField(choices=[("", "Choose one"), *choices], **words)

    def asked(self, source_ip: str | None) -> Asked:
        """Return the answers as the action takes them."""
        given = self.cleaned_data
        return Asked(
            case=given["case"],
            include=self._answers("include"),
            exclude=self._answers("exclude"),
            levels={name: given[f"factor_{place}"] for place, name in enumerate(self.factors)},
            key=given["key"],
            force=given.get("force", ""),
            source_ip=source_ip,
        )

    def _answers(self, name: str) -> list[bool | None]:
        return [self.cleaned_data[f"{name}_{place}"] == "yes" for place in range(self.conditions[name])]

    def note(self, problems: Sequence[Problem]) -> None:
        """Put what the action refused at the questions that it points to."""
        for problem in problems:
            section, _, place = problem.pointer.strip("/").partition("/")
            if section == "levels" and place in self.factors:
                place, section = str(self.factors.index(place)), "factor"
            name = f"{section}_{place}" if place else section
            self.add_error(name if name in self.fields else None, problem.message)


class OverrideForm(forms.Form):
    """What was delivered instead of the arm, and why."""

    delivered = forms.ChoiceField(
        label="What was delivered",
        widget=forms.RadioSelect,
        error_messages={"required": "Say what was delivered"},
    )
    reason = forms.ChoiceField(
        label="Why",
        choices=Override.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason"},
    )
    note = PlainTextField(
        name="The note",
        label="Note",
        help_text="No names, and nothing by which a person can be known.",
        max_length=LONGEST_NOTE,
        rows=3,
        required=False,
    )

    def __init__(self, *args: Any, arms: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["delivered"].choices = [*arms, ("nothing", "Nothing was delivered")]  # type: ignore[attr-defined]

    def clean_delivered(self) -> str:
        """Return the code of the arm; nothing is no arm."""
        chosen: str = self.cleaned_data["delivered"]
        return "" if chosen == "nothing" else chosen
