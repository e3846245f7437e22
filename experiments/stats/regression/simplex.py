"""Least squares with weights that are not negative and sum to one, solved exactly."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

TIES = 1e-7  # ridge, of the mean diagonal, that chooses the smallest weights among equal fits
OPTIMAL = 1e-13  # of the gradient's scale: small enough for the ridge to be felt
STEPS_EACH = 20


def simplex_weights(
    gram: FloatArray, target: FloatArray, *, ridge: float = 0.0, start: FloatArray | None = None
) -> FloatArray:
    """Weights w ≥ 0, Σw = 1, with the least ``w′Gw − 2h′w + ridge·‖w‖²``.

    Parameters
    ----------
    gram : (J, J) positive semidefinite G, such as ``A′A`` for the fit ``‖Aw − b‖²``.
    target : (J,) h, such as ``A′b``.
    ridge : penalty on the squared weights, in the units of `gram`.
    start : (J,) weights to start from; None starts from the best single one.

    Returns
    -------
    (J,) weights. Where several fit equally well, the smallest in squares.

    Notes
    -----
    Active sets: one weight is let in at a time, the one that lowers the objective fastest, and those that would turn
    negative are taken out, until no gradient is below that of the weights in use. The same whatever the start.

    Raises
    ------
    NotEstimable : no optimum after 20 steps for each weight.
    """
    count = len(target)
    scale = float(np.trace(gram)) / count
    if not scale > 0:
        return np.full(count, 1.0 / count)
    quadratic = gram / scale
    quadratic[np.diag_indices(count)] += ridge / scale + TIES
    linear = target / scale
    weights = np.zeros(count)
    if start is None:
        weights[int(np.argmin(np.diag(quadratic) - 2 * linear))] = 1.0
    else:
        weights = np.maximum(start, 0.0) / np.maximum(start, 0.0).sum()
    used = weights > 0
    weights = _settle(quadratic, linear, weights, used)
    for _ in range(STEPS_EACH * count + STEPS_EACH):
        gradient = quadratic @ weights - linear
        level = float(weights @ gradient)
        short = np.where(used, 0.0, gradient - level)
        enters = int(np.argmin(short))
        if short[enters] >= -OPTIMAL * (1 + float(np.abs(linear).max())):
            return weights
        used[enters] = True
        weights = _settle(quadratic, linear, weights, used)
    raise NotEstimable(f"no best weights were found in {STEPS_EACH * count} steps")


def _settle(
    quadratic: FloatArray, linear: FloatArray, weights: FloatArray, used: NDArray[np.bool_]
) -> FloatArray:
    """The best weights on the used ones, those that reach zero taken out of `used` on the way."""
    while True:
        places = np.flatnonzero(used)
        wanted = _on_face(quadratic[np.ix_(places, places)], linear[places])
        now = weights[places]
        falls = wanted <= 0
        if not falls.any():
            found = np.zeros(len(weights))
            found[places] = wanted / wanted.sum()
            return found
        room = np.full(len(places), np.inf)
        np.divide(now, now - wanted, out=room, where=falls & (now > wanted))
        step = min(1.0, float(room.min()))
        moved = now + step * (wanted - now)
        moved[(room <= step) | (moved <= 0)] = 0.0
        if len(places) == 1 or not (moved > 0).any():
            moved[int(np.argmax(now))] = 1.0
        weights = np.zeros(len(weights))
        weights[places] = moved / moved.sum()
        used &= False
        used[places[moved > 0]] = True


def _on_face(quadratic: FloatArray, linear: FloatArray) -> FloatArray:
    """Weights that sum to one with the least objective, of either sign."""
    both = np.linalg.solve(quadratic, np.column_stack([linear, np.ones(len(linear))]))
    return np.asarray(both[:, 0] + both[:, 1] * (1 - both[:, 0].sum()) / both[:, 1].sum())
