"""Separated rows of a two-way Poisson model: rows without an event whose best rate is nought.

A Poisson model has no finite estimate where some combination of its effects and regressors is 0 on every row with an
event, at least 0 on every row without, and above 0 on some. Those rows can then be fitted ever better by a rate that
falls to 0. They bear on nothing else, so they leave, and the rest has an estimate.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse
from scipy.sparse import linalg

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.two_way_unbalanced import connected_parts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

RANK_TOLERANCE = 1e-7  # of a regressor's own size: below it, it follows from the rest
NOUGHT = 1e-8  # entries of a combination of scaled regressors that are 0 but for rounding
TOLERANCE = 1e-9  # of the largest fitted value: negative values above minus this are rounding
APART = 1e-6  # of the largest possible value: a row above it is separated
MAX_STEPS = 200


def separated_rows(outcome: FloatArray, columns: FloatArray, unit: IntArray, period: IntArray) -> BoolArray:
    """Rows without events that only a rate of nought fits, by the iterative rectifier.

    Parameters
    ----------
    outcome : (N,) not negative; every unit and every period has a row above 0.
    columns : (N, k) regressors.
    unit, period : (N,) codes from 0 without gaps.

    Returns
    -------
    (N,) whether the row is separated.

    Notes
    -----
    The rectifier regresses ``u``, at first 1 on the rows without events, on effects and regressors with a weight K on
    the rows with events so large that their fit is 0; sets ``u`` to the fit or 0, whichever is larger; and repeats
    until no fit is negative: rows with a positive fit are separated. Here K is infinite. The combinations that are 0 on
    every row with an event form a space that can be written down: a level for each part into which those rows fall,
    taken from its units and given to its periods, and each regressor that follows from the effects there. The
    regression is on these few columns alone, which is exact and needs no weight.

    Any separating z is in that space, so z′fit = z′u, and z′max(fit, 0) is no less: the mean of ``u`` under the weights
    z never falls below its first value, 1. A largest fit below 1 therefore proves that nothing is separated. Where the
    fits have not settled after 200 steps, a linear programme in the same space decides.

    Raises
    ------
    NotEstimable : the linear programme failed.

    References
    ----------
    Correia, Guimarães & Zylkin (2021), *Verifying the existence of maximum likelihood estimates for generalized
    linear models*, arXiv:1903.01633, section 3.
    """
    found = np.zeros(len(outcome), dtype=bool)
    zero = np.flatnonzero(outcome == 0)
    if not len(zero):
        return found
    basis = _combinations(outcome > 0, zero, columns, unit, period)
    rows = np.flatnonzero(np.diff(basis.indptr))
    # One pass finds some separated rows wherever there are any, but need not find all: look again without them.
    while len(rows):
        apart = _apart(basis[rows])
        if not apart.any():
            break
        found[zero[rows[apart]]] = True
        rows = rows[~apart]
    return found


def follow_from_the_rest(
    columns: FloatArray, unit: IntArray, period: IntArray, of_interest: int = 1
) -> BoolArray:
    """Which of (N, k) regressors must go so that each can be told from both effects and from each other, (k,).

    The first `of_interest` are marked where they are in any doubt; of the others, the later of two that say the same.
    """
    scaled = columns / _size(columns)
    residual = _effects(scaled, unit, period)[0]
    vanishing = _vanishing(residual)
    lost = np.zeros(columns.shape[1], dtype=bool)
    lost[:of_interest] = (np.abs(vanishing[:of_interest]) > APART).any(axis=1)
    for j in range(of_interest, columns.shape[1]):
        if _vanishing(residual[:, [*np.flatnonzero(~lost[:j]), j]]).shape[1]:
            lost[j] = True
    return lost


def parts_with_events(
    positive: BoolArray, unit: IntArray, period: IntArray
) -> tuple[int, IntArray, IntArray]:
    """Parts into which the rows with events fall: how many, and the part of each unit and each period."""
    return connected_parts(unit[positive], period[positive], int(unit.max()) + 1, int(period.max()) + 1)


def _combinations(
    positive: BoolArray, zero: IntArray, columns: FloatArray, unit: IntArray, period: IntArray
) -> sparse.csr_array:
    """What every combination that is 0 on the rows with events can be on the rows without, (n_zero, d)."""
    n_parts, unit_part, period_part = parts_with_events(positive, unit, period)
    order = np.arange(len(zero))
    ends = [
        sparse.coo_array((np.ones(len(zero)), (order, codes)), shape=(len(zero), n_parts))
        for codes in (unit_part[unit[zero]], period_part[period[zero]])
    ]
    levels = (ends[0] - ends[1]).tocsr()[:, 1:]  # one part's level is everyone's constant
    levels.eliminate_zeros()
    scaled = columns / _size(columns)
    residual, by_unit, by_period = _effects(scaled[positive], unit[positive], period[positive])
    followers = (scaled[zero] - by_unit[unit[zero]] - by_period[period[zero]]) @ _vanishing(residual)
    followers[np.abs(followers) < NOUGHT] = 0.0
    return sparse.csr_array(sparse.hstack([levels, sparse.csr_array(followers)], format="csr"))


def _apart(basis: sparse.csr_array) -> BoolArray:
    """Rows of (n, d) combinations that a combination of combinations makes positive while it makes none negative."""
    # The length of a row has no say in its sign, and rows of one length settle sooner.
    rows = sparse.diags_array(1 / np.sqrt(basis.multiply(basis).sum(axis=1))) @ basis
    fitted = _rectified(rows)
    if fitted is None:
        fitted = _programme(rows)
    return np.asarray(fitted > APART)


def _rectified(basis: sparse.csr_array) -> FloatArray | None:
    """The rectifier's fixed point scaled to a largest value of 1, or 0 where it vanishes; None where it creeps."""
    inverse = np.linalg.pinv((basis.T @ basis).toarray(), rcond=1e-12, hermitian=True)
    u = np.ones(basis.shape[0])
    for _ in range(MAX_STEPS):
        fitted = basis @ (inverse @ (basis.T @ u))
        highest = float(fitted.max())
        if highest < 1 - 1e-6:
            return np.zeros(len(u))
        if float(fitted.min()) >= -TOLERANCE * highest:
            return np.asarray(fitted / highest)
        u = np.maximum(fitted, 0.0)
    return None


