"""The two models that an adjustment for covariates fits: outcomes among some rows, and the odds of being treated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

RANK_TOLERANCE = 1e-10
LOGIT_STEPS = 25
TRIM_ABOVE = 0.995  # controls almost sure to be treated carry unbounded weights
TRIM_SHARE = 0.10


@dataclass(frozen=True, slots=True)
class Regression:
    """Fitted outcomes, and the influence of the regression's coefficients, kept as its two factors."""

    fitted: FloatArray  # (m, k) for every row
    residual: FloatArray  # (m, k) weighted residuals of the rows it was fitted to, zero for the others
    leverage: FloatArray  # (m, p) covariates times the inverse of their moments among those rows

    def times(self, gradient: FloatArray) -> FloatArray:
        """(m, k) influence values of the coefficients times a gradient (p,)."""
        return self.residual * (self.leverage @ gradient)[:, None]


@dataclass(frozen=True, slots=True)
class Odds:
    """Weights that make the controls look like the cohort.

    ``weight`` (m,) is zero for the cohort and for controls that were dropped, ``trimmed`` of them; ``influence``
    (m, p) are the influence values of the logit's coefficients.
    """

    weight: FloatArray
    influence: FloatArray
    trimmed: int


def odds(treated: BoolArray, covariates: FloatArray, weight: FloatArray) -> Odds:
    """Odds of being treated, by a logit of the cohort against its controls.

    Raises
    ------
    NotEstimable : collinear covariates, a logit that separates, or more than a tenth of the controls with a
        propensity of 0.995 or more.
    """
    propensity, influence = _propensity(treated, covariates, weight)
    control = ~treated
    kept = control & (propensity < TRIM_ABOVE)
    trimmed = int(control.sum() - kept.sum())
    if trimmed > TRIM_SHARE * control.sum():
        raise NotEstimable(
            f"{trimmed} of {int(control.sum())} controls look almost certain to be treated, "
            "so they cannot stand for the untreated"
        )
    return Odds(np.where(kept, weight * propensity / (1 - propensity), 0.0), influence, trimmed)


def regression(outcome: FloatArray, covariates: FloatArray, weight: FloatArray) -> Regression:
    """Least squares of the outcomes (m, k) on the covariates (m, p) among the rows of positive weight (m,).

    Raises
    ------
    NotEstimable : too few such rows, or collinear covariates among them.
    """
    used = weight > 0
    root = np.sqrt(weight[used])[:, None]
    q, r, pivot = _factor(covariates[used] * root)
    coefficients = np.empty((covariates.shape[1], outcome.shape[1]))
    coefficients[pivot] = linalg.solve_triangular(r, q.T @ (outcome[used] * root))
    fitted = covariates @ coefficients
    inverse_root = np.empty((len(pivot), len(pivot)))
    inverse_root[pivot] = linalg.solve_triangular(r, np.eye(len(pivot)))
    bread = inverse_root @ inverse_root.T * len(weight)
    return Regression(fitted, weight[:, None] * (outcome - fitted), covariates @ bread)


def _factor(design: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Pivoted QR of a design that must have full rank on scaled columns."""
    scale = np.sqrt((design**2).sum(axis=0))
    if len(design) < design.shape[1] or np.any(scale == 0):
        raise NotEstimable("the comparison has fewer units than covariates, or a covariate that is always 0")
    q, r, pivot = linalg.qr(design / scale, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(r))
    if diagonal[-1] <= RANK_TOLERANCE * diagonal[0]:
        raise NotEstimable("the covariates do not vary freely among the units compared (they are collinear)")
    return q, r * scale[pivot], pivot


def _propensity(
    treated: BoolArray, covariates: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Logit propensities, and the influence values (m, p) of their coefficients."""
    _factor(covariates * np.sqrt(weight)[:, None])
    scale = np.abs(covariates).max(axis=0)
    design = covariates / scale
    response = treated.astype(np.float64)
    beta = np.zeros(design.shape[1])
    for _ in range(LOGIT_STEPS):
        probability = 1.0 / (1.0 + np.exp(-(design @ beta)))
        spread = weight * probability * (1.0 - probability)
        information = (design * spread[:, None]).T @ design
        step = _solve(information, design.T @ (weight * (response - probability)))
        beta += step
        if np.abs(design @ step).max() < 1e-10:
            break
    else:
        raise NotEstimable(
            "the covariates separate the cohort from its controls: for some units there is nobody comparable"
        )
    probability = np.minimum(1.0 / (1.0 + np.exp(-(design @ beta))), 1 - 1e-6)
    spread = weight * probability * (1.0 - probability)
    information = (design * spread[:, None]).T @ design / len(weight)
    score = design * (weight * (response - probability))[:, None]
    return probability, _solve(information, score.T).T / scale


def _solve(information: FloatArray, right: FloatArray) -> FloatArray:
    try:
        factor = linalg.cho_factor(information)
    except linalg.LinAlgError:
        raise NotEstimable(
            "the covariates separate the cohort from its controls: for some units there is nobody comparable"
        ) from None
    return np.asarray(linalg.cho_solve(factor, right), dtype=np.float64)
