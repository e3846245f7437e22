"""The question “what would move this?”: how large a trial, what one expects of it."""

from typing import Any

from django import forms

from tactics.models import OutcomeDomain
from tactics.outlooks import DEFAULT_CLUSTERS, Question
from tactics.rating.outlook import LARGEST, SMALLEST

_SIZE = f"Enter a whole number of places or people from {SMALLEST} to {LARGEST:,}"
_NUMBER = {"invalid": "Enter a number, such as 10"}


class OutlookForm(forms.Form):
    """What one more trial would be like; what is left blank, the trials so far say."""

    outcome = forms.ChoiceField(
        label="Outcome", required=False, error_messages={"invalid_choice": "Choose an outcome from the list"}
    )
    clusters = forms.IntegerField(
        label="Places or people that are drawn, both arms together",
        min_value=SMALLEST,
        max_value=LARGEST,
        required=False,
        error_messages={"invalid": _SIZE, "min_value": _SIZE, "max_value": _SIZE},
    )
    benefit = forms.FloatField(
        label="Benefit you expect (optional)",
        required=False,
        min_value=-100,
        max_value=1000,
        help_text="In per cent of a count, rate or odds; in standard deviations for a scale. Below 0 is a harm. "
        "Blank: what the trials so far found",
        error_messages={**_NUMBER, "min_value": "Enter -100 or more", "max_value": "Enter 1,000 or less"},
    )
    spread = forms.FloatField(
        label="Spread between them (optional)",
        required=False,
        min_value=0.001,
        max_value=10,
        help_text="Standard deviation of the outcome: of its logarithm for a count, rate or odds. "
        "Blank: as in the trials so far",
        error_messages={
            **_NUMBER,
            "min_value": "The spread must be above 0",
            "max_value": "The spread must be 10 or less",
        },
    )

    def __init__(self, outcomes: list[OutcomeDomain], data: Any) -> None:
        super().__init__(data)
        self.fields["outcome"].choices = [(one.slug, one.name) for one in outcomes]  # type: ignore[attr-defined]
        for name in ("clusters", "benefit", "spread"):
            self.fields[name].widget.attrs |= {"class": "govuk-input govuk-input--width-5"}

    @property
    def question(self) -> Question:
        """Return what was asked. The form is valid."""
        asked = self.cleaned_data
        return Question(asked["clusters"] or DEFAULT_CLUSTERS, asked["benefit"], asked["spread"])
