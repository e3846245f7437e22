"""The question “is it worth it for my force?”."""

from typing import Any

from django import forms

from centre.forms import PlainCharField
from centre.models import Force
from tactics.models import OutcomeDomain
from tactics.money import PLACES
from tactics.money.prices import LONGEST
from tactics.worth import Asked

_INCIDENTS = "Enter a whole number of incidents a year from 1 to 10,000,000"
_YEARS = f"Enter a whole number of years from 1 to {LONGEST}"
_RISK = "Enter a share between 0 and 1, such as 0.2"
_MULTIPLIER = "Enter a number from 1 to 1,000, such as 2.5"
NAMES = (
    "outcome",
    "place",
    "incidents",
    "years",
    "effect_years",
    "force",
    "baseline_risk",
    "multiplier",
    "multiplier_source",
)


def _whole(label: str, most: int, message: str, **more: Any) -> forms.IntegerField:
    errors = dict.fromkeys(("invalid", "min_value", "max_value"), message)
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=most, error_messages=errors, **more
    )


class MoneyForm(forms.Form):
    """What is left blank, the statement of costs says."""

    outcome = forms.ChoiceField(
        label="Outcome", required=False, error_messages={"invalid_choice": "Choose an outcome from the list"}
    )
    place = forms.ChoiceField(
        label="For whom",
        required=False,
        choices=list(PLACES.items()),
        error_messages={"invalid_choice": "Choose the average place or a new one"},
    )
    incidents = _whole(
        "Incidents a year without the tactic (optional)",
        10_000_000,
        _INCIDENTS,
        help_text="As your force records them. Blank: as many as the costs were stated for",
    )
    years = _whole("Years that it runs (optional)", LONGEST, _YEARS, help_text="Blank: 3")
    effect_years = _whole(
        "Years that the effect lasts (optional)", LONGEST, _YEARS, help_text="Blank: as long as it runs"
    )
    force = forms.ChoiceField(
        label="Whose costs (optional)",
        required=False,
        error_messages={"invalid_choice": "Choose a force that has stated its costs"},
    )
    baseline_risk = forms.FloatField(
        label="Share that has the incident without the tactic",
        required=False,
        help_text="The effect is an odds ratio, so this is needed: for example 0.2 where 20 of 100 do",
        error_messages={"invalid": _RISK},
    )
    multiplier = forms.FloatField(
        label="Crimes for each recorded one (optional)",
        required=False,
        help_text="Blank: recorded crimes only",
        min_value=1,
        max_value=1000,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _MULTIPLIER),
    )
    multiplier_source = PlainCharField(
        name="Source of that number",
        label="Where that number comes from (optional)",
        max_length=200,
        required=False,
    )

    def __init__(
        self, outcomes: list[OutcomeDomain], forces: list[Force], data: Any, *, is_odds: bool = False
    ) -> None:
        super().__init__(data)
        self.fields["outcome"].choices = [(one.slug, one.name) for one in outcomes]  # type: ignore[attr-defined]
        stated = [("", "The Centre’s, for any force"), *((one.slug, one.name) for one in forces)]
        self.fields["force"].choices = stated  # type: ignore[attr-defined]
        if not forces:
            del self.fields["force"]
        if not is_odds:
            del self.fields["baseline_risk"]
        for name in ("incidents", "years", "effect_years", "baseline_risk", "multiplier"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"class": "govuk-input govuk-input--width-5"}

    def clean_baseline_risk(self) -> float | None:
        """Refuse what is no share."""
        risk: float | None = self.cleaned_data["baseline_risk"]
        if risk is not None and not 0 < risk < 1:
            raise forms.ValidationError(_RISK)
        return risk

    def clean(self) -> dict[str, Any]:
        """Ask for the source of a multiplier."""
        if self.cleaned_data.get("multiplier") and not self.cleaned_data.get("multiplier_source"):
            self.add_error(
                "multiplier_source", "Say where the number of crimes for each recorded one comes from"
            )
        return self.cleaned_data

    @property
    def asked(self) -> Asked:
        """Return what was asked. The form is valid."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "outcome" and value != ""}
        return Asked(**said)
