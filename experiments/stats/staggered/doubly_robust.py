"""Two-period effects on the treated with covariates: regression, weighting, doubly robust.

One call makes the effect and the influence values of a comparison of one cohort with its
controls, for several outcome changes at once when they share controls and base period.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Estimation = Literal["dr", "ipw", "reg"]

RANK_TOLERANCE = 1e-10
LOGIT_STEPS = 25
TRIM_ABOVE = 0.995  # controls almost sure to be treated carry unbounded weights
TRIM_SHARE = 0.10


@dataclass(frozen=True, slots=True)
class Comparison:
    """Effects of one comparison.

    ``effect`` (k,) in the outcome's units and ``influence`` (m, k) over the m units of
    the comparison, scaled so that the error is about the mean of ``influence``;
    ``trimmed`` counts controls that were dropped for a propensity near one.
    """

    effect: FloatArray
    influence: FloatArray
    trimmed: int = 0


def two_period_effect(
    change: FloatArray,
    treated: BoolArray,
    covariates: FloatArray,
    weight: FloatArray,
    *,
    estimation: Estimation = "dr",
) -> Comparison:
    """Effect on the treated of a two-period comparison, adjusted for covariates.

    Parameters
    ----------
    change : (m, k) change in the outcome since the base period.
    treated : (m,) True for the cohort, False for its controls.
    covariates : (m, p) covariates at the base period, the constant included.
    weight : (m,) positive analysis weights.
    estimation : ``reg`` (outcome regression among controls), ``ipw`` (Hájek-type
        weighting by a logit propensity), ``dr`` (both; right if either model is).

    Raises
    ------
    NotEstimable : collinear covariates, a propensity model that separates, or more than
        a tenth of the controls with a propensity of 0.995 or more.

    References
    ----------
    Sant'Anna & Zhao (2020), *J Econometrics*, equations 3.1 and 3.4; Abadie (2005), *REStud*.
    """
    control = weight * ~treated
    w1 = weight * treated
    mean_w1 = float(w1.mean())
    if estimation == "reg":
        fitted, regression = _regression(change, covariates, control)
        residual = change - fitted
        effect = w1 @ residual / len(w1) / mean_w1
        gradient = w1 @ covariates / len(w1)
        influence = (w1[:, None] * (residual - effect) - regression.times(gradient)) / mean_w1
        return Comparison(effect, influence)
    propensity, logit = _propensity(treated, covariates, weight)
    kept = treated | (propensity < TRIM_ABOVE)
    trimmed = int((~kept).sum())
    if trimmed > TRIM_SHARE * (~treated).sum():
        raise NotEstimable(
            f"{trimmed} of {int((~treated).sum())} controls look almost certain to be treated, "
            "so they cannot stand for the untreated"
        )
    w0 = np.where(kept, control * propensity / (1 - propensity), 0.0)
    mean_w0 = float(w0.mean())
    residual, from_regression = change, np.zeros_like(change)
    if estimation == "dr":
        fitted, regression = _regression(change, covariates, control)
        residual = change - fitted
        gradient = w1 @ covariates / len(w1) / mean_w1 - w0 @ covariates / len(w0) / mean_w0
        from_regression = regression.times(gradient)
    eta1 = w1 @ residual / len(w1) / mean_w1
    eta0 = w0 @ residual / len(w0) / mean_w0
    tilt = (w0[:, None] * (residual - eta0)).T @ covariates / len(w0)
    from_logit = logit @ tilt.T
    influence = w1[:, None] * (residual - eta1) / mean_w1 - from_regression
    influence -= (w0[:, None] * (residual - eta0) + from_logit) / mean_w0
    return Comparison(eta1 - eta0, influence, trimmed)


@dataclass(frozen=True, slots=True)
class _Regression:
    """Influence of the control regression's coefficients, kept as its two factors."""

    residual: FloatArray  # (m, k) weighted residuals of the controls, zero for the cohort
    leverage: FloatArray  # (m, p) covariates times the inverse of their control moments

    def times(self, gradient: FloatArray) -> FloatArray:
        return self.residual * (self.leverage @ gradient)[:, None]


def _regression(
    change: FloatArray, covariates: FloatArray, control: FloatArray
) -> tuple[FloatArray, _Regression]:
    """Least squares of the change on the covariates among the controls."""
    used = control > 0
    root = np.sqrt(control[used])[:, None]
    q, r, pivot = _factor(covariates[used] * root)
    coefficients = np.empty((covariates.shape[1], change.shape[1]))
    coefficients[pivot] = linalg.solve_triangular(r, q.T @ (change[used] * root))
    fitted = covariates @ coefficients
    inverse_root = np.empty((len(pivot), len(pivot)))
    inverse_root[pivot] = linalg.solve_triangular(r, np.eye(len(pivot)))
    bread = inverse_root @ inverse_root.T * len(control)
    return fitted, _Regression(control[:, None] * (change - fitted), covariates @ bread)


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
