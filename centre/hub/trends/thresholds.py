"""The count that only chance in `alpha` would exceed, from an expected count, its error and the dispersion."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import special

from centre.distributions import lower_tail, quantile

Power = Literal["2/3", "1/2", "none"]
Method = Literal["delta", "nb_plugin", "muan"]
POWERS: tuple[Power, ...] = get_args(Power)
METHODS: tuple[Method, ...] = get_args(Method)
_EXPONENTS: dict[Power, float] = {"2/3": 2 / 3, "1/2": 1 / 2, "none": 1.0}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a point: the linear predictor, its standard error, the dispersion, the residual df."""

    eta: float
    std_error: float
    dispersion: float
    df: float | None = None

    @property
    def mu(self) -> float:
        """Return the expected count."""
        return float(np.exp(self.eta))


def delta(expected: Expectation, alpha: float, power: Power) -> float:
    """Return the bound by the delta method on a power of the count.

    ``U = (mu^r + z sqrt(r^2 mu^(2r - 1) (phi + se^2 / mu)))^(1/r)`` with ``se = mu std_error``; Farrington et
    al. (1996) for r = 2/3 (near to symmetric) and 1/2 (near to one variance).
    """
    r, mu = _EXPONENTS[power], expected.mu
    bound = mu**r + quantile(1 - alpha, None) * _spread(expected, r)
    return float(bound ** (1 / r))


def delta_p(count: float, expected: Expectation, power: Power) -> float:
    """Return P(a count at least so large) on the scale of the same power.

    By t where the residual df are known: the dispersion is an estimate, and of hundreds of series the smallest p value
    is looked at, far out in the tail.
    """
    r = _EXPONENTS[power]
    return lower_tail(-(count**r - expected.mu**r) / _spread(expected, r), expected.df)


def _spread(expected: Expectation, r: float) -> float:
    mu = expected.mu
    tau = expected.dispersion + (mu * expected.std_error) ** 2 / mu
    return float(np.sqrt(r**2 * mu ** (2 * r - 1) * tau))


def negative_binomial(expected: Expectation, alpha: float, method: Method) -> float:
    """Return the smallest count that is exceeded with probability `alpha` at most.

    `nb_plugin` takes the expected count as known, `muan` its upper bound (Noufaily et al. 2013); with a dispersion of 1
    the distribution is the Poisson.
    """
    # Late: pages, which judge nothing, start without its seconds.
    from scipy import stats

    mu = _mean(expected, alpha, method)
    if expected.dispersion <= 1:
        return float(stats.poisson.ppf(1 - alpha, mu))
    return float(stats.nbinom.ppf(1 - alpha, mu / (expected.dispersion - 1), 1 / expected.dispersion))


def negative_binomial_p(count: float, expected: Expectation, alpha: float, method: Method) -> float:
    """Return P(a count at least so large)."""
    mu = _mean(expected, alpha, method)
    if count <= 0:
        return 1.0
    if expected.dispersion <= 1:
        return float(special.gammainc(count, mu))
    size = mu / (expected.dispersion - 1)
    return float(special.betainc(count, size, 1 - 1 / expected.dispersion))


def _mean(expected: Expectation, alpha: float, method: Method) -> float:
    if method == "nb_plugin":
        return expected.mu
    return float(np.exp(expected.eta + quantile(1 - alpha, None) * expected.std_error))
