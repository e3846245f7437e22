"""The forms of a study that is not taken in. What the fields may hold is `actions.rejections`."""

from django import forms

from centre.forms import PlainCharField, PlainTextField
from tactics.models import RejectedStudy


class RejectedForm(forms.Form):
    """A study that is not taken in."""

    study = PlainCharField(name="Study", label="Study", max_length=200)
    citation = PlainCharField(name="Citation", label="Where it was published", max_length=300)
    tactic = forms.SlugField(
        label="Tactic (optional)",
        required=False,
        max_length=80,
        help_text="The last part of its address, such as hot-spots-policing",
        error_messages={"invalid": "There is no public tactic with this address"},
    )
    reason = forms.ChoiceField(
        label="Why it is not taken in",
        choices=RejectedStudy.Reason.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose why it was not taken in"),
    )
    explanation = PlainTextField(
        name="Explanation",
        label="In a sentence or two, for its authors and everybody",
        max_length=600,
        rows=4,
    )


class TakeBackForm(forms.Form):
    """Why a decision no longer stands."""

    because = PlainTextField(name="Reason", label="Why it is taken back", max_length=600, rows=3)
