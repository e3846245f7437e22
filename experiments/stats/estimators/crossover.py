"""Place-day crossover: places in which a tactic is switched on and off from day to day by lot."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.domain import LEAST_CLUSTERS
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.twfe import twfe
from experiments.stats.regression.two_way import TwoWayCovariance, TwoWayFit, fit_long

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Crossover:
    """The effect of a crossover by place and day.

    Attributes
    ----------
    fit : the two-way fit; its first coefficient is the effect.
    carry_over : the fit with yesterday's treatment beside today's, in this order, over the days whose yesterday is
        known; or why there is none.
    settled : the fit over the days whose yesterday had the same arm; or why there is none.
    used : (N,) rows of places that switch.
    n_never : places that do not switch, and are left out.
    """

    fit: TwoWayFit
    carry_over: TwoWayFit | NotEstimable
    settled: TwoWayFit | NotEstimable
    used: BoolArray
    n_never: int


def crossover(
    outcome: FloatArray,
    treatment: FloatArray,
    place: IntArray,
    day: IntArray,
    *,
    covariates: FloatArray | None = None,
    weight: FloatArray | None = None,
    covariance: TwoWayCovariance = "CR2",
    names: tuple[str, ...] = (),
) -> Crossover:
    """Effect of a tactic that is switched on and off in each place, with place and day effects taken out.

    Parameters
    ----------
    outcome : (N,) in the outcome's units, one value for each place and day seen.
    treatment : (N,) 1 where the place was drawn to the tactic on that day, 0 where not.
    place : (N,) codes from 0 without gaps.
    day : (N,) whole numbers; yesterday is one less, and a day without a row is not known.
    covariates : (N, p) columns that vary by place and day.
    weight : (N,) positive analysis weights.
    covariance : ``CR2`` with Satterthwaite degrees of freedom, or ``CR1`` with t(P − 1), by place.
    names : (p,) names of the covariates, for messages.

    Returns
    -------
    Crossover : the effect τ of ``y_pd = α_p + δ_d + τ z_pd + e``, least squares; τ beside κ of ``κ z_{p,d−1}``; and τ
        over the days whose yesterday had the same arm.

    Raises
    ------
    NotEstimable : a status between 0 and 1, a place with two rows on a day, fewer than 6 places that switch, or a
        treatment that does not vary once both effects are taken out.

    References
    ----------
    Jones & Kenward (2014), *Design and Analysis of Cross-Over Trials*, for carry-over.
    """
    if not np.isin(treatment, (0.0, 1.0)).all():
        raise NotEstimable("the treatment status of a crossover is 0 or 1, and some rows have a share")
    yesterday = before(treatment, place, day)
    columns = np.empty((len(outcome), 0)) if covariates is None else covariates
    labels = names or tuple(f"x{j + 1}" for j in range(columns.shape[1]))
    known, zero = np.isfinite(yesterday), np.zeros((len(outcome), 0))

    def fitted(rows: BoolArray, lagged: FloatArray, of: tuple[str, ...]) -> tuple[TwoWayFit, BoolArray]:
        used = rows & switching(treatment, place, rows)
        n_places = len(np.unique(place[used]))
        if n_places < LEAST_CLUSTERS:
            raise NotEstimable(
                f"{n_places} places switch between the arms, too few for a crossover: at least {LEAST_CLUSTERS} are "
                "needed; over 20 days or more twfe with driscoll_kraay can judge so few"
            )
        beside = np.column_stack([lagged, columns])[used]
        found = two_way(
            outcome[used],
            np.column_stack([treatment[used], beside]),
            ("treatment", *of, *labels),
            _codes(place[used]),
            _codes(day[used]),
            None if weight is None else weight[used],
            covariance,
        )
        return found, used

    fit, used = fitted(np.ones(len(outcome), dtype=bool), zero, ())
    lagged = np.where(known, yesterday, 0.0)[:, None]
    return Crossover(
        fit,
        _or_reason(lambda: fitted(known, lagged, ("carry_over",))[0]),
        _or_reason(lambda: fitted(known & (yesterday == treatment), zero, ())[0]),
        used,
        len(np.unique(place)) - len(np.unique(place[used])),
    )


def two_way(
    outcome: FloatArray,
    columns: FloatArray,
    names: tuple[str, ...],
    place: IntArray,
    day: IntArray,
    weight: FloatArray | None,
    covariance: TwoWayCovariance,
) -> TwoWayFit:
    """Place and day effects taken out, clustered by place; in closed form where no row is missing."""
    is_even = weight is None or bool(np.array_equal(weight, weight[_first(place)][place]))
    if is_even:
        return twfe(
            outcome,
            columns[:, 0],
            place,
            day,
            covariates=columns[:, 1:],
            weight=weight,
            covariance=covariance,
            names=names[1:],
        )
    return fit_long(
        outcome, columns, names, unit=place, period=day, cluster=place, weight=weight, kind=covariance
    )


def before(treatment: FloatArray, place: IntArray, day: IntArray) -> FloatArray:
    """(N,) the treatment of the same place on the day before; NaN where that day has no row.

    Raises
    ------
    NotEstimable : a place with two rows on one day.
    """
    order = np.lexsort((day, place))
    same = place[order][1:] == place[order][:-1]
    apart = day[order][1:] - day[order][:-1]
    if (same & (apart == 0)).any():
        raise NotEstimable("a place has two rows on one day; add its rows of a day up first")
    found = np.full(len(treatment), np.nan)
    follows = np.flatnonzero(same & (apart == 1)) + 1
    found[order[follows]] = treatment[order[follows - 1]]
    return found


def switching(treatment: FloatArray, place: IntArray, rows: BoolArray) -> BoolArray:
    """(N,) whether the place of a row is seen in both arms in these rows."""
    count = int(place.max()) + 1
    arms = [np.bincount(place[rows & (treatment == arm)], minlength=count) > 0 for arm in (0, 1)]
    found: BoolArray = (arms[0] & arms[1])[place]
    return found


def _or_reason(make: Callable[[], TwoWayFit]) -> TwoWayFit | NotEstimable:
    try:
        return make()
    except NotEstimable as refusal:
        return refusal


def _codes(values: IntArray) -> IntArray:
    return np.unique(values, return_inverse=True)[1].astype(np.intp)


def _first(place: IntArray) -> IntArray:
    return np.unique(place, return_index=True)[1]
