"""One set of draws for all estimates of a family, so that how they move together is in the adjusted p values.

In a trial the registered draw is made again, over the clusters that were drawn and within their strata; where changes
are compared the residuals of clusters are flipped under the hypothesis (the wild cluster bootstrap). A cluster gets the
same draw in every estimate, whichever rows that estimate could use.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from experiments.stats.domain import LEAST_CLUSTERS
from experiments.stats.effects import two_arms
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators import twfe_draws, two_by_two_fit
from experiments.stats.frame import FloatArray
from experiments.stats.multiplicity import westfall_young
from experiments.stats.options import COMMON_DRAWS, Multipliers
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.redraw import DrawnThings
from experiments.stats.regression.assignments import (
    DEFAULT_DRAWS,
    Assignments,
    constrained_assignments,
    how_many,
)
from experiments.stats.regression.randomisation import Collapsed, assigned_ways, collapse
from experiments.stats.regression.wild import (
    DEFAULT_REPS,
    WEBB_BELOW,
    Restricted,
    dense_moments,
    draw_multipliers,
    restricted,
)
from experiments.stats.resampling import StudentisedDraws
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import long_panel


@dataclass(frozen=True, slots=True)
class Joint:
    """Adjusted p values in the order of the estimates, and how they came about."""

    p_values: list[float]
    words: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Studentised statistics of m estimates: ``observed`` (m,), ``draws`` (R, m), which hold it if ``is_exact``."""

    observed: FloatArray
    draws: FloatArray
    is_exact: bool
    words: str


def adjusted_together(
    specs: Sequence[EstimateSpec], sample_of: Callable[[EstimateSpec], Sample], plan: Plan
) -> Joint:
    """Step-down p values of the estimates of one family.

    Parameters
    ----------
    specs : those that could be made, whose draws the plan's own check found to be of one kind.
    sample_of : builds the sample of an estimate.
    plan : the whole plan.

    Raises
    ------
    NotEstimable : too few clusters, clusters that are not the same in two estimates, or a panel that cannot be redrawn.
    """
    purpose = f"family {specs[0].family}"
    samples = [sample_of(spec) for spec in specs]
    make = _redrawn if COMMON_DRAWS[specs[0].estimator] == "assignment" else _flipped
    drawn = make(specs, samples, plan, purpose)
    observed, draws = (
        np.column_stack([_towards(spec, column) for spec, column in zip(specs, table.T, strict=True)])
        for table in (drawn.observed[None], drawn.draws)
    )
    return Joint(westfall_young(observed[0], draws, is_exact=drawn.is_exact), drawn.words)


def _towards(spec: EstimateSpec, statistic: FloatArray) -> FloatArray:
    """Large against the hypothesis, in the plan's direction."""
    if spec.alternative == "two_sided":
        return np.abs(statistic)
    return statistic if spec.alternative == "greater" else -statistic


@dataclass(frozen=True, slots=True)
class _Trial:
    """One estimate: its sums by what was drawn, the ``names`` and ``strata`` of that, and its two arms."""

    sums: Collapsed
    names: tuple[str, ...]
    strata: tuple[str, ...]
    arm: str
    control: str
    drawn: DrawnThings | None


def _redrawn(specs: Sequence[EstimateSpec], samples: Sequence[Sample], plan: Plan, purpose: str) -> _Drawn:
    """The registered draw made again."""
    members = [_trial(spec, sample, plan) for spec, sample in zip(specs, samples, strict=True)]
    known: dict[str, tuple[float, str]] = {}
    for one in members:
        for name, status, stratum in zip(one.names, one.sums.status.tolist(), one.strata, strict=True):
            if known.setdefault(name, (status, stratum)) != (status, stratum):
                raise NotEstimable(
                    "a cluster has another arm or stratum in one estimate of the family than in another"
                )
    union = sorted(known)
    place = {name: number for number, name in enumerate(union)}
    drawn = _ways(specs, members[0], {name: known[name] for name in union}, plan, purpose)
    own = [np.array([place[name] for name in one.names]) for one in members]
    parts = [
        np.column_stack(
            [
                StudentisedDraws.of(*one.sums.statistics(z[:, inside]), is_exact=False).statistics(0.0)
                for one, inside in zip(members, own, strict=True)
            ]
        )
        for z in drawn.blocks()
    ]
    found = np.concatenate(parts)
    words = f"{how_many(drawn)} ways in which the draw could have fallen"
    # The observed draw comes first, and is one of those counted where they are all.
    return _Drawn(found[0], found if drawn.is_enumerated else found[1:], drawn.is_enumerated, words)


