"""Farrington's method (1996) and its flexible form (Noufaily et al. 2013) for one point of a series."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from centre.hub.trends import quasi_poisson, thresholds
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.points import Point
from centre.hub.trends.quasi_poisson import Fit
from centre.hub.trends.reference_points import Reference, reference
from centre.hub.trends.series import Floats, Series
from centre.hub.trends.thresholds import Expectation, Method, Power

TREND_P = 0.05  # a trend that is not significant is not used
TREND_YEARS = 3


@dataclass(frozen=True, slots=True)
class Options:
    """The defaults are those of R's ``surveillance::farringtonFlexible``; `alpha` is one-sided.

    `past_weeks_excluded` None: as many as `w`. `limit54`: an alarm needs 5 in the last 4 counts.
    """

    b: int = 5
    w: int = 3
    reweight: bool = True
    weights_threshold: float = 2.58
    alpha: float = 0.05
    trend: bool = True
    limit54: tuple[int, int] = (5, 4)
    power_transformation: Power = "2/3"
    no_periods: int = 1
    past_weeks_excluded: int | None = None
    threshold_method: Method = "delta"

    @property
    def excluded(self) -> int:
        """Return how many counts just before the point are left out."""
        return self.w if self.past_weeks_excluded is None else self.past_weeks_excluded


# Farrington et al. (1996): every residual above 1 is weighed down, and the interval is two-sided.
ORIGINAL = Options(weights_threshold=1.0)


def original_alpha(alpha: float) -> float:
    """Return the one-sided alpha of the method of 1996, whose `alpha` is of a two-sided interval."""
    return alpha / 2


def evaluate(series: Series, at: int, options: Options) -> Point:
    """Judge one count by the counts of the same time of earlier years.

    Raises
    ------
    NotEstimable : the count is missing, the history is too short, or nothing can be fitted to it.
    """
    count = float(series.counts[at])
    if np.isnan(count):
        raise NotEstimable("The count is missing")
    compared = reference(
        series, at, b=options.b, w=options.w, no_periods=options.no_periods, excluded=options.excluded
    )
    expected = _expect(series, at, compared, options)
    if options.threshold_method == "delta":
        bound = thresholds.delta(expected, options.alpha, options.power_transformation)
        p = thresholds.delta_p(count, expected, options.power_transformation)
    else:
        bound = thresholds.negative_binomial(expected, options.alpha, options.threshold_method)
        p = thresholds.negative_binomial_p(count, expected, options.alpha, options.threshold_method)
    mu = expected.mu
    score = (count - mu) / (bound - mu) if bound > mu else None
    cases, period = options.limit54
    recent = series.counts[max(at - period + 1, 0) : at + 1]
    alarm = count > bound and count > 0 and bool(np.nansum(recent) >= cases)
    return Point(
        series.name,
        series.dates[at],
        count,
        expected=mu,
        upper_bound=bound,
        score=score,
        alarm=alarm,
        rule="above the bound" if alarm else "",
        p_value=p,
    )


def _expect(series: Series, at: int, compared: Reference, options: Options) -> Expectation:
    """Return what is expected of the point.

    With a trend only where there are three years, the trend is significant, and it expects no more than was ever seen.
    """
    counts = series.counts[compared.places]
    offset = None if series.population is None else np.log(series.population[compared.places])
    of_point = 0.0 if series.population is None else float(np.log(series.population[at]))
    for has_trend in (True, False) if options.trend and options.b >= TREND_YEARS else (False,):
        design, row = _design(compared, at, has_trend)
        found = reweighted(counts, design, offset, options)
        eta, error = found.predict(row, of_point)
        if not has_trend or (found.p_of(1) < TREND_P and np.exp(eta) <= counts.max()):
            return Expectation(eta, error, found.dispersion, float(found.df))
    raise AssertionError("the last model has no trend, and is taken")


def _design(compared: Reference, at: int, has_trend: bool) -> tuple[Floats, Floats]:
    """Return the columns of the model, and the row of the point itself: 1, time, and the other parts of the year."""
    parts = [part for part in np.unique(compared.blocks) if part]
    columns: list[Floats] = [np.ones(len(compared.places))]
    row = [1.0]
    if has_trend:
        columns.append((compared.places - at).astype(float))
        row.append(0.0)
    columns += [(compared.blocks == part).astype(float) for part in parts]
    return np.column_stack(columns), np.array(row + [0.0] * len(parts))


def reweighted(counts: Floats, design: Floats, offset: Floats | None, options: Options) -> Fit:
    """Fit, and fit again with the weights of the first residuals, so that earlier outbreaks count for less."""
    first = quasi_poisson.fit(counts, design, np.ones(len(counts)), offset)
    if not options.reweight:
        return first
    weights = residual_weights(anscombe(counts, first), options.weights_threshold)
    return quasi_poisson.fit(counts, design, weights, offset)


def anscombe(counts: Floats, found: Fit) -> Floats:
    """Return ``1.5 (y^(2/3) mu^(-1/6) - mu^(1/2)) / sqrt(phi (1 - h))``: residuals that are near to normal."""
    mu = found.fitted
    # A count with a column of its own has a leverage of 1, and no residual.
    free = np.maximum(1 - found.leverage, 1e-12)
    residuals: Floats = (
        1.5 * (counts ** (2 / 3) * mu ** (-1 / 6) - np.sqrt(mu)) / np.sqrt(found.dispersion * free)
    )
    return np.where(found.leverage > 1 - 1e-9, 0.0, residuals)


def residual_weights(residuals: Sequence[float] | Floats, threshold: float) -> Floats:
    """Return ``gamma s^-2`` above the threshold, else ``gamma``; they sum to the number of counts."""
    s = np.asarray(residuals, dtype=float)
    is_high = s > threshold
    raw = np.where(is_high, np.where(is_high, s, 1.0) ** -2.0, 1.0)
    weights: Floats = raw * (len(s) / raw.sum())
    return weights
