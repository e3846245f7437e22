"""A comparison of two arms judged by making the draw again: the registered one, or the one that the columns show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.effects import Effect
from experiments.stats.errors import NotEstimable
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.redraw import DrawnThings
from experiments.stats.regression.assignments import (
    Assignments,
    constrained_assignments,
    in_words,
)
from experiments.stats.regression.randomisation import (
    RandomisationTest,
    assigned_ways,
    by_cluster,
    randomisation_test,
)
from experiments.stats.regression.randomisation_arms import arms_test, pairs_test
from experiments.stats.results import Resampled
from experiments.stats.sample import Sample

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Replay:
    """``groups`` (N,) codes of what was drawn, the ways it could have fallen, and what to say of them."""

    groups: IntArray
    drawn: Assignments
    said: tuple[str, ...]


def replay(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Replay:
    """The draw behind a comparison of two arms.

    Parameters
    ----------
    sample : the rows of the two arms.
    treated : (N,) 1 or 0.
    spec, plan : with the draws, and the registered draw where the plan runs under one.

    Raises
    ------
    NotEstimable : the data do not hold what was drawn, or it could have fallen in too few ways.
    """
    asked = spec.options["draws"], plan.alpha, plan.seed, spec.id
    registered, things = plan.registered, DrawnThings.behind(plan.registered, sample)
    if registered is None or things is None:
        groups = np.asarray(sample.cluster if sample.is_clustered else np.arange(sample.n_obs), dtype=np.intp)
        status = by_cluster(treated, groups, "holds both arms")
        block = np.zeros(len(status), dtype=np.intp)
        if sample.stratum is not None:
            block = by_cluster(sample.stratum.astype(np.float64), groups, "lies in two strata").astype(
                np.intp
            )
        return Replay(groups, assigned_ways(status, block, *asked, spec.alternative), ())
    assert sample.arm is not None
    status = by_cluster(treated, things.codes, "holds both arms")
    if registered.allowed:
        leading = sample.arm_names[int(sample.arm[treated > 0][0])]
        allowed = things.ways(registered.allowed, leading, sample.arm_names[0])
        drawn = constrained_assignments(status, allowed, *asked)
    else:
        drawn = assigned_ways(status, things.block, *asked, spec.alternative)
    return Replay(things.codes, drawn, _disagreements(sample, things.codes, things.block))


def _disagreements(sample: Sample, groups: IntArray, block: IntArray) -> tuple[str, ...]:
    """Where the plan's columns and the registered draw say different things; the draw is what counts."""
    said = []
    if not _same(groups, sample.cluster):
        said.append(
            f"the plan's rows form {sample.n_clusters:,} clusters, and the registered draw was of "
            f"{int(groups.max()) + 1:,}; the draw is made again as it was registered"
        )
    stratum = np.zeros(sample.n_obs, dtype=np.intp) if sample.stratum is None else sample.stratum
    if not _same(block[groups], stratum):
        said.append(
            "the plan's strata are not those of the registered draw; the draw is made again inside its own, and the "
            "plan's are adjusted for"
        )
    return tuple(said)


def _same(one: IntArray, two: IntArray) -> bool:
    """Whether two codes divide the rows in the same way."""
    pairs = len(np.unique(np.stack([one, two]), axis=1).T)
    return pairs == len(np.unique(one)) == len(np.unique(two))


def pooled(
    sample: Sample,
    treated: FloatArray,
    spec: EstimateSpec,
    plan: Plan,
    covariates: FloatArray | None = None,
    *,
    received: FloatArray | None = None,
) -> Effect:
    """One regression for both arms, on the covariates and the plan's strata; of what was received, if that is given."""
    made = replay(sample, treated, spec, plan)
    found = randomisation_test(
        sample.outcome,
        treated,
        covariates=covariates,
        clusters=made.groups,
        blocks=sample.stratum,
        drawn=made.drawn,
        weights=sample.weight,
        received=received,
        alpha=plan.alpha,
        alternative=spec.alternative,
    )
    return effect(found, made)


def by_arm(
    sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan, centred: FloatArray
) -> Effect:
    """A regression of its own in each arm, on centred columns."""
    made = replay(sample, treated, spec, plan)
    found = arms_test(
        sample.outcome,
        treated,
        centred,
        made.groups,
        made.drawn,
        weights=sample.weight,
        alpha=plan.alpha,
        alternative=spec.alternative,
    )
    return effect(found, made)


def blocked(
    sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan, *, are_pairs: bool
) -> Effect:
    """The mean of the strata's differences, weighted by their size; of matched pairs by the pairs' own spread."""
    assert sample.stratum is not None
    if not are_pairs:
        dummies = (sample.stratum[:, None] == np.arange(1, len(sample.stratum_names))).astype(np.float64)
        weights = np.ones(sample.n_obs) if sample.weight is None else sample.weight
        return by_arm(sample, treated, spec, plan, dummies - weights @ dummies / weights.sum())
    made = replay(sample, treated, spec, plan)
    if sample.weight is not None:
        raise NotEstimable("weights have no variance formula for matched pairs")
    block = np.zeros(len(made.drawn.labels), dtype=np.intp)
    for code, inside in enumerate(made.drawn.members):
        block[inside] = code
    if made.drawn.is_constrained or not _same(block[made.groups], sample.stratum):
        raise NotEstimable("the plan's pairs are not the pairs inside which the registered draw was made")
    found = pairs_test(
        sample.outcome, treated, made.groups, made.drawn, alpha=plan.alpha, alternative=spec.alternative
    )
    return effect(found, made, formula="studentised by the spread between pairs")


def effect(found: RandomisationTest, made: Replay, formula: str = "studentised by CR1") -> Effect:
    """The effect of a test by draws."""
    return judged_effect(made, found.estimate, found.std_error, found.resampled, formula)


def judged_effect(
    made: Replay, estimate: float, std_error: float | None, resampled: Resampled, formula: str
) -> Effect:
    """An effect whose p value and interval come from the draws.

    Parameters
    ----------
    made : the draw.
    estimate, std_error : the effect and the error that studentises it; one thing alone in an arm shows none.
    resampled : p value and interval.
    formula : how the draws are studentised, for ``provenance.ssc``.
    """
    labels = made.drawn.labels
    n_treated = int(labels.sum())
    lone = min(n_treated, len(labels) - n_treated) == 1
    said = [
        f"p value and interval are of a randomisation test over {in_words(made.drawn, n_treated, len(labels))}"
    ]
    if lone:
        said.append("there is no standard error: one unit or cluster in an arm shows no spread")
    return Effect(
        estimate,
        None if lone else std_error,
        None if lone else float(len(labels) - 1),
        "randomisation",
        {
            "covariance": "randomisation",
            "formula": formula,
            "n_clusters": len(labels),
            "draws": made.drawn.count,
            "enumerated": made.drawn.is_enumerated,
        },
        (said[0], *made.said, *said[1:]),
        resampled=resampled,
    )
