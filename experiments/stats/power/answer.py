"""The answer to a design: what was open filled in, unrounded and rounded up, with what it rests on."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from centre.canonical import document_json, plain
from experiments.stats import domain
from experiments.stats.errors import NotEstimable
from experiments.stats.power.design import Design, parse
from experiments.stats.power.drawing import arm_sizes, whole
from experiments.stats.power.precision import Precision, precision
from experiments.stats.power.recipes import analysis
from experiments.stats.power.simulating import Simulated, simulate
from experiments.stats.power.solving import detectable, power_of, reached, smallest, solve

SIZES = ("n_per_arm", "clusters_per_arm", "cluster_size")
ENOUGH_TO_ADJUST = 40  # clusters from which a baseline costs less than a point or two of power
Tell = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A solved design.

    `design` holds the solved number unrounded, `whole` its sizes rounded up. `precision` belongs to `design`. Where
    nothing solves it, `design` is as it was asked, `reason` says why, and the rest is None. `rise` is the smallest
    rise that is found where the effect of `design` is the smallest fall.
    """

    design: Design
    whole: Design | None = None
    precision: Precision | None = None
    simulated: Simulated | None = None
    warnings: tuple[str, ...] = ()
    reason: str | None = None
    rise: float | None = None

    @property
    def is_solved(self) -> bool:
        """Whether there is an answer."""
        return self.reason is None

    def document(self) -> dict[str, Any]:
        """The answer as plain JSON objects, in the order of the contract."""
        found: dict[str, Any] = plain(
            {
                **self.design.document(),
                "solved_for": self.design.solve_for,
                "status": "ok" if self.is_solved else "not_estimable",
                "reason": self.reason,
                "rounded_up": self._rounded_up(),
                "power_rounded_up": reached(self.whole) if self.whole else None,
                "effect_rise": self.rise,
                "df": self.precision.df if self.precision else None,
                "noncentrality": self.precision.noncentrality if self.precision else None,
                "design_effect": self.precision.design_effect if self.precision else None,
                "std_error": self.precision.std_error if self.precision else None,
                "analysis": analysis(self.design),
                **_shares(self.simulated),
                "warnings": list(self.warnings),
            }
        )
        return found

    def to_json(self) -> bytes:
        """The document as bytes."""
        return document_json(self.document())

    def _rounded_up(self) -> float | None:
        """The size in whole units, or the effect away from 0 in its third figure; a power is not rounded up."""
        if self.whole is None or self.design.solve_for == "power":
            return None
        if self.design.solve_for == "effect":
            assert self.design.effect is not None
            return _away_from_0(self.design.effect)
        found: float = getattr(self.whole, self.design.solve_for)
        return found


def answer(value: Any, tell: Tell = lambda fraction, words: None) -> Answer:
    """Solve a design for the one number that it leaves open.

    Parameters
    ----------
    value : the design as a JSON object (contract ``power``): exactly one of power, size and effect is null.
    tell : called with the fraction done and a word, while it simulates.

    Returns
    -------
    Answer

    Raises
    ------
    BadPlan : with every problem of the design.

    Notes
    -----
    Power is that of a two-sided test by the noncentral t with the degrees of freedom of the planned analysis; for two
    proportions the normal. Sources are in :func:`experiments.stats.power.precision.precision`.
    """
    asked = parse(value)
    try:
        solved = solve(asked)
    except NotEstimable as refusal:
        return Answer(asked, reason=refusal.reason)
    assert solved.effect is not None
    rounded = in_whole_units(solved)
    warned, simulated = warnings(rounded), None
    if solved.simulate:
        try:
            simulated = simulate(rounded, tell)
        except NotEstimable as refusal:
            warned = (*warned, f"not simulated: {refusal.reason}")
    return Answer(solved, rounded, precision(solved, solved.effect), simulated, warned, rise=_rise(rounded))


def in_whole_units(design: Design) -> Design:
    """The design with every size rounded up to whole units, people or clusters."""
    keys = [key for key in SIZES if getattr(design, key) is not None]
    # Exposure is measured, not counted, unless it is what was solved.
    if design.design == "poisson_cluster" and design.solve_for != "cluster_size":
        keys.remove("cluster_size")
    elif design.design == "cluster" and design.solve_for != "cluster_size":
        keys.remove("cluster_size")  # an average
    return design.having(**{key: whole(getattr(design, key)) for key in keys})


def warnings(design: Design) -> tuple[str, ...]:
    """What to know before believing the answer."""
    return (*_few_clusters(design), *_adjusted(design), *_at_the_least(design))


def _few_clusters(design: Design) -> tuple[str, ...]:
    if design.clusters_per_arm is None:
        return ()
    control, treated = arm_sizes(design)
    total = control * design.steps if design.design == "stepped_wedge" else control + treated
    if total < domain.LEAST_CLUSTERS:
        return (
            f"{total} clusters are few: the test leans on the normal shape of their means, and below "
            f"{domain.LEAST_CLUSTERS} most analyses of this engine are refused",
        )
    if design.cluster_size_cv and total < ENOUGH_TO_ADJUST:
        return (
            "clusters of unequal size cost a little more than the formula knows where they are few: simulate",
        )
    return ()


def _adjusted(design: Design) -> tuple[str, ...]:
    """What estimating the adjustment costs: a degree of freedom, and arms that differ in it by chance."""
    if not design.r2 or design.design not in ("cluster", "poisson_cluster") or design.effect is None:
        return ()
    total = sum(arm_sizes(design))
    if total >= ENOUGH_TO_ADJUST:
        return ()
    if total <= 4:
        return ("so few clusters cannot be adjusted for a baseline",)
    made = precision(design, design.effect)
    cost = math.sqrt((total - 3) / (total - 4))
    real = power_of(replace(made, df=total - 3, std_error=made.std_error * cost), design.alpha)
    return (f"estimating the adjustment on {total} clusters costs power: expect about {real:.2f}",)


def _at_the_least(design: Design) -> tuple[str, ...]:
    if design.solve_for in SIZES and getattr(design, design.solve_for) <= whole(smallest(design)):
        return ("this is the smallest that can be analysed, and it has the power already",)
    return ()


def _rise(design: Design) -> float | None:
    """The smallest rise that is found, beside an effect that is a fall: of rates the two differ."""
    if design.solve_for != "effect" or design.design not in ("two_proportions", "poisson_cluster"):
        return None
    try:
        return detectable(design, rise=True)
    except NotEstimable:
        return None


def _away_from_0(value: float) -> float:
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    return math.copysign(float(f"{math.ceil(abs(value) / step * (1 - 1e-12)) * step:.3g}"), value)


def _shares(simulated: Simulated | None) -> dict[str, float | None]:
    names = {"simulated_power": "power", "simulated_size": "size", "coverage": "coverage"}
    found: dict[str, float | None] = {}
    for name, part in names.items():
        share = getattr(simulated, part) if simulated else None
        found[name] = share.estimate if share else None
        found[f"{name}_std_error"] = share.std_error if share else None
    return found
