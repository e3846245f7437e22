"""How precisely each design estimates its effect: standard error, degrees of freedom and design effect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.stats.frame import FloatArray
from experiments.stats.power.design import Design


@dataclass(frozen=True, slots=True)
class Precision:
    """What decides the power of a design.

    `signal` is the effect on the scale of `std_error`. `null_std_error` is the error under no effect where it
    differs. `df` is that of the planned analysis, None for the normal. `design_effect` compares the variance
    with that of as many units or measurements drawn one by one.
    """

    signal: float
    std_error: float
    df: float | None
    design_effect: float
    null_std_error: float | None = None

    @property
    def noncentrality(self) -> float:
        """The effect in standard errors."""
        return abs(self.signal) / self.std_error


def precision(design: Design, effect: float) -> Precision:
    """The precision of a design whose sizes are known, if the effect is `effect`.

    Parameters
    ----------
    design : every size a number.
    effect : on the design's own scale.

    References
    ----------
    individual, two_proportions: Cohen (1988); Fleiss, Tytun and Ury (1980). cluster: Donner, Birkett and Buck (1981);
    unequal sizes Eldridge, Ashby and Kerry (2006). poisson_cluster: Hayes and Bennett (1999). stepped_wedge: Hussey and
    Hughes (2007); decay Kasza et al. (2019). did: Burlig, Preonas and Woerman (2020).
    """
    return _PRECISIONS[design.design](design, effect)


def sizes_of(design: Design) -> tuple[float, float]:
    """Units, clusters, or places on one day, in the control and the treated arm."""
    control = design.n_per_arm if design.clusters_per_arm is None else design.clusters_per_arm
    assert control is not None
    return control, control * design.ratio


def _apart(design: Design) -> float:
    """The variance of a difference between two arms of single units with variance 1."""
    control, treated = sizes_of(design)
    return 1 / control + 1 / treated


def _individual(design: Design, effect: float) -> Precision:
    df = sum(sizes_of(design)) - 2 - (design.r2 > 0)
    return Precision(effect, design.sd * np.sqrt((1 - design.r2) * _apart(design)), df, 1.0)


def inflation(design: Design) -> float:
    """How much clusters inflate the variance: ``1 + ((cv² + 1) m - 1) icc``."""
    assert design.cluster_size is not None
    return 1 + ((design.cluster_size_cv**2 + 1) * design.cluster_size - 1) * design.icc


def _cluster(design: Design, effect: float) -> Precision:
    assert design.cluster_size is not None
    inflated = inflation(design)
    variance = design.sd**2 * (1 - design.r2) * inflated / design.cluster_size * _apart(design)
    return Precision(effect, np.sqrt(variance), sum(sizes_of(design)) - 2, inflated)


def _matched_pair(design: Design, effect: float) -> Precision:
    made = _cluster(design, effect)
    pairs = sizes_of(design)[0]
    return Precision(effect, made.std_error, pairs - 1, made.design_effect)


def _two_proportions(design: Design, effect: float) -> Precision:
    """The test with a pooled error under no effect, as R's ``power.prop.test``."""
    control, treated = sizes_of(design)
    before, after = design.baseline_rate, design.baseline_rate + effect
    pooled = (before * control + after * treated) / (control + treated)
    error = np.sqrt(before * (1 - before) / control + after * (1 - after) / treated)
    null = np.sqrt(pooled * (1 - pooled) * _apart(design))
    return Precision(effect, float(error), None, 1.0, float(null))


def _poisson_cluster(design: Design, effect: float) -> Precision:
    """Difference of rates; the variance of a rate is ``dispersion·rate/m + cv²·rate²``, less what r2 explains.

    `icc` is the share of the variance of counts for one unit of exposure that lies between clusters, so
    ``cv² = icc·dispersion/((1 - icc)·baseline_rate)``. With unequal exposure cv² is weighted by
    ``1 + cluster_size_cv²``.
    """
    assert design.cluster_size is not None
    rates = design.baseline_rate, design.baseline_rate * float(np.exp(effect))
    between = rate_cv(design) ** 2 * (1 + design.cluster_size_cv**2)
    variance = sum(
        (design.dispersion * rate / design.cluster_size + between * rate**2) / size
        for rate, size in zip(rates, sizes_of(design), strict=True)
    )
    error = np.sqrt((1 - design.r2) * variance)
    return Precision(rates[1] - rates[0], float(error), sum(sizes_of(design)) - 2, inflation(design))


