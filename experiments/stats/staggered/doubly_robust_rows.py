"""Two-period effects on the treated where rows are not followed from one period to the other.

Everything is a difference between two levels, one in each period: what the cohort is above what it would have been,
judged by the controls of the same period. The odds of being treated, and the cohort that effects are averaged over,
are those of both periods together.
"""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.staggered.doubly_robust import Comparison, Estimation
from experiments.stats.staggered.nuisance import Odds, odds, regression

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def two_period_effect_of_rows(
    outcome: FloatArray,
    treated: BoolArray,
    post: BoolArray,
    covariates: FloatArray,
    weight: FloatArray,
    *,
    estimation: Estimation = "dr",
) -> Comparison:
    """Effect on the treated of a comparison of two periods of rows, adjusted for covariates.

    Parameters
    ----------
    outcome : (m,) outcomes of the rows of two periods.
    treated : (m,) True for the cohort, False for its controls.
    post : (m,) True for the rows of the period, False for those of its base; the cohort and the controls have some of
        both.
    covariates : (m, p) each row's own covariates, the constant included.
    weight : (m,) positive analysis weights.
    estimation : ``reg`` (regressions among the controls of each period), ``ipw`` (Hájek-type weighting by a logit
        propensity), ``dr`` (both, and regressions in the cohort: locally efficient, and right if either model is).

    Returns
    -------
    Comparison : ``effect`` (1,) and ``influence`` (m, 1), scaled so that the error is about the mean of ``influence``.

    Raises
    ------
    NotEstimable : covariates that are collinear among the rows a model is fitted to, a propensity model that
        separates, or more than a tenth of the controls with a propensity of 0.995 or more.

    Notes
    -----
    With H(w, v) the mean of v weighted by w, D the cohort, c the controls' odds and m the fitted outcomes of cohort (1)
    and controls (0), the level of a period is ``H(D·now, y) − H(D, m₀)`` (reg), ``H(D·now, y) − H(c·now, y)`` (ipw) and
    ``H(D, m₁ − m₀) − H(c·now, y − m₀)`` (dr).

    References
    ----------
    Sant'Anna & Zhao (2020), *J Econometrics*, sections 2.2 and 3.2. Same effects as ``reg_did_rc``,
    ``std_ipw_did_rc`` and ``drdid_rc`` of R DRDID, which ``did`` calls where ``panel = FALSE``, and same influence
    values, but for ``dr``: up to DRDID 1.3.0, and in moderndid 0.2.0, the controls' regression of the base period
    enters those with the wrong sign. Python drdid 1.1.7, which csdid calls, has it as here: the derivative of the
    effect by the weight of a row.
    """
    balance = None if estimation == "reg" else odds(treated, covariates, weight)
    rows = _Rows(outcome, treated, covariates, weight)
    parts = []
    for now in (post, ~post):
        if balance is None:
            parts.append(rows.by_regression(now))
        elif estimation == "ipw":
            parts.append(rows.by_weighting(now, balance))
        else:
            parts.append(rows.by_both(now, balance))
    (after, influence_after), (before, influence_before) = parts
    return Comparison(
        np.array([after - before]),
        (influence_after - influence_before)[:, None],
        balance.trimmed if balance is not None else 0,
    )


class _Rows:
    """The level of one period, with its influence values (m,)."""

    def __init__(
        self, outcome: FloatArray, treated: BoolArray, covariates: FloatArray, weight: FloatArray
    ) -> None:
        self.outcome, self.covariates = outcome, covariates
        self.cohort, self.control = weight * treated, weight * ~treated
        self.centre = _mean(self.cohort, covariates)  # (p,) covariates of the cohort over both periods

    def by_regression(self, now: BoolArray) -> tuple[float, FloatArray]:
        fit = regression(self.outcome[:, None], self.covariates, self.control * now)
        seen, seen_influence = _hajek(self.cohort * now, self.outcome)
        expected, expected_influence = _hajek(self.cohort, fit.fitted[:, 0])
        influence = seen_influence - expected_influence - fit.times(self.centre)[:, 0]
        return seen - expected, influence

    def by_weighting(self, now: BoolArray, balance: Odds) -> tuple[float, FloatArray]:
        seen, seen_influence = _hajek(self.cohort * now, self.outcome)
        expected, expected_influence = self._weighted(now, balance, self.outcome)
        return seen - expected, seen_influence - expected_influence

    def by_both(self, now: BoolArray, balance: Odds) -> tuple[float, FloatArray]:
        controls = regression(self.outcome[:, None], self.covariates, self.control * now)
        own = regression(self.outcome[:, None], self.covariates, self.cohort * now)
        gap, gap_influence = _hajek(self.cohort, (own.fitted - controls.fitted)[:, 0])
        left, left_influence = self._weighted(now, balance, self.outcome - controls.fitted[:, 0])
        # Regressions with a constant leave nothing over on average in the cohort, only a spread.
        _, noise = _hajek(self.cohort * now, self.outcome - own.fitted[:, 0])
        shift = _mean(balance.weight * now, self.covariates) - self.centre
        turn = self.centre - _mean(self.cohort * now, self.covariates)
        from_models = (controls.times(shift) + own.times(turn))[:, 0]
        return gap - left, noise + gap_influence - left_influence + from_models

    def _weighted(self, now: BoolArray, balance: Odds, values: FloatArray) -> tuple[float, FloatArray]:
        """Mean among the controls that the odds make like the cohort."""
        weight = balance.weight * now
        mean, influence = _hajek(weight, values)
        tilt = _mean(weight, (values - mean)[:, None] * self.covariates)
        return mean, influence + balance.influence @ tilt


def _hajek(weight: FloatArray, values: FloatArray) -> tuple[float, FloatArray]:
    """Weighted mean, and its influence values."""
    total = float(weight.mean())
    mean = float(weight @ values) / len(weight) / total
    return mean, weight * (values - mean) / total


def _mean(weight: FloatArray, values: FloatArray) -> FloatArray:
    """Weighted mean of each column of (m, p) values."""
    return np.asarray(weight @ values / weight.sum(), dtype=np.float64)
