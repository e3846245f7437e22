"""Random intercepts of clusters, and of their periods, by restricted maximum likelihood (REML), from means of cells.

A cell is a cluster in a period. Everything is in the orthonormal coordinates of the least-squares fit, in which the
estimate is a correction, and in units of its residual variance.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.regression.covariance import cluster_sums
from experiments.stats.regression.linear import LinearFit

BETWEEN, BY_PERIOD = (0.02, 0.5, 30.0), (0.0, 0.1)  # ratios to the variance within, to start from
MOST = 1e6  # the ratio above which a variance cannot be read beside the one above it
STEPS = 200
PRECISION = 1e-8  # of the variances at the last step, which Newton's next would square
ROUNDING = 1e-12
NONE_LEFT = 1e-20  # a share of a sum of squares that is rounding
ALL_BETWEEN = "nearly all variance is between clusters; use fixed 'cluster_effects'"
ALIKE = "the rows of a cluster are alike in each period; give one row for each instead"
NOT_APART = "the variances of clusters, of their periods and of rows cannot be told apart; use fixed 'cluster_effects'"


@dataclass(frozen=True, slots=True)
class NestedIntercepts:
    """``coefficients`` (K,), their ``matrix`` (K, K) as the model has it, and ``adjusted`` by Kenward and Roger.

    Variances: ``between`` clusters, ``by_period`` of a cluster's periods about it (None where every cell has one row,
    so that it is part of the last), and ``within`` cells. ``slopes`` (V, K, K): derivatives of the matrix by them;
    ``spread`` (V, V): their covariance, by the expected information.
    """

    coefficients: FloatArray
    matrix: FloatArray
    adjusted: FloatArray
    between: float
    by_period: float | None
    within: float
    slopes: FloatArray
    spread: FloatArray

    def std_error(self, contrast: FloatArray) -> float:
        """The adjusted error of a (K,) contrast."""
        return float(np.sqrt(contrast @ self.adjusted @ contrast))

    def df(self, contrast: FloatArray) -> float:
        """Kenward and Roger's degrees of freedom of a (K,) contrast."""
        variance = float(contrast @ self.matrix @ contrast)
        slope = np.einsum("i,vij,j->v", contrast, self.slopes, contrast)
        return 2 * variance**2 / float(slope @ self.spread @ slope)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Means by cell of basis (C, K) and residuals (C,), cells of ``rows`` (C,) in order of cluster, and what is left.

    ``cluster`` (C,) codes, ``first`` (G,) the first cell of each; ``products``, ``crossed`` and ``square`` are of rows
    about the means.
    """

    cluster: IntArray
    first: IntArray
    rows: FloatArray
    columns: FloatArray
    errors: FloatArray
    products: FloatArray
    crossed: FloatArray
    square: float
    n_obs: int

    @property
    def free_within(self) -> int:
        """Rows less cells."""
        return self.n_obs - len(self.rows)

    def by_cluster(self, values: FloatArray) -> FloatArray:
        """Sums over the cells of each cluster."""
        found: FloatArray = np.add.reduceat(values, self.first, axis=0)
        return found


@dataclass(frozen=True, slots=True)
class _At:
    """What the three variances give, with ``V⁻¹ = diag(w) − κww′`` by cluster.

    ``weight`` w (C,), ``total`` its sums by cluster (G,), ``pulled`` κ (G,), ``scaled`` V⁻¹X (C, K), ``bread`` (K, K),
    ``shift`` of the coefficients (K,), ``form`` r′V⁻¹r, and ``logs`` the rest of the deviance.
    """

    weight: FloatArray
    total: FloatArray
    pulled: FloatArray
    scaled: FloatArray
    bread: FloatArray
    shift: FloatArray
    form: float
    logs: float

    @property
    def deviance(self) -> float:
        return self.logs + self.form

    def solved(self, data: _Cells, values: FloatArray) -> FloatArray:
        """V⁻¹ of (C, k) values."""
        own = self.weight[:, None] * values
        pull = self.pulled[:, None] * data.by_cluster(own)
        return own - self.weight[:, None] * pull[data.cluster]


@dataclass(frozen=True, slots=True)
class _Slopes:
    """Derivatives of the deviance by the variances, and what the adjusted covariance takes.

    ``score`` (3,), ``expected`` (3, 3) half the expected Hessian, ``observed`` (3, 3) the Hessian; ``first`` (3, K, K)
    X′V⁻¹V_iV⁻¹X and ``second`` (3, 3, K, K) X′V⁻¹V_iV⁻¹V_jV⁻¹X.
    """

    score: FloatArray
    expected: FloatArray
    observed: FloatArray
    first: FloatArray
    second: FloatArray


def nested_intercepts(fit: LinearFit, clusters: IntArray, periods: IntArray) -> NestedIntercepts:
    """REML of the columns of a least-squares fit, with an intercept for each cluster and for each of its periods.

    Parameters
    ----------
    fit : unweighted least squares of the same rows.
    clusters, periods : (N,) codes from 0 without gaps.

    Notes
    -----
    Means of cells have the covariance ``σ_u²J + diag(σ_v² + σ_e²/n)`` by cluster, and rows about them ``σ_e²``. The
    deviance is made least over variances of at least 0 by Newton's steps. With ``Φ = (X′V⁻¹X)⁻¹`` and W the inverse
    of ``½ tr(PV_iPV_j)``, the adjusted covariance is ``Φ + 2Φ{Σ W_ij(Q_ij − P_iΦP_j)}Φ``, and the degrees of freedom
    of one contrast are ``2V²/(g′Wg)``, g the gradient of its variance. A variance that is estimated as 0 is counted
    with the others, as nobody knew it to be 0.

    Raises
    ------
    NotEstimable : no cluster of two rows, rows alike within clusters or cells, or no convergence.

    References
    ----------
    Kenward & Roger (1997), *Biometrics*; Hooper et al. (2016), *Stat Med*, for the periods of clusters.
    """
    unit = float(fit.residuals @ fit.residuals) / (fit.n_obs - fit.n_parameters)
    data = _cells(fit, clusters, periods, unit)
    kinds = [0, 1, 2] if data.free_within else [0, 2]
    point = _least(data, kinds)
    at = _at(data, point)
    slopes = _slopes(data, point, at)
    spread = _inverse(slopes.expected[np.ix_(kinds, kinds)])
    first = slopes.first[kinds]
    second = slopes.second[np.ix_(kinds, kinds)]
    bread = at.bread
    excess = np.einsum("ij,ijkl->kl", spread, second - np.einsum("ikm,mn,jnl->ijkl", first, bread, first))
    carry = fit.transform

    def carried(matrix: FloatArray, scale: float) -> FloatArray:
        return scale * (carry @ matrix @ carry.T)

    return NestedIntercepts(
        fit.coefficients + np.sqrt(unit) * (carry @ at.shift),
        carried(bread, unit),
        carried(bread + bread @ (excess + excess.T) @ bread, unit),
        unit * float(point[0]),
        unit * float(point[1]) if data.free_within else None,
        unit * float(point[2]),
        np.stack([carried(bread @ one @ bread, 1.0) for one in first]),
        unit**2 * spread,
    )


def _cells(fit: LinearFit, clusters: IntArray, periods: IntArray, unit: float) -> _Cells:
    named, place = np.unique(clusters * (int(periods.max()) + 1) + periods, return_inverse=True)
    rows = np.bincount(place).astype(np.float64)
    errors = fit.residuals / np.sqrt(unit)
    columns = cluster_sums(fit.basis, place, len(rows)) / rows[:, None]
    means = np.bincount(place, weights=errors) / rows
    inside, left = fit.basis - columns[place], errors - means[place]
    cluster = named // (int(periods.max()) + 1)
    data = _Cells(
        cluster,
        np.unique(cluster, return_index=True)[1],
        rows,
        columns,
        means,
        inside.T @ inside,
        inside.T @ left,
        float(left @ left),
        fit.n_obs,
    )
    _refuse(data, errors, np.bincount(clusters))
    return data


def _refuse(data: _Cells, errors: FloatArray, sizes: IntArray) -> None:
    if sizes.max() < 2:
        raise NotEstimable(
            "no cluster has two rows, so variance between clusters cannot be told from variance within them"
        )
    if data.free_within and not data.square > NONE_LEFT * float(errors @ errors):
        raise NotEstimable(ALIKE)


def _at(data: _Cells, point: FloatArray) -> _At:
    between, by_period, within = point
    variance = by_period + within / data.rows
    weight = 1 / variance
    total = data.by_cluster(weight)
    pulled = between / (1 + between * total)
    own = weight[:, None] * data.columns
    sums = data.by_cluster(own)
    scaled = own - weight[:, None] * (pulled[:, None] * sums)[data.cluster]
    information = scaled.T @ data.columns + data.products / within
    right = scaled.T @ data.errors + data.crossed / within
    bread = np.linalg.inv(information)
    shift = bread @ right
    own_errors = weight * data.errors
    form = float(own_errors @ data.errors - pulled @ data.by_cluster(own_errors) ** 2)
    form += data.square / within - float(right @ shift)
    logs = float(np.log(variance).sum() + np.log1p(between * total).sum())
    logs += data.free_within * float(np.log(within)) + float(np.linalg.slogdet(information)[1])
    return _At(weight, total, pulled, scaled, bread, shift, form, logs)


def _least(data: _Cells, kinds: list[int]) -> FloatArray:
    """The variances (3,) of least deviance, none below 0."""
    point = _start(data, kinds)
    at = _at(data, point)
    for _ in range(STEPS):
        slopes = _slopes(data, point, at)
        free = [kind for kind in kinds if point[kind] > 0 or slopes.score[kind] < 0]
        step = np.zeros(3)
        step[free] = -_newton(slopes, free)
        moved, then = _shortened(data, point, at, step)
        change = float(np.abs(moved - point).max() / moved.sum())
        point, at = moved, then
        if point[0] > MOST * (point[1] + point[2]):
            raise NotEstimable(ALL_BETWEEN)
        if point[1] > MOST * point[2]:
            raise NotEstimable(ALIKE)
        if change < PRECISION:
            return point
    raise NotEstimable(
        f"the variances did not converge in {STEPS} steps: the last moved {change:.1e}, the tolerance is "
        f"{PRECISION:.0e}"
    )


def _start(data: _Cells, kinds: list[int]) -> FloatArray:
    """The best of some ratios of the variances, with the variance within that goes with them."""
    best, found = np.inf, np.ones(3)
    n_left = data.n_obs - data.columns.shape[1]
    for between, by_period in product(BETWEEN, BY_PERIOD if 1 in kinds else (0.0,)):
        ratios = np.array([between, by_period, 1.0])
        at = _at(data, ratios)
        deviance = at.logs + n_left * np.log(at.form)
        if deviance < best:
            best, found = deviance, ratios * (at.form / n_left)
    return found


def _newton(slopes: _Slopes, free: list[int]) -> FloatArray:
    """Newton's step by the Hessian, or by the expected one where the deviance is not bowl-shaped."""
    chosen = np.ix_(free, free)
    try:
        bowl = _inverse(slopes.observed[chosen])
    except NotEstimable:
        bowl = _inverse(2 * slopes.expected[chosen])
    return bowl @ slopes.score[free]


