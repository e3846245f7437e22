"""Analysis of covariance: other programs' numbers, what leaves them alone, and what is refused."""

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import ancova
from tests.reference import vectors

RNG = np.random.default_rng(8)
Z = np.array([0.0, 1.0] * 30)
X = RNG.normal(size=(60, 2))
Y = RNG.normal(size=60) + 0.4 * Z + X @ np.array([0.5, -0.2])


@pytest.mark.parametrize("kind", ["HC1", "HC2", "HC3", "classical"])
def test_numbers_of_statsmodels(kind: str) -> None:
    design = sm.add_constant(np.column_stack([Z, X]))
    expected = sm.OLS(Y, design).fit(cov_type="nonrobust" if kind == "classical" else kind)
    found = ancova(Y, Z, X, kind=kind)
    assert (found.estimate, found.std_error) == pytest.approx(
        (expected.params[1], expected.bse[1]), rel=1e-11
    )
    assert found.df == 60 - 4


@pytest.mark.parametrize(
    ("kind", "std_error", "df"), [("CR2", 0.2784735232, 7.44789222), ("CR1", 0.2709909409, 9)]
)
def test_vector_b(kind: str, std_error: float, df: float) -> None:
    """R clubSandwich and sandwich."""
    y, z, x, clusters = vectors.arrays(vectors.clusters())
    found = ancova(y, z, x, clusters=clusters, kind=kind)
    assert (found.estimate, found.std_error) == pytest.approx((-0.2012765520, std_error), abs=6e-11)
    assert found.df == pytest.approx(df, rel=1e-8)


def test_weights_are_weighted_least_squares() -> None:
    weights = RNG.uniform(1, 3, 60)
    design = sm.add_constant(np.column_stack([Z, X]))
    expected = sm.WLS(Y, design, weights).fit(cov_type="HC2")
    found = ancova(Y, Z, X, weights=weights)
    assert (found.estimate, found.std_error) == pytest.approx(
        (expected.params[1], expected.bse[1]), rel=1e-10
    )


@pytest.mark.parametrize("given", [{}, {"clusters": np.repeat(np.arange(12), 5), "kind": "CR2"}])
def test_invariances(given: dict[str, Any]) -> None:
    z = (np.repeat(np.arange(12), 5) % 2).astype(float) if given else Z
    found = ancova(Y, z, X, **given)
    mixed = ancova(Y, z, X @ np.array([[2.0, 1.0], [0.0, 5.0]]) + 7, **given)
    flipped, scaled = ancova(Y, 1 - z, X, **given), ancova(10 * Y - 3, z, X, **given)
    order = RNG.permutation(60)
    moved = {name: value[order] if isinstance(value, np.ndarray) else value for name, value in given.items()}
    shuffled = ancova(Y[order], z[order], X[order], **moved)
    for other, sign, scale in ((mixed, 1, 1), (flipped, -1, 1), (scaled, 1, 10), (shuffled, 1, 1)):
        assert other.estimate == pytest.approx(sign * scale * found.estimate, rel=1e-9)
        assert other.std_error == pytest.approx(scale * found.std_error, rel=1e-9)
        assert other.df == pytest.approx(found.df, rel=1e-8)


@pytest.mark.parametrize(
    ("covariates", "words"),
    [
        (np.ones((60, 1)), r"the column 'x1' is constant"),
        (np.column_stack([X[:, 0], 3 * X[:, 0]]), r"x2.*3.*x1|x1.*x2"),
        (np.column_stack([X[:, 0], X[:, 1], X[:, 0] + X[:, 1]]), "x3"),
        (Z[:, None], "treatment"),
        (RNG.normal(size=(60, 55)), "60 units cannot support 57 parameters"),
    ],
    ids=["[83] constant", "[83] a multiple", "[84] a sum", "the treatment again", "[85] too many"],
)
def test_columns_that_cannot_be_separated_are_named(covariates: np.ndarray, words: str) -> None:
    names = tuple(f"x{place + 1}" for place in range(covariates.shape[1]))
    with pytest.raises(NotEstimable, match=words):
        ancova(Y, Z, covariates, names=names)


@pytest.mark.parametrize(
    ("n_clusters", "words"), [(4, "4 clusters are too few for CR2.*cluster_means"), (1, "clusters")]
)
def test_few_clusters_are_refused_and_another_way_named(n_clusters: int, words: str) -> None:
    """[86]"""
    clusters = np.repeat(np.arange(n_clusters), 60 // n_clusters)
    z = (clusters % 2).astype(float) if n_clusters > 1 else Z
    with pytest.raises(NotEstimable, match=words):
        ancova(Y, z, X, clusters=clusters, kind="CR2")


def test_all_of_one_arm_in_one_cluster() -> None:
    """[86]"""
    clusters = np.repeat(np.arange(12), 5)
    with pytest.raises(
        NotEstimable, match=r"only one cluster is in the smaller arm.*randomisation inference"
    ):
        ancova(Y, (clusters == 0).astype(float), X, clusters=clusters, kind="CR2")
