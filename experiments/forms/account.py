"""The forms of a trial's account: one for each kind of entry, the same to record it and to correct it."""

from typing import Any, ClassVar

from django import forms

from centre.forms import DatePartsField, PlainCharField, PlainTextField
from experiments.account import arm_names
from experiments.actions.accounts import LONGEST
from experiments.actions.losses import LONGEST_PERIOD
from experiments.forms import document
from experiments.forms.questions import words_for
from experiments.models import Explanation, Harm, Implementation, Loss, Remark, Trial
from experiments.models.account import AccountEntry
from experiments.protocol import OutcomeRole

ALL_ARMS = "-"
HARMFUL = (OutcomeRole.HARM, OutcomeRole.GUARDRAIL)


def text_field(name: str, label: str, required: str, hint: str = "", rows: int = 3) -> PlainTextField:
    """Return one text of an entry."""
    return PlainTextField(
        name=name,
        label=label,
        help_text=hint,
        max_length=LONGEST,
        rows=rows,
        error_messages={"required": required},
    )


def reason_field() -> PlainTextField:
    """Return the reason of a correction."""
    return text_field(
        "Reason",
        "Why the earlier entry was wrong",
        "Say why the earlier entry was wrong",
        "It is kept beside both entries.",
        rows=2,
    )


def _excuse(what: str) -> PlainTextField:
    return PlainTextField(
        name="The reason",
        label=f"Or: {what} not measured because",
        max_length=LONGEST,
        rows=2,
        required=False,
    )


class EntryForm(forms.Form):
    """What every entry's form does: it opens with what the corrected entry says, and asks why that was wrong."""

    kept: ClassVar[tuple[str, ...]] = ()  # fields that open with what the corrected entry says

    def __init__(self, sent: Any = None, *, trial: Trial, corrects: AccountEntry | None = None) -> None:
        initial = {name: getattr(corrects, name) for name in self.kept} if corrects else {}
        super().__init__(sent, initial=initial)
        if corrects:
            self.fields["correction_reason"] = reason_field()
        self.ask(trial)

    def ask(self, trial: Trial) -> None:
        """Fill in what depends on the trial."""


class DeviationForm(EntryForm):
    """What was not done as the protocol says."""

    kept = ("pointer", "what", "happened_on", "reason", "effect")

    pointer = forms.ChoiceField(
        label="Which part of the protocol was not kept",
        help_text="As it stands in the version in force. Every field of it is in the list.",
        error_messages={"required": "Choose a field of the registered protocol"},
    )
    what = text_field(
        "What happened",
        "What happened instead",
        "Say what happened",
        "No names, and no outcomes by arm. It is public once results are.",
    )
    happened_on = DatePartsField(label="Day it happened", help_text="Its first day, where it lasted.")
    reason = text_field("Reason", "Why it happened", "Say why it happened", rows=2)
    effect = text_field(
        "Effect on the results",
        "What it may do to the results",
        "Say what it may do to the results",
        "Say also where you expect nothing, and why.",
        rows=2,
    )

    def ask(self, trial: Trial) -> None:
        """List the fields of the version in force."""
        self.fields["pointer"].choices = [("", "Choose a field"), *protocol_fields(trial)]  # type: ignore[attr-defined]


class OfAnArm(EntryForm):
    """An entry about one arm, or about all together. None is chosen beforehand, so that none is kept by mistake."""

    arm = forms.ChoiceField(
        label="Arm",
        help_text="Until the data are locked, only you and the custodian can read the arm of your entry.",
        error_messages={"required": "Choose an arm, or all arms together"},
    )

    def ask(self, trial: Trial) -> None:
        """List the arms."""
        named = arm_names(trial).items()
        choices = [("", "Choose an arm"), *named, (ALL_ARMS, "All arms together")]
        self.fields["arm"].choices = choices  # type: ignore[attr-defined]

    def clean_arm(self) -> str:
        """Return the arm; blank for all together."""
        chosen: str = self.cleaned_data["arm"]
        return "" if chosen == ALL_ARMS else chosen


