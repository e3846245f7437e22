"""The power calculator's forms: which design and question, then only what those need."""

from collections.abc import Iterable, Mapping
from math import log1p
from typing import Any

from django import forms

from experiments.forms.numbers import NamedNumberField, named
from experiments.forms.power_words import ALPHA, DESIGNS, EXAMPLES, FIELDS, POWER, QUESTIONS, Asked
from experiments.stats.errors import Problem

SIZES = ("n_per_arm", "clusters_per_arm")
EFFECTS = ("effect", "after", "change", "direction")
DIRECTIONS = (("fall", "A fall"), ("rise", "A rise"))
# Where a problem of the design is shown, if not beside the field of its own name.
_BESIDE = {"two_proportions": {"effect": "after"}, "poisson_cluster": {"effect": "change"}}


class PowerStartForm(forms.Form):
    """What kind of trial, and what to know about it."""

    design = forms.ChoiceField(
        label="How would the tactic be tested?",
        choices=[*DESIGNS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how the tactic would be tested"},
    )
    question = forms.ChoiceField(
        label="What do you want to know?",
        choices=[*QUESTIONS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you want to know"},
    )


class PowerForm(forms.Form):
    """What one design needs for one question."""

    def __init__(self, design: str, question: str, data: Any = None) -> None:
        super().__init__(data)
        self.design, self.question = design, question
        self.asked = _asked(design, question)
        for name, asked in self.asked.items():
            if name == "change":
                self.fields["direction"] = _direction()
            self.fields[name] = _field(asked)
        # Keeps what the first page chose in the address.
        for name, value in (("design", design), ("question", question)):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput, initial=value, required=False)

    def main_fields(self) -> list[forms.BoundField]:
        """Return what has to be answered."""
        return [field for field in self.visible_fields() if not self._is_more(field.name)]

    def more_fields(self) -> list[forms.BoundField]:
        """Return what is usually left as it is."""
        return [field for field in self.visible_fields() if self._is_more(field.name)]

    def has_trouble_in_more(self) -> bool:
        """Return whether something behind 'more settings' has to be put right."""
        return any(field.errors for field in self.more_fields())

    def _is_more(self, name: str) -> bool:
        return name in self.asked and self.asked[name].is_more

    def clean(self) -> dict[str, Any]:
        """Refuse numbers out of their range, each beside its field."""
        for name, asked in self.asked.items():
            value = self.cleaned_data.get(name)
            if value is not None and not _holds(asked, value):
                self.add_error(name, named(asked.label, _range(asked)))
        self._check_change()
        return self.cleaned_data

    def _check_change(self) -> None:
        """Refuse a change of nothing, and a fall of more than there is."""
        given = self.cleaned_data
        if given.get("after") is not None and given["after"] == given.get("baseline_rate"):
            self.add_error("after", named(self.asked["after"].label, "Enter another number than without it"))
        if given.get("direction") == "fall" and (given.get("change") or 0) >= 100:
            self.add_error("change", named(self.asked["change"].label, "Enter a fall of less than 100"))

    def document(self) -> dict[str, Any]:
        """Return the design as the statistics take it: shares for per cent, a log for a change of a rate."""
        given = {name: self.cleaned_data[name] for name in self.asked}
        found: dict[str, Any] = {"design": self.design, "power": None}
        for name, value in given.items():
            if name in ("alpha", "power"):
                found[name] = value / 100
            elif name == "change":
                sign = -1 if self.cleaned_data["direction"] == "fall" else 1
                found["effect"] = log1p(sign * value / 100)
            elif name != "after":
                found[name] = value
        if self.design == "two_proportions":
            found["baseline_rate"] = given["baseline_rate"] / 100
            if "after" in given:
                found["effect"] = given["after"] / 100 - found["baseline_rate"]
        if self.design in ("crossover", "did"):
            found["icc"] = 0  # the spread that is asked for is that within a place
        return found

    def note(self, problems: Iterable[Problem]) -> None:
        """Put the design's problems beside their fields."""
        for problem in problems:
            key = problem.pointer.removeprefix("/")
            name = _BESIDE.get(self.design, {}).get(key, key)
            self.add_error(name if name in self.fields else None, problem.message)


def example(design: str, question: str) -> dict[str, str]:
    """Return made-up answers for every field of a design and question."""
    made = {name: asked.first for name, asked in _asked(design, question).items()} | {
        name: value
        for name, value in EXAMPLES[design].items()
        if name in (*_asked(design, question), "direction")
    }
    if "change" not in made:
        made.pop("direction", None)
    return {"design": design, "question": question, **made}


def _asked(design: str, question: str) -> Mapping[str, Asked]:
    left_out = {"size": SIZES, "effect": EFFECTS, "power": ("power",)}[question]
    every = {**FIELDS[design], "power": POWER, "alpha": ALPHA}
    return {name: asked for name, asked in every.items() if name not in left_out}


def _field(asked: Asked) -> forms.Field:
    return NamedNumberField(
        is_whole=asked.is_whole,
        label=asked.label,
        help_text=asked.hint,
        initial=asked.first,
        error_messages={"required": "Enter a number"},
    )


def _direction() -> forms.Field:
    return forms.ChoiceField(
        label="Which way?",
        choices=DIRECTIONS,
        initial="fall",
        widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline govuk-radios--small"}),
        error_messages={"required": "Choose a fall or a rise"},
    )


def _holds(asked: Asked, value: float) -> bool:
    return (value > asked.least if asked.above else value >= asked.least) and value <= asked.most


def _range(asked: Asked) -> str:
    if asked.most >= 1e9:
        return (
            f"Enter a number above {asked.least:g}" if asked.above else f"Enter a number from {asked.least:g}"
        )
    low = f"above {asked.least:g}, up to" if asked.above else f"from {asked.least:g} to"
    return f"Enter a number {low} {asked.most:,.10g}"
