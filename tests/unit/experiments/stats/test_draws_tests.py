"""Wild cluster bootstrap and randomisation: known p values, brute force beside the collapsed form, size, refusals."""

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from experiments.stats.draws import standard_normals, stream, uniforms
from experiments.stats.errors import NotEstimable
from experiments.stats.regression.randomisation import assigned_ways, collapse, randomisation_test
from experiments.stats.regression.wild import (
    dense_moments,
    draw_multipliers,
    restricted,
    wild_cluster_bootstrap,
)
from experiments.stats.resampling import StudentisedDraws
from tests.reference import vectors
from tests.unit.experiments.stats import panels, trials

Y, Z, X, CODES = vectors.arrays(vectors.clusters())
PANEL = vectors.panel()
TWO = PANEL[PANEL["first"].isin([0, 6])]


def test_vector_b_wild() -> None:
    """pyfixest, wildboottest: all 1,024 patterns of signs."""
    found = wild_cluster_bootstrap(dense_moments(np.column_stack([Z, X]), Y, CODES), 1)
    assert found.resampled.p_value == 492 / 1024
    assert found.is_enumerated
    assert (found.estimate, found.std_error) == pytest.approx((-0.2012765520, 0.2709909409), abs=6e-11)


def refitted(tau: float) -> float:
    """Return the p value of an effect from a regression for each of the 1,024 patterns."""
    design = np.column_stack([np.ones(len(Y)), Z, X])
    null = sm.OLS(Y - tau * Z, design[:, [0, 2]]).fit()

    def statistic(y: np.ndarray, centre: float) -> float:
        fit = sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": CODES})
        return float((fit.params[1] - centre) / fit.bse[1])

    observed = abs(statistic(Y, tau))
    reached = 0
    for pattern in itertools.product([1.0, -1.0], repeat=10):
        draw = null.fittedvalues + null.resid * np.array(pattern)[CODES]
        reached += abs(statistic(draw, 0.0)) >= observed * (1 - 1e-10)
    return reached / 1024


@pytest.mark.slow
def test_vector_b_wild_by_brute_force_and_at_the_ends_of_its_interval() -> None:
    found = wild_cluster_bootstrap(dense_moments(np.column_stack([Z, X]), Y, CODES), 1).resampled
    assert refitted(0.0) == 492 / 1024
    assert found.conf_low is not None
    assert found.conf_high is not None
    for end, inwards in ((found.conf_low, 1), (found.conf_high, -1)):
        assert refitted(end + inwards * 1e-4) > 0.05
        assert refitted(end - inwards * 1e-4) <= 0.05


def test_vector_b_randomisation() -> None:
    """All 252 ways to treat five of ten clusters."""
    found = randomisation_test(Y, Z, clusters=CODES)
    assert found.resampled.p_value == 122 / 252
    assert found.is_enumerated
    assert found.words == "all 252 ways in which 5 of 10 could have been treated"


def test_randomisation_is_a_regression_for_every_assignment() -> None:
    def statistic(z: np.ndarray) -> float:
        design = np.column_stack([np.ones(len(Y)), z[CODES], X])
        fit = sm.OLS(Y, design).fit(cov_type="cluster", cov_kwds={"groups": CODES})
        return float(abs(fit.params[1] / fit.bse[1]))

    draws = []
    for chosen in itertools.combinations(range(10), 5):
        z = np.zeros(10)
        z[list(chosen)] = 1
        draws.append(statistic(z))
    observed = statistic(np.array([float(Z[c == CODES][0]) for c in range(10)]))
    expected = float(np.mean(np.array(draws) >= observed * (1 - 1e-10)))
    assert randomisation_test(Y, Z, covariates=X, clusters=CODES).resampled.p_value == expected


def test_the_interval_is_the_effects_that_are_not_rejected() -> None:
    found = randomisation_test(Y, Z, covariates=X, clusters=CODES).resampled
    for end, inwards in ((found.conf_low, 1), (found.conf_high, -1)):
        assert end is not None
        for step, rejected in ((1e-4, False), (-1e-4, True)):
            moved = Y - (end + inwards * step) * Z
            p = randomisation_test(moved, Z, covariates=X, clusters=CODES).resampled.p_value
            assert p is not None
            assert (p <= 0.05) == rejected