class HarmForm(OfAnArm):
    """A harm that was found, or that none was."""

    kept = (
        "outcome",
        "name",
        "was_found",
        "found_by",
        "how",
        "severity",
        "relatedness",
        "action",
        "n_events",
        "n_units",
    )
    field_order = ("outcome", "name", "was_found", "found_by", "how", "arm")

    outcome = forms.ChoiceField(
        label="Harm",
        help_text="The harms and guardrails of the protocol are in the list.",
        required=False,
    )
    name = PlainCharField(
        name="Name of the harm",
        label="Name of another harm",
        help_text="Only where it is not in the list.",
        required=False,
    )
    was_found = forms.TypedChoiceField(
        label="Was it found?",
        choices=(("True", "It was found"), ("False", "It was looked for, and none was found")),
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it was found"},
    )
    found_by = forms.ChoiceField(
        label="How it was looked for or found",
        choices=Harm.FoundBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was looked for or found"},
    )
    how = text_field(
        "How it was looked for",
        "How, by whom and how often",
        "Say how it was looked for or found",
        "No names of people.",
        rows=2,
    )
    n_events = forms.IntegerField(
        label="Number of events",
        help_text="From here on only where it was found. The public sees no count below 10.",
        required=False,
        error_messages={"invalid": "Enter the number of events as a whole number"},
    )
    n_units = forms.IntegerField(
        label="Number of units or people concerned",
        required=False,
        error_messages={"invalid": "Enter the number of units or people as a whole number"},
    )
    severity = forms.ChoiceField(
        label="How bad it was", choices=Harm.Severity.choices, widget=forms.RadioSelect, required=False
    )
    relatedness = forms.ChoiceField(
        label="Whether the tactic caused it",
        choices=Harm.Relatedness.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    action = PlainTextField(
        name="What was done", label="What was done about it", max_length=LONGEST, rows=2, required=False
    )

    def ask(self, trial: Trial) -> None:
        """List the registered harms and the arms."""
        read = trial.registration.frozen_protocol if trial.registration else trial.draft
        harms = [one for one in read.outcomes if one.role in HARMFUL]
        self.fields["outcome"].choices = [("", "Another harm"), *((one.id, one.name) for one in harms)]  # type: ignore[attr-defined]
        super().ask(trial)


class LossForm(OfAnArm):
    """Units that were lost, and why."""

    kept = ("stage", "n_units", "period", "reason")
    field_order = ("stage", "arm")

    stage = forms.ChoiceField(
        label="What happened to them",
        choices=Loss.Stage.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what happened to them"},
    )
    n_units = forms.IntegerField(
        label="Number of units",
        help_text="The public sees no count below 10.",
        error_messages={
            "required": "Enter how many units",
            "invalid": "Enter the number of units as a whole number",
        },
    )
    period = PlainCharField(
        name="The period",
        label="Period",
        help_text="Only where they were lost in one period of several.",
        max_length=LONGEST_PERIOD,
        required=False,
    )
    reason = text_field(
        "The reason", "Why", "Say why they were lost", "One reason; make an entry for each.", 2
    )


class ImplementationForm(EntryForm):
    """What was delivered and what it took."""

    kept = (
        *("delivered", "by_whom", "adaptation", "staff_hours", "hours_basis", "hours_not_measured_because"),
        *("cost", "price_year", "payer", "cost_covers", "cost_not_measured_because"),
    )

    delivered = text_field(
        "What was delivered",
        "What was delivered",
        "Say what was delivered",
        "As it was, not as it was planned.",
    )
    by_whom = text_field(
        "By whom", "By whom", "Say who delivered it", "Posts and teams, no names of people.", 2
    )
    adaptation = text_field(
        "What was adapted", "What was adapted on the way", "Say what was adapted, or that nothing was", "", 2
    )
    staff_hours = forms.DecimalField(
        label="Staff hours",
        help_text="For the tactic, over the whole trial, without the research.",
        max_digits=12,
        decimal_places=1,
        min_value=0,
        required=False,
        error_messages={"invalid": "Enter the staff hours as a number"},
    )
    hours_basis = forms.ChoiceField(
        label="Where the hours come from",
        choices=Implementation.Basis.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    hours_not_measured_because = _excuse("the hours were")
    cost = forms.DecimalField(
        label="Cost in pounds",
        help_text="For the tactic, over the whole trial.",
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        error_messages={"invalid": "Enter the cost as a number"},
    )
    price_year = forms.IntegerField(
        label="Year of the prices",
        required=False,
        error_messages={"invalid": "Enter the year of the prices as four digits"},
    )
    payer = PlainCharField(name="Who paid", label="Who paid", max_length=200, required=False)
    cost_covers = PlainTextField(
        name="What the cost covers",
        label="What the cost covers",
        help_text="Staff, training, equipment; and what is left out.",
        max_length=LONGEST,
        rows=2,
        required=False,
    )
    cost_not_measured_because = _excuse("the cost was")


class RemarkForm(EntryForm):
    """A limitation, or what the results mean."""

    kept = ("kind", "text")

    kind = forms.ChoiceField(
        label="What you write about",
        choices=Remark.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you write about"},
    )
    text = text_field("The text", "Text", "Write the text", "One limitation in each entry.", 5)


class ExplanationForm(EntryForm):
    """Why the trial was stopped, or is not published."""

    kept = ("about", "code", "text")

    about = forms.ChoiceField(
        label="What you explain",
        choices=Explanation.About.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you explain"},
    )
    code = forms.ChoiceField(
        label="Kind of reason",
        choices=Explanation.Code.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the kind of reason"},
    )
    text = text_field("The text", "Why", "Say why", "It is public at once. No outcomes by arm.")


class TakeBackForm(forms.Form):
    """Why an entry should not stand."""

    reason = reason_field()


def protocol_fields(trial: Trial) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the answered fields of the registered protocol under its chapters, by their pointers."""
    if trial.registration is None:
        return []
    chapters = document.chapters(trial.registration.frozen_protocol, {}, is_draft=False)
    return [
        (one.title, [(line.pointer, words_for(line.pointer)) for block in one.blocks for line in block.lines])
        for one in chapters
    ]
