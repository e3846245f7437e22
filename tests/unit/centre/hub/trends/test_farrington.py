"""Farrington's method: published parts, an independent fit of the whole, what must not matter, what is refused."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from centre.hub.trends import farrington, quasi_poisson, thresholds
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.farrington import Options, anscombe, evaluate, residual_weights
from centre.hub.trends.reference_points import reference
from centre.hub.trends.series import Series, Step, evenly, years_before
from centre.hub.trends.thresholds import Expectation
from tests.unit.centre.hub.trends.made import months, noise

MONTHLY = Options(w=1)


def weeks(years: int, first: dt.date = dt.date(2008, 1, 3)) -> Series:
    dates = [first + dt.timedelta(weeks=at) for at in range(52 * years)]
    return evenly("", dates, [5.0] * len(dates))


# --- published parts --------------------------------------------------------------------------------


def test_weights_of_residuals() -> None:
    """R surveillance, its own tests."""
    assert residual_weights([0] * 5 + [2] * 5, 0.0) == pytest.approx([1.6] * 5 + [0.4] * 5)


def test_reference_dates() -> None:
    """R surveillance, its own tests: the nearest Thursday of earlier years."""
    day = dt.date(2013, 6, 6)
    found = [years_before(day, years, Step.WEEK).isoformat() for years in (3, 2, 1)]
    assert found == ["2010-06-03", "2011-06-09", "2012-06-07"]
    assert years_before(dt.date(2012, 2, 29), 1, Step.MONTH) == dt.date(2011, 3, 1)


@pytest.mark.parametrize(("b", "w"), [(3, 3), (5, 2), (1, 0)])
def test_size_of_the_window(b: int, w: int) -> None:
    """R surveillance: (w + 1) + b (2 w + 1) rows with the current window, of which we leave out the point itself."""
    found = reference(weeks(6), 52 * 6 - 10, b=b, w=w, no_periods=1, excluded=0)
    assert len(found.places) == w + b * (2 * w + 1)
    assert set(found.blocks) == {0}


def test_bound_by_the_delta_method() -> None:
    expected = Expectation(np.log(10), 0.1, 1.5)
    assert thresholds.delta(expected, 0.05, "2/3") == pytest.approx(17.255303, abs=5e-7)


@pytest.mark.parametrize(
    ("method", "dispersion", "bound"),
    [("muan", 1.5, 19), ("muan", 1.0, 18), ("nb_plugin", 1.5, 17), ("nb_plugin", 1.0, 15)],
)
def test_bounds_by_the_negative_binomial(method: thresholds.Method, dispersion: float, bound: float) -> None:
    expected = Expectation(np.log(10), 0.1, dispersion)
    assert thresholds.negative_binomial(expected, 0.05, method) == bound
    # The bound is the smallest count that is exceeded with probability alpha at most.
    assert thresholds.negative_binomial_p(bound + 1, expected, 0.05, method) <= 0.05
    assert thresholds.negative_binomial_p(bound, expected, 0.05, method) > 0.05


# --- an independent fit -----------------------------------------------------------------------------


def by_statsmodels(series: Series, at: int, options: Options) -> tuple[float, float]:
    """Return the expected count and the bound, by another library's regression."""
    compared = reference(
        series, at, b=options.b, w=options.w, no_periods=options.no_periods, excluded=options.excluded
    )
    y = series.counts[compared.places]
    offset = None if series.population is None else np.log(series.population[compared.places])
    blocks = sorted(set(compared.blocks) - {0})

    def design(has_trend: bool) -> np.ndarray:
        columns = [np.ones(len(y))]
        if has_trend:
            columns.append(compared.places.astype(float))
        return np.column_stack([*columns, *[(compared.blocks == block) * 1.0 for block in blocks]])

    def fitted(x: np.ndarray) -> tuple[object, float]:
        first = sm.GLM(y, x, family=sm.families.Poisson(), offset=offset).fit(tol=1e-12)
        phi = max(first.pearson_chi2 / first.df_resid, 1)
        s = 1.5 * (y ** (2 / 3) * first.mu ** (-1 / 6) - np.sqrt(first.mu))
        s /= np.sqrt(phi * (1 - first.get_hat_matrix_diag()))
        weights = np.where(s > options.weights_threshold, s**-2.0, 1)
        weights *= len(y) / weights.sum()
        second = sm.GLM(y, x, family=sm.families.Poisson(), offset=offset, var_weights=weights).fit(tol=1e-12)
        return second, max(second.pearson_chi2 / second.df_resid, 1)

    for has_trend in (True, False):
        found, phi = fitted(design(has_trend))
        row = np.array([1.0, *([float(at)] if has_trend else []), *[0.0] * len(blocks)])
        covariance = found.cov_params() / found.scale * phi  # type: ignore[attr-defined]
        shift = 0.0 if series.population is None else np.log(series.population[at])
        eta = float(row @ found.params + shift)  # type: ignore[attr-defined]
        if has_trend:
            t = found.params[1] / np.sqrt(covariance[1, 1])  # type: ignore[attr-defined]
            from scipy import stats

            if 2 * stats.t.sf(abs(t), found.df_resid) >= 0.05 or np.exp(eta) > y.max():  # type: ignore[attr-defined]
                continue
        return float(np.exp(eta)), thresholds.delta(
            Expectation(eta, float(np.sqrt(row @ covariance @ row)), phi), options.alpha, "2/3"
        )
    raise AssertionError


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("no_periods", [1, 4])
@pytest.mark.parametrize("has_population", [False, True])
def test_agrees_with_a_fit_by_statsmodels(seed: int, no_periods: int, has_population: bool) -> None:
    counts = noise(seed, dispersion=2.0) * np.exp(0.006 * np.arange(84) * (seed % 2))
    counts[20] *= 6  # an earlier outbreak, which is weighed down
    people = 1000 + 5 * np.arange(84.0) if has_population else None
    series = months(np.round(counts), population=people)
    options = replace(MONTHLY, no_periods=no_periods)
    found = evaluate(series, 83, options)
    expected, bound = by_statsmodels(series, 83, options)
    assert (found.expected, found.upper_bound) == pytest.approx((expected, bound), rel=1e-7)


