"""The intracluster correlation, by one-way analysis of variance within arms, with its interval."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class IntraclusterCorrelation:
    """The share of variance that lies between clusters of one arm.

    `conf_low` and `conf_high` are exact for clusters of equal size and normal outcomes, else approximate. `df` holds
    the degrees of freedom between and within clusters.
    """

    estimate: float
    conf_low: float
    conf_high: float
    conf_level: float
    df: tuple[int, int]
    n_obs: int
    n_clusters: int


@dataclass(frozen=True, slots=True)
class _Variance:
    """Mean squares between and within clusters, their degrees of freedom, and the typical size of a cluster."""

    between: float
    within: float
    df: tuple[int, int]
    typical: float
    n_clusters: int


def icc_interval(
    outcome: FloatArray, clusters: IntArray, arms: IntArray | None = None, *, level: float = 0.95
) -> IntraclusterCorrelation:
    """ANOVA estimate of the intracluster correlation with Searle's interval; neither is cut off at 0.

    Parameters
    ----------
    outcome : (N,) in any units.
    clusters : (N,) codes 0..G-1.
    arms : (N,) codes; clusters are compared with others of their arm. None is one arm.
    level : of the interval, between 0 and 1.

    Returns
    -------
    IntraclusterCorrelation

    Notes
    -----
    With F = MSB/MSW on (G - A, N - G) degrees of freedom over A arms, a limit is ``(F/q - 1)/(F/q + m0 - 1)``: q the
    upper quantile of F for the lower limit, the lower quantile for the upper one. Exact for clusters of one size m0;
    for others m0 is the typical size of `intracluster_correlation`, which makes it an approximation.

    Raises
    ------
    NotEstimable : no more clusters than arms, one row in every cluster, or an outcome that does not vary within them.

    References
    ----------
    Searle (1971), *Linear Models*; Ukoumunne (2002), *Stat Med*, for unequal sizes. Balanced: the same numbers as R
    ``psych::ICC``, type ICC1.
    """
    found = _variance(outcome, clusters, arms)
    if found is None:
        raise NotEstimable(
            "the intracluster correlation needs more clusters than arms, and more than one row in some of them"
        )
    if found.within <= 0:
        raise NotEstimable("the outcome does not vary within clusters, so their likeness has no interval")
    ratio, tail = found.between / found.within, (1 - level) / 2
    limits = [ratio / float(special.fdtri(*found.df, chance)) for chance in (1 - tail, tail)]
    low, high = ((limit - 1) / (limit + found.typical - 1) for limit in limits)
    return IntraclusterCorrelation(
        estimate=(ratio - 1) / (ratio + found.typical - 1),
        conf_low=low,
        conf_high=high,
        conf_level=level,
        df=found.df,
        n_obs=len(outcome),
        n_clusters=found.n_clusters,
    )


def intracluster_correlation(outcome: FloatArray, clusters: IntArray, arms: IntArray | None) -> float | None:
    """ANOVA estimate of the intracluster correlation, not truncated at 0.

    Parameters
    ----------
    outcome : (N,).
    clusters : (N,) codes 0..G-1.
    arms : (N,) codes; clusters are compared with others of their arm. None is one arm.

    Notes
    -----
    ``(MSB - MSW) / (MSB + (m0 - 1) MSW)`` with ``m0 = (N - sum_a sum_{c in a} m_c²/N_a) / (G - A)`` over
    A arms. None where it is not defined: no more clusters than arms, or one row in every cluster.
    """
    found = _variance(outcome, clusters, arms)
    if found is None:
        return None
    whole = found.between + (found.typical - 1) * found.within
    return (found.between - found.within) / whole if whole > 0 else None


def _variance(outcome: FloatArray, clusters: IntArray, arms: IntArray | None) -> _Variance | None:
    arms = np.zeros(len(outcome), dtype=np.int64) if arms is None else arms
    # A cluster that spans two arms counts as one cluster in each.
    _, group = np.unique(clusters * (int(arms.max()) + 1) + arms, return_inverse=True)
    _, arm = np.unique(arms, return_inverse=True)
    sizes = np.bincount(group)
    arm_of_group = np.zeros(len(sizes), dtype=np.int64)
    arm_of_group[group] = arm
    n_obs, n_groups, n_arms = len(outcome), len(sizes), int(arm.max()) + 1
    if n_groups <= n_arms or n_obs <= n_groups:
        return None
    centred = outcome - (np.bincount(arm, weights=outcome) / np.bincount(arm))[arm]
    means = np.bincount(group, weights=centred) / sizes
    between = float((sizes * means**2).sum()) / (n_groups - n_arms)
    within = float(((centred - means[group]) ** 2).sum()) / (n_obs - n_groups)
    per_arm = np.bincount(arm_of_group, weights=sizes**2.0) / np.bincount(arm)
    typical = (n_obs - float(per_arm.sum())) / (n_groups - n_arms)
    return _Variance(between, within, (n_groups - n_arms, n_obs - n_groups), typical, n_groups)
