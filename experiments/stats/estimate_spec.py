"""One estimate of a plan: its words, columns and options, checked against what its estimator takes."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from experiments.stats import looks, options
from experiments.stats.errors import Problem
from experiments.stats.labels import label
from experiments.stats.strict_json import Fields, child

_KEYS = (
    "id",
    "role",
    "family",
    "outcome",
    "estimand",
    "estimator",
    "covariates",
    "covariance",
    "alternative",
    "options",
    "columns",
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of the data plays which part; None where the plan does not use it."""

    unit: str | None = None
    cluster: str | None = None
    period: str | None = None
    arm: str | None = None
    first_treated: str | None = None
    treatment: str | None = None
    stratum: str | None = None
    weight: str | None = None
    dose: str | None = None
    sequence: str | None = None
    received: str | None = None
    x: str | None = None
    y: str | None = None

    @classmethod
    def parse(cls, value: Any, pointer: str, problems: list[Problem], *, onto: "Columns") -> "Columns":
        """The columns of a JSON object laid over `onto`; null takes a column away."""
        reader = Fields(value, pointer, problems)
        reader.only(part.name for part in fields(cls))
        known = {part.name for part in fields(cls)}
        given = {part: reader.optional_text(part) for part in reader.values if part in known}
        return replace(onto, **given)

    def named(self) -> dict[str, str]:
        """The parts that are played by a column, in a fixed order."""
        return {part: name for part, name in asdict(self).items() if name is not None}


@dataclass(frozen=True, slots=True)
class EstimateSpec:
    """One estimate as registered; ``covariance`` None asks for the default of the estimator's domain."""

    id: str
    role: str
    family: str
    outcome: str
    estimand: str
    estimator: str
    covariates: tuple[str, ...]
    covariance: str | None
    alternative: str
    options: Mapping[str, Any]
    columns: Columns

    def roles(self, parts: Collection[str]) -> dict[str, str]:
        """The data columns that play one of `parts`, then the outcome and what the estimate adds.

        A column in two parts keeps the first.
        """
        found = {name: part for part, name in self.columns.named().items() if part in parts}
        found.setdefault(self.outcome, "outcome")
        for name in self.covariates:
            found.setdefault(name, "covariate")
        for part in ("exposure", "affected"):
            if self.options.get(part):
                found.setdefault(self.options[part], part)
        return found

    def used_columns(self) -> tuple[str, ...]:
        """The data columns this estimate reads: only those its estimator uses."""
        return tuple(self.roles(options.ESTIMATOR_RULES[self.estimator].reads))


def parse_estimate(value: Any, pointer: str, problems: list[Problem], columns: Columns) -> EstimateSpec:
    """One member of ``estimates``; its problems are appended to `problems`."""
    reader = Fields(value, pointer, problems)
    reader.only(_KEYS)
    name = _estimator(reader)
    rule = options.ESTIMATOR_RULES.get(name)
    spec = EstimateSpec(
        id=reader.text("id"),
        role=reader.word("role", options.ROLES),
        family=reader.text("family", "") if reader.values.get("family") is not None else "",
        outcome=reader.text("outcome"),
        estimand=reader.word("estimand", options.ESTIMANDS, rule.estimand if rule else "ITT"),
        estimator=name,
        covariates=reader.texts("covariates"),
        covariance=reader.optional_text("covariance"),
        alternative=reader.word("alternative", options.ALTERNATIVES, "two_sided"),
        options=_options(reader, rule),
        columns=Columns.parse(
            reader.values.get("columns") or {}, child(pointer, "columns"), problems, onto=columns
        ),
    )
    if rule is not None:
        _check(spec, rule, reader)
    return spec


def _estimator(reader: Fields) -> str:
    name = reader.text("estimator")
    if name and name not in options.ESTIMATOR_RULES:
        available = ", ".join(options.ESTIMATOR_RULES)
        reader.refuse("estimator", f"'{name}' is not an estimator; available: {available}")
    return name


