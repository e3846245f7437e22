"""Least squares on centred, scaled columns by pivoted QR; a rank that is short is named, never patched.

The fit is kept in the orthonormal coordinates of the QR: `basis` has orthonormal columns, so every
sandwich of ``covariance`` is a sum of squares there and is carried to the coefficients by `transform`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray

RANK_TOLERANCE = 1e-10
_SHARE = 1e-8  # a smaller part of a linear combination is rounding


@dataclass(frozen=True, slots=True)
class LinearFit:
    """One least-squares fit of N rows on K columns.

    Attributes
    ----------
    names : (K,) the columns, the constant first where there is one.
    coefficients : (K,).
    basis : (N, K) orthonormal columns spanning the weighted design.
    transform : (K, K) with ``coefficients = transform @ (basis' y) + shift``.
    residuals : (N,) in the weighted space (times the root of the weight).
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    basis: FloatArray
    transform: FloatArray
    residuals: FloatArray

    @property
    def n_obs(self) -> int:
        return len(self.basis)

    @property
    def n_parameters(self) -> int:
        return len(self.names)

    def contrast(self, name: str) -> FloatArray:
        """The (K,) contrast that picks one coefficient."""
        picked = np.zeros(len(self.names))
        picked[self.names.index(name)] = 1.0
        return picked


def least_squares(
    design: FloatArray,
    outcome: FloatArray,
    names: Sequence[str],
    *,
    weights: FloatArray | None = None,
    intercept: bool = True,
) -> LinearFit:
    """Weighted least squares.

    Parameters
    ----------
    design : (N, k) columns without the constant.
    outcome : (N,).
    names : (k,) names of the columns, for messages.
    weights : (N,) positive analysis weights; None is equal weights.
    intercept : whether a constant is fitted; it then comes first in `coefficients`.

    Notes
    -----
    Columns are centred at their weighted mean and scaled to unit length, and the outcome is centred,
    before the QR; one step of refinement follows. A column whose pivot is below 1e-10 of the largest is
    refused by name.

    Raises
    ------
    NotEstimable : fewer rows than columns, or a column that is constant or a combination of others.
    """
    n_obs, width = design.shape
    if n_obs <= width + intercept:
        raise NotEstimable(f"{n_obs} units cannot support {width + intercept} parameters")
    root = np.ones(n_obs) if weights is None else np.sqrt(weights)
    total = float(root @ root)
    means = (root**2 @ design) / total if intercept else np.zeros(width)
    level = float(root**2 @ outcome) / total if intercept else 0.0
    centred = (design - means) * root[:, None]
    scale = np.sqrt((centred**2).sum(axis=0))
    raw_size = np.sqrt(((design * root[:, None]) ** 2).sum(axis=0))
    for name, size, raw in zip(names, scale, raw_size, strict=True):
        if size <= RANK_TOLERANCE * max(raw, np.finfo(float).tiny):
            raise NotEstimable(f"the column '{name}' is constant in the rows used")
    columns = centred / scale
    if intercept:
        columns = np.column_stack([root / np.sqrt(total), columns])
    basis, upper, order = linalg.qr(columns, mode="economic", pivoting=True)
    _check_rank(upper, order, list(names), scale, means, intercept)
    inverse = np.empty_like(upper)
    inverse[order] = linalg.solve_triangular(upper, np.eye(len(order)))
    transform = _to_coefficients(scale, means, total, intercept) @ inverse
    target = (outcome - level) * root
    position = basis.T @ target
    residuals = target - basis @ position
    correction = basis.T @ residuals
    residuals = residuals - basis @ correction
    coefficients = transform @ (position + correction)
    if intercept:
        coefficients[0] += level
    all_names = ("constant", *names) if intercept else tuple(names)
    return LinearFit(all_names, coefficients, basis, transform, residuals)


def _to_coefficients(scale: FloatArray, means: FloatArray, total: float, intercept: bool) -> FloatArray:
    """The matrix from coefficients of the centred, scaled columns to those of the columns as given."""
    slopes = np.diag(1 / scale)
    if not intercept:
        return slopes
    back = np.zeros((len(scale) + 1, len(scale) + 1))
    back[1:, 1:] = slopes
    back[0, 0] = 1 / np.sqrt(total)
    back[0, 1:] = -means / scale
    return back


def _check_rank(
    upper: FloatArray,
    order: Sequence[int],
    names: list[str],
    scale: FloatArray,
    means: FloatArray,
    intercept: bool,
) -> None:
    pivots = np.abs(np.diag(upper))
    rank = int(np.count_nonzero(pivots > RANK_TOLERANCE * pivots[0]))
    if rank == len(pivots):
        return
    shares = linalg.solve_triangular(upper[:rank, :rank], upper[:rank, rank])
    places = [place - intercept for place in order]
    found = places[rank]
    parts = [
        (place, float(share * scale[found] / scale[place]))
        for place, share in sorted(zip(places[:rank], shares, strict=True))
        if place >= 0 and abs(share) > _SHARE
    ]
    raise NotEstimable(_dependence(found, parts, names, means))


def _dependence(found: int, parts: list[tuple[int, float]], names: list[str], means: FloatArray) -> str:
    """Say in words how one column follows from the others."""
    if len(parts) > 1:
        others = ", ".join(names[place] for place, _ in parts)
        return f"the column '{names[found]}' is a combination of: {others}"
    if not parts:
        return f"the column '{names[found]}' is constant in the rows used"
    place, factor = parts[0]
    if found < place:  # the column named later is the one to leave out
        found, place, factor = place, found, 1 / factor
    rest = means[found] - factor * means[place]
    shifted = abs(rest) > _SHARE * max(abs(means[found]), abs(factor * means[place]))
    times = "" if abs(factor - 1) < _SHARE else f"{factor:.6g} × "
    return f"{names[found]} equals {times}{names[place]}" + (" plus a constant" if shifted else "")
