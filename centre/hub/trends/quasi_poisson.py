"""A quasi-Poisson regression with a log link, weights and an offset: what Farrington's method fits at every point."""

from dataclasses import dataclass

import numpy as np

from centre.distributions import p_value
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.series import Floats

_ROUNDS = 50
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class Fit:
    """`dispersion` is 1 or more. `covariance` has it in; `leverage` is the diagonal of the hat matrix."""

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    leverage: Floats
    dispersion: float
    df: int

    def p_of(self, place: int) -> float:
        """Return the two-sided p value of a coefficient, by t with the residual degrees of freedom."""
        error = float(np.sqrt(self.covariance[place, place]))
        return p_value(float(self.coefficients[place]) / error, float(self.df))

    def predict(self, row: Floats, offset: float = 0.0) -> tuple[float, float]:
        """Return the linear predictor of a new point and its standard error."""
        eta = float(row @ self.coefficients) + offset
        return eta, float(np.sqrt(row @ self.covariance @ row))


def fit(counts: Floats, design: Floats, weights: Floats, offset: Floats | None = None) -> Fit:
    """Fit ``log E(y) = X b + offset`` by iteratively reweighted least squares.

    Parameters
    ----------
    counts : n counts, 0 or more, not all 0.
    design : n x p, of full rank.
    weights : n weights above 0; `Var(y) = dispersion * mu / weight`.
    offset : n values added to the linear predictor, or None.

    Notes
    -----
    ``dispersion = max(sum(w (y - mu)^2 / mu) / (n - p), 1)``: McCullagh and Nelder (1989), and Noufaily et al. (2013)
    for its floor.

    Raises
    ------
    NotEstimable : fewer points than coefficients need, columns that say the same, only zeros, or no convergence.
    """
    n, p = design.shape
    if n <= p:
        raise NotEstimable(f"{n} counts to compare with are too few for {p} coefficients")
    if not counts.any():
        raise NotEstimable("Every count to compare with is 0, so there is no spread to judge by")
    if np.linalg.matrix_rank(design) < p:
        raise NotEstimable("The counts to compare with cannot tell season and trend apart")
    shift = np.zeros(n) if offset is None else offset
    mu = counts + 0.1
    deviance = _deviance(counts, mu, weights)
    for _ in range(_ROUNDS):
        root = np.sqrt(weights * mu)
        q, r = np.linalg.qr(design * root[:, None])
        working = np.log(mu) - shift + (counts - mu) / mu
        coefficients = np.linalg.solve(r, q.T @ (root * working))
        mu = np.exp(np.clip(design @ coefficients + shift, -700, 700))
        before, deviance = deviance, _deviance(counts, mu, weights)
        if abs(deviance - before) <= _CLOSE * (abs(deviance) + 0.1):
            return _finished(counts, design, weights, mu, coefficients)
    raise NotEstimable("The regression on the counts to compare with did not converge")


def _finished(counts: Floats, design: Floats, weights: Floats, mu: Floats, coefficients: Floats) -> Fit:
    n, p = design.shape
    q, r = np.linalg.qr(design * np.sqrt(weights * mu)[:, None])
    inverse = np.linalg.inv(r)
    dispersion = max(float(np.sum(weights * (counts - mu) ** 2 / mu)) / (n - p), 1.0)
    covariance = dispersion * (inverse @ inverse.T)
    return Fit(coefficients, covariance, mu, np.sum(q**2, axis=1), dispersion, n - p)


def _deviance(counts: Floats, mu: Floats, weights: Floats) -> float:
    log = np.log(np.where(counts > 0, counts, 1) / mu)
    return float(2 * np.sum(weights * (np.where(counts > 0, counts * log, 0.0) - (counts - mu))))
