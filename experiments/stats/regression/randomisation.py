"""Randomisation inference: what the estimate would be had the draw fallen otherwise, from clusters alone.

The outcome and covariates are collapsed to sums by cluster once; each redrawn assignment then costs clusters,
not rows.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.assignments import (
    DEFAULT_DRAWS,
    LARGE,
    Assignments,
    assignments,
    in_words,
)
from experiments.stats.regression.covariance import cluster_sums, cr1_factor, cross_products
from experiments.stats.regression.randomisation_rows import MOST_SUMS, n_sums, row_statistics
from experiments.stats.resampling import StudentisedDraws
from experiments.stats.results import Resampled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


Rows = tuple[FloatArray, FloatArray, tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class RandomisationTest:
    """The test of one treatment.

    ``std_error`` is CR1's, which studentises, and None where an arm has one cluster; ``allocations`` how many ways
    the draw could have fallen; ``draws`` how many were used; ``is_enumerated`` whether they are all; ``words`` say so.
    """

    estimate: float
    std_error: float | None
    resampled: Resampled
    allocations: int
    draws: int
    is_enumerated: bool
    n_treated: int
    n_control: int
    words: str

    @classmethod
    def of(
        cls, drawn: Assignments, estimate: float, std_error: float, resampled: Resampled
    ) -> "RandomisationTest":
        """The test of an estimate over the ways in which a treatment of 0 and 1 could have fallen."""
        n_treated, n_clusters = int(drawn.labels.sum()), len(drawn.labels)
        n_control = n_clusters - n_treated
        return cls(
            estimate,
            None if min(n_treated, n_control) == 1 else std_error,
            resampled,
            drawn.possible,
            drawn.count,
            drawn.is_enumerated,
            n_treated,
            n_control,
            in_words(drawn, n_treated, n_clusters),
        )


def randomisation_test(
    outcome: FloatArray,
    treated: FloatArray,
    *,
    covariates: FloatArray | None = None,
    clusters: IntArray | None = None,
    blocks: IntArray | None = None,
    drawn: Assignments | None = None,
    weights: FloatArray | None = None,
    received: FloatArray | None = None,
    draws: int = DEFAULT_DRAWS,
    alpha: float = 0.05,
    seed: int = 0,
    estimate_id: str = "",
    alternative: str = "two_sided",
) -> RandomisationTest:
    """Test a treatment by redrawing it over clusters, as often treated in each block as it was.

    Parameters
    ----------
    outcome : (N,) in the outcome's units.
    treated : (N,) 1 or 0, the same within a cluster.
    covariates : (N, k) columns besides the constant.
    clusters : (N,) codes 0..G−1 of what was assigned; None where it was each row.
    blocks : (N,) codes of the strata within which it was assigned.
    drawn : the ways in which it could have been assigned, where they are not those of the blocks.
    weights : (N,) positive analysis weights.
    received : (N,) the treatment received; the effect supposed is then of that (Anderson–Rubin), and `treated` its
        instrument, which must move it.
    draws : redrawn assignments; all of them where there are at most 20,000.
    alpha, seed, estimate_id, alternative : of the test.

    Returns
    -------
    RandomisationTest : the estimate, the p value, and the interval of constant effects that are not rejected.

    Notes
    -----
    e the residuals of the outcome on covariates X, by cluster ``E = Σe``, ``S = Σx``, ``F = Σxe``, ``Q = Σxx′``, X
    orthonormal. For assignment z: ``γ = Σ z_c S_c``, ``β = Σ z_c E_c/(Σ n_c z_c − γ′γ)``, ``s_c = z_c E_c − γ′F_c −
    β(n_c z_c − 2z_cγ′S_c + γ′Q_cγ)``; the statistic is ``β/√(aΣs_c²)`` with the bread. Linear in a constant effect,
    so the interval costs no new draw.

    Raises
    ------
    NotEstimable : fewer than 6 clusters, so few allocations that no p value could reach `alpha`, a cluster with both
        arms, or a treatment that the covariates determine.

    References
    ----------
    Fisher (1935); Young (2019), *QJE*; Wu & Ding (2021), *JASA*, for the statistic divided by its error.
    """
    found = collapse(
        outcome,
        treated,
        covariates=covariates,
        clusters=clusters,
        blocks=blocks,
        weights=weights,
        received=received,
    )
    if drawn is None:
        drawn = assigned_ways(found.status, found.block, draws, alpha, seed, estimate_id, alternative)
    return judged(drawn, found.studentised(drawn), step=found.scale, alpha=alpha, alternative=alternative)


def judged(
    drawn: Assignments, studentised: StudentisedDraws, *, step: float, alpha: float, alternative: str
) -> RandomisationTest:
    """The test of draws whose numerators are linear in a constant effect.

    Parameters
    ----------
    drawn : the ways, of 0 and 1.
    studentised : their statistics, the observed one first.
    step : the first step outwards of the interval, where the error is 0.
    alpha, alternative : of the test.
    """
    estimate = float(studentised.level[0]) / float(studentised.slope[0])
    square = studentised.square[0] - 2 * estimate * studentised.cross[0] + estimate**2 * studentised.curve[0]
    error = math.sqrt(max(0.0, float(square))) / abs(float(studentised.slope[0]))
    test = studentised.resampled(estimate, error if error > 0 else step, alpha=alpha, alternative=alternative)
    return RandomisationTest.of(drawn, estimate, error, test)


@dataclass(frozen=True, slots=True)
class Collapsed:
    """An outcome, its covariates and a treatment as sums by cluster, from which any redrawn treatment is judged.

    ``status``, ``block`` (G,) are the observed treatment and the stratum; ``scale`` a spread of the outcome; ``rows``
    what the scores of many rows that were assigned alone are made of.
    """

    status: FloatArray
    block: IntArray
    scale: float
    factor: float
    totals: FloatArray
    sums: FloatArray
    products: FloatArray
    collapsed: list[tuple[FloatArray, FloatArray]]
    rows: Rows | None = None

    def statistics(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(R, 2) level and slope, and (R, 3) square, cross and curve with CR1's factor, of treatments z (R, G)."""
        tops, squares = _statistics(z, self.totals, self.sums, self.products, self.collapsed)
        return tops, self.factor * squares

    def studentised(self, drawn: Assignments) -> StudentisedDraws:
        """The statistics of all ways that are used."""
        if self.rows is not None:
            tops, squares = row_statistics(drawn.blocks(), *self.rows)
            return StudentisedDraws.of(tops, self.factor * squares, is_exact=drawn.is_enumerated)
        parts = [self.statistics(z) for z in drawn.blocks()]
        tops = np.concatenate([part[0] for part in parts])
        squares = np.concatenate([part[1] for part in parts])
        return StudentisedDraws.of(tops, squares, is_exact=drawn.is_enumerated)


