"""The intracluster correlation, by one-way analysis of variance within arms."""

import numpy as np

from experiments.stats.frame import FloatArray, IntArray


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
    whole = between + (typical - 1) * within
    return (between - within) / whole if whole > 0 else None
