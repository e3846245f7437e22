"""Coverage of estimators of staggered adoption, each with the effects that it is meant for."""

from functools import cache

import numpy as np
import pytest
from scipy import special

from experiments.stats import callaway_santanna, imputation, roth_santanna, sun_abraham
from experiments.stats.estimators.roth_santanna import cohorts
from experiments.stats.staggered import rollout_permutation
from experiments.stats.staggered.rollout import targets
from tests.unit.experiments.stats.coverage.measure import (
    COUNT,
    Found,
    Measured,
    autoregressive,
    chances,
    judged,
    long_codes,
    measured,
    normals,
    only_p,
    sound,
)

pytestmark = pytest.mark.slow

PERIODS = np.arange(1.0, 7.0)
EFFECT, GROWTH = 0.5, 0.2
Panel = tuple[np.ndarray, np.ndarray]


@cache
def panels(per_cluster: int = 1, growth: float = GROWTH) -> Panel:
    """Outcomes (R, n, 6) and first treated periods (R, n): 3, 5 or never, by chance as 3 : 3 : 4; 120 clusters."""
    cluster = np.arange(120 * per_cluster) // per_cluster
    place = chances(f"dates {per_cluster}", COUNT, 120)
    first = np.where(place < 0.4, np.inf, np.where(place < 0.7, 3.0, 5.0))[:, cluster]
    since = PERIODS - first[:, :, None]
    outcome = np.where(since >= 0, EFFECT * (1 + growth * np.where(since >= 0, since, 0.0)), 0.0)
    outcome += autoregressive(normals(f"staggered {per_cluster}", COUNT, len(cluster), 6))
    outcome += normals(f"levels {per_cluster}", COUNT, len(cluster), 1) + 0.3 * np.sin(PERIODS)
    if per_cluster > 1:
        outcome += 0.5 * normals("shocks", COUNT, 120, 6)[:, cluster]
    return outcome, first


def at(e: float, growth: float = GROWTH) -> float:
    """Return the true effect at an event time."""
    return EFFECT * (1 + growth * e)


# The first cohort has event times 0 to 3 and the second 0 and 1; both are as large in expectation. `simple` weighs
# cells; `group` takes the mean of the cohorts' means; `dynamic` and `calendar` those of event times and of periods.
EARLY, LATE = [at(e) for e in range(4)], [at(0), at(1)]
TRUTH = {
    "simple": float(np.mean(EARLY + LATE)),
    "dynamic": float(np.mean(EARLY)),
    "group": float((np.mean(EARLY) + np.mean(LATE)) / 2),
    "calendar": float(np.mean([at(0), at(1), (at(2) + at(0)) / 2, (at(3) + at(1)) / 2])),
}


@cache
def group_time(
    aggregation: str, per_cluster: int = 1, control_group: str = "never_treated"
) -> dict[str, Measured]:
    outcome, first = panels(per_cluster)
    cluster = np.arange(120 * per_cluster) // per_cluster
    terms = {"-2": 0.0, "0": at(0), "2": at(2)} if aggregation == "dynamic" else {}

    def fit(r: int) -> dict[str, Found]:
        found = callaway_santanna(
            outcome[r],
            first[r],
            PERIODS,
            cluster=cluster,
            control_group=control_group,  # type: ignore[arg-type]
            aggregation=aggregation,  # type: ignore[arg-type]
        )
        places = {name: found.keys.index(float(name)) for name in terms}
        return {"overall": (found.overall, found.std_error, None)} | {
            name: (float(found.estimates[k]), float(found.std_errors[k]), None) for name, k in places.items()
        }

    return measured(fit, terms | {"overall": TRUTH[aggregation]})


@pytest.mark.parametrize("aggregation", ["dynamic", "group", "calendar"])
def test_callaway_santanna(aggregation: str) -> None:
    for found in group_time(aggregation).values():
        sound(found)


def test_callaway_santanna_by_cluster_against_units_not_yet_treated() -> None:
    sound(group_time("simple", 2, "not_yet_treated")["overall"])


@cache
def adjusted() -> Measured:
    """Adoption and trends both depend on x: only the adjusted estimate is right."""
    n, periods = 200, np.arange(1.0, 4.0)
    x = normals("adjusted x", COUNT, n)
    adopts = chances("adjusted", COUNT, n) < special.expit(0.5 * x - 0.4)
    first = np.where(adopts, 3.0, np.inf)
    outcome = normals("adjusted noise", COUNT, n, 3) + 0.3 * x[:, :, None] * periods
    outcome += EFFECT * (periods >= first[:, :, None])
    covariates = np.repeat(x[:, :, None, None], 3, axis=2)

    def fit(r: int) -> dict[str, Found]:
        found = callaway_santanna(outcome[r], first[r], periods, covariates=covariates[r], estimation="dr")
        return {"overall": (found.overall, found.std_error, None)}

    return measured(fit, {"overall": EFFECT})["overall"]


def test_callaway_santanna_doubly_robust() -> None:
    sound(adjusted())