# --- what must not matter ---------------------------------------------------------------------------


def test_later_counts_change_nothing() -> None:
    counts = noise(3)
    whole, part = months(counts), months(counts[:72])
    assert evaluate(whole, 71, MONTHLY) == evaluate(part, 71, MONTHLY)


def test_a_population_that_never_changes_changes_nothing() -> None:
    counts = noise(4)
    with_people = evaluate(months(counts, population=np.full(84, 500.0)), 83, MONTHLY)
    without = evaluate(months(counts), 83, MONTHLY)
    assert with_people.upper_bound == pytest.approx(without.upper_bound, rel=1e-9)


def test_what_is_missing_is_left_out_and_is_not_zero() -> None:
    counts = noise(5)
    gap, zero = counts.copy(), counts.copy()
    gap[71], zero[71] = np.nan, 0.0
    missing, nothing = (evaluate(months(one), 83, MONTHLY) for one in (gap, zero))
    assert missing.expected is not None
    assert nothing.expected is not None
    assert missing.expected > nothing.expected


# --- what chance does, and what an outbreak does ----------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("dispersion", [1.0, 2.0])
def test_alarms_by_chance_are_near_alpha(dispersion: float) -> None:
    options = replace(MONTHLY, trend=False, limit54=(1, 1))
    alarms = [evaluate(months(noise(seed, dispersion=dispersion)), 83, options).alarm for seed in range(600)]
    # 15 counts to compare with estimate the dispersion; twice alpha is the most that is let pass, 0 would be no test.
    assert 0.02 < np.mean(alarms) < 0.10


@pytest.mark.slow
def test_a_doubling_is_found() -> None:
    found = []
    for seed in range(200):
        counts = noise(seed)
        counts[83] = np.random.default_rng(10_000 + seed).poisson(
            2.0 * 20 * np.exp(0.3 * np.sin(2 * np.pi * 83 / 12))
        )
        found.append(evaluate(months(counts), 83, MONTHLY).alarm)
    assert np.mean(found) > 0.9


def test_an_earlier_outbreak_raises_the_bound_less_with_weights() -> None:
    counts = noise(6)
    counts[71] *= 8
    bounds = [
        evaluate(months(counts), 83, replace(MONTHLY, reweight=reweight)).upper_bound
        for reweight in (True, False)
    ]
    assert bounds[0] is not None
    assert bounds[1] is not None
    assert bounds[0] < bounds[1]


# --- details of the rule ----------------------------------------------------------------------------


def test_few_cases_are_no_alarm() -> None:
    counts = np.zeros(84)
    counts[[24, 48]] = 1
    counts[83] = 4
    few = evaluate(months(counts), 83, Options(w=3, trend=False))
    assert few.upper_bound is not None
    assert (few.count, few.alarm) == (4, False)
    assert few.upper_bound < 4
    assert evaluate(months(counts), 83, Options(w=3, trend=False, limit54=(4, 4))).alarm


def test_score_is_one_at_the_bound() -> None:
    point = evaluate(months(noise(7)), 83, MONTHLY)
    assert point.expected is not None
    assert point.upper_bound is not None
    assert point.score == pytest.approx(
        (float(point.count or 0) - point.expected) / (point.upper_bound - point.expected)
    )


def test_the_method_of_1996_halves_alpha_and_weighs_down_more() -> None:
    assert farrington.ORIGINAL.weights_threshold == 1.0
    assert farrington.original_alpha(0.05) == 0.025


def test_anscombe_residual_of_a_point_with_its_own_column_is_none() -> None:
    y = np.array([3.0, 4.0, 5.0, 9.0])
    design = np.column_stack([np.ones(4), [0, 0, 0, 1.0]])
    assert anscombe(y, quasi_poisson.fit(y, design, np.ones(4)))[3] == 0.0


# --- refusals ---------------------------------------------------------------------------------------


def test_too_short_a_history_says_from_when() -> None:
    with pytest.raises(NotEstimable, match="Looking back 5 years and 1 months needs counts from 2014-12-01"):
        evaluate(months(noise(1, years=5)), 59, MONTHLY)


def test_what_cannot_be_fitted_says_why() -> None:
    with pytest.raises(NotEstimable, match="is 0"):
        evaluate(months(np.zeros(84)), 83, MONTHLY)
    with pytest.raises(NotEstimable, match="The count is missing"):
        evaluate(months(np.append(noise(1), np.nan)[:85]), 84, MONTHLY)
    with pytest.raises(NotEstimable, match="lower no_periods"):
        evaluate(months(noise(1)), 83, replace(MONTHLY, no_periods=12))
    with pytest.raises(NotEstimable, match="too few for"):
        quasi_poisson.fit(np.ones(2), np.ones((2, 2)), np.ones(2))
    with pytest.raises(NotEstimable, match="tell season and trend apart"):
        quasi_poisson.fit(np.arange(4.0), np.ones((4, 2)), np.ones(4))
