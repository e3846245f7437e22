"""The small forms of the workspace: one for each act."""

from typing import Any

from django import forms

from centre.forms import DatePartsField, HintedRadios, PlainCharField, PlainTextField
from centre.models import Force, User
from experiments.models import Amendment, Dataset, Review, TeamMember, Trial
from experiments.protocol.templates import TEMPLATES
from tactics.models import Tactic

COPY = "copy"


class TrialStartForm(forms.Form):
    """What a draft needs to exist."""

    title = PlainCharField(
        name="Title",
        label="Title",
        help_text="Name the tactic, the place and what is measured. You can change it later.",
        max_length=150,
        error_messages={"required": "Enter a trial title"},
    )
    tactic = forms.ModelChoiceField(
        label="Tactic under test",
        help_text="If it is not in the library yet, propose it first. You can choose it later.",
        queryset=Tactic.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label="Choose later",
    )
    lead_force = forms.ModelChoiceField(
        label="Lead force",
        queryset=Force.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label="No lead force yet",
    )

    start_from = forms.ChoiceField(
        label="Start from",
        help_text="A template fills in what its design decides. What only you know stays blank and is asked for.",
        choices=[
            ("", "A blank protocol"),
            *((one.slug, one.name) for one in TEMPLATES),
            (COPY, "A copy of another trial’s protocol"),
        ],
        widget=HintedRadios({one.slug: one.use for one in TEMPLATES}),
        required=False,
    )
    copy_of = PlainCharField(
        name="Number of the trial",
        label="Number of the trial to copy",
        help_text="Only for a copy: any trial that you may read. Dates, people, places and approvals are not copied.",
        max_length=60,
        required=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["tactic"].queryset = Tactic.objects.visible_to(user).order_by("name")  # type: ignore[attr-defined]
        forces = Force.objects.visible_to(user) if user.is_centre_staff else user.forces
        self.fields["lead_force"].queryset = forces  # type: ignore[attr-defined]
        if not user.is_centre_staff:
            self.initial.setdefault("lead_force", getattr(user.forces.first(), "slug", None))

    def clean(self) -> dict[str, Any]:
        """Turn the choice into the template or the trial to copy."""
        given = {
            name: value for name, value in self.cleaned_data.items() if name not in ("start_from", "copy_of")
        }
        chosen = self.cleaned_data.get("start_from", "")
        if chosen != COPY:
            return {**given, "template": chosen}
        ref = self.cleaned_data.get("copy_of") or ""
        source = Trial.objects.visible_to(self.user).by_ref(ref).first() if ref else None
        if source is None:
            self.add_error("copy_of", _unknown(ref))
        return {**given, "source": source}


def _unknown(ref: str) -> str:
    return (
        "There is no trial with this number that you may read"
        if ref
        else "Enter the number of the trial to copy"
    )


class TeamForm(forms.Form):
    """A person to add to the team."""

    email = forms.EmailField(
        label="E-mail address",
        help_text="The one they sign in with.",
        error_messages={"required": "Enter an e-mail address", "invalid": "Enter a full e-mail address"},
    )
    role = forms.ChoiceField(
        label="Role in this trial",
        choices=TeamMember.Role.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role"},
    )


class ReviewForm(forms.Form):
    """A methods reviewer's decision."""

    decision = forms.ChoiceField(
        label="Your decision",
        choices=Review.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose approve, ask for changes, or reject"},
    )
    comment = PlainTextField(
        name="Comment",
        label="Comment",
        help_text="Say which question it is about and what to change. It becomes public when the trial is registered.",
        required=False,
    )


class ConfirmForm(forms.Form):
    """An act that cannot be undone: the word is typed by hand."""

    confirm = PlainCharField(name="The word", label="Type the word to confirm", max_length=40)

    def __init__(self, *args: Any, word: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word = word
        self.fields["confirm"].label = f"Type “{word}” to confirm"
        self.fields["confirm"].widget.attrs = {"autocomplete": "off", "class": "govuk-input--width-10"}
        self.fields["confirm"].error_messages["required"] = f"Type “{word}” to confirm"

    def clean_confirm(self) -> str:
        """Refuse anything but the word."""
        typed: str = self.cleaned_data["confirm"]
        if typed.casefold() != self.word.casefold():
            raise forms.ValidationError(f"Type “{self.word}” to confirm")
        return typed


class SignForm(forms.Form):
    """A signature under the protocol that is shown."""

    stands = forms.BooleanField(
        label="I have read this protocol and my force stands by it",
        error_messages={"required": "Say that you have read it and that your force stands by it"},
    )


class RegisterForm(ConfirmForm):
    """Registration, with a word on the trials that the protocol meets and does not name."""

    collision_reason = PlainTextField(
        name="How the trials are kept apart",
        label="How they are kept apart",
        help_text="It is kept with both trials, for Centre staff.",
        rows=3,
        required=False,
    )

    def __init__(self, *args: Any, meets: bool, **kwargs: Any) -> None:
        super().__init__(*args, word="register", **kwargs)
        if not meets:
            del self.fields["collision_reason"]
        self.order_fields(["collision_reason", "confirm"])


class AmendmentForm(forms.Form):
    """Why a registered protocol changes."""

    reason_code = forms.ChoiceField(
        label="Kind of reason",
        choices=Amendment.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason"},
    )
    reason = PlainTextField(
        name="Reason",
        label="Reason",
        help_text="What happened, and why the protocol has to change. It is public.",
        error_messages={"required": "Say why the protocol changes"},
    )


class AmendmentDecisionForm(forms.Form):
    """A reviewer's decision on a major amendment."""

    decision = forms.ChoiceField(
        label="Your decision",
        choices=Amendment.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose approve or refuse"},
    )
    comment = PlainTextField(name="Comment", label="Comment", required=False)


class UnitListForm(forms.Form):
    """The list of units, as a file or pasted."""

    file = forms.FileField(label="Unit list as a CSV file", required=False, allow_empty_file=True)
    pasted = forms.CharField(
        label="Or paste the list",
        help_text="The first line names the columns.",
        widget=forms.Textarea(attrs={"rows": 10, "cols": None, "spellcheck": "false"}),
        required=False,
        strip=False,
    )
    overlap_reason = PlainTextField(
        name="Reason",
        label="Reason for a unit that is also in another live trial",
        help_text="Leave blank unless you were told that a unit is already in another trial.",
        rows=2,
        required=False,
    )
    beacon_round = forms.IntegerField(
        label="Round of the beacon",
        min_value=1,
        error_messages={
            "required": "Name the round of the beacon that will give the seed",
            "invalid": "Enter the number of the round",
            "min_value": "Enter the number of the round",
        },
    )

    def __init__(self, *args: Any, by_beacon: bool, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if by_beacon:
            self.fields["beacon_round"].help_text = example
        else:
            del self.fields["beacon_round"]

    def clean(self) -> dict[str, Any]:
        """Take one of the two."""
        given = super().clean() or self.cleaned_data
        if given.get("file") and given.get("pasted", "").strip():
            self.add_error("pasted", "Send a file or paste the list, not both")
        elif not given.get("file") and not given.get("pasted", "").strip() and "file" not in self.files:
            self.add_error("file", "Choose a file, or paste the list")
        return given

    def content(self) -> bytes:
        """Return the list as it was given."""
        file = self.cleaned_data.get("file")
        return file.read() if file else self.cleaned_data.get("pasted", "").encode()


class BeaconForm(forms.Form):
    """What a round of the beacon gave, copied from where drand publishes it."""

    round = forms.IntegerField(
        label="Round",
        error_messages={
            "required": "Enter the number of the round",
            "invalid": "Enter the number of the round",
        },
    )
    randomness = PlainCharField(
        name="The randomness",
        label="Randomness",
        help_text="64 hexadecimal digits.",
        max_length=64,
        error_messages={"required": "Enter the randomness"},
    )
    signature = PlainCharField(
        name="The signature",
        label="Signature",
        help_text="96 hexadecimal digits.",
        max_length=96,
        error_messages={"required": "Enter the signature"},
    )


class UploadForm(forms.Form):
    """A data file."""

    kind = forms.ChoiceField(
        label="What the file holds",
        choices=Dataset.Kind.choices,
        initial=Dataset.Kind.OUTCOME,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose outcomes, baseline or treatment delivered"},
    )
    file = forms.FileField(
        label="Data file",
        help_text="CSV saved as UTF-8, or Parquet.",
        allow_empty_file=True,
        error_messages={"required": "Choose a file", "missing": "Choose a file"},
    )
    reason = PlainTextField(
        name="Reason",
        label="Why this version replaces the one before",
        help_text="Needed from the second version on.",
        rows=2,
        required=False,
    )


class FeedForm(forms.Form):
    """Outcomes from the hub."""

    reason = PlainTextField(
        name="Reason",
        label="Why this version replaces the one before",
        help_text="Needed from the second version on, and where months are missing.",
        rows=2,
        required=False,
    )


class WithdrawForm(forms.Form):
    """Why something is withdrawn."""

    reason = PlainTextField(
        name="Reason",
        label="Reason",
        help_text="It is public.",
        rows=3,
        error_messages={"required": "Say why"},
    )


class SiteStepForm(forms.Form):
    """What is put on record about one agreement step: only the field of the chosen answer is read."""

    act = forms.ChoiceField(
        label="What do you want to record?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to record"},
    )
    on = DatePartsField(label="Date it is due", help_text="Only for a date.", required=False)
    reference = PlainCharField(
        name="Reference",
        label="Reference",
        help_text="Only for a step that is done: number, name or day of the paper. No personal data.",
        max_length=300,
        required=False,
    )
    reason = PlainTextField(
        name="Reason",
        label="Reason",
        help_text="Only for a step that is not needed.",
        max_length=2_000,
        rows=3,
        required=False,
    )

    def __init__(self, *args: Any, is_settled: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_settled:
            self.fields["act"].choices = [("reopen", "It is open again")]  # type: ignore[attr-defined]
            self.fields["reason"].help_text = ""
            del self.fields["on"], self.fields["reference"]
        else:
            self.fields["act"].choices = [  # type: ignore[attr-defined]
                ("due", "When it is due"),
                ("do", "It is done"),
                ("waive", "It is not needed"),
            ]

    def clean(self) -> dict[str, Any]:
        """Ask for the day where a day is recorded."""
        if (
            self.cleaned_data.get("act") == "due"
            and not self.cleaned_data.get("on")
            and "on" not in self.errors
        ):
            self.add_error("on", "Enter the date it is due")
        return self.cleaned_data
