"""A random intercept for each cluster by restricted maximum likelihood (REML), from sums by cluster.

Everything is in the orthonormal coordinates of the least-squares fit, from which the estimate is a correction.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.regression.covariance import cluster_sums
from experiments.stats.regression.linear import LinearFit

RATIOS = np.geomspace(1e-6, 1e6, 25)  # of the two variances, between which the likelihood is searched
PRECISION = 1e-13


@dataclass(frozen=True, slots=True)
class RandomIntercept:
    """The fit: ``coefficients`` (K,), their ``matrix`` (K, K), and the two variances.

    ``slopes`` (2, K, K): derivatives of the matrix by the variance between clusters and by that within;
    ``information`` (2, 2): half the Hessian of the deviance by the same two, or None where one of them is 0.
    """

    coefficients: FloatArray
    matrix: FloatArray
    between: float
    within: float
    slopes: FloatArray
    information: FloatArray | None

    def satterthwaite(self, contrast: FloatArray) -> float | None:
        """Degrees of freedom of a (K,) contrast; None where the variance between clusters is 0."""
        if self.information is None:
            return None
        variance = float(contrast @ self.matrix @ contrast)
        slope = np.einsum("i,vij,j->v", contrast, self.slopes, contrast)
        return variance**2 / float(slope @ np.linalg.solve(2 * self.information, slope))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Sums of basis (G, K) and residuals (G,) by cluster of ``sizes``, and their products within clusters."""

    sizes: FloatArray
    sums: FloatArray
    errors: FloatArray
    products: FloatArray
    crossed: FloatArray
    square: float
    n_left: int


@dataclass(frozen=True, slots=True)
class _Profile:
    """What one ratio θ of the variances gives."""

    deviance: float
    slope: float
    shift: FloatArray
    bread: FloatArray
    rss: float


def random_intercept(fit: LinearFit, clusters: IntArray) -> RandomIntercept:
    """REML of the columns of a least-squares fit, with an intercept of its own for each cluster.

    Parameters
    ----------
    fit : unweighted least squares of the same rows.
    clusters : (N,) codes 0..G−1.

    Notes
    -----
    With ``V = σ_e²(I + θJ)`` by cluster, θ is where the profile ``(N−K) log RSS(θ) + Σ log(1 + m_cθ) + log|X′V⁻¹X|``
    is least, by the roots of its derivative. Satterthwaite: ``V²/(g′H⁻¹g)``, g the gradient of a contrast's variance
    by (σ_u², σ_e²), H the Hessian of the deviance.

    Raises
    ------
    NotEstimable : no cluster of two rows, or rows alike within clusters.

    References
    ----------
    Laird & Ware (1982), *Biometrics*; Bates et al. (2015), *J Stat Softw*; Kuznetsova et al. (2017), *J Stat Softw*.
    """
    parts = _parts(fit, clusters)
    ratio = _best_ratio(parts)
    found = _profile(parts, ratio)
    within = found.rss / parts.n_left
    between = ratio * within
    bread = found.bread * within  # of coordinates in the basis
    weight = 1 / (within + parts.sizes * between)
    scaled = parts.sums * weight[:, None]
    by_between = bread @ (scaled.T @ scaled) @ bread
    by_within = (bread - between * by_between) / within
    information = None
    if between > 0:
        information = _information(parts, found.shift, bread, weight, between, within)
    carry = fit.transform
    return RandomIntercept(
        fit.coefficients + carry @ found.shift,
        carry @ bread @ carry.T,
        between,
        within,
        np.stack([carry @ one @ carry.T for one in (by_between, by_within)]),
        information,
    )


def _parts(fit: LinearFit, clusters: IntArray) -> _Parts:
    n_clusters = int(clusters.max()) + 1
    sizes = np.bincount(clusters).astype(np.float64)
    if sizes.max() < 2:
        raise NotEstimable(
            "no cluster has two rows, so variance between clusters cannot be told from variance within them; "
            "cluster_means compares them"
        )
    sums = cluster_sums(fit.basis, clusters, n_clusters)
    errors = np.bincount(clusters, weights=fit.residuals).astype(np.float64)
    inside = fit.basis - (sums / sizes[:, None])[clusters]
    left = fit.residuals - (errors / sizes)[clusters]
    square = float(left @ left)
    if not square > 1e-20 * float(fit.residuals @ fit.residuals):
        raise NotEstimable("the outcome does not vary within clusters; cluster_means compares them")
    n_left = fit.n_obs - fit.n_parameters
    return _Parts(sizes, sums, errors, inside.T @ inside, inside.T @ left, square, n_left)


