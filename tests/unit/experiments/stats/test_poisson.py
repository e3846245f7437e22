"""Rate ratios: two closed forms and statsmodels, what leaves them alone, and no estimate where there is none."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.poisson import poisson
from tests.reference import vectors
from tests.unit.experiments.stats.trials import made, row

RNG = np.random.default_rng(6)
N = 80
Z = np.array([0.0, 1.0] * (N // 2))
X = RNG.normal(size=(N, 2))
EXPOSURE = RNG.uniform(0.5, 3, N)
Y = RNG.poisson(EXPOSURE * np.exp(0.6 - 0.3 * Z + X @ np.array([0.2, -0.1]))).astype(float)
CLUSTERS = np.repeat(np.arange(16), 5)


def test_without_covariates_it_is_the_ratio_of_two_rates() -> None:
    """Estimate and HC0 variance in closed form; HC2 divides each arm's part by one less its leverage."""
    found = poisson(Y, Z, exposure=EXPOSURE, kind="HC1")
    events = np.array([Y[arm == Z].sum() for arm in (0, 1)])
    time = np.array([EXPOSURE[arm == Z].sum() for arm in (0, 1)])
    assert found.estimate == pytest.approx(
        np.log(events[1] / time[1]) - np.log(events[0] / time[0]), rel=1e-12
    )
    variance = sum(
        ((Y[arm == Z] - events[arm] / time[arm] * EXPOSURE[arm == Z]) ** 2).sum() / events[arm] ** 2
        for arm in (0, 1)
    )
    assert found.std_error == pytest.approx(np.sqrt(variance * N / (N - 2)), rel=1e-11)


@pytest.mark.parametrize("kind", ["HC1", "CR1"])
def test_numbers_of_statsmodels(kind: str) -> None:
    z = (CLUSTERS % 2).astype(float) if kind == "CR1" else Z
    design = sm.add_constant(np.column_stack([z, X]))
    model = sm.GLM(Y, design, family=sm.families.Poisson(), exposure=EXPOSURE)
    if kind == "HC1":
        expected = model.fit(cov_type="HC0", tol=1e-13)
        factor = N / (N - 4)
    else:
        expected = model.fit(
            cov_type="cluster", cov_kwds={"groups": CLUSTERS, "use_correction": False}, tol=1e-13
        )
        factor = 16 / 15 * (N - 1) / (N - 4)
    clusters = CLUSTERS if kind == "CR1" else None
    found = poisson(Y, z, X, names=("a", "b"), exposure=EXPOSURE, clusters=clusters, kind=kind)
    assert found.estimate == pytest.approx(expected.params[1], rel=1e-9)
    assert found.std_error == pytest.approx(expected.bse[1] * np.sqrt(factor), rel=1e-8)


def test_the_ratio_is_reported_with_its_percentage() -> None:
    frame = vectors.clusters()
    found = made(frame, "poisson", outcome="count", options={"exposure": "exposure"}, covariance="CR2")
    assert found["scale"] == "log_rate_ratio"
    assert found["pct_change"] == pytest.approx(100 * (np.exp(found["estimate"]) - 1), rel=1e-12)
    assert (found["yi"], found["vi"]) == pytest.approx(
        (found["estimate"], found["std_error"] ** 2), rel=1e-12
    )


def test_invariances() -> None:
    found = poisson(Y, Z, X, names=("a", "b"), exposure=EXPOSURE)
    order = RNG.permutation(N)
    for other, sign in (
        (poisson(Y[order], Z[order], X[order], names=("a", "b"), exposure=EXPOSURE[order]), 1),
        (poisson(Y, 1 - Z, X, names=("a", "b"), exposure=EXPOSURE), -1),
        (poisson(Y, Z, 5 * X + 2, names=("a", "b"), exposure=EXPOSURE), 1),
        (poisson(Y, Z, X, names=("a", "b"), exposure=1000 * EXPOSURE), 1),
    ):
        assert other.estimate == pytest.approx(sign * found.estimate, rel=1e-8)
        assert other.std_error == pytest.approx(found.std_error, rel=1e-8)


