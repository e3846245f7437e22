"""Coverage of estimators with one adoption date: two by two, two-way fixed effects, event study, triple difference."""

from functools import cache

import numpy as np
import pytest

from experiments.stats import event_study, triple_difference, twfe, two_by_two
from tests.unit.experiments.stats.coverage.measure import (
    COUNT,
    Found,
    Measured,
    autoregressive,
    long_codes,
    measured,
    normals,
    sound,
)

pytestmark = pytest.mark.slow

EFFECT = 0.5


@cache
def changes(covariance: str, n_treated: int, n_control: int, per_cluster: int) -> Measured:
    """Two by two over 8 periods, errors that last and are half as wide again among the treated."""
    clusters, n = n_treated + n_control, (n_treated + n_control) * per_cluster
    cluster = np.repeat(np.arange(clusters), per_cluster)
    treated, post = cluster < n_treated, np.arange(8) >= 4
    noise = autoregressive(normals(f"two by two {n_treated} {per_cluster}", COUNT, n, 8))
    if per_cluster > 1:
        noise += autoregressive(normals("two by two shocks", COUNT, clusters, 8))[:, cluster]
    outcome = noise * (1 + 0.5 * treated[:, None]) + EFFECT * np.outer(treated, post)
    unit, period = long_codes(n, 8)

    def fit(r: int) -> dict[str, Found]:
        found = two_by_two(
            outcome[r].ravel(),
            treated[unit],
            post[period],
            unit,
            cluster=cluster[unit] if per_cluster > 1 else None,
        )
        assert found.covariance == covariance
        assert found.std_error is not None
        return {"effect": (found.estimate, found.std_error, found.df)}

    return measured(fit, {"effect": EFFECT})["effect"]


@pytest.mark.parametrize(
    ("covariance", "n_treated", "n_control", "per_cluster"),
    [("HC2", 20, 30, 1), ("HC2", 6, 10, 1), ("CR2", 10, 14, 3)],
)
def test_two_by_two(covariance: str, n_treated: int, n_control: int, per_cluster: int) -> None:
    sound(changes(covariance, n_treated, n_control, per_cluster))


@cache
def two_way(covariance: str) -> Measured:
    """44 clusters of 2, half of them treated from the fourth of 6 periods on, and a covariate that varies over time."""
    n = 88
    cluster, post = np.repeat(np.arange(44), 2), np.arange(6) >= 3
    on = np.outer(cluster % 2 == 0, post).astype(float)
    x, noise = normals("two way x", COUNT, n, 6), autoregressive(normals("two way", COUNT, n, 6))
    noise += 0.7 * autoregressive(normals("two way shocks", COUNT, 44, 6))[:, cluster]
    outcome = noise + EFFECT * on + 0.3 * x + normals("two way levels", COUNT, n, 1) + np.sin(np.arange(6))
    unit, period = long_codes(n, 6)

    def fit(r: int) -> dict[str, Found]:
        found = twfe(
            outcome[r].ravel(),
            on.ravel(),
            unit,
            period,
            covariates=x[r].reshape(-1, 1),
            cluster=cluster[unit],
            covariance=covariance,  # type: ignore[arg-type]
        )
        error = float(np.sqrt(found.covariance[0, 0]))
        return {"effect": (float(found.coefficients[0]), error, found.df(np.array([1.0, 0.0])))}

    return measured(fit, {"effect": EFFECT})["effect"]


@pytest.mark.parametrize("covariance", ["CR1", "CR2"])
def test_two_way(covariance: str) -> None:
    sound(two_way(covariance))


@cache
def shared_shocks(covariance: str, n_units: int, n_periods: int) -> Measured:
    """Half of the units are treated in periods drawn at random, and share a shock in every period."""
    half = np.arange(n_units) < n_units // 2
    on = np.sign(normals(f"on {n_periods}", COUNT, 1, n_periods)) > 0
    shock = normals(f"shared {n_periods}", COUNT, 1, n_periods)
    unit, period = long_codes(n_units, n_periods)

    def fit(r: int) -> dict[str, Found]:
        noise = normals(f"shared noise {r}", n_units, n_periods)
        status = half[:, None] * on[r]
        outcome = EFFECT * status + half[:, None] * shock[r] + noise
        found = twfe(
            outcome.ravel(),
            status.ravel().astype(float),
            unit,
            period,
            covariance=covariance,  # type: ignore[arg-type]
        )
        error = float(np.sqrt(found.covariance[0, 0]))
        return {"effect": (float(found.coefficients[0]), error, found.df(np.ones(1)))}

    return measured(fit, {"effect": EFFECT})["effect"]


def test_two_way_clusters_with_shared_shocks() -> None:
    sound(shared_shocks("CR1_two_way", 40, 40))


def test_driscoll_kraay() -> None:
    sound(shared_shocks("driscoll_kraay", 10, 240))


def test_driscoll_kraay_is_a_little_narrow_in_forty_periods() -> None:
    """92.3 % in 8,000 replicates; 94.0 % with 80 or 160 periods.

    The scores sum to 0 over the periods, so weights on products of near ones take ``(1 + 2Σw)/T``, a tenth of the
    variance here, away, and t(T − 1) does not know how much a kernel estimate varies.
    """
    sound(shared_shocks("driscoll_kraay", 20, 40), low=0.905, high=0.94)


@cache
def events(covariance: str) -> dict[str, Measured]:
    """50 units, 25 of them treated from the fifth of 8 periods on; effects grow."""
    treated = np.arange(50) % 2 == 0
    since = np.arange(8) - 4
    true = np.where(since >= 0, EFFECT * (1 + 0.2 * since), 0.0)
    outcome = autoregressive(normals("events", COUNT, 50, 8)) + treated[:, None] * true
    outcome += normals("events levels", COUNT, 50, 1)
    first, periods = np.where(treated, 4.0, np.inf), np.arange(8.0)
    unit, period = long_codes(50, 8)

    def fit(r: int) -> dict[str, Found]:
        found = event_study(
            outcome[r].ravel(),
            unit,
            period,
            first,
            periods,
            covariance=covariance,  # type: ignore[arg-type]
        )
        rows: dict[str, Found] = {
            f"{e:g}": (float(value), float(error), float(df))
            for e, value, error, df in zip(
                found.event_times,
                found.estimates,
                np.sqrt(np.diag(found.covariance)),
                found.df,
                strict=True,
            )
        }
        return rows | {"overall": (found.overall, found.overall_std_error, found.overall_df)}

    truth = {f"{e:g}": float(true[since == e][0]) for e in since if e != -1}
    return measured(fit, truth | {"overall": float(true[since >= 0].mean())})


@pytest.mark.parametrize("covariance", ["CR1", "CR2"])
def test_event_study(covariance: str) -> None:
    for found in events(covariance).values():
        sound(found)


@cache
def triple() -> Measured:
    """60 units in four cells; the treated vary more, and drift by themselves."""
    treated, affected = np.arange(60) % 2 == 0, np.arange(60) % 4 < 2
    change = normals("triple", COUNT, 60) * (1 + 0.5 * treated)
    change += 0.7 * treated + 0.4 * affected + EFFECT * (treated & affected)

    def fit(r: int) -> dict[str, Found]:
        found = triple_difference(change[r], treated, affected)
        assert found.covariance == "HC2"
        assert found.std_error is not None
        return {"effect": (found.estimate, found.std_error, found.df)}

    return measured(fit, {"effect": EFFECT})["effect"]


def test_triple_difference() -> None:
    sound(triple())