def test_blocks_keep_their_number_treated() -> None:
    blocks = np.array([0, 0, 1, 1, 1])[CODES // 2]
    found = randomisation_test(Y, Z, clusters=CODES, blocks=blocks)
    in_blocks = [len(set(CODES[(blocks == b)])) for b in (0, 1)]
    treated = [len(set(CODES[(blocks == b) & (Z > 0)])) for b in (0, 1)]
    assert found.allocations == math.prod(math.comb(n, k) for n, k in zip(in_blocks, treated, strict=True))


def test_rows_doubled_inside_clusters_change_nothing() -> None:
    once = randomisation_test(Y, Z, covariates=X, clusters=CODES)
    twice = randomisation_test(
        np.tile(Y, 2), np.tile(Z, 2), covariates=np.tile(X, (2, 1)), clusters=np.tile(CODES, 2)
    )
    weighted = randomisation_test(Y, Z, covariates=X, clusters=CODES, weights=np.full(len(Y), 3.0))
    assert once.resampled.p_value == twice.resampled.p_value == weighted.resampled.p_value
    assert weighted.estimate == pytest.approx(once.estimate, rel=1e-12)


@pytest.mark.parametrize("covariance", ["wild_cluster_bootstrap", "randomisation"])
@pytest.mark.parametrize("estimator", ["twfe", "two_by_two"])
def test_scale_order_and_the_estimate_itself(estimator: str, covariance: str) -> None:
    options = {"reps": 499, "draws": 499}
    found = panels.made(TWO, estimator, covariance=covariance, options=options)
    plain = panels.made(TWO, estimator, covariance="CR1")
    assert found["estimate"] == pytest.approx(plain["estimate"], rel=1e-9)
    if estimator == "twfe":
        assert found["std_error"] == pytest.approx(plain["std_error"], rel=1e-9)
    moved = TWO.assign(y=5 - 2 * TWO["y"] + TWO["unit"]).sample(frac=1, random_state=3)
    other = panels.made(moved, estimator, covariance=covariance, options=options)
    assert other["estimate"] == pytest.approx(-2 * found["estimate"], rel=1e-8)
    assert other["p_value"] == found["p_value"]
    assert other["conf_low"] == pytest.approx(-2 * found["conf_high"], rel=1e-5)
    at_estimate = TWO.assign(y=TWO["y"] - found["estimate"] * TWO["treated"])
    assert panels.made(at_estimate, estimator, covariance=covariance, options=options)["p_value"] == 1.0


def test_two_way_draws_of_one_date_are_those_of_the_changes() -> None:
    """With one date and no gaps both are the same statistic up to a factor, so the same draws reach it."""
    options = {"draws": 9_999}
    twfe = panels.made(TWO, "twfe", covariance="randomisation", options=options)
    changes = panels.made(TWO, "two_by_two", covariance="randomisation", options=options)
    assert changes["warnings"][0].startswith("p value and interval are of a placebo test over all 924 ways")
    assert twfe["p_value"] == pytest.approx(changes["p_value"], abs=4 * math.sqrt(0.25 / 9_999))
    assert twfe["conf_low"] == pytest.approx(changes["conf_low"], abs=0.02)


def test_one_treated_unit_has_a_placebo_test_and_no_error() -> None:
    frame = PANEL[(PANEL["first"] == 0) | (PANEL["unit"] == 2)]
    copies = [
        frame.assign(unit=frame["unit"] + 100 * copy, y=frame["y"] + (copy * frame["period"]) % 3)
        for copy in range(4)
    ]
    many = pd.concat(copies)
    alone = many[(many["first"] == 0) | (many["unit"] == 2)]
    found = panels.made(alone, "two_by_two", covariance="randomisation")
    assert found["std_error"] is found["statistic"] is found["mde"] is None
    assert found["p_value"] >= 1 / 25
    assert "no standard error" in " ".join(found["warnings"])


def force_means(seed: int, treated: int, effect: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the changes of 43 forces of unequal noise, and who was treated."""
    bits = stream(seed, "forces", str(treated))
    noise = standard_normals(bits, (43,)) * np.exp(0.5 * standard_normals(bits, (43,)))
    z = np.zeros(43)
    z[np.argsort(uniforms(bits, (43,)))[:treated]] = 1.0
    return noise + effect * z, z


@pytest.mark.slow
@pytest.mark.parametrize("treated", [1, 2, 5, 20])
def test_randomisation_keeps_its_size_and_covers_with_few_treated_forces(treated: int) -> None:
    count, rejected, covered = 1_500, 0, 0
    for seed in range(count):
        y, z = force_means(seed, treated, 1.0)
        sums = collapse(y, z)
        draws = sums.studentised(assigned_ways(sums.status, sums.block, 199, 0.05, seed, "", "two_sided"))
        # An effect is in the interval if it is not rejected; that the ends are found is seen on some.
        is_inside = draws.p_at(1.0) > 0.05
        covered += is_inside
        rejected += draws.p_at(0.0) <= 0.05
        if seed < 60:
            found = randomisation_test(y, z, draws=199, seed=seed).resampled
            low = -math.inf if found.conf_low is None else found.conf_low
            high = math.inf if found.conf_high is None else found.conf_high
            assert (low <= 1.0 <= high) == is_inside
    assert 0.935 <= covered / count <= 0.98 if treated == 1 else 0.935 <= covered / count <= 0.965
    assert rejected / count > 0.05


@pytest.mark.slow
def test_the_wild_bootstrap_covers_with_ten_treated_forces_and_never_rejects_with_one() -> None:
    def draws_of(treated: int, effect: float, seed: int) -> StudentisedDraws:
        y, z = force_means(seed, treated, effect)
        null = restricted(dense_moments(z[:, None], y, np.arange(43)), 1)
        multipliers, _ = draw_multipliers(43, "rademacher", 399, seed, "")
        observed = null.estimate, null.std_error
        return StudentisedDraws.of(*null.draws(multipliers), is_exact=False, observed=observed)

    count, covered, rejected = 1_500, 0, 0
    for seed in range(count):
        # An effect is in the interval if it is not rejected; that the ends are found is seen on some.
        is_inside = draws_of(10, 1.0, seed).p_at(1.0) > 0.05
        covered += is_inside
        if seed < 60:
            y, z = force_means(seed, 10, 1.0)
            moments = dense_moments(z[:, None], y, np.arange(43))
            found = wild_cluster_bootstrap(moments, 1, reps=399, seed=seed).resampled
            assert found.conf_low is not None
            assert found.conf_high is not None
            assert (found.conf_low <= 1.0 <= found.conf_high) == is_inside
        if seed < 200:
            rejected += draws_of(1, 0.0, seed).p_at(0.0) <= 0.05
    assert 0.935 <= covered / count <= 0.965
    assert rejected / 200 < 0.02


@pytest.mark.parametrize("covariance", ["wild_cluster_bootstrap", "randomisation"])
@pytest.mark.parametrize("estimator", ["difference_in_means", "ancova"])
def test_trials_are_judged_by_draws(estimator: str, covariance: str) -> None:
    frame = vectors.clusters()
    changes: dict[str, Any] = {"columns": {"unit": "unit", "cluster": "cluster"}, "covariates": []}
    found = trials.made(frame, estimator, covariance=covariance, **changes)
    assert found["estimate"] == pytest.approx(-0.1987536273, abs=6e-11)
    if covariance == "randomisation":
        assert found["p_value"] == 122 / 252
        assert "randomisation test over all 252 ways" in found["warnings"][0]
    else:
        assert "1024 draws, all there are, rademacher" in found["warnings"][0]


def test_callaway_santanna_dates_can_be_dealt_out_anew() -> None:
    options = {"control_group": "not_yet_treated", "draws": 499}
    found = panels.made(PANEL, "callaway_santanna", covariance="randomisation", options=options)
    peer = panels.made(
        PANEL,
        "roth_santanna",
        covariance="randomisation",
        options={"beta": "callaway_santanna", "draws": 499},
    )
    # The same estimate, the same draws and the same statistic.
    assert (found["estimate"], found["p_value"]) == pytest.approx(
        (peer["estimate"], peer["p_value"]), rel=1e-9
    )
    assert found["conf_low"] == pytest.approx(peer["conf_low"], rel=1e-5)
    assert "placebo test" in found["warnings"][0]


@pytest.mark.parametrize(
    ("clusters", "treated", "words"),
    [(5, 2, "clusters are too few"), (12, 1, "no p value below 1/12 is possible")],
)
def test_too_few_to_draw_from(clusters: int, treated: int, words: str) -> None:
    z = (np.arange(clusters) < treated).astype(np.float64)
    with pytest.raises(NotEstimable, match=words):
        randomisation_test(np.arange(clusters) % 3 + 0.1, z)


@pytest.mark.parametrize(
    ("frame", "estimator", "changes", "words"),
    [
        (
            PANEL[PANEL["unit"].isin([0, 4, 2])],
            "twfe",
            {"covariance": "wild_cluster_bootstrap"},
            "too few to draw from",
        ),
        (PANEL[1:], "twfe", {"covariance": "randomisation"}, "without gaps only"),
        (
            PANEL,
            "twfe",
            {"covariance": "randomisation", "covariates": ["x"]},
            "without weights and covariates",
        ),
        (
            PANEL,
            "twfe",
            {"covariance": "randomisation", "columns": {"cluster": "bad"}},
            "start at different times",
        ),
        (
            TWO[1:].query("unit != 0 or period < 6"),
            "two_by_two",
            {"covariance": "randomisation"},
            "only before",
        ),
        (
            PANEL,
            "callaway_santanna",
            {"covariance": "randomisation", "covariates": ["x"]},
            "without covariates",
        ),
        (
            PANEL,
            "callaway_santanna",
            {"covariance": "randomisation", "columns": {"cluster": "x"}},
            "start at different dates",
        ),
    ],
)
def test_what_cannot_be_redrawn(
    frame: pd.DataFrame, estimator: str, changes: dict[str, Any], words: str
) -> None:
    found = panels.row(frame.assign(bad=frame["unit"] % 7), estimator, **changes)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]


def test_draws_that_would_take_hours_are_refused_with_the_limit() -> None:
    big = pd.concat([PANEL.assign(unit=PANEL["unit"] + 24 * copy) for copy in range(1_100)])
    found = panels.row(big, "twfe", covariance="randomisation", options={"draws": 99_999})
    assert "the limit is" in found["reason"]
