"""Whether the arms fill as the draw says, looked at after every case: a test that may be read at any time."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray

CONCENTRATION = 10_000.0  # how closely the alternative keeps to the shares: a case in a hundred astray shows


def sequential_ratio(
    arms: IntArray, shares: Sequence[float], *, concentration: float = CONCENTRATION
) -> FloatArray:
    """The p value so far after each case.

    Parameters
    ----------
    arms : (n,) code of the arm of each case, in the order they came.
    shares : (k,) shares of the draw, of any sum, each above 0.
    concentration : sum of the Dirichlet prior's parameters under the alternative.

    Returns
    -------
    (n,) running minimum of ``1 / BF``, starting from 1: at any time it is below alpha with chance alpha at most.

    Notes
    -----
    ``BF = Γ(A)/Γ(n + A) · Π Γ(n_a + α_a)/Γ(α_a) / Π θ_a^{n_a}`` with ``α_a = A θ_a``: a multinomial with a Dirichlet
    prior against the shares θ themselves. Blocks make the arms more even than chance, so the test only errs to silence.

    Raises
    ------
    NotEstimable : no case, an unknown arm, or a share that is not above 0.

    References
    ----------
    Lindon & Malek (2022), "Anytime-valid inference for multinomial count data", *NeurIPS*.
    """
    theta = np.asarray(shares, dtype=np.float64)
    if len(theta) < 2 or not (theta > 0).all():
        raise NotEstimable("a ratio needs two arms or more, each with a share above 0")
    if not len(arms):
        raise NotEstimable("no case has come yet")
    if arms.min() < 0 or arms.max() >= len(theta):
        raise NotEstimable("a case is in an arm that has no share")
    theta = theta / theta.sum()
    counts = np.cumsum(arms[:, None] == np.arange(len(theta)), axis=0)
    alpha = concentration * theta
    n = np.arange(1, len(arms) + 1)
    log_factor = (
        math.lgamma(concentration)
        - gammaln(n + concentration)
        + (gammaln(counts + alpha) - gammaln(alpha) - counts * np.log(theta)).sum(axis=1)
    )
    running: FloatArray = np.minimum.accumulate(np.exp(np.minimum(0.0, -log_factor)))
    return running
