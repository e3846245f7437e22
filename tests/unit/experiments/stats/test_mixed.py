"""Mixed models: lmerTest, statsmodels and the exact analysis of variance, invariance, size, and what is refused."""

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import linalg

from centre.distributions import p_value
from experiments.stats.effects import Effect
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.cluster_means import cluster_means
from experiments.stats.estimators.mixed import mixed
from tests.reference import vectors
from tests.unit.experiments.stats.trials import made, row

RNG = np.random.default_rng(26)
SIZES = RNG.integers(2, 12, 30)
CODES = np.repeat(np.arange(30), SIZES)
N = len(CODES)
Z = (CODES % 2).astype(float)
X = RNG.normal(size=(N, 2))
Y = 0.4 * Z + X[:, 0] + 0.8 * RNG.normal(size=30)[CODES] + RNG.normal(size=N)


def variances(found: Effect) -> tuple[float, float]:
    first, second = (float(term.estimate or 0) for term in found.terms)
    return first, second


def test_lmertest_on_vector_b() -> None:
    """R lme4 1.1 and lmerTest 3.1: ``lmer(y ~ z + x + (1 | cluster))``, to the digits they print."""
    y, z, x, clusters = vectors.arrays(vectors.clusters())
    found = mixed(y, z, clusters, x)
    assert (found.estimate, found.std_error) == pytest.approx((-0.1854936, 0.3122896), abs=5e-7)
    assert found.df == pytest.approx(7.33556, abs=1e-5)
    assert variances(found) == pytest.approx((0.1707658, 0.2997240), abs=5e-7)


def test_numbers_of_statsmodels() -> None:
    design = sm.add_constant(np.column_stack([Z, X]))
    expected = sm.MixedLM(Y, design, groups=CODES).fit(reml=True, method="bfgs", gtol=1e-9)
    found = mixed(Y, Z, CODES, X)
    assert found.estimate == pytest.approx(expected.fe_params[1], rel=1e-6)
    assert variances(found) == pytest.approx((expected.cov_re[0, 0], expected.scale), rel=1e-4)
    # Its own error mixes in the uncertainty of the variances; generalised least squares with its variances does not.
    own = expected.cov_re[0, 0] * (CODES[:, None] == CODES) + expected.scale * np.eye(N)
    bread = linalg.inv(design.T @ linalg.solve(own, design))
    assert found.std_error == pytest.approx(bread[1, 1] ** 0.5, rel=1e-5)
    assert found.std_error == pytest.approx(expected.bse_fe[1], rel=5e-3)


def test_balanced_clusters_give_the_t_test_of_their_means() -> None:
    """The exact analysis of variance: the same estimate, error and 2(k − 1) degrees of freedom."""
    codes = np.repeat(np.arange(14), 5)
    z = (codes % 2).astype(float)
    y = 0.3 * z + RNG.normal(size=14)[codes] + RNG.normal(size=70)
    found = mixed(y, z, codes)
    exact = cluster_means(y.reshape(14, 5).mean(axis=1), z[::5])
    assert found.df == pytest.approx(12, rel=1e-9)
    assert (found.estimate, found.std_error) == pytest.approx((exact.estimate, exact.std_error), rel=1e-11)
    within = y.reshape(14, 5).var(axis=1, ddof=1).mean()
    arms = [y.reshape(14, 5).mean(axis=1)[arm == z[::5]].var(ddof=1) for arm in (0, 1)]
    assert variances(found) == pytest.approx((np.mean(arms) - within / 5, within), rel=1e-9)


def test_satterthwaite_by_differences_of_the_deviance() -> None:
    """The textbook deviance with n × n matrices, and its Hessian and the variance's gradient by finite differences."""
    design = np.column_stack([np.ones(N), Z, X])
    same = (CODES[:, None] == CODES).astype(float)
    found = mixed(Y, Z, CODES, X)
    top = np.array(variances(found))

    def parts(point: np.ndarray) -> tuple[float, float]:
        inverse = linalg.inv(point[0] * same + point[1] * np.eye(N))
        information = design.T @ inverse @ design
        bread = linalg.inv(information)
        left = Y - design @ (bread @ design.T @ inverse @ Y)
        logs = -np.linalg.slogdet(inverse)[1] + np.linalg.slogdet(information)[1]
        return float(logs + left @ inverse @ left), float(bread[1, 1])

    step = 1e-3 * top
    unit = np.diag(step)

    def second(i: int, j: int) -> float:
        corners = [(a, b, a * b) for a in (-1, 1) for b in (-1, 1)]
        total = sum(sign * parts(top + a * unit[i] + b * unit[j])[0] for a, b, sign in corners)
        return total / (4 * step[i] * step[j])

    hessian = np.array([[second(i, j) for j in (0, 1)] for i in (0, 1)])
    slope = np.array([(parts(top + unit[i])[1] - parts(top - unit[i])[1]) / (2 * step[i]) for i in (0, 1)])
    assert found.df == pytest.approx(parts(top)[1] ** 2 / (slope @ np.linalg.solve(hessian, slope)), rel=1e-4)


