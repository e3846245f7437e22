"""Bell–McCaffrey (CR2) covariance of a balanced two-way model, at a cost linear in the rows.

The hat matrix of a balanced panel with unit effects absorbed is
``(1/n)·11′ ⊗ P + Z A Z′``: P the projection off the constant over T periods, Z the residual
regressors, A = (Z′Z)⁻¹. Within a cluster it acts on the span of QZ and (I − Q)Z only, Q
the average over the cluster's units, so ``(I − H_c)^{−1/2}`` needs one 2k × 2k
eigenproblem for each distinct cluster, whatever the number of periods.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.two_way_balanced import Design, Moments, residual_outcome

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

FULL_LEVERAGE = 1e-10
NULL_SHARE = 1e-12  # a direction this small beside the whole is rounding


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Clusters by kind: those of one kind have the same regressors and weights.

    ``kind`` (G,); by kind, ``size`` (V,) the weight, ``sums`` (V, k, T) the weighted sums of
    the residual regressors over the cluster's units, ``cross`` (V, k, k) their products.
    By cluster, ``shared`` (G, k) and ``scores`` (G, k) are Z′Qe and Z′e.
    """

    kind: IntArray
    size: FloatArray
    sums: FloatArray
    cross: FloatArray
    shared: FloatArray
    scores: FloatArray

    def apply(self, vectors: FloatArray, matrices: FloatArray) -> FloatArray:
        """Multiply each cluster's row vector by its kind's matrix."""
        if len(matrices) == len(vectors):
            return np.asarray(np.einsum("gi,gij->gj", vectors, matrices[self.kind]))
        result = np.empty((len(vectors), matrices.shape[2]))
        for v, matrix in enumerate(matrices):
            members = np.flatnonzero(self.kind == v)
            result[members] = vectors[members] @ matrix
        return result


class BalancedCR2:
    """CR2 for one fitted two-way model.

    Parameters
    ----------
    outcome : (n, T).
    design, moments : the model, see :mod:`experiments.stats.regression.two_way_balanced`.
    coefficients, bread : (k,) and (k, k) = (Z′Z)⁻¹.
    cluster : (n,) codes 0..G−1, at or above the unit.

    Notes
    -----
    ``V = A (Σ u_c u_c′) A`` with ``u_c = Z_c′(I − H_c)^{−1/2} e_c``, the generalised inverse where
    a cluster has full leverage. Satterthwaite degrees of freedom under independent errors of
    equal variance: with ``q_c = (I − H_c)^{−1/2} Z_c A κ`` for a contrast κ,
    ``P = diag(q_c′q_c) − F F′``, ``F_c = (Σ_{i∈c} q_i/√n, A^{1/2} Z_c′q_c)``, ``df = (tr P)²/Σ P²``.
    With weights all of this happens after rows are multiplied by the root of their weight.

    References
    ----------
    Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), *JBES*.
    """

    def __init__(
        self,
        outcome: FloatArray,
        design: Design,
        moments: Moments,
        coefficients: FloatArray,
        bread: FloatArray,
        cluster: IntArray,
    ) -> None:
        if int(cluster.max()) + 1 == len(cluster):
            self.kinds = _unit_clusters(design, moments, coefficients, cluster)
        else:
            self.kinds = _unit_groups(outcome, design, moments, coefficients, cluster)
        self.bread = bread
        self.total = float(moments.weight.sum())
        self.count = np.bincount(self.kinds.kind, minlength=len(self.kinds.size)).astype(np.float64)
        self._decompose()
        # Coordinates of e in the two orthogonal bases, of QZ and of the rest.
        inside = self.kinds.apply(self.kinds.shared, self.into[0])
        outside = self.kinds.apply(self.kinds.scores - self.kinds.shared, self.into[1])
        adjusted = self.kinds.apply(
            np.concatenate([inside, outside], axis=1), np.matmul(self.root, self.loading)
        )
        self.matrix = bread @ (adjusted.T @ adjusted) @ bread

    def _decompose(self) -> None:
        """Orthogonal bases of the span of each kind's regressors, and the root of I − H on it."""
        kinds = self.kinds
        shared = np.matmul(kinds.sums, kinds.sums.transpose(0, 2, 1)) / kinds.size[:, None, None]
        values, vectors = np.linalg.eigh(np.stack([shared, kinds.cross - shared]))
        floor = NULL_SHARE * np.einsum("gkk->g", kinds.cross)[None, :, None]
        roots = np.sqrt(np.where(values > floor, values, 0.0))
        inverse_roots = np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)
        self.into = vectors * inverse_roots[:, :, None, :]  # from Z′v to F′v
        factors = roots[..., None] * vectors.transpose(0, 1, 3, 2)
        self.loading = np.concatenate([factors[0], factors[1]], axis=1)  # F′Z, (V, 2k, k)
        hat = np.matmul(np.matmul(self.loading, self.bread), self.loading.transpose(0, 2, 1))
        place = np.arange(kinds.cross.shape[1])
        hat[:, place, place] += (kinds.size / self.total)[:, None]
        share, axes = np.linalg.eigh(hat)
        left = 1 - share
        inverse = np.where(left > FULL_LEVERAGE, 1 / np.sqrt(np.maximum(left, FULL_LEVERAGE)), 0.0)
        self.root = np.matmul(axes * inverse[:, None, :], axes.transpose(0, 2, 1))

    def df(self, contrast: FloatArray) -> float:
        """Satterthwaite degrees of freedom of a (k,) contrast."""
        width = len(contrast)
        q = np.einsum("vij,vj->vi", self.root, self.loading @ (self.bread @ contrast))
        own = (q**2).sum(axis=1)
        moved = np.einsum("vji,vj->vi", self.loading, q)
        back = np.einsum("vij,vj->vi", self.into[0], q[:, :width])
        sums = np.einsum("vkt,vk->vt", self.kinds.sums, back) / np.sqrt(self.total)
        factors = np.concatenate([sums, moved @ np.linalg.cholesky(self.bread)], axis=1)
        removed = (factors**2).sum(axis=1)
        trace = float(self.count @ (own - removed))
        between = (factors * self.count[:, None]).T @ factors
        squares = float(self.count @ (own**2 - 2 * own * removed) + (between**2).sum())
        if trace <= 0 or squares <= 0:
            raise NotEstimable("CR2 has no degrees of freedom left: a single cluster determines the effect")
        return trace**2 / squares


