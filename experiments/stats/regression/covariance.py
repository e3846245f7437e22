"""Covariances of a least-squares fit: classical, HC1-HC3, CR0, CR1 and CR2, each with its degrees of freedom.

Everything is computed in the orthonormal coordinates of the fit, where the bread is the identity. CR2
needs only one K x K cross-product for each cluster, never an n x n matrix.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.regression.linear import LinearFit

FULL_LEVERAGE = 1e-10  # a row or cluster this close to leverage 1 determines a coefficient alone
WIDE = 40  # columns above which products of whole clusters are cheaper than sums of pairs
CLUSTERED = frozenset({"CR0", "CR1", "CR2"})


@dataclass(frozen=True, slots=True)
class Covariance:
    """A covariance of K coefficients.

    Attributes
    ----------
    kind : its name in the plan.
    matrix : (K, K).
    df : degrees of freedom for a (K,) contrast; None is the normal.
    ssc : the small-sample factor and its parts.
    """

    kind: str
    matrix: FloatArray
    df: Callable[[FloatArray], float | None]
    ssc: Mapping[str, Any]

    def std_error(self, contrast: FloatArray) -> float:
        """The standard error of a contrast."""
        return float(np.sqrt(contrast @ self.matrix @ contrast))


def covariance(
    fit: LinearFit,
    kind: str,
    clusters: IntArray | None = None,
    *,
    extra_parameters: int = 0,
    row_names: Sequence[str] | None = None,
) -> Covariance:
    """The covariance of a fit, by its name in the plan.

    Parameters
    ----------
    fit : the least-squares fit.
    kind : ``classical``, ``HC1``, ``HC2``, ``HC3``, ``CR0``, ``CR1`` or ``CR2``.
    clusters : (N,) codes 0..G-1, for CR0, CR1 and CR2.
    extra_parameters : parameters that were absorbed before the fit and count in K (the constant, or
        effects that are not nested in the clusters).
    row_names : (N,) names of the rows, for the refusal of a row that determines a coefficient alone.

    Notes
    -----
    With ``x_i`` a row of the design, e the residuals, h the leverage and s_c the sum of ``x_i e_i`` over
    a cluster: HC1 ``N/(N-K) sum e² xx'``, HC2 ``sum e²/(1-h) xx'``, HC3 ``sum e²/(1-h)² xx'``, t(N - K);
    CR0 ``sum s_c s_c'``, CR1 that times ``G/(G-1) (N-1)/(N-K)``, t(G - 1); CR2 see `bell_mccaffrey`.
    Weights are analysis weights: all of this happens after rows are multiplied by the root of their
    weight, CR2's working model included.

    References
    ----------
    White (1980); MacKinnon and White (1985); Liang and Zeger (1986); Bell and McCaffrey (2002).
    """
    if kind in CLUSTERED:
        if clusters is None:
            raise NotEstimable(f"{kind} needs clusters")
        return _clustered(fit, kind, clusters, extra_parameters)
    return _independent(fit, kind, extra_parameters, row_names)


def _independent(
    fit: LinearFit, kind: str, extra_parameters: int, row_names: Sequence[str] | None
) -> Covariance:
    n_parameters = fit.n_parameters + extra_parameters
    left = fit.n_obs - n_parameters
    if left < 1:
        raise NotEstimable(f"{fit.n_obs} units cannot support {n_parameters} parameters")
    counts = {"n_obs": fit.n_obs, "n_parameters": n_parameters}
    factor, formula = (fit.n_obs / left, "N/(N-K)") if kind == "HC1" else (1.0, "none")
    if kind == "classical":
        meat = np.eye(fit.n_parameters) * float(fit.residuals @ fit.residuals) / left
    else:
        weighted = fit.basis * _scaled_residuals(fit, kind, row_names)[:, None]
        meat = factor * (weighted.T @ weighted)
    ssc = {"covariance": kind, "factor": factor, "formula": formula, **counts}
    return Covariance(kind, _carry(fit, meat), lambda contrast: float(left), ssc)


def _scaled_residuals(fit: LinearFit, kind: str, row_names: Sequence[str] | None) -> FloatArray:
    if kind == "HC1":
        return fit.residuals
    left = 1 - (fit.basis**2).sum(axis=1)
    alone = np.flatnonzero(left < FULL_LEVERAGE)
    if len(alone):
        name = f"unit '{row_names[alone[0]]}'" if row_names is not None else f"row {alone[0] + 1}"
        raise NotEstimable(f"{name} alone determines a coefficient, so {kind} cannot be computed; use HC1")
    return np.asarray(fit.residuals / (np.sqrt(left) if kind == "HC2" else left), dtype=np.float64)


def _clustered(fit: LinearFit, kind: str, clusters: IntArray, extra_parameters: int) -> Covariance:
    n_clusters = int(clusters.max()) + 1
    n_parameters = fit.n_parameters + extra_parameters
    if n_clusters < 2:
        raise NotEstimable("there is only one cluster")
    scores = cluster_sums(fit.basis * fit.residuals[:, None], clusters, n_clusters)
    counts = {"n_obs": fit.n_obs, "n_parameters": n_parameters, "n_clusters": n_clusters}
    if kind == "CR2":
        blocks = cross_products(fit.basis, clusters, n_clusters)
        adjusted, satterthwaite = bell_mccaffrey(blocks, scores)
        ssc = {"covariance": kind, "factor": 1.0, "formula": "none (Bell-McCaffrey)", **counts}
        return Covariance(
            kind,
            _carry(fit, adjusted.T @ adjusted),
            lambda contrast: satterthwaite(fit.transform.T @ contrast),
            ssc,
        )
    factor, formula = 1.0, "none"
    if kind == "CR1":
        factor, formula = cr1_factor(fit.n_obs, n_parameters, n_clusters), "G/(G-1)*(N-1)/(N-K)"
    ssc = {"covariance": kind, "factor": factor, "formula": formula, **counts}
    meat = factor * (scores.T @ scores)
    return Covariance(kind, _carry(fit, meat), lambda contrast: float(n_clusters - 1), ssc)


def cr1_factor(n_obs: int, n_parameters: int, n_clusters: int) -> float:
    """``G/(G-1) (N-1)/(N-K)``: fixest's, reghdfe's and ``xtreg, fe``'s small-sample factor.

    `n_parameters` counts slopes, one for the constant, and the effects that are not nested in the clusters.
    """
    if n_obs <= n_parameters:
        raise NotEstimable(f"{n_obs} rows cannot support {n_parameters} parameters")
    return n_clusters / (n_clusters - 1) * (n_obs - 1) / (n_obs - n_parameters)


def bell_mccaffrey(
    blocks: FloatArray, scores: FloatArray, pattern: IntArray | None = None
) -> tuple[FloatArray, Callable[[FloatArray], float | None]]:
    """CR2 scores and Satterthwaite degrees of freedom from cluster cross-products.

    Parameters
    ----------
    blocks : (U, K, K) cross-products ``X_c' X_c`` in coordinates in which they sum to the identity over
        clusters.
    scores : (G, K) sums ``X_c' e_c`` in the same coordinates.
    pattern : (G,) which of the U blocks a cluster has, when clusters share designs; None when U = G.

    Returns
    -------
    adjusted : (G, K) scores ``u_c`` with ``V = sum u_c u_c'``.
    df : function of a (K,) contrast in the same coordinates.

    Notes
    -----
    With ``S_c = V diag(s) V'`` and ``g = (1 - s)^(-1/2)``, zero where s = 1 (generalised inverse): ``u_c
    = V diag(g) V' r_c``, ``b_c = X_c'q_c = V diag(s g) V' k``, ``a_c = q_c'q_c = k' V diag(s g²) V' k``.
    Then ``P = diag(a) - B B'`` with b_c the rows of B, and ``df = (tr P)² / sum P²``, under a working
    model of independent, equal-variance errors.

    References
    ----------
    Bell and McCaffrey (2002); Pustejovsky and Tipton (2018). Same numbers as R clubSandwich and estimatr.
    """
    pattern = np.arange(len(scores)) if pattern is None else pattern
    shares, vectors = np.linalg.eigh(blocks)
    left = 1 - shares
    inverse_root = np.where(left > FULL_LEVERAGE, 1 / np.sqrt(np.maximum(left, FULL_LEVERAGE)), 0.0)
    shares = np.clip(shares, 0.0, 1.0)
    rotated = np.einsum("gij,gi->gj", vectors[pattern], scores)
    adjusted = np.einsum("gij,gj->gi", vectors[pattern], inverse_root[pattern] * rotated)

    def satterthwaite(contrast: FloatArray) -> float | None:
        along = np.einsum("uij,i->uj", vectors, contrast)
        diagonal = (shares * inverse_root**2 * along**2).sum(axis=1)[pattern]
        inner = np.einsum("uij,uj->ui", vectors, shares * inverse_root * along)[pattern]
        own = (inner**2).sum(axis=1)
        trace = float((diagonal - own).sum())
        squares = float((diagonal**2 - 2 * diagonal * own).sum() + ((inner.T @ inner) ** 2).sum())
        if trace <= 0 or squares <= 0:
            raise NotEstimable("CR2 has no degrees of freedom left: a single cluster determines the effect")
        return trace**2 / squares

    return adjusted, satterthwaite


def cluster_sums(values: FloatArray, clusters: IntArray, n_clusters: int) -> FloatArray:
    """Column sums of (N, k) values within clusters, (G, k)."""
    sums = [np.bincount(clusters, weights=column, minlength=n_clusters) for column in values.T]
    return np.column_stack(sums)


def cross_products(basis: FloatArray, clusters: IntArray, n_clusters: int) -> FloatArray:
    """``X_c' X_c`` of every cluster, (G, K, K)."""
    width = basis.shape[1]
    if width > WIDE:
        order = np.argsort(clusters, kind="stable")
        ends = np.cumsum(np.bincount(clusters, minlength=n_clusters))
        return np.stack([part.T @ part for part in np.split(basis[order], ends[:-1])])
    blocks = np.empty((n_clusters, width, width))
    for row in range(width):
        products = basis[:, : row + 1] * basis[:, row : row + 1]
        blocks[:, row, : row + 1] = cluster_sums(products, clusters, n_clusters)
        blocks[:, : row + 1, row] = blocks[:, row, : row + 1]
    return blocks


def _carry(fit: LinearFit, meat: FloatArray) -> FloatArray:
    """A covariance in orthonormal coordinates as one of the coefficients."""
    return np.asarray(fit.transform @ meat @ fit.transform.T, dtype=np.float64)