def test_order_names_scale_shifts_and_swapped_arms() -> None:
    found, order = mixed(Y, Z, CODES, X), RNG.permutation(N)
    names = RNG.permutation(30)
    for other, sign, scale in (
        (mixed(Y[order], Z[order], CODES[order], X[order]), 1, 1),
        (mixed(Y, Z, names[CODES], X), 1, 1),
        (mixed(50 * Y + 1e4, Z, CODES, X), 1, 50),
        (mixed(Y, 1 - Z, CODES, X), -1, 1),
        (mixed(Y, Z, CODES, X @ np.array([[2.0, 1.0], [0.0, 5.0]]) + 7), 1, 1),
    ):
        assert other.estimate == pytest.approx(sign * scale * found.estimate, rel=1e-8)
        assert other.std_error == pytest.approx(scale * found.std_error, rel=1e-8)
        assert other.df == pytest.approx(found.df, rel=1e-7)


def test_clusters_alike_have_no_variance_between_them_and_say_so() -> None:
    y = np.tile([0.0, 1.0, 2.0], 12) + np.repeat(np.arange(12) % 2, 3) * 0.5
    found = mixed(y, np.repeat(np.arange(12) % 2, 3).astype(float), np.repeat(np.arange(12), 3))
    assert (variances(found)[0], found.df) == (0.0, 10.0)
    assert found.warnings[-1].startswith("the variance between clusters is estimated as 0")


def test_each_column_of_clusters_costs_a_degree_of_freedom_there() -> None:
    y = np.tile([0.0, 1.0, 2.0], 12)
    codes = np.repeat(np.arange(12), 3)
    x = (codes[:, None] % np.array([3, 5]) == 0).astype(float)
    assert mixed(y, (codes % 2).astype(float), codes, x).df == 8


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"clusters": np.arange(N)}, "no cluster has two rows.*cluster_means"),
        (
            {"clusters": CODES % 5, "treated": (CODES % 5 % 2).astype(float)},
            "5 clusters are too few for a mixed model",
        ),
        ({"treated": (np.arange(N) % 2).astype(float)}, "a cluster holds both arms"),
        ({"outcome": (CODES**2 % 7).astype(float)}, "does not vary within clusters"),
        (
            {"outcome": 1e9 * RNG.normal(size=30)[CODES] + RNG.normal(size=N)},
            "nearly all variance is between clusters",
        ),
        ({"covariates": np.ones((N, 1))}, "'x1' is constant"),
        (
            {"covariates": np.column_stack([c == CODES for c in (2, 3)]).astype(float), "few": True},
            "cannot support so many columns",
        ),
    ],
    ids=["single rows", "too few", "both arms", "alike", "all between", "constant", "too many columns"],
)
def test_what_it_refuses(given: dict[str, Any], words: str) -> None:
    if given.pop("few", False):
        codes = np.repeat(np.arange(6), 4)
        columns = (codes[:, None] == np.arange(2, 6)).astype(float)
        given = {
            "outcome": np.tile([0.0, 1, 2, 3], 6),
            "treated": (codes % 2).astype(float),
            "clusters": codes,
        }
        given["covariates"] = columns
    with pytest.raises(NotEstimable, match=words):
        mixed(**{"outcome": Y, "treated": Z, "clusters": CODES} | given)


def test_by_a_plan() -> None:
    frame = vectors.clusters()
    found = made(frame, "mixed", covariates=["x"])
    assert found["df"] == pytest.approx(7.33556, abs=1e-5)
    assert found["p_value"] == pytest.approx(p_value(-0.1854936 / 0.3122896, 7.33556), abs=1e-6)
    assert "with 5 clusters in the smaller arm the error leans on the model" in found["warnings"][0]
    assert "takes no weights here" in row(frame.assign(w=1.0), "mixed", columns={"weight": "w"})["reason"]


@pytest.mark.slow
@pytest.mark.parametrize(("n_clusters", "low"), [(6, 0.005), (10, 0.025), (20, 0.03), (40, 0.035)])
def test_the_size_of_unequal_clusters(n_clusters: int, low: float) -> None:
    """Where rows share a fifth of their variance. With few clusters it rejects too seldom, never too often.

    The bounds allow four Monte-Carlo standard errors.
    """
    rng = np.random.default_rng(n_clusters)
    rejected, count = 0, 300
    for _ in range(count):
        codes = np.repeat(
            np.arange(n_clusters), np.clip(np.exp(rng.normal(2.3, 0.6, n_clusters)), 3, 60).astype(int)
        )
        z = (rng.permutation(n_clusters) % 2).astype(float)[codes]
        y = 0.45 * rng.normal(size=n_clusters)[codes] + 0.9 * rng.normal(size=len(codes))
        found = mixed(y, z, codes)
        rejected += p_value(found.estimate / (found.std_error or 0), found.df) <= 0.05
    assert max(0.0, low - 0.02) <= rejected / count <= 0.05 + 4 * (0.05 * 0.95 / count) ** 0.5, (
        rejected / count
    )
