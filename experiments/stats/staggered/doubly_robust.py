"""Two-period effects on the treated with covariates: regression, weighting, doubly robust.

One call makes the effect and the influence values of a comparison of one cohort with its
controls, for several outcome changes at once when they share controls and base period.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from experiments.stats.staggered.nuisance import odds, regression

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Estimation = Literal["dr", "ipw", "reg"]


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
        outcomes = regression(change, covariates, control)
        residual = change - outcomes.fitted
        effect = w1 @ residual / len(w1) / mean_w1
        gradient = w1 @ covariates / len(w1)
        influence = (w1[:, None] * (residual - effect) - outcomes.times(gradient)) / mean_w1
        return Comparison(effect, influence)
    balance = odds(treated, covariates, weight)
    w0 = balance.weight
    mean_w0 = float(w0.mean())
    residual, from_regression = change, np.zeros_like(change)
    if estimation == "dr":
        outcomes = regression(change, covariates, control)
        residual = change - outcomes.fitted
        gradient = w1 @ covariates / len(w1) / mean_w1 - w0 @ covariates / len(w0) / mean_w0
        from_regression = outcomes.times(gradient)
    eta1 = w1 @ residual / len(w1) / mean_w1
    eta0 = w0 @ residual / len(w0) / mean_w0
    tilt = (w0[:, None] * (residual - eta0)).T @ covariates / len(w0)
    from_logit = balance.influence @ tilt.T
    influence = w1[:, None] * (residual - eta1) / mean_w1 - from_regression
    influence -= (w0[:, None] * (residual - eta0) + from_logit) / mean_w0
    return Comparison(eta1 - eta0, influence, balance.trimmed)
