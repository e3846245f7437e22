"""The analysis plan as a form for the usual estimators, or as JSON for everything the contract allows."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict

from centre.errors import Problem
from centre.forms import PlainCharField, PlainTextField
from experiments.forms import plan_words, rows
from experiments.forms.kinds import IS_DECIMAL, to_initial
from experiments.forms.numbers import NumberField
from experiments.protocol.planned import PLAN, parsed_plan
from experiments.stats import options as words
from experiments.stats.errors import BadPlan
from experiments.stats.errors import Problem as PlanProblem
from experiments.stats.strict_json import loads

ROWS = "estimates"
Choices = list[tuple[str, str]]


class PlanForm(forms.Form):
    """Columns, arms and estimates; each problem of the plan stands at its field."""

    edition = forms.IntegerField(widget=forms.HiddenInput)
    alpha = NumberField(
        is_whole=False, label="Alpha", help_text="The error rate, usually 0.05.", required=False
    )
    seed = NumberField(
        is_whole=True, label="Seed", help_text="For methods that draw random numbers.", required=False
    )
    multiplicity = forms.ChoiceField(
        label="Adjustment for several estimates",
        help_text="Applied inside each family. Guardrails and harms are never adjusted.",
        choices=plan_words.MULTIPLICITIES,
        required=False,
    )
    checks = forms.MultipleChoiceField(
        label="Checks", choices=plan_words.CHECKS, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(
        self,
        document: Mapping[str, Any],
        sources: Mapping[str, Choices],
        data: QueryDict | None = None,
        *,
        edition: int,
    ) -> None:
        self.document, self.sources, self.is_checked = document, sources, True
        if data is not None:
            data = rows.without_blank_rows(data, ROWS) if "add" not in data and "remove" not in data else data
        super().__init__(data, initial={"edition": edition, **_flat(document)}, auto_id="%s")
        for part, (label, hint) in plan_words.COLUMNS.items():
            self.fields[f"columns__{part}"] = PlainCharField(
                name=label, label=label, help_text=hint, required=False
            )
        self.fields["arms__control"] = forms.ChoiceField(
            label="Control arm",
            help_text="Every other arm is compared with it. Leave as it is for a design without arms.",
            choices=[("", "No arms"), *sources["arms"]],
            required=False,
        )
        here = rows.count_of(self.data, ROWS) if self.is_bound else len(document.get(ROWS, ()))
        self.count = max(here, 1)
        for place in range(self.count):
            self.fields.update(plan_words.estimate_fields(f"{ROWS}__{place}__", sources["columns"]))

    def full_clean(self) -> None:
        """Check the plan, unless a row was only added or removed."""
        if self.is_checked:
            super().full_clean()
        else:
            self._errors = ErrorDict()
            self.cleaned_data = {}

    def clean(self) -> dict[str, Any]:
        """Refuse a plan that could not run, each problem at its field."""
        for place in range(rows.count_of(self.data, ROWS)):
            for name, message in plan_words.NEEDED.items():
                if not self.cleaned_data.get(f"{ROWS}__{place}__{name}"):
                    self.add_error(f"{ROWS}__{place}__{name}", message)
        if not self.errors and self.plan():
            for problem in parsed_plan(self.plan())[1]:
                self.add_error(self.field_at(problem.pointer), problem.message)
        return self.cleaned_data

    def plan(self) -> dict[str, Any]:
        """Return the contract's plan, or nothing where nothing was filled in."""
        given = self.cleaned_data
        estimates = [self._estimate(place) for place in range(rows.count_of(self.data, ROWS))]
        columns = {part: given.get(f"columns__{part}") or None for part in plan_words.COLUMNS}
        if not estimates and not any(columns.values()):
            return {}
        made: dict[str, Any] = {
            "plan_version": 1,
            "columns": {**(self.document.get("columns") or {}), **columns},
        }
        if control := given.get("arms__control"):
            made["arms"] = {"control": control, "treatments": self._others(control)}
        made |= {key: given[key] for key in ("alpha", "seed") if given.get(key) is not None}
        return {
            **made,
            "multiplicity": given.get("multiplicity") or "none",
            "estimates": estimates,
            "checks": given.get("checks") or [],
        }

    def note(self, problems: list[Problem]) -> None:
        """Put each problem at its field."""
        self.is_valid()
        for problem in problems:
            self.add_error(self.field_at(problem.pointer), problem.message)

    def field_at(self, pointer: str) -> str | None:
        """Return the field that a pointer into the plan leads to."""
        name = pointer.removeprefix(PLAN).strip("/").replace("/", "__")
        candidates = (name, name.rsplit("__", 1)[0], f"{name}__outcome", f"{name}__control")
        return next((one for one in candidates if one in self.fields), None)

    def columns(self) -> Iterator[BoundField]:
        """Yield the fields that say what the data hold."""
        return (self[name] for name in self.fields if name.startswith(("columns__", "arms__")))

    def shared(self) -> Iterator[BoundField]:
        """Yield the fields that hold for every estimate."""
        return (self[name] for name in ("alpha", "multiplicity", "seed", "checks"))

    def estimates(self) -> list[tuple[int, list[BoundField], list[BoundField]]]:
        """Return each estimate's number, its fields, and the options that only some estimators take."""
        shown = []
        for place in range(self.count):
            here = [name for name in self.fields if name.startswith(f"{ROWS}__{place}__")]
            extra = [name for name in here if "__options__" in name]
            shown.append(
                (place + 1, [self[name] for name in here if name not in extra], [self[n] for n in extra])
            )
        return shown

    def _others(self, control: str) -> list[str]:
        return [code for code, _ in self.sources["arms"] if code != control]

    def _estimate(self, place: int) -> dict[str, Any]:
        given, prefix = self.cleaned_data, f"{ROWS}__{place}__"
        made = {key: given.get(f"{prefix}{key}") for key in plan_words.ESTIMATE_WORDS}
        extra = {key: given.get(f"{prefix}options__{key}") for key in plan_words.OPTIONS}
        return {
            **{key: value for key, value in made.items() if value},
            "covariates": (given.get(f"{prefix}covariates") or "").split(),
            "options": {key: _read(key, value) for key, value in extra.items() if _is_given(value)},
        }


