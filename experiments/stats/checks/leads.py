"""Joint test of the effects before adoption, with the drift that it could have noticed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from centre.distributions import chi_square_p, f_p, p_value
from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]

RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class LeadTest:
    """Joint test of q leads and the drift through them.

    Attributes
    ----------
    statistic, df, df2, p_value : on F(df, df2), or chi-square(df) where ``df2`` is None; where
        ``method`` is ``holm``, the largest absolute t and its Holm-adjusted p value on t(df2).
    slope, slope_std_error : the steady drift for each period that fits the leads best.
    detectable_50, detectable_80 : drifts that the joint test finds with that power; None for ``holm``.
    largest : position of the lead farthest from zero in standard errors.
    """

    statistic: float
    df: int
    df2: float | None
    p_value: float
    method: str
    slope: float
    slope_std_error: float
    detectable_50: float | None
    detectable_80: float | None
    largest: int


def pre_trends(
    leads: FloatArray,
    covariance: FloatArray,
    drift: FloatArray,
    *,
    n_clusters: int | None = None,
    alpha: float = 0.05,
) -> LeadTest:
    """Test that all leads are zero, and say what the test could have seen.

    Parameters
    ----------
    leads : (q,) effects before adoption, in the outcome's units.
    covariance : (q, q) of the leads.
    drift : (q,) what each lead would be if the groups drifted apart by one unit a period: event
        time less the reference where leads are compared with one base period, 1 where each
        is compared with the period before it.
    n_clusters : clusters behind a cluster-robust covariance; None for influence functions.
    alpha : level of the test whose power is reported.

    Returns
    -------
    LeadTest : the joint test, the drift through the leads, and the drifts that it would find.

    Notes
    -----
    ``W = δ′V⁻¹δ`` (pseudo-inverse where leads are collinear, q its rank). From influence
    functions W is chi-square(q); from G clusters ``(G − q)/(q(G − 1))·W`` is F(q, G − q)
    (Hotelling). With q ≥ G/2 the smallest Holm-adjusted p value of the leads takes its place.
    Drift by generalised least squares. Power from the non-central distribution with
    non-centrality ``s²·d′V⁻¹d`` for a drift s.

    Raises
    ------
    NotEstimable : no lead with a standard error.

    References
    ----------
    Roth (2022), *AER: Insights*, on power; Hotelling (1931), *Ann Math Stat*.
    """
    kept = np.flatnonzero(np.diag(covariance) > 0)
    if not len(kept):
        raise NotEstimable("there is no period before adoption to test, besides the reference")
    leads, drift, covariance = leads[kept], drift[kept], covariance[np.ix_(kept, kept)]
    errors = np.sqrt(np.diag(covariance))
    inverse, rank = _pseudo_inverse(covariance, errors)
    information = float(drift @ inverse @ drift)
    slope = float(drift @ inverse @ leads) / information
    t = np.abs(leads) / errors
    largest = int(kept[np.argmax(t)])
    if n_clusters is not None and rank >= n_clusters / 2:
        df2 = float(n_clusters - 1)
        p = min(1.0, len(t) * p_value(float(t.max()), df2))
        return LeadTest(float(t.max()), len(t), df2, p, "holm", slope, information**-0.5, None, None, largest)
    wald = float(leads @ inverse @ leads)
    if n_clusters is None:
        statistic, joint_df2, p = wald, None, chi_square_p(wald, rank)
    else:
        joint_df2 = float(n_clusters - rank)
        statistic = joint_df2 / (rank * (n_clusters - 1)) * wald
        p = f_p(statistic, rank, joint_df2)
    found = [(_noncentrality(power, rank, joint_df2, alpha) / information) ** 0.5 for power in (0.5, 0.8)]
    return LeadTest(
        statistic, rank, joint_df2, p, "wald", slope, information**-0.5, found[0], found[1], largest
    )


def _pseudo_inverse(covariance: FloatArray, errors: FloatArray) -> tuple[FloatArray, int]:
    """Inverse on the leads' own scale, without directions that are rounding; and the rank."""
    values, vectors = np.linalg.eigh(covariance / np.outer(errors, errors))
    kept = values > RANK_TOLERANCE * values[-1]
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(errors, errors)
    return inverse, int(kept.sum())


def _noncentrality(power: float, df: int, df2: float | None, alpha: float) -> float:
    """Non-centrality at which the test rejects with the given power."""
    if df2 is None:
        critical = float(special.chdtri(df, alpha))

        def missing(value: float) -> float:
            return power - 1 + float(special.chndtr(critical, df, value))
    else:
        critical = float(special.fdtri(df, df2, 1 - alpha))

        def missing(value: float) -> float:
            return power - 1 + float(special.ncfdtr(df, df2, value, critical))

    high = 10.0
    while missing(high) > 0:
        high *= 2
    return float(optimize.brentq(missing, 0.0, high, xtol=1e-9))
