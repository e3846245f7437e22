"""Signs that small studies with dull results are missing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from centre.distributions import p_value
from tactics.synthesis.errors import NotEstimable


@dataclass(frozen=True, slots=True)
class Egger:
    """Regression test for funnel-plot asymmetry: the slope on the standard error."""

    estimate: float
    std_error: float
    df: int
    statistic: float
    p_value: float


def egger(y: NDArray[np.float64], v: NDArray[np.float64]) -> Egger:
    """Test whether the effect depends on its own standard error.

    Parameters
    ----------
    y, v : (k,) effects and their sampling variances, k at least 3.

    Notes
    -----
    Weighted least squares of ``y`` on ``sqrt(v)`` with weights ``1/v``; t with k - 2 degrees of freedom
    (metafor ``regtest(model="lm")``). Below ten studies the test has little power.

    Raises
    ------
    NotEstimable : fewer than three studies, or all standard errors are equal.

    References
    ----------
    Egger, Davey Smith, Schneider and Minder (1997), BMJ 315:629.
    """
    k = len(y)
    if k < 3:
        raise NotEstimable(f"Egger's test needs 3 or more studies; there are {k}")
    se = np.sqrt(v)
    if np.ptp(se) <= 1e-12 * float(se.max()):
        raise NotEstimable("Egger's test needs studies of different precision; all standard errors are equal")
    root = 1 / se
    design = np.column_stack([root, np.ones(k)])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ (y * root)
    residual = y * root - design @ beta
    df = k - 2
    std_error = float(np.sqrt(residual @ residual / df * inverse[1, 1]))
    slope = float(beta[1])
    if std_error == 0:
        raise NotEstimable("Egger's test is not defined: the studies lie exactly on a line")
    statistic = slope / std_error
    return Egger(slope, std_error, df, statistic, p_value(statistic, df))