def few_clusters() -> pd.DataFrame:
    """Return nine clusters of four rows, four of them treated."""
    codes = np.repeat(np.arange(9), 4)
    rng = np.random.default_rng(19)
    counts = rng.poisson(np.exp(1.2 - 0.8 * (codes < 4) + 0.2 * rng.normal(size=9)[codes]))
    arm = np.where(codes < 4, "treatment", "control")
    return pd.DataFrame(
        {"unit": np.arange(36), "cluster": codes, "arm": arm, "y": counts, "x": rng.normal(size=36)}
    )


@pytest.mark.parametrize("estimator", ["poisson", "negative_binomial"])
def test_few_clusters_are_judged_by_the_score_of_redrawn_arms(estimator: str) -> None:
    """Written out: at each ratio supposed, counts times ``exp(−τz)``, less their mean, over the 126 ways by CR1's t."""
    frame = few_clusters()
    found = made(frame, estimator)
    assert found["covariance"] == "randomisation"
    assert found["estimate"] == pytest.approx(made(frame, estimator, covariance="CR2")["estimate"], rel=1e-9)
    codes, z = frame["cluster"].to_numpy(), (frame["arm"] == "treatment").to_numpy()

    def p_at(ratio: float) -> float:
        supposed = frame["y"].to_numpy() * np.exp(-ratio * z)
        found = []
        for chosen in combinations(range(9), 4):
            fit = sm.OLS(supposed, sm.add_constant(np.isin(codes, chosen).astype(float))).fit()
            found.append(abs(fit.get_robustcov_results("cluster", groups=codes).tvalues[1]))
        return float(np.mean(np.array(found) >= found[0] * (1 - 1e-8)))

    assert found["p_value"] == pytest.approx(p_at(0.0))
    for end, outwards in ((found["conf_low"], -1e-4), (found["conf_high"], 1e-4)):
        assert p_at(end - outwards) > 0.05 >= p_at(end + outwards)


def test_the_score_of_redrawn_arms_does_not_mind_order_and_exposure() -> None:
    frame = few_clusters().assign(time=lambda rows: 1.0 + rows["unit"] % 3)
    asked = {"covariance": "randomisation", "covariates": ["x"], "options": {"exposure": "time"}}
    found = made(frame, "poisson", **asked)
    for other in (frame.sample(frac=1, random_state=1), frame.assign(time=lambda rows: 60 * rows["time"])):
        again = made(other, "poisson", **asked)
        assert again["p_value"] == found["p_value"]
        assert again["conf_low"] == pytest.approx(found["conf_low"], rel=1e-6)


def test_draws_that_cannot_tell_or_are_not_needed_are_refused() -> None:
    frame = few_clusters()
    halves = frame[frame["cluster"].isin([0, 1, 2, 6, 7, 8])]
    told = row(halves, "poisson", covariance="randomisation")["reason"]
    assert "in 20 ways only, each with its mirror image" in told
    assert "cannot be judged by draws" in made(halves, "poisson")["warnings"][0]
    many = pd.DataFrame(
        {"unit": np.arange(600), "arm": ["control", "treatment"] * 300, "y": np.arange(600) % 3}
    )
    columns = {"unit": "unit", "arm": "arm", "cluster": None}
    told = row(many, "poisson", covariance="randomisation", columns=columns)["reason"]
    assert "9999 draws of 600 clusters are more than is needed" in told


@pytest.mark.parametrize(
    ("outcome", "given", "words"),
    [
        (np.where(Z > 0, 0.0, Y), {}, "every treated unit had 0, so the rate ratio has no estimate"),
        (np.where(Z == 0, 0.0, Y), {}, "every control unit had 0"),
        (Y - 1, {}, "negative"),
        (
            np.where(X[:, 0] > 1, 0.0, Y),
            {"covariates": (X[:, :1] > 1).astype(float), "names": ("late",)},
            "no events where 'late' is 1",
        ),
    ],
    ids=["[87] none among the treated", "[87] none among the controls", "below nought", "[87] separation"],
)
def test_what_has_no_estimate(outcome: np.ndarray, given: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        poisson(outcome, Z, **given)  # type: ignore[arg-type]


def test_the_reason_reaches_the_document() -> None:
    """[87]"""
    frame = vectors.clusters()
    found = row(frame.assign(count=frame["count"].where(frame.z == 0, 0)), "poisson", outcome="count")
    assert found["status"] == "not_estimable"
    assert "every treated unit had 0" in found["reason"]
    assert found["estimate"] is found["pct_change"] is found["vi"] is None
