"""Which places of the hub a trial looks for."""

import re
from typing import Any

from django import forms

from centre.forms import PlainTextField
from centre.hub.areas import LSOA
from centre.hub.street import counting
from centre.models import Force, MonthlyFile, User
from experiments.analysis.extracting import Rule

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class MonthField(forms.CharField):
    """A month as YYYY-MM."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=20, widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}), **kwargs
        )

    def clean(self, value: Any) -> str:
        """Refuse what is no month."""
        found = str(super().clean(value))
        if found and not _MONTH.fullmatch(found):
            raise forms.ValidationError("Enter a month as YYYY-MM, such as 2026-03")
        return found


class ExtractForm(forms.Form):
    """The rule: anybody who repeats it on the same files finds the same places."""

    forces = forms.MultipleChoiceField(
        label="Forces",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the forces"},
    )
    measure = forms.ChoiceField(label="What is counted", choices=list(counting.names().items()))
    first = MonthField(
        label="First month",
        help_text="Such as 2025-01.",
        error_messages={"required": "Enter the first month"},
    )
    last = MonthField(
        label="Last month",
        help_text="Before the trial’s planned start: what comes after is not shown.",
        error_messages={"required": "Enter the last month"},
    )
    at_least = forms.FloatField(
        label="Smallest number a month, on average",
        help_text="0 takes every area in which anything was recorded.",
        min_value=0,
        initial=0,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-5"}),
        error_messages={"required": "Enter a number, or 0", "invalid": "Enter a number, such as 2.5"},
    )
    most = forms.IntegerField(
        label="At most so many areas",
        help_text="Those with the highest counts. Leave blank to take all.",
        min_value=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
        error_messages={"invalid": "Enter a whole number, or leave it blank"},
    )
    treated = PlainTextField(
        name="Areas that will be treated",
        label="Areas that will be treated, if nothing is drawn",
        help_text="For a comparison over time. Codes of areas, one a line; all others that fit the rule are the pool.",
        required=False,
        rows=3,
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = MonthlyFile.objects.visible_to(person).filter(kind=MonthlyFile.Kind.STREET).values("force")
        choices = [(one.slug, one.name) for one in Force.objects.filter(pk__in=seen)]
        self.fields["forces"].choices = choices  # type: ignore[attr-defined]

    def clean_treated(self) -> tuple[str, ...]:
        """Return the codes."""
        codes = self.cleaned_data["treated"].split()
        if wrong := [code for code in codes if not LSOA.fullmatch(code)]:
            raise forms.ValidationError(f"“{wrong[0][:40]}” is no code of an area, such as E01012345")
        return tuple(sorted(set(codes)))

    def clean(self) -> dict[str, Any]:
        """Refuse a range that ends before it begins."""
        found = super().clean() or self.cleaned_data
        if found.get("first") and found.get("last") and found["last"] < found["first"]:
            self.add_error("last", "The last month must not be before the first")
        return found

    def rule(self) -> Rule:
        """Return what was asked for."""
        given = self.cleaned_data
        return Rule(
            forces=tuple(sorted(given["forces"])),
            measure=given["measure"],
            first=given["first"],
            last=given["last"],
            at_least=given["at_least"],
            most=given["most"],
            treated=given["treated"],
        )