def rate_cv(design: Design) -> float:
    """The coefficient of variation of the clusters' own rates."""
    within = (1 - design.icc) * design.baseline_rate
    return float(np.sqrt(design.icc * design.dispersion / within))


def _stepped_wedge(design: Design, effect: float) -> Precision:
    """Generalised least squares with random cluster and fixed period effects, for known variances."""
    assert design.cluster_size is not None
    assert design.clusters_per_arm is not None
    schedule = wedge(design.steps)
    inverse = np.linalg.inv(wedge_covariance(design))
    centred = schedule - schedule.mean(axis=0)
    information = design.clusters_per_arm * float(np.einsum("st,tu,su->", centred, inverse, centred))
    n_clusters = design.clusters_per_arm * design.steps
    variance = 1 / information
    alone = 4 * design.sd**2 / (n_clusters * design.periods * design.cluster_size)
    return Precision(effect, np.sqrt(variance), n_clusters - 2, variance / alone)


def wedge(steps: int) -> FloatArray:
    """The schedule (steps, steps + 1): 1 where treated; group s starts in period s + 1."""
    return np.triu(np.ones((steps, steps + 1)), 1)


def wedge_covariance(design: Design) -> FloatArray:
    """The covariance (T, T) of one cluster's period means.

    Different people in each period: ``(1 - icc) sd²/m`` on the diagonal. Cluster effects have variance
    ``icc·sd²`` and correlation ``cac·autocorrelation^(lag - 1)`` between periods that lie `lag` apart.
    """
    assert design.cluster_size is not None
    lag = _lags(design.periods)
    shared = np.where(lag == 0, 1.0, design.cac * np.power(design.autocorrelation, np.maximum(lag - 1, 0)))
    within = (1 - design.icc) / design.cluster_size
    return np.asarray(design.sd**2 * (design.icc * shared + within * np.eye(design.periods)))


def _crossover(design: Design, effect: float) -> Precision:
    """Least squares with place and day effects, a new draw of a fixed number of places every day.

    ``Var = s² tr(MR)/(P q (1 - q) (T - 1)²)``: P places, T days, q the treated share, M = I - 11'/T takes the place's
    own mean, R the correlation of one place's days. With R = I it is ``s²/(P q (1 - q) (T - 1))``.
    """
    places, days = sum(sizes_of(design)), design.periods
    share = design.ratio / (1 + design.ratio)
    lag = np.arange(1, days)
    alike = days + 2 * float(((days - lag) * np.power(float(design.autocorrelation), lag)).sum())  # 1'R1
    left = (days - alike / days) / (days - 1) ** 2
    variance = design.sd**2 * (1 - design.icc) * left / (places * share * (1 - share))
    alone = design.sd**2 / (places * days * share * (1 - share))
    return Precision(effect, np.sqrt(variance), places - 1, variance / alone)


def _did(design: Design, effect: float) -> Precision:
    """Change from before to after, half the periods before (the smaller half where they are odd).

    ``Var = s² c'Rc (1/n0 + 1/n1)`` with c the mean after less the mean before and R the correlation of one unit's
    periods, ``autocorrelation^lag``: Burlig, Preonas and Woerman's formula with their three mean covariances.
    """
    contrast = before_after(design.periods)
    change = (1 - design.icc) * float(contrast @ related(design) @ contrast)
    apart = _apart(design)
    df = sum(sizes_of(design)) - 2
    return Precision(effect, design.sd * np.sqrt(change * apart), df, change)


def before_after(periods: int) -> FloatArray:
    """The contrast (T,) of the periods after with the periods before."""
    before = periods // 2
    after = periods - before
    return np.where(np.arange(periods) < before, -1 / before, 1 / after)


def related(design: Design) -> FloatArray:
    """The correlation (T, T) of one unit's periods: ``autocorrelation^lag``."""
    return np.asarray(np.power(design.autocorrelation, _lags(design.periods)))


def _lags(periods: int) -> FloatArray:
    time = np.arange(periods, dtype=np.float64)
    return np.asarray(np.abs(time[:, None] - time))


_PRECISIONS: Mapping[str, Callable[[Design, float], Precision]] = {
    "individual": _individual,
    "cluster": _cluster,
    "matched_pair": _matched_pair,
    "stepped_wedge": _stepped_wedge,
    "crossover": _crossover,
    "did": _did,
    "poisson_cluster": _poisson_cluster,
    "two_proportions": _two_proportions,
}
