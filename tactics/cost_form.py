"""The form of what a tactic costs. What the fields may hold is `tactics.costs`, through the action."""

from typing import Any

from django import forms

from centre.errors import Invalid
from centre.forms import PlainCharField
from tactics.costs import PARTS, CostDetails, cleaned
from tactics.money import PAYERS

WORDS = {"low": "at least", "central": "most likely", "high": "at most"}


def _pounds(part: str, end: str) -> forms.DecimalField:
    label = f"{PARTS[part]}, pounds: {WORDS[end]}"
    message = f"{PARTS[part]}: enter pounds, such as 12000 or 12000.50"
    kinds = ("invalid", "max_digits", "max_whole_digits", "max_decimal_places")
    return forms.DecimalField(
        label=label if end == "central" else f"{label} (optional)",
        required=False,
        max_digits=12,
        decimal_places=2,
        localize=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"}),
        help_text="0 where there are none" if end == "central" else "",
        error_messages=dict.fromkeys(kinds, message),
    )


class CostForm(forms.Form):
    """What the tactic costs one payer."""

    payer = forms.ChoiceField(
        label="Who pays?",
        choices=list(PAYERS.items()),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose who pays"),
    )
    incidents = forms.IntegerField(
        label="For how many incidents a year, without the tactic?",
        required=False,
        help_text="What is paid each year is taken to go with this number; what is paid once is not",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
        error_messages={"invalid": "Incidents a year must be a whole number from 1 to 10,000,000"},
    )
    price_year = PlainCharField(
        name="Price year",
        label="Price year",
        max_length=7,
        required=False,
        help_text="The year whose prices these are, such as 2024/25",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    set_up_central = _pounds("set_up", "central")
    set_up_low = _pounds("set_up", "low")
    set_up_high = _pounds("set_up", "high")
    per_year_central = _pounds("per_year", "central")
    per_year_low = _pounds("per_year", "low")
    per_year_high = _pounds("per_year", "high")
    source = PlainCharField(
        name="Source",
        label="Where do the figures come from?",
        max_length=500,
        required=False,
        help_text="For example: the delivery record of trial CPP-2026-0001-5. Everybody will read it",
    )

    def clean(self) -> dict[str, Any]:
        """Hold what was typed to the rules, so that every problem is named at once."""
        blank = {"payer": "", "price_year": "", "source": ""}
        said = {**dict.fromkeys(self.fields), **blank, **self.cleaned_data}
        try:
            cleaned(CostDetails(**said))
        except Invalid as refusal:
            for problem in refusal.problems:
                if problem.pointer not in self.errors:
                    self.add_error(problem.pointer, problem.message)
        return self.cleaned_data

    @property
    def details(self) -> CostDetails:
        """Return what was stated. The form is valid."""
        return CostDetails(**self.cleaned_data)

    def add_problems(self, refusal: Invalid) -> None:
        """Show each problem beside its field."""
        for problem in refusal.problems:
            self.add_error(problem.pointer if problem.pointer in self.fields else None, problem.message)
