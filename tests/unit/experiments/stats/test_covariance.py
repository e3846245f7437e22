"""Covariances against statsmodels, against their definition, and against each other."""

import numpy as np
import pytest
import statsmodels.api as sm

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.covariance import WIDE, covariance, cross_products
from experiments.stats.regression.linear import LinearFit, least_squares
from tests.reference import vectors

EXACT = 1e-9  # closed forms of the same numbers in another order
RNG = np.random.default_rng(11)
N = 120
X = np.column_stack([RNG.integers(0, 2, N), RNG.normal(size=(N, 2))]).astype(float)
CLUSTERS = RNG.integers(0, 12, N)
Y = X @ [0.5, 1.0, -1.0] + RNG.normal(size=12)[CLUSTERS] + RNG.normal(size=N) * (1 + np.abs(X[:, 1]))
WEIGHTS = RNG.uniform(0.5, 2.0, N)


def fit(weights: np.ndarray | None = None) -> LinearFit:
    return least_squares(X, Y, ["z", "a", "b"], weights=weights)


def brute_cr2(
    design: np.ndarray, residuals: np.ndarray, clusters: np.ndarray, k: np.ndarray
) -> tuple[float, float]:
    """CR2 and Satterthwaite's df from their definition, with whole n x n matrices."""
    bread = np.linalg.inv(design.T @ design)
    meat = np.zeros_like(bread)
    hat = np.eye(len(design)) - design @ bread @ design.T
    vectors_by_cluster = []
    for cluster in np.unique(clusters):
        rows = clusters == cluster
        block = design[rows]
        values, basis = np.linalg.eigh(np.eye(rows.sum()) - block @ bread @ block.T)
        adjust = basis @ np.diag(np.where(values > 1e-10, values, np.inf) ** -0.5) @ basis.T
        score = block.T @ adjust @ residuals[rows]
        meat += np.outer(score, score)
        vectors_by_cluster.append(hat[:, rows] @ adjust @ block @ bread @ k)
    stacked = np.array(vectors_by_cluster)
    gram = stacked @ stacked.T
    return float(np.sqrt(k @ bread @ meat @ bread @ k)), float(np.trace(gram) ** 2 / (gram**2).sum())


@pytest.mark.parametrize("kind", ["HC1", "HC2", "HC3"])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_hc_agrees_with_statsmodels(kind: str, weights: np.ndarray | None) -> None:
    full = sm.add_constant(X)
    model = sm.OLS(Y, full) if weights is None else sm.WLS(Y, full, weights=weights)
    expected = model.fit(cov_type=kind, use_t=True)
    found = covariance(fit(weights), kind)
    assert np.allclose(np.sqrt(np.diag(found.matrix)), expected.bse, rtol=EXACT)
    assert found.df(np.eye(4)[1]) == expected.df_resid


def test_classical_agrees_with_statsmodels() -> None:
    expected = sm.OLS(Y, sm.add_constant(X)).fit()
    assert np.allclose(covariance(fit(), "classical").matrix, expected.cov_params(), rtol=EXACT)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_cr1_agrees_with_statsmodels(weights: np.ndarray | None) -> None:
    full = sm.add_constant(X)
    model = sm.OLS(Y, full) if weights is None else sm.WLS(Y, full, weights=weights)
    expected = model.fit(cov_type="cluster", cov_kwds={"groups": CLUSTERS})
    found = covariance(fit(weights), "CR1", CLUSTERS)
    assert np.allclose(np.sqrt(np.diag(found.matrix)), expected.bse, rtol=EXACT)
    assert found.df(np.eye(4)[1]) == 11
    assert found.ssc["factor"] == pytest.approx(12 / 11 * (N - 1) / (N - 4))


@pytest.mark.parametrize("position", [1, 2])
def test_cr2_agrees_with_its_definition(position: int) -> None:
    found = fit()
    k = np.eye(4)[position]
    expected = brute_cr2(np.column_stack([np.ones(N), X]), found.residuals, CLUSTERS, k)
    ours = covariance(found, "CR2", CLUSTERS)
    assert ours.std_error(k) == pytest.approx(expected[0], rel=EXACT)
    assert ours.df(k) == pytest.approx(expected[1], rel=EXACT)


def test_vector_b_has_the_numbers_of_clubsandwich_and_estimatr() -> None:
    y, z, x, clusters = vectors.arrays(vectors.clusters())
    plain = least_squares(z[:, None], y, ["z"])
    found = covariance(plain, "CR2", clusters)
    assert plain.coefficients[1] == pytest.approx(-0.1987536273, abs=5e-11)
    assert found.std_error(plain.contrast("z")) == pytest.approx(0.2787869789, abs=5e-11)
    assert found.df(plain.contrast("z")) == pytest.approx(7.44383788, abs=5e-9)
    adjusted = least_squares(np.column_stack([z, x]), y, ["z", "x"])
    contrast = adjusted.contrast("z")
    assert adjusted.coefficients[1] == pytest.approx(-0.2012765520, abs=5e-11)
    assert covariance(adjusted, "CR2", clusters).std_error(contrast) == pytest.approx(0.2784735232, abs=5e-11)
    assert covariance(adjusted, "CR2", clusters).df(contrast) == pytest.approx(7.44789222, abs=5e-9)
    assert covariance(adjusted, "CR1", clusters).std_error(contrast) == pytest.approx(0.2709909409, abs=5e-11)


def test_cr2_of_single_rows_is_hc2() -> None:
    found = fit()
    single = covariance(found, "CR2", np.arange(N))
    assert np.allclose(single.matrix, covariance(found, "HC2").matrix, rtol=1e-10)


def test_duplicating_rows_inside_clusters_leaves_cr0() -> None:
    twice = least_squares(np.vstack([X, X]), np.concatenate([Y, Y]), ["z", "a", "b"])
    ours = covariance(twice, "CR0", np.concatenate([CLUSTERS, CLUSTERS]))
    assert np.allclose(ours.matrix, covariance(fit(), "CR0", CLUSTERS).matrix, rtol=1e-10)


def test_a_row_that_determines_a_coefficient_alone_is_named() -> None:
    z = np.zeros(20)
    z[3] = 1.0
    alone = least_squares(z[:, None], RNG.normal(size=20), ["z"])
    names = [f"area {number}" for number in range(20)]
    for kind in ("HC2", "HC3"):
        with pytest.raises(NotEstimable, match="unit 'area 3' alone determines"):
            covariance(alone, kind, row_names=names)


def test_one_cluster_is_refused() -> None:
    with pytest.raises(NotEstimable, match="only one cluster"):
        covariance(fit(), "CR1", np.zeros(N, dtype=int))


@pytest.mark.parametrize("width", [WIDE, WIDE + 1])
def test_products_within_clusters_are_the_same_whichever_way_they_are_made(width: int) -> None:
    basis = RNG.normal(size=(N, width))
    found = cross_products(basis, CLUSTERS, 13)  # the last has no row
    expected = [basis[c == CLUSTERS].T @ basis[c == CLUSTERS] for c in range(13)]
    assert found == pytest.approx(np.array(expected), rel=1e-12, abs=1e-12)
