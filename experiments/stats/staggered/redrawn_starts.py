"""A placebo test for any estimate of staggered starts: the starting dates dealt out anew over what was assigned."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.draws import permutation, stream
from experiments.stats.errors import NotEstimable
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.resampling import StudentisedDraws
from experiments.stats.results import Resampled
from experiments.stats.staggered.panel import Panel
from experiments.stats.staggered.rollout_permutation import permute_dates

FloatArray = NDArray[np.float64]

MOST_WORK = 2_000_000_000  # assigned units by periods by draws where sizes differ: some minutes
PERMUTED = (
    "p value and interval are of a placebo test that deals the starting dates out anew over the {what}; it is exact "
    "only if any of them was as likely to get any date"
)

# The overall effect and its (G,) scores from (G, T) means, (G,) starts and (G,) sizes; linear in the means.
Scored = Callable[[FloatArray, FloatArray, FloatArray], tuple[float, FloatArray]]


@dataclass(frozen=True, slots=True)
class _Assigned:
    """What was assigned: ``means`` (G, T), ``first`` (G,), ``size`` (G,) the weight of each."""

    means: FloatArray
    first: FloatArray
    size: FloatArray


def redraw_starts(
    panel: Panel,
    scored: Scored,
    loading: FloatArray | None,
    *,
    estimate: float,
    std_error: float,
    spec: EstimateSpec,
    plan: Plan,
) -> Resampled:
    """Test of a constant effect by redrawing who starts when.

    Parameters
    ----------
    panel : without gaps; the units of a cluster start together.
    scored : the estimate as a function of what was assigned.
    loading : (C, T) weights over cohorts' period means of which the estimate is the sum where all that was assigned
        weighs the same; None where there is no such table.
    estimate, std_error : where the search for the interval starts, and its step.
    spec, plan : where draws, direction, seed and level are named.

    Raises
    ------
    NotEstimable : a panel with gaps, a cluster whose units start at different dates, or too many draws.

    Notes
    -----
    An estimate of cluster means weighted by the clusters' sizes is the estimate of the units, and its scores are the
    sums of theirs. Under a constant effect τ the outcome without treatment is ``y − τD``; estimate and scores are
    linear in it, so every draw is kept as what it makes of y and of D, and the interval costs no new draw.

    References
    ----------
    Roth & Sant'Anna (2023), *JPE Microeconomics*, section 4; Wu & Ding (2021), *JASA*.
    """
    made = _assigned(panel)
    status = (panel.periods >= made.first[:, None]).astype(np.float64)
    draws = spec.options["draws"]
    if loading is not None and np.all(made.size == made.size[0]):
        return permute_dates(
            made.means,
            status,
            np.unique(made.first, return_inverse=True)[1],
            loading,
            np.zeros_like(loading),
            estimate=estimate,
            std_error=std_error,
            is_efficient=False,
            draws=draws,
            seed=plan.seed,
            estimate_id=spec.id,
            alpha=plan.alpha,
            alternative=spec.alternative,
        )
    if made.means.size * draws > MOST_WORK:
        raise NotEstimable(
            f"{draws} draws of {len(made.size)} units of different weight and {len(panel.periods)} periods are too many"
        )
    tops, squares = np.empty((draws + 1, 2)), np.empty((draws + 1, 3))
    for r in range(draws + 1):
        order = np.arange(len(made.size))
        if r:
            order = permutation(stream(plan.seed, spec.id, "dates", r), len(order))
        (level, own), (slope, along) = (
            scored(values, made.first[order], made.size) for values in (made.means, status)
        )
        tops[r], squares[r] = (level, slope), (own @ own, own @ along, along @ along)
    found = StudentisedDraws.of(tops, squares, is_exact=False)
    return found.resampled(estimate, std_error, alpha=plan.alpha, alternative=spec.alternative)


def _assigned(panel: Panel) -> _Assigned:
    if not np.isfinite(panel.outcome).all():
        raise NotEstimable("starting dates can be redrawn in a panel without gaps only")
    weight = np.ones(len(panel.outcome)) if panel.weight is None else panel.weight
    _, place, codes = np.unique(panel.cluster, return_index=True, return_inverse=True)
    first = panel.first_treated[place]
    if not np.array_equal(first[codes], panel.first_treated):
        raise NotEstimable(
            "units of one cluster start at different dates, so the cluster is not what was assigned: name the column "
            "of what was assigned as 'cluster'"
        )
    size = np.bincount(codes, weights=weight).astype(np.float64)
    sums = np.zeros((len(first), panel.outcome.shape[1]))
    np.add.at(sums, codes, panel.outcome * weight[:, None])
    return _Assigned(sums / size[:, None], first, size)