class PlanJsonForm(forms.Form):
    """A whole plan as JSON."""

    plan_json = PlainTextField(
        name="Analysis plan",
        label="Analysis plan as JSON",
        help_text="The plan object of the analysis contract, version 1.",
        max_length=200_000,
        rows=25,
        error_messages={"required": "Write the plan"},
    )

    def clean_plan_json(self) -> str:
        """Read the JSON strictly and refuse a plan that could not run, each message with its JSON pointer."""
        text: str = self.cleaned_data["plan_json"]
        try:
            self.document = loads(text)
        except BadPlan as refusal:
            raise forms.ValidationError([_pointed(one) for one in refusal.problems]) from None
        if not isinstance(self.document, dict):
            raise forms.ValidationError("The plan must be a JSON object, in braces")
        if found := parsed_plan(self.document)[1]:
            raise forms.ValidationError([_pointed(one) for one in found])
        return text

    def plan(self) -> dict[str, Any]:
        """Return the plan."""
        return dict(self.document)

    def note(self, problems: list[Problem]) -> None:
        """Put each problem at the text."""
        self.is_valid()
        for problem in problems:
            self.add_error("plan_json", _pointed(problem))


class ProtocolPlanJsonForm(PlanJsonForm):
    """The plan of a protocol as JSON."""

    edition = forms.IntegerField(widget=forms.HiddenInput)


class SeenDataForm(forms.Form):
    """The version of the data that the page showed, by its hash; blank where there were none."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class PostHocForm(SeenDataForm, PlanJsonForm):
    """A plan that was not registered."""

    plan_json = PlainTextField(
        name="Plan",
        label="Plan as JSON",
        help_text="It starts as the registered plan. Change what you want to try.",
        max_length=200_000,
        rows=25,
        error_messages={"required": "Write the plan"},
    )


def fits_the_form(document: Mapping[str, Any], arms: Choices) -> bool:
    """Return whether the form can show the whole plan, so that saving it again changes nothing."""
    compared = document.get("arms") or {}
    if compared:
        codes = {code for code, _ in arms}
        if {compared.get("control"), *compared.get("treatments", ())} != codes:
            return False
    known = {*plan_words.ESTIMATE_WORDS, "covariates", "options"}
    for estimate in document.get(ROWS, ()):
        if set(estimate) - known or set(estimate.get("options") or {}) - set(plan_words.OPTIONS):
            return False
    return all(name in words.CHECK_NAMES for name in document.get("checks", ()))


def as_text(plan: Mapping[str, Any]) -> str:
    """Return a plan as JSON that people can read."""
    return json.dumps(plan, indent=2, ensure_ascii=False) if plan else ""


def _is_given(value: Any) -> bool:
    return value is not False and value not in (None, "")


def _read(option: str, value: Any) -> Any:
    """Return one option as the plan writes it; what is no number stays text, and is refused at its field."""
    if option not in plan_words.SHARES:
        return value
    return [float(part) if IS_DECIMAL(part) else part for part in str(value).replace(",", " ").split()]


def _pointed(problem: Problem | PlanProblem) -> str:
    """Return a problem of a plan with its place in the JSON."""
    pointer = problem.pointer.removeprefix(PLAN)
    if pointer == "/plan" or pointer.startswith("/plan/"):  # what an action refused, of what it was sent
        pointer = pointer.removeprefix("/plan")
    return f"{pointer}: {problem.message}" if pointer.strip("/") else problem.message


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan as the form's initial values."""
    flat = {key: document[key] for key in ("alpha", "seed", "multiplicity", "checks") if key in document}
    flat |= {f"columns__{part}": name for part, name in (document.get("columns") or {}).items() if name}
    if arms := document.get("arms"):
        flat["arms__control"] = arms.get("control")
    for place, estimate in enumerate(document.get(ROWS, ())):
        prefix = f"{ROWS}__{place}__"
        flat |= {f"{prefix}{key}": estimate[key] for key in plan_words.ESTIMATE_WORDS if estimate.get(key)}
        flat[f"{prefix}covariates"] = "\n".join(estimate.get("covariates", ()))
        flat |= {f"{prefix}options__{key}": value for key, value in (estimate.get("options") or {}).items()}
        for key in plan_words.SHARES:
            shares = to_initial(tuple[float, ...], (estimate.get("options") or {}).get(key))
            flat[f"{prefix}options__{key}"] = " ".join(map(str, shares))
    return flat
