"""Comparison of clusters: a t test of their means, of any weighting, and what it refuses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.api as sm

from experiments.stats.estimators.cluster_means import cluster_means
from tests.reference import vectors
from tests.unit.experiments.stats.trials import made, row

RNG = np.random.default_rng(4)
MEANS, Z = RNG.normal(size=14), np.array([0.0, 1.0] * 7)
FRAME = vectors.clusters()


def test_numbers_of_a_pooled_t_test() -> None:
    found = cluster_means(MEANS, Z)
    expected = scipy.stats.ttest_ind(MEANS[Z > 0], MEANS[Z == 0])
    assert found.estimate / found.std_error == pytest.approx(expected.statistic, rel=1e-12)
    assert found.df == expected.df == 12


def test_pairs_of_clusters_are_a_paired_t_test() -> None:
    found = cluster_means(MEANS, Z, blocks=np.repeat(np.arange(7), 2))
    expected = scipy.stats.ttest_rel(MEANS[Z > 0], MEANS[Z == 0])
    assert found.estimate / found.std_error == pytest.approx(expected.statistic, rel=1e-12)
    assert found.df == 6


def test_the_two_effects_differ_where_size_goes_with_the_effect() -> None:
    """The mean of clusters by hand, and the mean of people."""
    means, sizes = np.array([0.0, 0.0, 1.0, 3.0, 0.0, 1.0]), np.array([5.0, 5.0, 5.0, 45.0, 5.0, 5.0])
    z = np.array([0.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    assert cluster_means(means, z).estimate == pytest.approx(5 / 3)
    assert cluster_means(means, z, sizes=sizes).estimate == pytest.approx((5 + 135 + 5) / 55)


def test_the_engine_collapses_rows_to_clusters() -> None:
    means = FRAME.groupby("cluster")[["y", "z"]].mean()
    expected = scipy.stats.ttest_ind(means.y[means.z > 0], means.y[means.z == 0])
    found = made(FRAME, "cluster_means")
    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-12)
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-10)
    assert (found["n_clusters"], found["df"]) == (10, 8)


def test_covariates_are_taken_out_before_the_means() -> None:
    residuals = FRAME.y - sm.OLS(FRAME.y, sm.add_constant(FRAME[["x"]])).fit().fittedvalues
    means = pd.DataFrame({"r": residuals, "z": FRAME.z, "cluster": FRAME.cluster}).groupby("cluster").mean()
    expected = means.r[means.z > 0].mean() - means.r[means.z == 0].mean()
    assert made(FRAME, "cluster_means", covariates=["x"])["estimate"] == pytest.approx(expected, rel=1e-10)


def test_log_rates() -> None:
    """By hand: the mean log rate of each arm."""
    frame = FRAME.assign(count=FRAME["count"] + 1)
    sums = frame.groupby("cluster").agg({"count": "sum", "exposure": "sum", "z": "first"})
    rates = np.log(sums["count"] / sums["exposure"])
    found = made(
        frame,
        "cluster_means",
        outcome="count",
        options={"scale": "log_rate", "exposure": "exposure"},
    )
    assert found["estimate"] == pytest.approx(rates[sums.z > 0].mean() - rates[sums.z == 0].mean(), rel=1e-10)
    assert found["scale"] == "log_rate_ratio"


def test_invariances() -> None:
    found = cluster_means(MEANS, Z)
    order = RNG.permutation(14)
    for other, sign, scale in (
        (cluster_means(MEANS[order], Z[order]), 1, 1),
        (cluster_means(MEANS, 1 - Z), -1, 1),
        (cluster_means(4 * MEANS + 1, Z), 1, 4),
        (cluster_means(MEANS, Z, sizes=np.full(14, 9.0), kind="classical"), 1, 1),
    ):
        assert other.estimate == pytest.approx(sign * scale * found.estimate, rel=1e-12)
        assert other.std_error == pytest.approx(scale * found.std_error, rel=1e-9)


@pytest.mark.parametrize(
    ("change", "changes", "words"),
    [
        (lambda frame: frame[frame.cluster.isin([0, 1, 2])], {}, "an arm has 1 clusters; at least two"),
        (lambda frame: frame.assign(cluster=0), {}, "a cluster holds both arms"),
        (
            lambda frame: frame.assign(count=frame["count"].where(frame.cluster != 4, 0)),
            {"outcome": "count", "options": {"scale": "log_rate"}},
            "cluster '4' has no events, so its log rate does not exist; use poisson",
        ),
        (lambda frame: frame.assign(y=1.0), {}, "does not vary"),
        (
            lambda frame: frame,
            {"outcome": "count", "covariates": ["x"], "options": {"scale": "log_rate"}},
            "use poisson with CR2",
        ),
    ],
)
def test_refusals(
    change: Callable[[pd.DataFrame], pd.DataFrame], changes: dict[str, Any], words: str
) -> None:
    """[86], [87]"""
    found = row(change(FRAME), "cluster_means", **changes)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]
    assert found["estimate"] is found["std_error"] is found["p_value"] is None
