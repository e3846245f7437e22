"""Forms of a release: its note, and what a checker decides of each file."""

from collections.abc import Sequence
from typing import Any

from django import forms

from centre.forms import PlainTextField
from centre.text import is_blank
from experiments.models import ReleaseCheck


class ReleaseForm(forms.Form):
    """A release to be prepared from an analysis."""

    note = PlainTextField(
        name="Note",
        label="Note for the readers",
        help_text="What they must know to read the files. Where small counts of places or forces are shown, "
        "say why they may be. It is published beside the files.",
        rows=3,
        required=False,
    )


class ReleaseCheckForm(forms.Form):
    """An output checker's decision on each file."""

    comment = PlainTextField(
        name="Comment",
        label="Comment on the whole",
        help_text="The other checker reads it after deciding.",
        rows=3,
        required=False,
    )

    def __init__(self, *sent: Any, names: Sequence[str]) -> None:
        super().__init__(*sent)
        self.names = dict(enumerate(names))
        for number, name in self.names.items():
            self.fields[f"decision_{number}"] = forms.ChoiceField(
                label=name,
                choices=ReleaseCheck.Decision.choices,
                widget=forms.RadioSelect,
                error_messages={"required": f"Choose clear or refuse for {name}"},
            )
            self.fields[f"reason_{number}"] = PlainTextField(
                name=f"Reason for {name}",
                label=f"If you refuse {name}, say which number and why",
                rows=2,
                required=False,
            )
        self.fields["comment"] = self.fields.pop("comment")  # it comes last

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of every refusal."""
        given = super().clean() or {}
        for number, name in self.names.items():
            is_refused = given.get(f"decision_{number}") == ReleaseCheck.Decision.REFUSE
            if is_refused and is_blank(given.get(f"reason_{number}", "")):
                self.add_error(f"reason_{number}", f"Say what must change in {name}")
        return given

    def answers(self) -> dict[str, tuple[str, str]]:
        """Return the decision and the reason for each file."""
        given = self.cleaned_data
        return {
            name: (given[f"decision_{number}"], given[f"reason_{number}"])
            for number, name in self.names.items()
        }