@cache
def interacted() -> dict[str, Measured]:
    outcome, first = panels(2)
    unit, period = long_codes(240, 6)

    def fit(r: int) -> dict[str, Found]:
        found = sun_abraham(outcome[r].ravel(), unit, period, first[r], PERIODS, cluster=unit // 2)
        errors = np.sqrt(np.diag(found.covariance))
        places = {f"{e:g}": int(np.flatnonzero(found.event_times == e)[0]) for e in (-3, 0, 2)}
        return {"overall": (found.overall, found.overall_std_error, found.overall_df)} | {
            name: (float(found.estimates[k]), float(errors[k]), float(found.df[k]))
            for name, k in places.items()
        }

    return measured(fit, {"overall": TRUTH["simple"], "-3": 0.0, "0": at(0), "2": at(2)})


def test_sun_abraham() -> None:
    for found in interacted().values():
        sound(found)


@cache
def imputed(growth: float, per_cluster: int = 1, spread: float = 0.0) -> dict[str, Measured]:
    """Effects grow with `growth`; those of units differ by `spread`, and the truth is their mean in the sample."""
    outcome, first = panels(per_cluster, growth)
    own = spread * normals("own effects", COUNT, 120 * per_cluster, 1)
    treated = first[:, :, None] <= PERIODS
    outcome = outcome + own * treated
    sampled = (own * treated).sum(axis=(1, 2)) / treated.sum(axis=(1, 2))
    cluster = np.arange(120 * per_cluster) // per_cluster

    def fit(r: int) -> dict[str, Found]:
        found = imputation(outcome[r], first[r], PERIODS, cluster=cluster)
        errors = np.sqrt(np.diag(found.covariance))
        return {
            "overall": (found.overall - sampled[r], found.std_error, None),
            "0": (float(found.estimates[0]), float(errors[0]), None),
            "2": (float(found.estimates[2]), float(errors[2]), None),
        }

    early, late = [at(e, growth) for e in range(4)], [at(e, growth) for e in range(2)]
    return measured(fit, {"overall": float(np.mean(early + late)), "0": early[0], "2": early[2]})


@pytest.mark.parametrize(("growth", "per_cluster"), [(0.0, 1), (GROWTH, 2)])
def test_imputation(growth: float, per_cluster: int) -> None:
    for found in imputed(growth, per_cluster).values():
        sound(found)


def test_imputation_is_conservative_for_the_sample_where_effects_differ_between_units() -> None:
    found = imputed(GROWTH, 1, 1.0)["overall"]
    sound(found, high=1.0)
    assert found.ratio > 1.02


@cache
def rolled_out(aggregation: str, size: int, spread: float = 0.0) -> Measured:
    """Fixed units in cohorts of `size` whose start at 2, 4 or 6 of 6 periods was drawn; effects vary by `spread`."""
    n = 3 * size
    first = np.array([2.0, 4.0, 6.0])[np.argsort(chances(f"order {size}", COUNT, n), axis=1) % 3]
    untreated = normals("finite levels", n, 1) + autoregressive(normals("finite", n, 6), 0.7)
    own = EFFECT * (1 + spread * normals("finite effects", n, 1))
    outcome = untreated + own * (first[:, :, None] <= PERIODS)

    def fit(r: int) -> dict[str, Found]:
        found = roth_santanna(outcome[r], first[r], PERIODS, aggregation=aggregation)  # type: ignore[arg-type]
        return {"overall": (found.overall, found.std_error, None)}

    return measured(fit, {"overall": float(own.mean())})["overall"]


@pytest.mark.parametrize("aggregation", ["simple", "dynamic"])
def test_roth_santanna(aggregation: str) -> None:
    sound(rolled_out(aggregation, 60))


def test_roth_santanna_is_a_little_narrow_in_cohorts_of_twenty() -> None:
    """93.6 % in 8,000 replicates, 94.1 % in cohorts of 60.

    The weight on the difference before adoption is chosen to make the variance that is reported least, and the part of
    it that early periods reveal is never less than 0, so it takes something away where there is nothing to reveal.
    """
    sound(rolled_out("simple", 20), low=0.92, high=0.95)


def test_dates_dealt_out_anew_keep_the_size_of_the_efficient_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In cohorts of 10, where the error above is too small; exact with any draws of which (draws + 1)·5 % is whole."""
    monkeypatch.setattr(rollout_permutation, "invert", only_p)
    count, n, draws = 1_000, 30, 39
    first = np.array([2.0, 4.0, 6.0])[np.argsort(chances("few", count, n), axis=1) % 3]
    outcome = normals("few levels", n, 1) + autoregressive(normals("few", n, 6), 0.7)
    rejected = 0
    for r, one in enumerate(first):
        dates, cohort, sizes = cohorts(one)
        wanted = targets(dates, sizes, PERIODS, aggregation="simple", controls="not_yet_treated")
        found = roth_santanna(outcome, one, PERIODS)
        test = rollout_permutation.permute_dates(
            outcome,
            (one[:, None] <= PERIODS).astype(float),
            cohort,
            wanted.effect[-1],
            wanted.before[-1],
            estimate=found.overall,
            std_error=found.neyman,
            is_efficient=True,
            draws=draws,
            alpha=0.05,
            seed=r,
            estimate_id="H1",
        )
        assert test.p_value is not None
        rejected += test.p_value <= 0.05
    judged("rejected", rejected / count, 0.035, 0.065, count)


def test_roth_santanna_is_conservative_where_effects_differ_between_units() -> None:
    sound(rolled_out("simple", 60, 2.0), high=1.0)