def _inverse(matrix: FloatArray) -> FloatArray:
    """Of a positive definite matrix of variances, whatever their sizes."""
    with np.errstate(invalid="ignore"):
        scale = 1 / np.sqrt(np.diag(matrix))
    scaled = matrix * np.outer(scale, scale)
    if not np.isfinite(scaled).all() or np.linalg.eigvalsh(scaled)[0] < ROUNDING:
        raise NotEstimable(NOT_APART)
    found: FloatArray = np.linalg.inv(scaled) * np.outer(scale, scale)
    return found


def _shortened(data: _Cells, point: FloatArray, at: _At, step: FloatArray) -> tuple[FloatArray, _At]:
    """The step, halved until the deviance does not rise; within cells some variance is always left."""
    least = np.array([0.0, 0.0, point[2] / 10])
    while True:
        moved = np.maximum(point + step, least)
        then = _at(data, moved)
        if then.deviance <= at.deviance + ROUNDING * abs(at.deviance) or np.abs(step).max() < ROUNDING:
            return moved, then
        step = step / 2


def _slopes(data: _Cells, point: FloatArray, at: _At) -> _Slopes:
    """Derivatives by the variances, whose parts of V are J, I and diag(1/n) by cluster, and I of rows within cells."""
    within, bread = point[2], at.bread
    left = (data.errors - data.columns @ at.shift)[:, None]
    inner = data.crossed - data.products @ at.shift  # X′r within cells
    square = data.square - float((data.crossed + inner) @ at.shift)
    # V⁻¹ of X and of r beside each other, as both are carried through the same steps.
    carried = np.column_stack([at.scaled, at.solved(data, left)])
    parts = [data.by_cluster(carried)[data.cluster], carried, carried / data.rows[:, None]]
    solved = [at.solved(data, part) for part in parts]
    whole = np.zeros((len(inner) + 1, len(inner) + 1))
    whole[:-1, :-1], whole[-1, :-1], whole[:-1, -1], whole[-1, -1] = data.products, inner, inner, square
    once = np.stack([carried.T @ part for part in parts])
    twice = np.stack([[one.T @ other for other in solved] for one in parts])
    once[2] += whole / within**2
    twice[2, 2] += whole / within**3
    first, second, on_x = once[:, :-1, :-1], twice[:, :, :-1, :-1], once[:, :-1, -1]
    trace, traces = _traces(data, point, at)
    turned = bread @ first
    trace -= np.trace(turned, axis1=1, axis2=2)
    traces -= 2 * np.trace(bread @ second, axis1=2, axis2=3)
    traces += np.einsum("ikl,jlk->ij", turned, turned)
    forms = twice[:, :, -1, -1] - on_x @ bread @ on_x.T
    return _Slopes(trace - once[:, -1, -1], traces / 2, 2 * forms - traces, first, second)


def _traces(data: _Cells, point: FloatArray, at: _At) -> tuple[FloatArray, FloatArray]:
    """(3,) traces of V⁻¹V_i and (3, 3) of V⁻¹V_iV⁻¹V_j."""
    kept = 1 / (1 + point[0] * at.total)
    own = at.total * kept
    kinds = np.stack([np.ones_like(data.rows), 1 / data.rows], axis=1)
    squares = at.weight[:, None] ** 2 * kinds
    sums = data.by_cluster(squares)
    trace, traces = np.empty(3), np.empty((3, 3))
    trace[0], traces[0, 0] = own.sum(), own @ own
    trace[1:] = at.weight @ kinds - at.pulled @ sums
    traces[0, 1:] = traces[1:, 0] = kept**2 @ sums
    pulled = at.pulled[data.cluster] * at.weight
    traces[1:, 1:] = (
        squares.T @ ((1 - 2 * pulled)[:, None] * kinds) + (sums * at.pulled[:, None] ** 2).T @ sums
    )
    trace[2] += data.free_within / point[2]
    traces[2, 2] += data.free_within / point[2] ** 2
    return trace, traces