def collapse(
    outcome: FloatArray,
    treated: FloatArray,
    *,
    covariates: FloatArray | None = None,
    clusters: IntArray | None = None,
    blocks: IntArray | None = None,
    weights: FloatArray | None = None,
    received: FloatArray | None = None,
) -> Collapsed:
    """Sums by cluster; the parameters are those of `randomisation_test`.

    Raises
    ------
    NotEstimable : a cluster with both arms or in two strata, a treatment that the covariates determine, or
        arms that received it alike.
    """
    groups = np.arange(len(outcome)) if clusters is None else clusters
    n_clusters = int(groups.max()) + 1
    status = by_cluster(treated, groups, "holds both arms")
    block = np.zeros(n_clusters, dtype=np.intp)
    if blocks is not None:
        block = by_cluster(blocks.astype(np.float64), groups, "lies in two strata").astype(np.intp)
    share = np.ones(len(outcome)) if weights is None else weights / weights.mean()
    basis = _basis(covariates, blocks, share)
    left = [
        column - basis @ (basis.T @ (share * column))
        for column in (outcome, treated if received is None else received)
    ]
    found = Collapsed(
        status=status,
        block=block,
        scale=float(np.sqrt(share @ left[0] ** 2 / len(outcome))),
        factor=cr1_factor(len(outcome), basis.shape[1] + 1, n_clusters),
        totals=cluster_sums(share[:, None], groups, n_clusters)[:, 0],
        sums=cluster_sums(basis * share[:, None], groups, n_clusters),
        products=cross_products(basis * np.sqrt(share)[:, None], groups, n_clusters),
        collapsed=[
            (
                cluster_sums((share * column)[:, None], groups, n_clusters)[:, 0],
                cluster_sums(basis * (share * column)[:, None], groups, n_clusters),
            )
            for column in left
        ],
        rows=(share, basis, (left[0], left[1])) if _is_by_row(groups, basis.shape[1]) else None,
    )
    bread = float(found.statistics(status[None])[0][0, 1])
    if received is None and not bread > 1e-10 * float(found.totals @ status):
        raise NotEstimable(
            "the covariates determine who is treated, so the effect cannot be told from theirs"
        )
    if received is not None and not abs(bread) > 1e-10 * float(share @ np.abs(received)):
        raise NotEstimable(
            "the arms received the treatment alike, so no effect of receiving it can be supposed"
        )
    return found


