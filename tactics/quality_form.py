"""The form of a quality score. What it may hold is `actions.quality`."""

from typing import Any

from django import forms

from centre.forms import HintedRadios, PlainTextField
from tactics.actions.quality import LONGEST
from tactics.emmie import QUESTIONS, WORKING_TEXT


class QualityForm(forms.Form):
    """A score from 0 to 4, with its reason."""

    def __init__(self, dimension: str, data: Any = None) -> None:
        super().__init__(data)
        texts = WORKING_TEXT[dimension]
        self.fields["score"] = forms.TypedChoiceField(
            label=QUESTIONS[dimension],
            coerce=int,
            choices=[(number, f"{number}: {text}") for number, text in enumerate(texts)],
            widget=HintedRadios({}),
            error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a score from 0 to 4"),
        )
        self.fields["reason"] = PlainTextField(
            name="Reason",
            label="Why this score and not the next",
            max_length=LONGEST,
            rows=4,
            help_text="Public once two reviewers agree",
        )
