"""The form of a tactic. It checks shape; what the fields may hold is `tactics.details`, through the action."""

from decimal import Decimal
from typing import Any

from django import forms

from centre.errors import Invalid
from centre.forms import PlainCharField, PlainTextField
from tactics.actions.tactics import details_of
from tactics.details import HOURS_LIMIT, TEXTS, TacticDetails, cleaned_text
from tactics.kinds import POPULATIONS, SETTINGS
from tactics.models import OutcomeDomain, Problem, Tactic
from tactics.money import band_words
from tactics.wording import COST_WORDS

HINTS = {
    "name": "A short name that another force would recognise",
    "summary": "One sentence: who does what, for whom. This is what people read in the list",
    "problem_text": "What goes wrong now, where, and how often",
    "mechanism": "Why it should work: the steps from what officers do to what changes",
    "moderators": "Where, when and for whom it works better or worse",
    "possible_harms": "What could go wrong, and for whom: side effects, complaints, mistakes, other crime or places",
    "equality": "Which groups it touches more than others, what is known of unequal effects, and what is not",
    "implementation": "What another force needs: people, training, equipment, rules, and what went wrong before",
    "first_30_days": "What to do first, week by week. One step on each line",
    "economics": "What it costs, who pays, and what it saves",
    "cost_basis": "For example: officer time at 2024 rates, two sites",
    "contact": "A team or a role, not a private number. It will be public",
}
ROWS = {"first_30_days": 8}


def _text(name: str) -> forms.Field:
    rule = TEXTS[name]
    kind = PlainTextField if rule.multiline else PlainCharField
    extra = {"rows": ROWS.get(name, 5)} if rule.multiline else {}
    return kind(
        name=rule.label,
        max_length=rule.maximum,
        label=rule.label if rule.required or rule.needed_to_publish else f"{rule.label} (optional)",
        required=bool(rule.required),
        help_text=HINTS.get(name, ""),
        error_messages={"required": rule.required},
        **extra,
    )


class TacticForm(forms.Form):
    """Everything that people write about a tactic."""

    name = _text("name")
    summary = _text("summary")
    problems = forms.MultipleChoiceField(
        label="Which problems does it answer?", required=False, widget=forms.CheckboxSelectMultiple
    )
    main_outcome = forms.ChoiceField(
        label="What is it meant to change?",
        required=False,
        help_text="The rating is about this outcome",
        error_messages={"invalid_choice": "Choose an outcome from the list"},
    )
    problem_text = _text("problem_text")
    mechanism = _text("mechanism")
    moderators = _text("moderators")
    possible_harms = _text("possible_harms")
    equality = _text("equality")
    implementation = _text("implementation")
    first_30_days = _text("first_30_days")
    focus = _text("focus")
    population = _text("population")
    population_kind = forms.ChoiceField(
        label="Kind of people, for the filters (optional)",
        required=False,
        choices=[("", "Not chosen yet"), *POPULATIONS.items()],
        error_messages={"invalid_choice": "Choose a kind of people from the list"},
    )
    setting = _text("setting")
    setting_kind = forms.ChoiceField(
        label="Kind of place, for the filters (optional)",
        required=False,
        choices=[("", "Not chosen yet"), *SETTINGS.items()],
        error_messages={"invalid_choice": "Choose a kind of place from the list"},
    )
    stage = forms.ChoiceField(
        label="How far has practice come?",
        choices=Tactic.Stage.choices,
        widget=forms.RadioSelect,
        initial=Tactic.Stage.IDEA,
        error_messages={
            "required": "Choose how far the practice has come",
            "invalid_choice": "Choose how far the practice has come",
        },
    )
    uses_ai = forms.BooleanField(
        label="It uses artificial intelligence or another algorithm that people rely on",
        required=False,
        help_text="Then an algorithmic transparency record belongs on its page, and its error rates",
    )
    economics = _text("economics")
    cost_band = forms.TypedChoiceField(
        label="Cost band (optional)",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Not known"), *((n, f"{words}: {band_words(n)}") for n, words in COST_WORDS.items())],
        help_text="Pounds for one force in one year, set-up spread over the years it runs",
        error_messages={"invalid_choice": "Choose a cost from 1 to 5"},
    )
    cost_basis = _text("cost_basis")
    hours_per_100_incidents = forms.DecimalField(
        label="Officer hours saved for every 100 incidents (optional)",
        required=False,
        max_digits=8,
        decimal_places=1,
        localize=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-5"}),
        help_text="A negative number is time that it costs",
        error_messages=dict.fromkeys(
            ("invalid", "max_digits", "max_whole_digits", "max_decimal_places"),
            f"Hours must be a number from -{HOURS_LIMIT:,} to {HOURS_LIMIT:,}, such as 40 or 12.5",
        ),
    )
    hours_basis = forms.ChoiceField(
        label="How are the hours known? (optional)",
        required=False,
        choices=[("", "Hours are not known"), *Tactic.HoursBasis.choices],
        error_messages={"invalid_choice": "Say how the hours are known"},
    )
    contact = _text("contact")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["problems"].choices = Problem.objects.values_list("slug", "name")  # type: ignore[attr-defined]
        outcomes = [("", "Not chosen yet"), *OutcomeDomain.objects.values_list("slug", "name")]
        self.fields["main_outcome"].choices = outcomes  # type: ignore[attr-defined]
        self.fields["problems"].error_messages["invalid_choice"] = "Choose problems from the list"

    def clean(self) -> dict[str, Any]:
        """Hold each text to its rule, so that every problem is named at once."""
        for name in [name for name in TEXTS if name in self.cleaned_data]:
            try:
                cleaned_text(name, self.cleaned_data[name])
            except Invalid as refusal:
                self.add_error(name, refusal.message)
        return self.cleaned_data

    @classmethod
    def of(cls, tactic: Tactic) -> "TacticForm":
        """Return the form with what stands."""
        details = details_of(tactic)
        values = {
            **details.columns(),
            "problems": list(details.problems),
            "main_outcome": details.main_outcome,
        }
        return cls(initial={**values, "version": tactic.version})

    def over(self, version: int) -> "TacticForm":
        """Return the same answers on top of a newer version."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data["version"] = str(version)
        return TacticForm(data)

    def details(self) -> TacticDetails:
        """Return what was written."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        hours: Decimal | None = values["hours_per_100_incidents"]
        return TacticDetails(
            **{**values, "problems": tuple(sorted(values["problems"])), "hours_per_100_incidents": hours}
        )

    def add_problems(self, refusal: Invalid) -> None:
        """Show each problem beside its field."""
        for problem in refusal.problems:
            self.add_error(problem.pointer if problem.pointer in self.fields else None, problem.message)
