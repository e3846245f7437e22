"""The small forms of a trial's life: its states, its changes, and what it owes the public."""

from typing import Any

from django import forms

from centre.forms import DatePartsField, PlainTextField
from experiments.models import Objection


class ObjectionForm(forms.Form):
    """What is wrong with an approved change."""

    reason = PlainTextField(
        name="Reason",
        label="What is wrong with this change",
        help_text="It is public.",
        rows=3,
        error_messages={"required": "Say what is wrong with it"},
    )


class ObjectionAnswerForm(forms.Form):
    """A reviewer's answer to an objection."""

    answer = forms.ChoiceField(
        label="Your answer",
        choices=Objection.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose uphold or overrule"},
    )
    comment = PlainTextField(name="Comment", label="Comment", rows=3, error_messages={"required": "Say why"})


class ConductForm(forms.Form):
    """The next state of a trial's conduct."""

    to = forms.ChoiceField(
        label="What happens now",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the next states"},
    )
    reason = PlainTextField(
        name="Reason",
        label="Reason",
        help_text="Needed to suspend, resume, stop early or never start. It is public.",
        rows=3,
        required=False,
    )
    on = DatePartsField(
        label="Day of the first or the last treatment",
        help_text="Where delivery begins, or ends. Leave it blank for today.",
        required=False,
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = choices  # type: ignore[attr-defined]


class ApprovalForm(forms.Form):
    """An answer to somebody's request."""

    decision = forms.ChoiceField(
        label="Your decision",
        choices=[("approve", "Approve"), ("refuse", "Refuse")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose approve or refuse"},
    )
    reason = PlainTextField(
        name="Reason",
        label="Reason",
        help_text="Needed to refuse.",
        rows=3,
        required=False,
    )


class BlindReviewForm(forms.Form):
    """What somebody found who looked at the data without knowing the arms."""

    comment = PlainTextField(
        name="What you found",
        label="What you looked at and what you found",
        help_text="Missing values, doubles, values that cannot be, dates outside the window. Nothing by arm.",
        error_messages={"required": "Say what you looked at and what you found"},
    )


class FactsForm(forms.Form):
    """What the force found wrong in a release, if anything."""

    comment = PlainTextField(
        name="Comment",
        label="Errors of fact",
        help_text="Dates, places, what was done and by whom. Leave it blank where nothing is wrong. It is public.",
        required=False,
    )


class FactsAnswerForm(forms.Form):
    """The answer to the force's comment."""

    answer = PlainTextField(
        name="Answer",
        label="Answer",
        help_text="What was changed, or why nothing was. It is public.",
        error_messages={"required": "Say what was changed, or why nothing was"},
    )


class DeferralForm(forms.Form):
    """Until when publication is put off, and why."""

    until = DatePartsField(label="Publish on", help_text="The day from which the results can be published.")
    reason = PlainTextField(
        name="Reason",
        label="Reason",
        help_text="It is public.",
        rows=3,
        error_messages={"required": "Say why: it is public"},
    )


class EmbargoForm(forms.Form):
    """Until when a record stays hidden, and why."""

    until = DatePartsField(label="Hide the record until", help_text="The day on which it becomes public.")
    reason = PlainTextField(
        name="Reason",
        label="Reason",
        help_text="It is public when the record is.",
        rows=3,
        error_messages={"required": "Say why: it is public when the record is"},
    )


class ProgressForm(forms.Form):
    """How the trial goes."""

    text = PlainTextField(
        name="Note",
        label="How the trial goes",
        help_text="What was done, how many units are in, what went wrong. No outcomes by arm. It is public at once.",
        error_messages={"required": "Say how the trial goes"},
    )


class CollisionNoteForm(forms.Form):
    """How a trial is kept apart from another that it meets."""

    other = forms.ChoiceField(
        label="The other trial",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the other trial"},
    )
    reason = PlainTextField(
        name="How the trials are kept apart",
        label="How they are kept apart",
        help_text="It is kept with both trials, for Centre staff.",
        rows=3,
        error_messages={"required": "Say how the two are kept apart"},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = choices  # type: ignore[attr-defined]
