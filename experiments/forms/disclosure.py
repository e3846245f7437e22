"""The thresholds of disclosure control, typed."""

from collections.abc import Mapping
from typing import Any

from django import forms

from centre.forms import PlainTextField
from experiments.disclosure import THRESHOLDS


class ThresholdsForm(forms.Form):
    """One field for each threshold, and why they change."""

    def __init__(self, sent: Any = None, *, now: Mapping[str, float]) -> None:
        super().__init__(sent, initial=dict(now))
        for name, rule in THRESHOLDS.items():
            kind = forms.IntegerField if rule.is_whole else forms.FloatField
            self.fields[name] = kind(
                label=rule.label,
                help_text=f"From {rule.least:g} to {rule.most:g}.",
                widget=forms.TextInput(attrs={"inputmode": "numeric" if rule.is_whole else "decimal"}),
                error_messages={
                    "required": f"{rule.label}: enter a number",
                    "invalid": f"{rule.label}: enter a number",
                },
            )
        self.fields["reason"] = PlainTextField(
            name="Reason",
            label="Why the thresholds change",
            rows=3,
            error_messages={"required": "Say why the thresholds change"},
        )

    def thresholds(self) -> dict[str, Any]:
        """Return what was typed, by name."""
        return {name: self.cleaned_data[name] for name in THRESHOLDS}
