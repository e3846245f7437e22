"""The permutation test of a random roll-out: what the estimate would be had the dates been drawn otherwise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.draws import permutation, stream
from experiments.stats.resampling import invert, tail_share
from experiments.stats.results import Resampled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

SCORES = 4  # of the outcome's effect and difference before, and of the treatment status's


@dataclass(frozen=True, slots=True)
class _Moments:
    """By assignment (R,): sums over cohorts of mean scores (R, 4) and of their covariances (R, 4, 4)."""

    totals: FloatArray
    products: FloatArray

    def studentised(self, effect: float, *, is_efficient: bool) -> FloatArray:
        """(R,) the estimate of an outcome from which a constant effect was taken, over Neyman's error."""
        carry = np.array([[1.0, 0.0, -effect, 0.0], [0.0, 1.0, 0.0, -effect]])
        means = self.totals @ carry.T
        spread = carry @ self.products @ carry.T
        before, shared = spread[:, 1, 1], spread[:, 0, 1]
        share = np.ones(len(means))
        if is_efficient:
            share = np.divide(shared, before, out=share, where=before > 0)
        estimate = means[:, 0] - share * means[:, 1]
        variance = spread[:, 0, 0] + share**2 * before - 2 * share * shared
        # Where rounding leaves no spread the draw cannot be told from the observed one and counts as reaching it.
        reached = np.full(len(means), np.inf)
        np.divide(estimate, np.sqrt(np.maximum(variance, 0)), out=reached, where=variance > 0)
        return reached


def permute_dates(
    outcome: FloatArray,
    status: FloatArray,
    cohort: IntArray,
    effect: FloatArray,
    before: FloatArray,
    *,
    estimate: float,
    std_error: float,
    is_efficient: bool,
    draws: int,
    alpha: float,
    seed: int,
    estimate_id: str,
    alternative: str = "two_sided",
) -> Resampled:
    """Test of a constant effect by redrawing who starts when, the cohorts' sizes kept.

    Parameters
    ----------
    outcome : (n, T).
    status : (n, T) 1 where treated.
    cohort : (n,) codes 0..C−1.
    effect, before : (C, T) weights A and B of one effect, see :mod:`experiments.stats.staggered.rollout`.
    estimate, std_error : where the search for the interval starts, and its step.
    is_efficient : whether the share of the difference before adoption is estimated anew in every draw.
    draws, alpha, seed, estimate_id, alternative : of the test.

    Notes
    -----
    Taking a constant effect off treated cells gives the outcome without treatment; under that hypothesis
    every order of the dates is as likely. The statistic is divided by its own Neyman error, so the test is
    also valid in large samples for an average effect of zero. Per draw only four means and their covariance
    are kept, so the interval costs no new draws.

    References
    ----------
    Roth & Sant'Anna (2023), *JPE Microeconomics*, section 4; Wu & Ding (2021), *JASA*.
    """
    weights = np.concatenate([effect, before])
    scores = np.concatenate([(outcome - outcome.mean()) @ weights.T, status @ weights.T], axis=1)
    n_cohorts = len(effect)
    columns = np.arange(SCORES) * n_cohorts
    sorted_cohort = np.sort(cohort)
    bounds = np.searchsorted(sorted_cohort, np.arange(n_cohorts))
    sizes = np.bincount(cohort).astype(np.float64)
    orders = [np.argsort(cohort, kind="stable")]
    orders += [permutation(stream(seed, estimate_id, "dates", r), len(cohort)) for r in range(draws)]
    totals, products = np.empty((draws + 1, SCORES)), np.empty((draws + 1, SCORES, SCORES))
    for r, order in enumerate(orders):
        part = scores[order[:, None], sorted_cohort[:, None] + columns]
        means = np.add.reduceat(part, bounds, axis=0) / sizes[:, None]
        part -= means[sorted_cohort]
        part *= (1 / np.sqrt(sizes * np.maximum(sizes - 1, 1)))[sorted_cohort, None]
        totals[r], products[r] = means.sum(axis=0), part.T @ part
    moments = _Moments(totals, products)

    def p_at(hypothesis: float, direction: str = "two_sided") -> float:
        found = moments.studentised(hypothesis, is_efficient=is_efficient)
        return tail_share(found[1:], float(found[0]), alternative=direction)

    found = invert(p_at, estimate, std_error, alpha)
    return Resampled(p_at(0.0, alternative), found.conf_low, found.conf_high)