def _profile(parts: _Parts, ratio: float) -> _Profile:
    """Deviance and half its derivative at one θ, and the correction of the coefficients there."""
    kept = 1 / (1 + parts.sizes * ratio)
    share = kept / parts.sizes
    information = parts.products + (parts.sums * share[:, None]).T @ parts.sums
    right = parts.crossed + parts.sums.T @ (share * parts.errors)
    factor = linalg.cho_factor(information)
    shift = linalg.cho_solve(factor, right)
    rss = parts.square + float(share @ parts.errors**2) - float(right @ shift)
    bread = linalg.cho_solve(factor, np.eye(len(shift)))
    deviance = parts.n_left * np.log(rss) - np.log(kept).sum() + 2 * np.log(np.diag(factor[0])).sum()
    left = kept * (parts.errors - parts.sums @ shift)
    scaled = parts.sums * kept[:, None]
    trace = float(parts.sizes @ kept) - float(((scaled @ bread) * scaled).sum())
    return _Profile(float(deviance), trace - parts.n_left * float(left @ left) / rss, shift, bread, rss)


def _best_ratio(parts: _Parts) -> float:
    """The θ of least deviance: 0, or a root of the derivative."""
    slopes = np.array([_profile(parts, ratio).slope for ratio in RATIOS])
    if slopes[-1] < 0:
        raise NotEstimable("nearly all variance is between clusters; cluster_means compares them")
    at = np.r_[0.0, RATIOS]
    slopes = np.r_[_profile(parts, 0.0).slope, slopes]
    found = [
        optimize.brentq(
            lambda ratio: _profile(parts, ratio).slope, at[k], at[k + 1], rtol=PRECISION, xtol=1e-300
        )
        for k in np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0))
    ]
    if slopes[0] >= 0:
        found.append(0.0)
    return float(min(found, key=lambda ratio: _profile(parts, ratio).deviance))


def _information(
    parts: _Parts, shift: FloatArray, bread: FloatArray, weight: FloatArray, between: float, within: float
) -> FloatArray:
    """Half the Hessian of the REML deviance by (σ_u², σ_e²): ``y′PV_iPV_jPy − ½ tr(PV_iPV_j)``.

    With Z the clusters' indicators and ``P = V⁻¹ − V⁻¹X(X′V⁻¹X)⁻¹X′V⁻¹``; ``PVP = P`` leaves only sums by cluster.
    """
    own = parts.sizes * weight
    scaled = parts.sums * weight[:, None]  # Z′V⁻¹X
    crossed = scaled.T @ scaled
    lost = ((scaled @ bread) * scaled).sum(axis=1)
    trace_u = float(own.sum() - lost.sum())  # tr(PZZ′)
    trace_uu = float((own**2).sum() - 2 * (own @ lost)) + float(
        np.sum((bread @ crossed) * (bread @ crossed).T)
    )
    trace_e = (parts.n_left - between * trace_u) / within
    trace_ue = (trace_u - between * trace_uu) / within
    trace_ee = (trace_e - between * trace_ue) / within
    left = weight * (parts.errors - parts.sums @ shift)  # Z′Py
    on_x = scaled.T @ left
    form = float(parts.n_left)  # y′Py, at the REML estimate of the variance within
    form_u = float(left @ left)
    form_e = (form - between * form_u) / within
    form_uu = float(own @ left**2 - on_x @ bread @ on_x)
    form_ue = (form_u - between * form_uu) / within
    form_ee = (form_e - between * form_ue) / within
    return np.array(
        [[form_uu - trace_uu / 2, form_ue - trace_ue / 2], [form_ue - trace_ue / 2, form_ee - trace_ee / 2]]
    )
