"""Trends before the start, from the periods before it alone: a check that no outcome of the treated period enters."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.checks.leads import LeadTest, pre_trends
from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def blind_trends(
    outcomes: FloatArray, ever: BoolArray, *, clusters: IntArray | None = None, alpha: float = 0.05
) -> LeadTest:
    """Test whether units that will be treated moved apart from the others while nobody was.

    Parameters
    ----------
    outcomes : (n, T) outcome of each unit in each period before the first start of anybody; NaN where missing. Units
        with a missing period are left out.
    ever : (n,) whether the unit is ever treated.
    clusters : (n,) codes of clusters; None where each unit is its own.
    alpha : level of the test whose power is reported.

    Returns
    -------
    LeadTest : joint test of T − 1 leads against the last period, the drift through them, and what it could have found.

    Notes
    -----
    ``δ_t = mean(Y_t − Y_T | ever) − mean(Y_t − Y_T | never)``, which is the event study of a balanced panel with one
    start; their covariance from the clusters' sums of influence, times ``G/(G − 1)``.

    Raises
    ------
    NotEstimable : fewer than two periods, or fewer than two complete units on either side.

    References
    ----------
    Roth (2022), *AER: Insights*.
    """
    if outcomes.shape[1] < 2:
        raise NotEstimable("there are fewer than two periods before the first start")
    complete = np.isfinite(outcomes).all(axis=1)
    change = outcomes[complete, :-1] - outcomes[complete, -1:]
    treated = ever[complete]
    if min(int(treated.sum()), int((~treated).sum())) < 2:
        raise NotEstimable("fewer than two units with every period are on one of the sides")
    groups = (
        np.arange(len(treated)) if clusters is None else np.unique(clusters[complete], return_inverse=True)[1]
    )
    means = [change[treated == side].mean(axis=0) for side in (True, False)]
    influence = np.where(treated[:, None], change - means[0], means[1] - change)
    influence /= np.where(treated, treated.sum(), (~treated).sum())[:, None]
    n_groups = int(groups.max()) + 1
    sums = np.zeros((n_groups, change.shape[1]))
    np.add.at(sums, groups, influence)
    covariance = sums.T @ sums * n_groups / (n_groups - 1)
    drift = np.arange(change.shape[1], dtype=np.float64) - change.shape[1]
    return pre_trends(means[0] - means[1], covariance, drift, n_clusters=n_groups, alpha=alpha)
