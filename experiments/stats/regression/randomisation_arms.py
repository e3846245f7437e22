"""Redrawn regressions that have their own slopes in each arm: Lin's, and the comparison of blocks."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.assignments import Assignments
from experiments.stats.regression.covariance import cluster_sums, cr1_factor, cross_products
from experiments.stats.regression.randomisation import RandomisationTest, judged
from experiments.stats.resampling import StudentisedDraws

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

RANK = 1e-10  # of the largest eigenvalue


def arms_test(
    outcome: FloatArray,
    treated: FloatArray,
    covariates: FloatArray,
    clusters: IntArray,
    drawn: Assignments,
    *,
    weights: FloatArray | None = None,
    alpha: float = 0.05,
    alternative: str = "two_sided",
) -> RandomisationTest:
    """Test of the difference between two regressions, one in each arm, read off at the covariates' nought.

    Parameters
    ----------
    outcome, treated : (N,) values, and 1 or 0.
    covariates : (N, k) columns centred where the effect is read off; centred dummies of blocks give the mean of the
        blocks' differences, weighted by their size.
    clusters : (N,) codes of what was assigned.
    drawn : the ways in which it could have been.
    weights : (N,) positive analysis weights.
    alpha, alternative : of the test.

    Notes
    -----
    In each arm ``b = A⁻¹ Σ z_c X_c′y_c``, ``A = Σ z_c X_c′X_c``, and a cluster's score is that of the first
    coefficient, ``±(A⁻¹)_1 X_c′(y_c − X_c b)``; the statistic is the difference of the first coefficients over the root
    of ``aΣ s_c²``, a the CR1 factor. Linear in a constant effect, so the interval costs no new draw.

    Raises
    ------
    NotEstimable : a covariate that does not vary freely in both arms.
    """
    share = np.ones(len(outcome)) if weights is None else weights / weights.mean()
    scale = np.sqrt((share @ covariates**2) / len(outcome)) if covariates.shape[1] else np.ones(0)
    design = np.column_stack([np.ones(len(outcome)), covariates / np.where(scale > 0, scale, 1.0)])
    n_clusters, width = len(drawn.labels), design.shape[1]
    root = np.sqrt(share)[:, None]
    products = cross_products(design * root, clusters, n_clusters)
    level = outcome - share @ outcome / share.sum()
    along = [
        cluster_sums(design * (share * values)[:, None], clusters, n_clusters) for values in (level, treated)
    ]
    for status in (drawn.labels, 1 - drawn.labels):
        values = np.linalg.eigvalsh(np.tensordot(status, products, axes=1))
        if not values[0] > RANK * values[-1]:
            raise NotEstimable(
                "a covariate or a stratum does not vary freely in both arms, so the arms cannot be compared by it"
            )
    tops, squares = [], []
    flat = products.reshape(n_clusters, width * width)
    for z in drawn.blocks():
        values, scores = np.zeros((2, len(z))), np.zeros((2, len(z), n_clusters))
        for status, sign in ((z, 1.0), (1 - z, -1.0)):
            bread = np.linalg.pinv((status @ flat).reshape(len(z), width, width), rcond=RANK, hermitian=True)
            first = bread[:, 0]
            for k, sums in enumerate(along):
                slopes = (bread @ (status @ sums)[:, :, None])[:, :, 0]
                values[k] += sign * slopes[:, 0]
                fitted = (first[:, :, None] * slopes[:, None, :]).reshape(len(z), -1) @ flat.T
                scores[k] += sign * status * (first @ sums.T - fitted)
        tops.append(values.T)
        squares.append(
            np.column_stack([(scores[i] * scores[j]).sum(axis=1) for i, j in ((0, 0), (0, 1), (1, 1))])
        )
    factor = cr1_factor(len(outcome), 2 * width, n_clusters)
    return judged(
        drawn,
        StudentisedDraws.of(
            np.concatenate(tops), factor * np.concatenate(squares), is_exact=drawn.is_enumerated
        ),
        step=float(np.std(outcome)),
        alpha=alpha,
        alternative=alternative,
    )


def pairs_test(
    outcome: FloatArray,
    treated: FloatArray,
    clusters: IntArray,
    drawn: Assignments,
    *,
    alpha: float = 0.05,
    alternative: str = "two_sided",
) -> RandomisationTest:
    """Test of matched pairs: in each, which of the two was treated is drawn again.

    Parameters
    ----------
    outcome, treated : (N,) values, and 1 or 0.
    clusters : (N,) codes of what was assigned; its strata in `drawn` are pairs.
    drawn : the ways in which it could have been.
    alpha, alternative : of the test.

    Notes
    -----
    The statistic is that of Imai, King and Nall (2009): with n_b the rows of a pair and τ_b its difference in means,
    ``Σ n_b τ_b`` over the root of ``B/(B−1) Σ (n_b τ_b − mean)²``.
    """
    counts = np.bincount(clusters).astype(np.float64)
    means = [np.bincount(clusters, weights=values) / counts for values in (outcome, treated)]
    pairs = np.array([inside for inside in drawn.members])
    sizes = counts[pairs].sum(axis=1)
    gaps = [sizes * (values[pairs[:, 0]] - values[pairs[:, 1]]) / sizes.sum() for values in means]
    tops, squares = [], []
    for z in drawn.blocks():
        signs = 2 * z[:, pairs[:, 0]] - 1
        moved = [signs * gap for gap in gaps]
        values = [part.sum(axis=1) for part in moved]
        spread = [part - part.mean(axis=1, keepdims=True) for part in moved]
        tops.append(np.column_stack(values))
        squares.append(
            np.column_stack([(spread[i] * spread[j]).sum(axis=1) for i, j in ((0, 0), (0, 1), (1, 1))])
        )
    factor = len(pairs) / (len(pairs) - 1)
    return judged(
        drawn,
        StudentisedDraws.of(
            np.concatenate(tops), factor * np.concatenate(squares), is_exact=drawn.is_enumerated
        ),
        step=float(np.std(outcome)),
        alpha=alpha,
        alternative=alternative,
    )
