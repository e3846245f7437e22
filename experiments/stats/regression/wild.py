"""The wild cluster bootstrap: a test that keeps its size with few clusters, at the cost of clusters times draws.

Everything is collapsed to one cross-product for each cluster first, so the number of rows matters once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.draws import BLOCK, signs, stream, uniforms
from experiments.stats.errors import NotEstimable
from experiments.stats.options import Multipliers
from experiments.stats.regression.covariance import cr1_factor
from experiments.stats.resampling import StudentisedDraws
from experiments.stats.results import Resampled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

DEFAULT_REPS = 9_999
ENUMERATED = 14  # clusters up to which every pattern of signs is used
WEBB_BELOW = 10  # clusters below which two signs leave too few different draws
LEAST_IN_ARM = 5
MOST_NUMBERS = 50_000_000
SINGULAR = 1e12  # condition of the scaled cross-products
WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))


@dataclass(frozen=True, slots=True)
class ClusterMoments:
    """Cross-products by cluster: ``xx`` (G, K, K), ``xy`` (G, K); ``n_obs`` rows, ``n_parameters`` counted in K."""

    xx: FloatArray
    xy: FloatArray
    n_obs: int
    n_parameters: int


@dataclass(frozen=True, slots=True)
class WildBootstrap:
    """The test of one coefficient.

    ``std_error`` is CR1's, which studentises; ``draws`` distinct draws; ``multipliers`` their kind;
    ``is_enumerated`` whether they are all there are.
    """

    estimate: float
    std_error: float
    resampled: Resampled
    draws: int
    multipliers: Multipliers
    is_enumerated: bool
    factor: float


def dense_moments(
    design: FloatArray, outcome: FloatArray, clusters: IntArray, weights: FloatArray | None = None
) -> ClusterMoments:
    """Cross-products of a small design to which a constant is added.

    Parameters
    ----------
    design : (N, k) columns without the constant.
    outcome : (N,).
    clusters : (N,) codes 0..G−1.
    weights : (N,) positive analysis weights.
    """
    share = np.ones(len(outcome)) if weights is None else weights
    total = share.sum()
    # Centred columns span the same space as the columns as given, and lose fewer digits.
    columns = np.column_stack([np.ones(len(outcome)), design - share @ design / total])
    level = outcome - share @ outcome / total
    n_clusters, width = int(clusters.max()) + 1, columns.shape[1]
    xx, xy = np.zeros((n_clusters, width, width)), np.zeros((n_clusters, width))
    for c in range(n_clusters):
        inside = clusters == c
        part = columns[inside] * share[inside, None]
        xx[c], xy[c] = part.T @ columns[inside], part.T @ level[inside]
    return ClusterMoments(xx, xy, len(outcome), width)


def wild_cluster_bootstrap(
    moments: ClusterMoments,
    column: int,
    *,
    alpha: float = 0.05,
    multipliers: Multipliers | None = None,
    reps: int | None = None,
    seed: int = 0,
    estimate_id: str = "",
    alternative: str = "two_sided",
) -> WildBootstrap:
    """Test one coefficient by flipping clusters' residuals under the hypothesis, CR1-studentised (WCR).

    Parameters
    ----------
    moments : cross-products in which effects nested in clusters may be absorbed, and all others are columns.
    column : the coefficient.
    multipliers : ``rademacher`` (every pattern of signs up to 14 clusters) or ``webb`` (six points, for fewer
        than 10 clusters); None chooses by the number of clusters.
    reps : draws where they are not enumerated; None is 9,999.
    alpha, seed, estimate_id, alternative : of the test.

    Returns
    -------
    WildBootstrap : estimate, CR1 error, p value, and the interval of the effects that are not rejected.

    Notes
    -----
    For the effect τ supposed, ũ are the residuals of ``y − τx`` on the other columns, ``S_c = X_c′ũ_c``, w the row of
    ``M = (X′X)⁻¹``: ``D = M Σ v_c S_c``, ``t* = D_k/√(a Σ (v_c w S_c − w X_c′X_c D)²)``, a the CR1 factor. All of it is
    linear in τ, so the interval costs no new draw.

    Raises
    ------
    NotEstimable : two clusters or fewer, or so many that CR2 is right and this does not fit in memory.

    References
    ----------
    Cameron, Gelbach & Miller (2008), *REStat*; Roodman, MacKinnon, Nielsen & Webb (2019), *Stata Journal*; Webb (2023),
    *Canadian J Econ*. Same p values as pyfixest and wildboottest.
    """
    n_clusters = len(moments.xy)
    if n_clusters < 3:
        raise NotEstimable(
            f"{n_clusters} clusters leave nothing to draw; at least 6 are needed for a p value below 0.05"
        )
    kind = multipliers or ("webb" if n_clusters < WEBB_BELOW else "rademacher")
    signs_drawn, is_enumerated = draw_multipliers(n_clusters, kind, reps or DEFAULT_REPS, seed, estimate_id)
    null = restricted(moments, column)
    parts = [null.draws(block) for block in np.array_split(signs_drawn, max(1, len(signs_drawn) // BLOCK))]
    tops = np.concatenate([part[0] for part in parts])
    squares = np.concatenate([part[1] for part in parts])
    if is_enumerated:  # the other half is the same with every sign turned
        tops, squares = np.concatenate([tops, -tops]), np.concatenate([squares, squares])
    observed = null.estimate, null.std_error
    found = StudentisedDraws.of(tops, squares, is_exact=is_enumerated, observed=observed)
    resampled = found.resampled(*observed, alpha=alpha, alternative=alternative)
    return WildBootstrap(*observed, resampled, len(tops), kind, is_enumerated, null.factor)


@dataclass(frozen=True, slots=True)
class Restricted:
    """One coefficient with CR1's error, and the scores of its clusters under a supposed effect."""

    estimate: float
    std_error: float
    factor: float
    column: int
    level: FloatArray
    slope: FloatArray
    bread: FloatArray
    weights_x: FloatArray

    def draws(self, multipliers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(B, 2) level and slope, and (B, 3) square, cross and curve with CR1's factor, of multipliers (B, G)."""
        tops, squares = _draws(multipliers, self.level, self.slope, self.bread, self.weights_x, self.column)
        return tops, self.factor * squares


def restricted(moments: ClusterMoments, column: int) -> Restricted:
    """The coefficient, and what its residuals are when an effect is imposed.

    Raises
    ------
    NotEstimable : a regressor that follows from the others, or residuals of zero.
    """
    n_clusters, width = moments.xy.shape
    total = moments.xx.sum(axis=0)
    scale = np.sqrt(np.diag(total))
    if not (scale > 0).all() or np.linalg.cond(total / np.outer(scale, scale)) > SINGULAR:
        raise NotEstimable(
            "a regressor does not vary, or follows from the others and the period effects, so nothing can be redrawn"
        )
    bread = np.linalg.inv(total)
    row = bread[column]
    coefficients = bread @ moments.xy.sum(axis=0)
    factor = cr1_factor(moments.n_obs, moments.n_parameters, n_clusters)
    weights_x = moments.xx @ row  # (G, K): w X_c'X_c
    scores = moments.xy @ row - weights_x @ coefficients
    estimate, std_error = float(coefficients[column]), float(np.sqrt(factor * (scores @ scores)))
    if not std_error > 0:
        raise NotEstimable("the residuals are zero, so there is nothing to draw from")
    # Residual scores under τ are `level − τ·slope`: of y and of x on the other columns.
    others = np.delete(np.arange(width), column)
    inverse = np.linalg.inv(total[np.ix_(others, others)])
    on_y = np.zeros(width)
    on_y[others] = inverse @ moments.xy.sum(axis=0)[others]
    on_x = np.zeros(width)
    on_x[others] = inverse @ total[others, column]
    level = moments.xy - moments.xx @ on_y
    slope = moments.xx[:, :, column] - moments.xx @ on_x
    return Restricted(estimate, std_error, factor, column, level, slope, bread, weights_x)


def domain_warnings(found: WildBootstrap, n_treated: int, n_control: int) -> tuple[str, ...]:
    """What to know about the test with this many clusters in each arm."""
    said = [
        f"p value and interval are of the wild cluster bootstrap ({found.draws} draws"
        f"{', all there are' if found.is_enumerated else ''}, {found.multipliers}); the standard error is CR1's, which "
        "studentises it"
    ]
    fewest = min(n_treated, n_control)
    if fewest < LEAST_IN_ARM:
        said.append(
            f"with {fewest} clusters in the smaller arm the wild cluster bootstrap hardly ever rejects, whatever the "
            "effect"
        )
    return tuple(said)


def draw_multipliers(
    n_clusters: int, kind: Multipliers, reps: int, seed: int, estimate_id: str
) -> tuple[FloatArray, bool]:
    """(B, G) multipliers, and whether they are one of each pair v, −v there is."""
    if kind == "rademacher" and n_clusters <= ENUMERATED:
        codes = np.arange(2 ** (n_clusters - 1))[:, None] >> np.arange(n_clusters) & 1
        return np.where(codes == 0, 1.0, -1.0), True
    if n_clusters * reps > MOST_NUMBERS:
        raise NotEstimable(
            f"{reps} draws of {n_clusters} clusters are more than is needed: with so many clusters use CR2 or CR1"
        )
    drawn = np.empty((reps, n_clusters))
    for block, start in enumerate(range(0, reps, BLOCK)):
        size = min(BLOCK, reps - start)
        bits = stream(seed, estimate_id, f"wild bootstrap {kind}", block)
        values = signs(bits, (size, n_clusters))
        if kind == "webb":
            values *= WEBB[np.floor(3 * uniforms(bits, (size, n_clusters))).astype(np.intp)]
        drawn[start : start + size] = values
    return drawn, False


def _draws(
    multipliers: FloatArray,
    level: FloatArray,
    slope: FloatArray,
    bread: FloatArray,
    weights_x: FloatArray,
    column: int,
) -> tuple[FloatArray, FloatArray]:
    """(B, 2) level and slope of the coefficient's error; (B, 3) square, cross and curve of its spread."""
    row = bread[column]
    errors, scores = [], []
    for part in (level, slope):
        moved = part @ bread  # (G, K): what one cluster's multiplier does to D
        errors.append(multipliers @ moved[:, column])
        scores.append(multipliers * (part @ row) - multipliers @ (moved @ weights_x.T))
    products = [
        (scores[0] ** 2).sum(axis=1),
        (scores[0] * scores[1]).sum(axis=1),
        (scores[1] ** 2).sum(axis=1),
    ]
    return np.column_stack(errors), np.column_stack(products)