def _is_by_row(groups: IntArray, width: int) -> bool:
    """Whether so many rows were assigned alone that sums over the treated are cheaper than their scores."""
    many = len(groups) > LARGE and n_sums(width) <= MOST_SUMS
    return many and bool(np.array_equal(groups, np.arange(len(groups))))


def assigned_ways(
    status: FloatArray,
    block: IntArray,
    draws: int,
    alpha: float,
    seed: int,
    estimate_id: str,
    alternative: str,
) -> Assignments:
    """Ways in which clusters could have been treated, as often in each block as they were.

    Raises
    ------
    NotEstimable : fewer than 6 clusters, or so few ways that no p value could reach `alpha`.
    """
    drawn = assignments(status, block, draws, alpha, seed, estimate_id)
    halved = np.array_equal(2 * np.bincount(block, weights=status), np.bincount(block))
    if alternative == "two_sided" and halved and drawn.possible < 2 / alpha:
        raise NotEstimable(
            f"the draw could have fallen in {drawn.possible} ways only, each with its mirror image as far from no "
            f"effect, so no p value below 2/{drawn.possible} is possible and the test can never reach {alpha:g}; "
            "cluster_means, or more units, can"
        )
    return drawn


def by_cluster(values: FloatArray, groups: IntArray, fault: str) -> FloatArray:
    """(G,) values that are the same within a cluster.

    Raises
    ------
    NotEstimable : they are not.
    """
    first = np.unique(groups, return_index=True)[1]
    found = values[first]
    if not np.array_equal(found[groups], values):
        raise NotEstimable(f"a cluster {fault}, so the cluster is not what was assigned")
    return found


def _basis(covariates: FloatArray | None, blocks: IntArray | None, share: FloatArray) -> FloatArray:
    """Orthonormal columns (under the weights) of the constant, the covariates and the blocks."""
    columns = [np.ones((len(share), 1))]
    if covariates is not None and covariates.shape[1]:
        columns.append(covariates - share @ covariates / share.sum())
    if blocks is not None:
        columns.append((blocks[:, None] == np.arange(1, int(blocks.max()) + 1)).astype(np.float64))
    root = np.sqrt(share)[:, None]
    stacked = np.column_stack(columns) * root
    basis, upper = np.linalg.qr(stacked / np.sqrt((stacked**2).sum(axis=0)))
    if np.abs(np.diag(upper)).min() < 1e-10:
        raise NotEstimable("a covariate is constant or a combination of others")
    return basis / root


def _statistics(
    z: FloatArray,
    totals: FloatArray,
    sums: FloatArray,
    products: FloatArray,
    collapsed: list[tuple[FloatArray, FloatArray]],
) -> tuple[FloatArray, FloatArray]:
    """(R, 2) numerators of outcome and treatment, (R, 3) squares of their scores, for assignments z (R, G)."""
    on_x = z @ sums  # (R, K)
    bread = z @ totals - (on_x**2).sum(axis=1)
    width = on_x.shape[1]
    outer = (on_x[:, :, None] * on_x[:, None, :]).reshape(len(z), width * width)
    own = z * totals - 2 * z * (on_x @ sums.T) + outer @ products.reshape(len(totals), width * width).T
    tops, scores = [], []
    for error, cross in collapsed:
        top = z @ error
        beta = np.divide(top, bread, out=np.zeros_like(top), where=bread > 0)
        tops.append(top)
        scores.append(z * error - on_x @ cross.T - beta[:, None] * own)
    squares = [
        (scores[0] ** 2).sum(axis=1),
        (scores[0] * scores[1]).sum(axis=1),
        (scores[1] ** 2).sum(axis=1),
    ]
    return np.column_stack(tops), np.column_stack(squares)
