"""The form of a claim of hours. What the fields may hold is `tactics.hours`, through the action."""

from typing import Any

from django import forms

from centre.forms import DatePartsField, HintedRadios, PlainCharField, PlainTextField
from tactics.adoption_forms import SaidForm
from tactics.hours import BASES, STATUSES, HoursSaid
from tactics.models import HoursClaim

_FIELDS = (
    "starts_on",
    "ends_on",
    "gross_hours",
    "cost_hours",
    "cost_words",
    "net_low",
    "net_high",
    "incidents",
    "counted_as",
    "basis",
    "status",
    "how_known",
)
_STATUS_HINTS = {
    "claimed": "What you expect, or were promised",
    "realised": "What was seen, in a period that has ended",
}
_NOT_HOURS = "Enter hours as a number, such as 40 or 12.5"
_NOT_COUNT = "Enter how many there were as a whole number, such as 250"


def _hours(label: str, hint: str = "") -> forms.DecimalField:
    kinds = ("invalid", "max_digits", "max_whole_digits", "max_decimal_places")
    return forms.DecimalField(
        label=label,
        help_text=hint,
        max_digits=10,
        decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"}),
        error_messages={
            "required": f"Enter {label[0].lower()}{label[1:]}",
            **dict.fromkeys(kinds, _NOT_HOURS),
        },
    )


class HoursForm(SaidForm):
    """What a tactic saved and took in one period."""

    starts_on = DatePartsField(label="The first day of the period", help_text="For example, 1 4 2025")
    ends_on = DatePartsField(label="The last day of the period")
    status = forms.ChoiceField(
        label="Are the hours claimed or realised?",
        choices=list(STATUSES.items()),
        widget=HintedRadios(_STATUS_HINTS),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose whether the hours are claimed or realised"
        ),
    )
    gross_hours = _hours("Gross hours saved", "Before anything is taken off. Nought if it saves none")
    cost_hours = _hours("Cost hours", "What it took: set-up, training, checking, and putting errors right")
    cost_words = PlainTextField(
        name="What the cost hours are made of",
        label="What are the cost hours made of?",
        max_length=500,
        rows=3,
        help_text="Name each: set-up, training, checking, correction of errors. Or say why there are none",
    )
    net_low = _hours(
        "The lowest that the net hours could be", "Net hours are gross less cost. May be below nought"
    )
    net_high = _hours("The highest that the net hours could be")
    incidents = forms.IntegerField(
        label="How many incidents or cases do these hours cover?",
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), _NOT_COUNT),
    )
    counted_as = PlainCharField(
        name="What was counted",
        label="What did you count?",
        max_length=60,
        help_text="For example, domestic abuse calls. Claims are added only where the same is counted",
    )
    basis = forms.ChoiceField(
        label="How are the hours known?",
        choices=[(key, words.capitalize()) for key, words in BASES.items()],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose how the hours are known"),
    )
    how_known = PlainTextField(
        name="How the hours are known",
        label="Who measured what, and how?",
        max_length=2_000,
        rows=4,
        help_text="So that another force could do the same. Do not name people",
    )

    @classmethod
    def of(cls, claim: HoursClaim) -> "HoursForm":
        """Return the form with a claim that is put right."""
        return cls([claim.force], initial={name: getattr(claim, name) for name in _FIELDS})

    def said(self) -> HoursSaid:
        """Return what was said."""
        values: dict[str, Any] = {name: self.cleaned_data[name] for name in _FIELDS}
        return HoursSaid(**values)
