"""The scheme of an allocation: which method, which arms, in which ratio, and what the method must be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import product
from typing import Any, Literal, get_args

from experiments.randomise.options import Arm, Constraint, Crossover, Factor, Wedge
from experiments.randomise.units import Problem, unacceptable

Method = Literal[
    "simple",
    "complete",
    "stratified",
    "cluster",
    "stratified_cluster",
    "matched",
    "constrained",
    "stepped_wedge",
    "crossover",
    "factorial",
    "external",
]
METHODS: tuple[Method, ...] = get_args(Method)
MAX_RATIO = 1000
# What a list may say of strata and clusters. Where a column may be left out, it counts if it is there.
NEEDS_STRATUM = ("stratified", "stratified_cluster")
MAY_STRATUM = ("matched", "stepped_wedge", "factorial", "external")
NEEDS_CLUSTER = ("cluster", "stratified_cluster")
MAY_CLUSTER = ("matched", "constrained", "stepped_wedge", "factorial")
CELL = "+"  # joins the levels of a factorial trial's cell


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is drawn and how. The order of the arms matters: the first arm takes the lowest tags.

    Attributes
    ----------
    arms : in a stepped wedge the arm before the step and the arm after it; in a factorial trial none, its
        `factors` say it all.
    covariates : columns of the list that a matched or a constrained draw balances.
    blocks : whether a list made elsewhere has a column `block`.
    """

    method: Method
    arms: tuple[Arm, ...] = ()
    covariates: tuple[str, ...] = ()
    constraint: Constraint | None = None
    wedge: Wedge | None = None
    crossover: Crossover | None = None
    factors: tuple[Factor, ...] = ()
    blocks: bool = False

    @property
    def labels(self) -> list[str]:
        """Return what a unit may be drawn to: an arm, a sequence or a cell."""
        if self.wedge:
            return [str(sequence) for sequence in range(1, self.wedge.sequences + 1)]
        if self.factors:
            return list(self.probabilities)
        return [arm.label for arm in self.arms]

    @property
    def ratios(self) -> list[int]:
        return [arm.ratio for arm in self.arms]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the further columns that the list must hold."""
        if self.method == "external":
            return ("arm", "block") if self.blocks else ("arm",)
        return self.covariates

    @property
    def probabilities(self) -> dict[str, Fraction]:
        """Each unit's exact probability of each arm (sequence, cell) before any constraint."""
        if self.wedge:
            return dict.fromkeys(self.labels, Fraction(1, self.wedge.sequences))
        if self.factors:
            return _cells(self.factors)
        return _shares(self.arms)

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the scheme as plain JSON data, for the record and for `read`."""
        made: dict[str, Any] = {
            "method": self.method,
            "arms": [{"label": arm.label, "ratio": arm.ratio} for arm in self.arms],
        }
        if self.covariates:
            made["covariates"] = list(self.covariates)
        for name in ("constraint", "wedge", "crossover"):
            if (option := getattr(self, name)) is not None:
                made[name] = asdict(option)
        if self.factors:
            made["factors"] = [
                {"id": each.id, "levels": [asdict(level) for level in each.levels]} for each in self.factors
            ]
        if self.blocks:
            made["blocks"] = True
        return made


def read(method: str, parameters: Mapping[str, Any]) -> Scheme:
    """Return the scheme that `Scheme.parameters` wrote."""
    factors = (
        parameters.get("factors", ()) if method == "factorial" else ()
    )  # one by one, factors mean other things
    return Scheme(
        method=method,  # type: ignore[arg-type]
        arms=_arms(parameters["arms"]),
        covariates=tuple(parameters.get("covariates", ())),
        constraint=Constraint(**parameters["constraint"]) if "constraint" in parameters else None,
        wedge=Wedge(**parameters["wedge"]) if "wedge" in parameters else None,
        crossover=Crossover(**parameters["crossover"]) if "crossover" in parameters else None,
        factors=tuple(Factor(each["id"], _arms(each["levels"])) for each in factors),
        blocks=bool(parameters.get("blocks", False)),
    )


def _arms(listed: Any) -> tuple[Arm, ...]:
    return tuple(Arm(arm["label"], arm["ratio"]) for arm in listed)


def _shares(arms: tuple[Arm, ...]) -> dict[str, Fraction]:
    total = sum(arm.ratio for arm in arms)
    return {arm.label: Fraction(arm.ratio, total) for arm in arms}


def _cells(factors: tuple[Factor, ...]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for levels in product(*(_shares(factor.levels).items() for factor in factors)):
        share = Fraction(1)
        for _, part in levels:
            share *= part
        found[CELL.join(label for label, _ in levels)] = share
    return found


def scheme_problems(scheme: Scheme) -> list[Problem]:
    """Everything wrong with the scheme, whatever the list."""
    return [Problem(None, message) for message in _scheme_messages(scheme)]


def _scheme_messages(scheme: Scheme) -> Iterator[str]:
    if scheme.method not in METHODS:
        yield f"Unknown method '{scheme.method}'; choose one of {', '.join(METHODS)}"
    if scheme.method == "factorial":
        yield from _factor_messages(scheme.factors)
    else:
        yield from arm_messages(scheme.arms)
    yield from _option_messages(scheme)


def arm_messages(arms: Sequence[Arm]) -> Iterator[str]:
    """Yield what is wrong with the arms of any scheme."""
    if len(arms) < 2:
        yield "Add at least two arms"
    for label, times in Counter(arm.label for arm in arms).items():
        if times > 1:
            yield f"Arm '{label}' appears {times} times"
    for arm in arms:
        yield from _arm_messages(arm)


def _arm_messages(arm: Arm) -> Iterator[str]:
    if not arm.label.strip():
        yield "Each arm needs a name"
    elif reason := unacceptable(arm.label):
        yield f"The name of an arm {reason}"
    if isinstance(arm.ratio, bool) or not isinstance(arm.ratio, int):
        yield "Each arm's share must be a whole number"
    elif arm.ratio < 1:
        yield "Each arm needs a share above 0"
    elif arm.ratio > MAX_RATIO:
        yield f"Each arm's share must be {MAX_RATIO:,} or less"


def _factor_messages(factors: tuple[Factor, ...]) -> Iterator[str]:
    if len(factors) < 2:
        yield "A factorial draw needs at least two factors"
    if len({factor.id for factor in factors}) < len(factors):
        yield "Two factors have the same name"
    for factor in factors:
        if not factor.id.strip() or unacceptable(factor.id):
            yield "Each factor needs a name"
        yield from arm_messages(factor.levels)
        if any(CELL in level.label for level in factor.levels):
            yield f"The name of a level may not contain “{CELL}”: it joins the levels of a cell"


def _option_messages(scheme: Scheme) -> Iterator[str]:
    if scheme.method in ("matched", "constrained"):
        if not 1 <= len(scheme.covariates) <= 10:
            yield f"A {scheme.method} draw needs 1 to 10 covariates; {len(scheme.covariates)} are named"
        if len(set(scheme.covariates)) < len(scheme.covariates):
            yield "A covariate is named twice"
    keep = scheme.constraint.keep_percent if scheme.constraint else 0
    if scheme.method == "constrained" and not 1 <= keep <= 50:
        yield "Keep from 1 to 50 per cent of the allocations"
    if scheme.method == "stepped_wedge":
        yield from _wedge_messages(scheme)
    if scheme.method == "crossover":
        yield from _crossover_messages(scheme)


def _wedge_messages(scheme: Scheme) -> Iterator[str]:
    wedge = scheme.wedge
    if wedge is None or not 2 <= wedge.sequences <= 60:
        yield "A stepped wedge has from 2 to 60 sequences"
    elif not (1 <= wedge.baseline_periods <= 100 and 1 <= wedge.step_periods <= 100):
        yield "A stepped wedge has from 1 to 100 periods before the first step and in each step"
    if len(scheme.arms) > 2:
        yield "A stepped wedge has two arms: before the step and after it"


def _crossover_messages(scheme: Scheme) -> Iterator[str]:
    plan = scheme.crossover
    if plan is None:
        yield "A crossover needs its days and its blocks"
        return
    total = sum(scheme.ratios)
    if not 2 <= plan.block_days <= 28:
        yield "A block has from 2 to 28 days"
    elif plan.block_days % total:
        yield f"A block of {plan.block_days} days cannot hold shares that add up to {total}"
    elif plan.n_days % plan.block_days or not plan.block_days <= plan.n_days <= 1098:
        yield f"Days must be a whole number of blocks of {plan.block_days}, at most 1,098 days"
    if not 1 <= plan.max_run <= 28:
        yield "The longest run has from 1 to 28 days"
    if not 0 <= plan.washout_days <= 27:
        yield "A washout has from 0 to 27 days"
    if plan.washout_days and plan.comparator not in scheme.labels:
        yield "A washout needs the arm that washes out"
