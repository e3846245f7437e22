"""The form of an error rate. What the fields may hold is `actions.errors`."""

from django import forms

from centre.forms import PlainCharField, PlainTextField
from tactics.models import ErrorRate


def _count(label: str, hint: str, message: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), message),
    )


class ErrorRateForm(forms.Form):
    """One count over one denominator."""

    kind = forms.ChoiceField(
        label="What went wrong?",
        choices=[
            (ErrorRate.Kind.MISSED, "It missed something that it should have found"),
            (ErrorRate.Kind.FALSE_ALERT, "It pointed at something that it should not have"),
            (ErrorRate.Kind.REWORK, "People had to do its work again, or put it right"),
        ],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what went wrong"),
    )
    numerator = _count("How many", "A whole number", "Enter the count as a whole number")
    numerator_counts = PlainCharField(name="What the count counts", label="Of what", max_length=120)
    denominator = _count(
        "Out of how many",
        "The denominator. The same count may be recorded again over another one",
        "Enter the denominator as a whole number",
    )
    denominator_counts = PlainCharField(
        name="What the denominator counts",
        label="What is the denominator of?",
        max_length=120,
        help_text="In words that complete “0.48% of …”, such as alerts, or faces scanned",
        error_messages={"required": "Say what the rate is of, such as faces scanned"},
    )
    period = PlainCharField(name="Period", label="Period", max_length=120)
    how_measured = PlainCharField(
        name="How it was measured",
        label="How was it measured?",
        max_length=300,
        help_text="Who decided what was an error, on which cases, and against what",
        error_messages={"required": "Say how it was measured"},
    )
    source = PlainCharField(name="Source", label="Source", max_length=300)
    checked_by = PlainCharField(
        name="Checked by",
        label="Who checked it?",
        max_length=200,
        help_text="An organisation or a team. If nobody outside has, say so",
        error_messages={"required": "Say who checked it, or that nobody outside has"},
    )


class TakeBackForm(forms.Form):
    """Why a rate no longer stands."""

    because = PlainTextField(name="Reason", label="Why it is taken back", max_length=600, rows=3)