def _ways(
    specs: Sequence[EstimateSpec],
    leading: _Trial,
    known: Mapping[str, tuple[float, str]],
    plan: Plan,
    purpose: str,
) -> Assignments:
    """The ways in which all that the family holds could have been drawn."""
    status = np.array([treated for treated, _ in known.values()])
    strata = tuple(stratum for _, stratum in known.values())
    asked = DEFAULT_DRAWS, plan.alpha, plan.seed, purpose
    if leading.drawn is not None and plan.registered is not None and plan.registered.allowed:
        whole = replace(leading.drawn, names=tuple(known), strata=strata)
        allowed = whole.ways(plan.registered.allowed, leading.arm, leading.control)
        return constrained_assignments(status, allowed, *asked)
    block = np.unique(strata, return_inverse=True)[1].astype(np.intp)
    # One two-sided estimate is enough for the mirror image of each way to count as much as the way.
    sides = sorted({spec.alternative for spec in specs}, key="two_sided".__ne__)
    return assigned_ways(status, block, *asked, sides[0])


def _trial(spec: EstimateSpec, sample: Sample, plan: Plan) -> _Trial:
    """The sums of one estimate by what was drawn: as it was registered, or the plan's clusters in its strata."""
    two, treated = two_arms(sample, spec)
    drawn = DrawnThings.behind(plan.registered, two)
    sums = collapse(
        two.outcome,
        treated,
        covariates=two.covariates,
        clusters=two.cluster if drawn is None else drawn.codes,
        # Strata of the plan are adjusted for, whatever those of the registered draw are.
        blocks=two.stratum,
        weights=two.weight,
    )
    arms = spec.options.get("arm") or sample.arm_names[1], sample.arm_names[0]
    if drawn is not None:
        return _Trial(sums, drawn.names, drawn.strata, *arms, drawn)
    names = [""] if two.stratum is None else two.stratum_names
    return _Trial(sums, two.cluster_names, tuple(names[code] for code in sums.block.tolist()), *arms, None)


def _flipped(specs: Sequence[EstimateSpec], samples: Sequence[Sample], plan: Plan, purpose: str) -> _Drawn:
    """The wild cluster bootstrap under no effect."""
    members = [_changes(spec, sample) for spec, sample in zip(specs, samples, strict=True)]
    union = sorted({name for _, names in members for name in names})
    if len(union) < LEAST_CLUSTERS:
        raise NotEstimable(
            f"{len(union)} clusters are too few to redraw a family: at least {LEAST_CLUSTERS} are needed"
        )
    place = {name: number for number, name in enumerate(union)}
    kind: Multipliers = "webb" if len(union) < WEBB_BELOW else "rademacher"
    multipliers, is_half = draw_multipliers(len(union), kind, DEFAULT_REPS, plan.seed, purpose)
    columns = []
    for null, names in members:
        tops, squares = null.draws(multipliers[:, [place[name] for name in names]])
        columns.append(StudentisedDraws.of(tops, squares, is_exact=False).statistics(0.0))
    drawn = np.column_stack(columns)
    if is_half:  # the other half is the same with every sign turned
        drawn = np.concatenate([drawn, -drawn])
    observed = np.array([null.estimate / null.std_error for null, _ in members])
    words = f"{'all ' if is_half else ''}{len(drawn):,} draws of the wild cluster bootstrap ({kind})"
    return _Drawn(observed, drawn, is_half, words)


def _changes(spec: EstimateSpec, sample: Sample) -> tuple[Restricted, list[str]]:
    """The null of one estimate, and the names of its clusters."""
    # Always-treated units are no part of a comparison of changes; without them codes and names agree.
    always = np.minimum.reduceat(sample.status, sample.unit_starts) == 1
    left = sample.take(~always[sample.unit])
    panel = long_panel(left)
    if spec.estimator == "twfe":
        moments, used = twfe_draws.moments_of(panel)
        return restricted(moments, 0), [left.cluster_names[code] for code in np.unique(panel.cluster[used])]
    made = two_by_two_fit.changes_of(panel, has_covariates=bool(left.covariate_names))
    columns = [made.status[:, None], *([] if made.before is None else [made.before])]
    groups = np.arange(len(made.change)) if made.clusters is None else made.clusters
    names = left.unit_names if made.clusters is None else left.cluster_names
    moments = dense_moments(np.column_stack(columns), made.change, groups, made.weights)
    return restricted(moments, 1), list(names)
