"""Attrition: how many of those assigned have no outcome, whether the arms differ, and what that may hide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.checks.assigned import AssignedUnits, assigned_units, comparing
from experiments.stats.checks.lee import LeeBounds, lee_bounds
from experiments.stats.context import CheckContext
from experiments.stats.errors import NotEstimable
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec
from experiments.stats.results import CheckRow
from tactics.rating.attrition import is_high, limit

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

VERDICTS = ("ok", "adjust", "red")
UNSEEN = "Units that are not in the data cannot be counted without a registration."


@dataclass(frozen=True, slots=True)
class Losses:
    """Shares, 0 to 1, of those assigned that have no outcome.

    Attributes
    ----------
    overall, by_arm : of all, and of each arm.
    differential : the largest difference between two arms.
    cautious, optimistic : whether that is high by the What Works Clearinghouse's boundary of this name.
    """

    overall: float
    by_arm: tuple[float, ...]
    differential: float
    cautious: bool
    optimistic: bool

    @property
    def verdict(self) -> str:
        """Return ``ok`` low by both boundaries, ``adjust`` by the optimistic one only, ``red`` by neither."""
        return VERDICTS[self.cautious + self.optimistic]


@dataclass(frozen=True, slots=True)
class Attrition:
    """Losses of units and, where they were drawn in clusters, of whole clusters."""

    units: Losses
    clusters: Losses | None

    @property
    def verdict(self) -> str:
        """Return the worse of the two levels."""
        levels = (self.units, self.clusters or self.units)
        return max((level.verdict for level in levels), key=VERDICTS.index)

    def verdict_by(self, boundary: str) -> str:
        """Return the verdict; where the optimistic boundary was registered, losses that are low by it are ``ok``."""
        return "ok" if boundary == "optimistic" and self.verdict == "adjust" else self.verdict


def attrition(kept: BoolArray, arm: IntArray, *, clusters: IntArray | None = None) -> Attrition:
    """Overall and differential attrition against the boundaries of the What Works Clearinghouse.

    Parameters
    ----------
    kept : (n,) whether each unit assigned has an outcome.
    arm : (n,) codes of the arms, 0..k−1, each with a unit.
    clusters : (n,) codes of the clusters that were drawn; one is lost when none of its units is kept.

    Returns
    -------
    Attrition : of units, and of clusters.

    Notes
    -----
    Overall: lost over assigned, rounded to a whole per cent to look up the highest differential that is still low.
    Differential: the largest difference between the arms' rates. The cautious boundary is for treatments that may
    move people to drop out; the optimistic one where the protocol argued in advance that this one cannot. Units of a
    lost cluster count as lost at both levels.

    Raises
    ------
    NotEstimable : fewer than two arms, an arm without a unit, or a cluster in two arms.

    References
    ----------
    What Works Clearinghouse (2020), *Standards Handbook*, version 4.1, table II.1.
    """
    n_arms = int(arm.max(initial=-1)) + 1
    if n_arms < 2 or (np.bincount(arm) == 0).any():
        raise NotEstimable(
            "attrition compares at least two arms, and each needs a unit that was assigned to it"
        )
    units = _losses(kept, arm, n_arms)
    if clusters is None:
        return Attrition(units, None)
    first = np.unique(clusters, return_index=True)[1]
    if (arm[first][clusters] != arm).any():
        raise NotEstimable("a cluster holds two arms, so clusters were not what was assigned")
    return Attrition(units, _losses(np.bincount(clusters, weights=kept) > 0, arm[first], n_arms))


def _losses(kept: BoolArray, arm: IntArray, n_arms: int) -> Losses:
    by_arm = tuple(1 - float(kept[arm == code].mean()) for code in range(n_arms))
    overall, differential = 1 - float(kept.mean()), max(by_arm) - min(by_arm)
    return Losses(
        overall,
        by_arm,
        differential,
        is_high(overall, differential, "cautious"),
        is_high(overall, differential, "optimistic"),
    )


def check(context: CheckContext) -> CheckRow:
    """The engine's adapter: every outcome of an estimate that compares arms; the leading one is the headline.

    Raises
    ------
    NotEstimable : no estimate compares arms, or nobody is in one.
    """
    said: list[str] = []
    rows: list[Mapping[str, Any]] = []
    found: list[Attrition] = []
    is_registered = True
    boundary = context.registered.attrition_boundary if context.registered else ""
    for spec in comparing(context):
        assigned = assigned_units(context, spec)
        kept = assigned.with_value(context.frame.numbers(spec.outcome))
        found.append(attrition(kept, assigned.arm, clusters=assigned.cluster))
        bounds = _bounds(context, spec, assigned, kept)
        rows += [*_rows(spec, assigned, found[-1]), *_bound_rows(spec, bounds)]
        said.append(_words(spec, found[-1]) + _bound_words(bounds))
        is_registered = assigned.is_registered
    return CheckRow(
        verdict=max((one.verdict_by(boundary) for one in found), key=VERDICTS.index),
        explanation=" ".join([*said, *_boundary_words(boundary), *(() if is_registered else (UNSEEN,))]),
        statistic=found[0].units.differential,
        rows=tuple(rows),
    )


def _bounds(
    context: CheckContext, spec: EstimateSpec, assigned: AssignedUnits, kept: BoolArray
) -> LeeBounds | str | None:
    """Lee bounds of the leading arm against control, or why there are none; None where nobody is lost."""
    if not ESTIMATOR_RULES[spec.estimator].randomised:
        return None
    leading = assigned.arm_names.index(spec.options.get("arm") or assigned.arm_names[1])
    two = (assigned.arm == 0) | (assigned.arm == leading)
    if kept[two].all():
        return None
    outcome = assigned.means(context.frame.numbers(spec.outcome))[two]
    groups = [
        None if codes is None else np.unique(codes[two], return_inverse=True)[1]
        for codes in (assigned.cluster, assigned.stratum)
    ]
    try:
        return lee_bounds(
            outcome,
            (assigned.arm[two] == leading).astype(np.float64),
            clusters=groups[0],
            strata=groups[1],
            alpha=context.plan.alpha,
        )
    except NotEstimable as refusal:
        return refusal.reason


def _levels(found: Attrition) -> list[tuple[str, Losses]]:
    levels = [("units", found.units), ("clusters", found.clusters)]
    return [(name, losses) for name, losses in levels if losses is not None]


def _rows(spec: EstimateSpec, assigned: AssignedUnits, found: Attrition) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for level, losses in _levels(found):
        rows.append(
            {
                "outcome": spec.outcome,
                "level": level,
                "overall": losses.overall,
                "differential": losses.differential,
                "cautious_limit": _share(limit(losses.overall, "cautious")),
                "optimistic_limit": _share(limit(losses.overall, "optimistic")),
                **{
                    f"lost_{name}": lost for name, lost in zip(assigned.arm_names, losses.by_arm, strict=True)
                },
            }
        )
    return rows


def _share(points: float | None) -> float | None:
    return None if points is None else points / 100


def _bound_rows(spec: EstimateSpec, bounds: LeeBounds | str | None) -> list[Mapping[str, Any]]:
    if bounds is None:
        return []
    row: dict[str, Any] = {"outcome": spec.outcome, "level": "Lee bounds"}
    if isinstance(bounds, str):
        return [{**row, "reason": bounds}]
    names = ("trimmed", "lower", "lower_std_error", "upper", "upper_std_error", "conf_low", "conf_high")
    return [{**row, **{name: getattr(bounds, name) for name in names}}]


def _words(spec: EstimateSpec, found: Attrition) -> str:
    parts = [
        f"of the {level}, {_per_cent(losses.overall)} have no '{spec.outcome}', and the arms differ by "
        f"{100 * losses.differential:.3g} points"
        for level, losses in _levels(found)
    ]
    words = {
        "ok": "low by the What Works Clearinghouse's cautious boundary",
        "adjust": "high by the cautious boundary, low by the optimistic one, which is for treatments that cannot move "
        "anybody to drop out",
        "red": "high by both boundaries of the What Works Clearinghouse",
    }
    text = f"{'; '.join(parts)}: {words[found.verdict]}."
    return text[:1].upper() + text[1:]


def _boundary_words(boundary: str) -> tuple[str, ...]:
    return (f"The protocol registered the {boundary} boundary.",) if boundary else ()


def _bound_words(bounds: LeeBounds | str | None) -> str:
    if bounds is None:
        return ""
    if isinstance(bounds, str):
        return f" No Lee bounds: {bounds}."
    return (
        f" Whoever is lost, the difference in means among those who stay in either arm is between {bounds.lower:.3g} "
        f"and {bounds.upper:.3g} (Lee bounds; interval {bounds.conf_low:.3g} to {bounds.conf_high:.3g})."
    )


def _per_cent(share: float) -> str:
    return f"{100 * share:.3g} %"