def _unit_clusters(design: Design, moments: Moments, coefficients: FloatArray, cluster: IntArray) -> _Kinds:
    """Clusters of one unit each: with equal weights, units of one pattern are one kind."""
    unit = np.argsort(cluster)
    weight = moments.weight
    alike = bool(np.all(weight == weight[0]))
    kind = moments.pattern if alike else np.arange(len(weight))
    size = np.full(len(moments.xx), weight[0]) if alike else weight
    sums: list[FloatArray] = []
    for units, block in design.blocks(weight):
        sums.append(block * weight[0] if alike else block * weight[units][:, None, None])
    cross = moments.xx * weight[0] if alike else moments.xx[moments.pattern] * weight[:, None, None]
    scores = moments.scores(coefficients)[unit]
    if not alike and len(moments.xx) < len(weight):
        order = np.concatenate([units for units, _ in design.blocks(weight)])
        joined = np.concatenate(sums)
        placed = np.empty_like(joined)
        placed[order] = joined
        sums = [placed]
    return _Kinds(kind[unit], size, np.concatenate(sums), cross, scores, scores)


def _unit_groups(
    outcome: FloatArray, design: Design, moments: Moments, coefficients: FloatArray, cluster: IntArray
) -> _Kinds:
    """Clusters of several units: each is a kind of its own."""
    n_clusters = int(cluster.max()) + 1
    sums = np.zeros((n_clusters, design.n_columns, outcome.shape[1]))
    response = np.zeros((n_clusters, outcome.shape[1]))
    for units, block in design.blocks(moments.weight):
        weight = moments.weight[units]
        left = residual_outcome(outcome, units, moments.period_outcome)
        np.add.at(sums, cluster[units], block * weight[:, None, None])
        np.add.at(response, cluster[units], left * weight[:, None])
    cross = np.zeros((n_clusters, design.n_columns, design.n_columns))
    np.add.at(cross, cluster, moments.xx[moments.pattern] * moments.weight[:, None, None])
    scores = np.zeros((n_clusters, design.n_columns))
    np.add.at(scores, cluster, moments.scores(coefficients))
    size = np.asarray(np.bincount(cluster, weights=moments.weight), dtype=np.float64)
    error = response - np.einsum("gkt,k->gt", sums, coefficients)
    shared = np.einsum("gkt,gt->gk", sums, error) / size[:, None]
    return _Kinds(np.arange(n_clusters), size, sums, cross, shared, scores)