def _programme(basis: sparse.csr_array) -> FloatArray:
    """The largest sum of a combination that stays between 0 and 1 on every row, by linear programming.

    The rectifier settles at a rate that depends on the angle between the space and the positive values, which has no
    lower bound; the programme does not. It is small: few columns, however many effects the model has.
    """
    ones = np.ones(basis.shape[0])
    solved = optimize.linprog(
        -(basis.T @ ones),
        A_ub=sparse.vstack([basis, -basis], format="csr"),
        b_ub=np.concatenate([ones, 0 * ones]),
        bounds=(None, None),
        method="highs-ds",
        options={"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE},
    )
    if solved.x is None:
        raise NotEstimable(f"whether every rate has an estimate could not be told: {solved.message}")
    return np.asarray(basis @ solved.x)


def _size(columns: FloatArray) -> FloatArray:
    size = np.sqrt((columns**2).mean(axis=0))
    return np.where(size > 0, size, 1.0)


def _vanishing(residual: FloatArray) -> FloatArray:
    """Combinations of the (N, k) residuals that are 0, (k, m), for regressors of size 1."""
    values, vectors = np.linalg.eigh(residual.T @ residual / len(residual))
    return np.asarray(vectors[:, values < RANK_TOLERANCE**2])


def _effects(
    columns: FloatArray, unit: IntArray, period: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Least-squares unit and period effects of each column, with what they leave.

    Rows with events can hang together by a thread, where alternating means would take thousands of passes; the
    conjugate-gradient solver takes their square root.
    """
    codes, width = (unit, period), (int(unit.max()) + 1, int(period.max()) + 1)
    rows = np.arange(len(unit))
    scale = [
        1 / np.sqrt(np.maximum(np.bincount(c, minlength=w), 1)) for c, w in zip(codes, width, strict=True)
    ]
    dummies = sparse.hstack(
        [
            sparse.csr_array((s[c], (rows, c)), shape=(len(rows), w))
            for s, c, w in zip(scale, codes, width, strict=True)
        ],
        format="csr",
    )
    solutions = np.column_stack(
        [
            linalg.lsmr(dummies, column, atol=1e-14, btol=1e-14, conlim=0, maxiter=20_000)[0]
            for column in columns.T
        ]
    )
    effects = solutions * np.concatenate(scale)[:, None]
    by_unit, by_period = effects[: width[0]], effects[width[0] :]
    return columns - by_unit[unit] - by_period[period], by_unit, by_period
