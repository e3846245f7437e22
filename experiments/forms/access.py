"""Access to restricted data: asking, deciding, taking back."""

from typing import Any

from django import forms

from centre.forms import DatePartsField, PlainTextField
from experiments.actions.access_applications import LONGEST, LONGEST_PURPOSE, TEXTS
from experiments.models import AccessDecision, Dataset

_HINTS = {
    "question": "What you will estimate or test, and for whom the answer matters.",
    "why_rows": "What the released tables and figures cannot tell you.",
    "lawful_basis": "The basis under UK GDPR, who is the controller, and the reference of the ethics decision.",
    "others": "Names and organisations. Write “Nobody” if you alone would see them.",
}
_LABELS = {
    "question": "What question do you want to answer?",
    "why_rows": "Why are the released files not enough?",
    "lawful_basis": "Lawful basis and ethics",
    "others": "Who else would see the rows?",
}


class AccessApplyForm(forms.Form):
    """Everything that the Centre decides by."""

    dataset = forms.ChoiceField(
        label="Which data?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the data that you ask for",
            "invalid_choice": "Choose the data that you ask for",
        },
    )

    def __init__(self, *sent: Any, datasets: list[Dataset], longest_months: int) -> None:
        super().__init__(*sent)
        choices = [
            (str(one.public_id), f"{one}: {one.n_rows:,} rows, received on {one.received_at:%-d %B %Y}")
            for one in datasets
        ]
        self.fields["dataset"].choices = choices  # type: ignore[attr-defined]
        self.initial["dataset"] = choices[0][0]
        for name, (label, missing) in TEXTS.items():
            self.fields[name] = PlainTextField(
                name=label,
                label=_LABELS[name],
                help_text=_HINTS[name],
                rows=4,
                max_length=LONGEST,
                error_messages={"required": missing},
            )
        self.fields["starts_on"] = DatePartsField(
            label="First day", help_text="Today or later.", error_messages={"required": "Enter the first day"}
        )
        self.fields["ends_on"] = DatePartsField(
            label="Last day",
            help_text=f"At most {longest_months} months after the first.",
            error_messages={"required": "Enter the last day"},
        )
        self.fields["accepts_terms"] = forms.BooleanField(
            label="I will keep to the terms above",
            error_messages={"required": "Say that you will keep to the terms"},
        )


class AccessDecisionForm(forms.Form):
    """Grant for a purpose and a time, or refuse with the reason: only the fields of the chosen answer are read."""

    outcome = forms.ChoiceField(
        label="Your decision",
        choices=AccessDecision.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose grant or refuse"},
    )
    purpose = PlainTextField(
        name="The purpose",
        label="What the data may be used for",
        help_text="Only for a grant. It stands in the audit event of every read.",
        rows=3,
        max_length=LONGEST_PURPOSE,
        required=False,
    )
    conditions = PlainTextField(
        name="The conditions",
        label="Conditions",
        help_text="Only for a grant, beside the terms that always hold. Leave blank if there are none.",
        rows=3,
        max_length=LONGEST,
        required=False,
    )
    ends_on = DatePartsField(label="Last day", help_text="Only for a grant.", required=False)
    reason = PlainTextField(
        name="The reason",
        label="Reason",
        help_text="Only for a refusal. The applicant reads it.",
        rows=3,
        max_length=LONGEST,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the day where a grant is given."""
        given = self.cleaned_data
        is_grant = given.get("outcome") == AccessDecision.Outcome.GRANT
        if is_grant and not given.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", "Enter the last day")
        return given


class RevokeForm(forms.Form):
    """Why a grant is taken back."""

    reason = PlainTextField(
        name="The reason",
        label="Reason",
        help_text="The applicant reads it.",
        rows=3,
        max_length=LONGEST,
        error_messages={"required": "Say why: the applicant reads it"},
    )
