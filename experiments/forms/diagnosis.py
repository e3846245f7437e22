"""What a person states of a design before it is diagnosed: only what its plan makes matter is asked.

Sizes come from the protocol. What an outcome looks like does not, and nothing is suggested: an invented value would be
taken over.
"""

from collections.abc import Iterator
from typing import Any

from django import forms

from experiments.analysis.diagnosing import Stated
from experiments.forms.numbers import NumberField
from experiments.protocol import Protocol

REPLICATES = (
    (200, "200: a first look (power to within 6 points)"),
    (500, "500 (to within 4 points)"),
    (1_000, "1,000 (to within 3 points)"),
    (2_000, "2,000: for the record (to within 2 points)"),
)
_SPREADS = {
    "count": (
        "Variance divided by mean of {}",
        "1 if events are independent; police counts are often 1.5 to 3.",
    ),
    "continuous": ("Standard deviation of {}", "How much one unit differs from another."),
}
_MEANS = {
    "count": ("Mean of {} without the tactic", "For one unit, in one period if there are several."),
    "binary": ("Share with {} without the tactic", "Between 0 and 1."),
    "continuous": ("Mean of {} without the tactic", "For one unit."),
}
_EFFECTS = {
    "count": "As a relative change: -0.2 is a fifth less.",
    "binary": "As a change of the share: -0.05 is five percentage points less.",
    "continuous": "In the outcome's units.",
}


class PeriodsField(forms.Field):
    """Periods, separated by commas."""

    def to_python(self, value: Any) -> tuple[int, ...]:
        """Return the periods in order."""
        words = str(value or "").replace(",", " ").split()
        if not all(word.isascii() and word.isdigit() and len(word) < 6 for word in words):
            raise forms.ValidationError("Enter the numbers of the periods, such as 7, 8, 9")
        return tuple(sorted({int(word) for word in words}))

    def prepare_value(self, value: Any) -> Any:
        """Return the periods as they are typed."""
        return ", ".join(map(str, value)) if isinstance(value, tuple | list) else value


class DiagnosisForm(forms.Form):
    """The design that data are drawn from."""

    def __init__(self, *args: Any, known: Stated, read: Protocol, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field, initial in (*_sizes(known), *_outcomes(known, read)):
            self.fields[name] = field
            self.initial.setdefault(name, initial)
        self.fields["replicates"] = forms.TypedChoiceField(
            label="How many simulated trials",
            choices=REPLICATES,
            coerce=int,
            initial=500,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose how many simulated trials"},
        )


Question = tuple[str, forms.Field, Any]


def _sizes(known: Stated) -> Iterator[Question]:
    design, parts = known.design, known.parts
    is_over_time = design.n_periods > 1
    yield "n_units", _whole("Number of units"), design.n_units
    if design.n_clusters is not None:
        yield "n_clusters", _whole("Number of clusters"), design.n_clusters
        hint = "The standard deviation of the clusters' sizes, divided by their mean. 0 if all are alike."
        yield "cluster_cv", _number("Variation of cluster sizes", hint), design.cluster_cv
        hint = "The correlation of two units of one cluster (ICC)."
        yield "icc", _number("Intracluster correlation", hint), design.icc
    if "stratum" in parts:
        yield "n_strata", _whole("Number of strata"), design.n_strata
    if is_over_time:
        yield (
            "n_periods",
            _whole("Number of periods" if design.days is None else "Number of days"),
            design.n_periods,
        )
    if is_over_time and design.days is None:
        hint = "Counted from the first period of the data, which is 1; separated by commas."
        field = PeriodsField(
            label="Periods in which treatment starts",
            help_text=hint,
            error_messages={"required": "Enter the periods in which treatment starts"},
        )
        yield "starts", field, design.starts
        if known.plan.arms is None:
            hint = "From 0 to less than 1."
            yield "never_share", _number("Share never treated", hint), None
    if is_over_time:
        hint = "The correlation of a unit with itself one period later, from 0 to less than 1."
        yield "autocorrelation", _number("Correlation over time", hint), None
    if "received" in parts:
        hint = "Among those who are to receive it, from 0 to 1."
        yield "uptake", _number("Share who receive the treatment", hint), None
    if not is_over_time and any(spec.covariates for spec in known.plan.estimates):
        hint = "The share of the outcome's variance that they explain, from 0 to less than 1."
        yield "r_squared", _number("What the baseline variables explain", hint), design.r_squared
    hint = "The share of units whose outcome will be missing, at random."
    yield "attrition", _number("Share lost", hint), design.attrition


def _outcomes(known: Stated, read: Protocol) -> Iterator[Question]:
    for place, (column, shape) in enumerate(known.design.outcomes.items()):
        outcome = read.outcome_of_column(column)
        name = f"“{outcome.name if outcome else column}”"
        label, hint = _MEANS[shape.kind]
        yield f"mean__{place}", _number(label.format(name), hint), None
        if shape.kind in _SPREADS:
            label, hint = _SPREADS[shape.kind]
            yield f"spread__{place}", _number(label.format(name), hint), None
        yield f"effect__{place}", _number(f"True effect on {name}", _EFFECTS[shape.kind]), None


def _whole(label: str) -> NumberField:
    return NumberField(is_whole=True, label=label, error_messages={"required": f"Enter the {_lower(label)}"})


def _number(label: str, hint: str) -> NumberField:
    required = {"required": f"Enter the {_lower(label)}"}
    return NumberField(is_whole=False, label=label, help_text=hint, error_messages=required)


def _lower(label: str) -> str:
    return f"{label[0].lower()}{label[1:]}"
