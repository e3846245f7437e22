"""The analysis plan: typed, frozen, and refused with every problem at its JSON pointer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from centre.canonical import digest
from experiments.stats import options
from experiments.stats.errors import BadPlan, Problem
from experiments.stats.estimate_spec import Columns, EstimateSpec, parse_estimate
from experiments.stats.families import common_draw_problems
from experiments.stats.labels import label
from experiments.stats.registered import Registered
from experiments.stats.strict_json import Fields, child

__all__ = ["Arms", "Columns", "EstimateSpec", "Plan", "parse"]

PLAN_VERSION = 1
MAX_SEED = 2**64 - 1
_KEYS = ("plan_version", "columns", "arms", "alpha", "multiplicity", "seed", "estimates", "checks")


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms by name, as they are written in the data."""

    control: str
    treatments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan that has passed every check that needs no data; ``registered`` is what it runs under."""

    columns: Columns
    arms: Arms | None
    alpha: float
    multiplicity: str
    seed: int
    estimates: tuple[EstimateSpec, ...]
    checks: tuple[str, ...]
    document: Mapping[str, Any] = field(repr=False)
    registered: Registered | None = field(default=None, repr=False)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the plan as it was given, in canonical form."""
        return digest(self.document)

    def roles(self, only: Collection[str] = ()) -> dict[str, str]:
        """The columns of the data that this plan reads (or the estimates in `only`), each with its part."""
        found: dict[str, str] = {}
        for spec in self.estimates:
            if only and spec.id not in only:
                continue
            parts = set(options.ESTIMATOR_RULES[spec.estimator].reads)
            if not only:
                parts |= self._read_by_checks()
            for name, part in spec.roles(parts).items():
                found.setdefault(name, part)
        return found

    def _read_by_checks(self) -> set[str]:
        """The parts that the checks read beyond the estimates: none without arms, and no balance of no covariate."""
        found: set[str] = set()
        if self.arms is not None:
            adjusts = any(spec.covariates for spec in self.estimates)
            found.update(
                *(options.CHECK_READS[check] for check in self.checks if check != "balance" or adjusts)
            )
        return found


def parse(value: Any) -> Plan:
    """The plan in a JSON value (``strict_json.loads``).

    Raises
    ------
    BadPlan : with one problem for each thing that is wrong; nothing is guessed or ignored.
    """
    problems: list[Problem] = []
    reader = Fields(value, "", problems)
    if not reader.is_object:
        raise BadPlan(problems)
    reader.only(_KEYS)
    if reader.values.get("plan_version") != PLAN_VERSION or isinstance(reader.values["plan_version"], bool):
        reader.refuse("plan_version", f"'plan_version' must be {PLAN_VERSION}")
    columns = Columns.parse(reader.values.get("columns", {}), "/columns", problems, onto=Columns())
    plan = Plan(
        columns=columns,
        arms=_arms(reader),
        alpha=_alpha(reader),
        multiplicity=_multiplicity(reader),
        seed=reader.whole("seed", 0, MAX_SEED, 0),
        estimates=_estimates(reader, columns),
        checks=_checks(reader),
        document=reader.values,
    )
    _agree(plan, problems)
    if problems:
        raise BadPlan(problems)
    return plan


def _arms(reader: Fields) -> Arms | None:
    if reader.values.get("arms") is None:
        return None
    arms = Fields(reader.values["arms"], "/arms", reader.problems)
    arms.only(("control", "treatments"))
    control, treatments = arms.values.get("control"), arms.values.get("treatments")
    if not _is_label(control):
        arms.refuse("control", "'control' must be the control arm's text or number")
    if not isinstance(treatments, list) or not treatments or not all(map(_is_label, treatments)):
        arms.refuse("treatments", "'treatments' must be a list of at least one arm, each a text or a number")
        return None
    names = tuple(map(label, treatments))
    for position, name in enumerate(names):
        if name in names[:position] or name == label(control):
            arms.refuse("treatments", f"the arm '{name}' is named twice")
    return Arms(label(control), names)


def _is_label(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and label(value) != ""


def _alpha(reader: Fields) -> float:
    alpha = reader.values.get("alpha", 0.05)
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not 0 < alpha <= 0.5:
        reader.refuse("alpha", "'alpha' must be above 0 and at most 0.5")
        return 0.05
    return float(alpha)


def _multiplicity(reader: Fields) -> str:
    return reader.word("multiplicity", options.MULTIPLICITIES, "none")


def _estimates(reader: Fields, columns: Columns) -> tuple[EstimateSpec, ...]:
    value = reader.values.get("estimates")
    if not isinstance(value, list) or not value:
        reader.refuse("estimates", "'estimates' must be a list of at least one estimate")
        return ()
    specs = [
        parse_estimate(entry, child("/estimates", position), reader.problems, columns)
        for position, entry in enumerate(value)
    ]
    seen: set[str] = set()
    for position, spec in enumerate(specs):
        if spec.id and spec.id in seen:
            reader.problems.append(Problem(f"/estimates/{position}/id", f"the id '{spec.id}' is used twice"))
        seen.add(spec.id)
    return tuple(specs)


def _checks(reader: Fields) -> tuple[str, ...]:
    names = reader.texts("checks")
    available = ", ".join(options.CHECK_NAMES)
    for position, name in enumerate(names):
        if name in options.CHECK_NAMES:
            continue
        message = f"'{name}' is not a check; available: {available}"
        reader.problems.append(Problem(f"/checks/{position}", message))
    return names


def _agree(plan: Plan, problems: list[Problem]) -> None:
    """Refuse what only the whole plan can show: arms that are missing or unknown, families without a common draw."""
    if plan.multiplicity == options.WESTFALL_YOUNG:
        problems += common_draw_problems(plan.estimates)
    for position, spec in enumerate(plan.estimates):
        rule = options.ESTIMATOR_RULES.get(spec.estimator)
        if rule is None:
            continue
        if rule.randomised and plan.arms is None:
            problems.append(
                Problem("/arms", f"'{spec.estimator}' compares arms: name the control and the treatments")
            )
        wanted = spec.options.get("arm")
        if wanted is not None and plan.arms is not None and wanted not in plan.arms.treatments:
            pointer = f"/estimates/{position}/options/arm"
            problems.append(Problem(pointer, f"'{wanted}' is not one of the treatment arms"))