def _check(spec: EstimateSpec, rule: options.EstimatorRule, reader: Fields) -> None:
    """Refuse what the estimator cannot use."""
    _check_covariance(spec, rule, reader)
    _check_looks(spec, reader)
    if spec.options.get("second_cluster") and spec.covariance != "CR1":
        reader.refuse(
            "options", "'second_cluster' goes with the covariance 'CR1': name it, or leave the option out"
        )
    _check_cluster_effects(spec, reader)
    if spec.estimand == "CACE" and rule.estimand != "CACE":
        reader.refuse(
            "estimand", f"'{spec.estimator}' cannot estimate the CACE; use ITT, or an instrument (iv)"
        )
    if rule.estimand == "CACE" and spec.estimand != "CACE":
        reader.refuse(
            "estimand",
            f"'{spec.estimator}' estimates the CACE, the effect on those who take the treatment up because of their "
            "arm; leave 'estimand' out or write CACE, and use difference_in_means or ancova for the ITT",
        )
    if spec.covariates and not rule.covariates:
        other = "callaway_santanna" if rule.panel else "ancova"
        reader.refuse("covariates", f"'{spec.estimator}' takes no covariates; use {other}")
    if spec.outcome and spec.outcome in spec.covariates:
        reader.refuse("covariates", f"the outcome '{spec.outcome}' cannot be its own covariate")
    for group in rule.requires:
        if not any(getattr(spec.columns, part) for part in group):
            wanted = " or ".join(f"'{part}'" for part in group)
            reader.refuse(None, f"'{spec.estimator}' needs a column for {wanted}: name it in 'columns'")


def _check_covariance(spec: EstimateSpec, rule: options.EstimatorRule, reader: Fields) -> None:
    name = spec.covariance
    if name is None or name in rule.covariances:
        return
    if name in options.CONTRACT_COVARIANCES:
        fault = f"is not available for '{spec.estimator}' in this engine version"
    else:
        fault = "is not a covariance"
    reader.refuse("covariance", f"'{name}' {fault}; available: {', '.join(rule.covariances)}")


def _check_cluster_effects(spec: EstimateSpec, reader: Fields) -> None:
    """Random cluster effects have the model's own error, and fixed ones never have."""
    effects = spec.options.get("cluster_effects")
    if effects == "random" and spec.covariance not in (None, "classical"):
        reader.refuse("covariance", "random 'cluster_effects' go with 'classical': name it, or none")
    if effects == "fixed" and spec.covariance == "classical":
        reader.refuse("covariance", "'classical' goes with random 'cluster_effects'; use CR2 with fixed ones")


def _check_looks(spec: EstimateSpec, reader: Fields) -> None:
    given = reader.values.get("options")
    if not isinstance(given, dict):
        return
    for key, message in looks.problems(given, spec.options, spec.covariance):
        reader.problems.append(Problem(child(child(reader.pointer, "options"), key), message))


def _options(reader: Fields, rule: options.EstimatorRule | None) -> Mapping[str, Any]:
    value = reader.values.get("options")
    if rule is None:
        return {}
    given = Fields({} if value is None else value, child(reader.pointer, "options"), reader.problems)
    estimator = str(reader.values.get("estimator"))
    known = looks.options_of(estimator, rule)
    elsewhere = [key for key in given.values if key in looks.OPTIONS and key not in known]
    for key in elsewhere:
        given.refuse(key, looks.cannot_be_watched(estimator, key))
    if known:
        given.only((*known, *elsewhere))
    else:
        for key in (one for one in given.values if one not in elsewhere):
            given.refuse(key, f"'{estimator}' takes no options; remove '{key}'")
    return {name: _option(given, name, option) for name, option in known.items()}


def _option(given: Fields, name: str, option: options.Option) -> Any:
    if given.values.get(name) is None:
        return option.default
    match option:
        case options.Choice(values=values):
            return given.word(name, values)
        case options.Whole(low=low, high=high, default=default):
            return given.whole(name, low, high, low if default is None else default)
        case options.DataColumn():
            return given.text(name)
        case options.Shares():
            return given.numbers(name)
        case options.Flag():
            return given.flag(name)
    if isinstance(given.values[name], str | int | float):
        return label(given.values[name])
    given.refuse(name, f"'{name}' must be a text or a number")
    return None
