"""The effect as a distribution: what the average place would see, or a new place like yours."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tactics.rating import RATIO_METRICS
from tactics.synthesis import NotEstimable

Place = Literal["average", "new"]
PLACES: dict[Place, str] = {"average": "The average place", "new": "A new place like yours"}
FARTHEST = 300.0  # of a log ratio: beyond it a ratio has no room in a float, and says nothing more
POOLED_BY_T = 3  # trials from which Hartung–Knapp, and so the t distribution, is used
_NO_RATIO = {
    "smd": "The effect is in standard deviations, which cannot be turned into a number of incidents",
    "difference": "The effect is in the outcome's own units, which cannot be turned into a share of the incidents",
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """A location and scale family on the log ratio scale; below 0 is a benefit. `df` of None is the normal."""

    metric: str
    centre: float
    scale: float
    df: float | None
    place: Place

    @property
    def has_mean_ratio(self) -> bool:
        """Return whether the mean of the ratio exists: exp(t) has none, a risk ratio from odds is bounded."""
        return self.df is None or self.metric == "log_odds_ratio"

    def ratios(self, uniform: NDArray[np.float64], baseline_risk: float | None = None) -> NDArray[np.float64]:
        """Return incidents with the tactic for each one without it.

        Parameters
        ----------
        uniform : (n,) on the open interval (0, 1).
        baseline_risk : share of people or places with the incident, without the tactic; for an odds ratio only.

        Notes
        -----
        A rate ratio is itself. An odds ratio OR at risk p is the risk ratio ``1 / (p + (1 - p) / OR)``
        (Zhang & Yu 1998, the same written so that it cannot overflow).

        Raises
        ------
        NotEstimable : an odds ratio without a baseline risk.
        """
        standard = special.ndtri(uniform) if self.df is None else special.stdtrit(self.df, uniform)
        logs = np.clip(self.centre + self.scale * np.asarray(standard), -FARTHEST, FARTHEST)
        if self.metric == "log_rate_ratio":
            return np.asarray(np.exp(logs), dtype=np.float64)
        if baseline_risk is None or not 0 < baseline_risk < 1:
            raise NotEstimable(
                "The effect is an odds ratio: enter the share of people or places that have the incident without "
                "the tactic, between 0 and 1"
            )
        return np.asarray(1 / (baseline_risk + (1 - baseline_risk) * np.exp(-logs)), dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "metric": self.metric,
            "centre": self.centre,
            "scale": self.scale,
            "df": self.df,
            "place": self.place,
        }


def forecast(summary: Mapping[str, Any] | None, metric: str, strength: int, place: Place) -> Forecast:
    """Return the distribution of the effect that a rating's pooled numbers say.

    Parameters
    ----------
    summary : a `Summary` as JSON, on the log ratio scale, oriented so that below 0 is a benefit.
    metric, strength : of the rating.
    place : the average over places, or a new one.

    Notes
    -----
    One or two trials: normal, with the estimate's standard error. Three or more: the average place by
    ``estimate + t(k - 1) * SE`` (Hartung-Knapp), a new place by ``estimate + t(df) * sqrt(tau2 + SE^2)``, the
    distribution whose middle 95 % is the prediction interval.

    Raises
    ------
    NotEstimable : no ratio, no estimate, strength 0, or a new place where nothing says how places differ.
    """
    if metric not in RATIO_METRICS:
        raise NotEstimable(_NO_RATIO.get(metric, "There is no effect that could be turned into incidents"))
    estimate, error = _estimate(summary)
    if strength <= 0:
        raise NotEstimable("The strength of the evidence is 0 of 5: no sum of money is made from it")
    assert summary is not None  # noqa: S101  _estimate has refused it
    k = int(summary["k"])
    if place == "average":
        return Forecast(metric, estimate, error, float(k - 1) if k >= POOLED_BY_T else None, place)
    if summary["prediction_df"] is None or summary["tau2"] is None:
        trials = "there is 1" if k == 1 else f"there are {k}"
        raise NotEstimable(
            f"What a new place would see needs a prediction interval, which needs 3 or more trials; {trials}"
        )
    scale = float(np.sqrt(summary["tau2"] + error**2))
    return Forecast(metric, estimate, scale, float(summary["prediction_df"]), place)


def _estimate(summary: Mapping[str, Any] | None) -> tuple[float, float]:
    """Return the estimate with its standard error, or refuse."""
    estimate = summary["estimate"] if summary else None
    error = summary["std_error"] if summary else None
    if summary is None or estimate is None or error is None:
        raise NotEstimable("There is no estimate of its effect, so there is nothing to put a price on")
    if not (isfinite(estimate) and isfinite(error)) or error <= 0:
        raise NotEstimable("The estimate of its effect has no usable standard error")
    return float(estimate), float(error)
