"""Power against published tables, other programs and formulae worked out in another way."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.stats.power import TTestIndPower, TTestPower

from experiments.stats.power.precision import Precision, precision
from experiments.stats.power.solving import _missed, power_of
from tests.unit.experiments.stats.power.designs import answered, known, solved


@pytest.mark.parametrize(
    ("d", "power", "n"),
    [
        # Cohen (1988), table 2.4.1, two-sided 0.05.
        (0.2, 0.80, 393),
        (0.5, 0.80, 64),
        (0.8, 0.80, 26),
        (0.2, 0.90, 526),
        (0.5, 0.90, 85),
        (0.5, 0.95, 105),
    ],
)
def test_cohens_table_of_sample_sizes(d: float, power: float, n: int) -> None:
    assert answered("individual", effect=d, power=power).document()["rounded_up"] in (n, n + 1)


def test_values_printed_by_r() -> None:
    """R's documentation of power.t.test and power.prop.test, and pwr's of pwr.t.test."""
    # R leaves out the far tail: 2e-7 here.
    assert solved("individual", effect=1, n_per_arm=20).power == pytest.approx(0.8689528, abs=3e-7)
    assert solved("individual", effect=1, power=0.9).n_per_arm == pytest.approx(22.02110, abs=2e-5)
    pairs = {"clusters_per_arm": 60, "cluster_size": 1, "icc": 0, "sd": math.sqrt(0.5)}
    assert solved("matched_pair", effect=0.2, alpha=0.1, **pairs).power == pytest.approx(0.4555818, abs=5e-8)
    both = {"baseline_rate": 0.5, "effect": 0.25}
    assert solved("two_proportions", n_per_arm=50, **both).power == pytest.approx(0.740, abs=5e-4)
    assert solved("two_proportions", power=0.9, **both).n_per_arm == pytest.approx(76.7, abs=0.05)


def agrees(mine: float | None, peer: float) -> bool:
    """Whether two powers are the same; statsmodels has NaN where its far tail is below 1e-12."""
    return mine == pytest.approx(1.0 if math.isnan(peer) else peer, abs=1e-10 if peer == peer else 0.01)


@pytest.mark.parametrize(("ratio", "n"), list(itertools.product((0.5, 1, 2), (12, 60, 400))))
def test_individual_is_statsmodels(ratio: float, n: int) -> None:
    peer = TTestIndPower()
    for effect in (0.2, 0.6):
        mine = solved("individual", effect=effect * 7, sd=7, n_per_arm=n, ratio=ratio).power
        assert agrees(mine, peer.power(effect, n, 0.05, ratio))
    found = solved("individual", power=0.85, n_per_arm=n, ratio=ratio).effect
    assert found == pytest.approx(peer.solve_power(None, n, 0.05, 0.85, ratio), rel=1e-5)


@pytest.mark.parametrize(
    ("k", "m", "icc"), list(itertools.product((3, 8, 30), (1, 20, 150), (0.0, 0.02, 0.3)))
)
def test_clusters_are_a_t_test_of_their_means(k: int, m: int, icc: float) -> None:
    """statsmodels' t test of k means whose standard deviation is that of a cluster's mean: df 2(k - 1)."""
    spread = math.sqrt(icc + (1 - icc) / m)
    mine = answered("cluster", effect=0.4, clusters_per_arm=k, cluster_size=m, icc=icc).document()
    assert agrees(mine["power"], TTestIndPower().power(0.4 / spread, k, 0.05))
    assert mine["df"] == 2 * (k - 1)
    assert mine["design_effect"] == pytest.approx(1 + (m - 1) * icc)


def test_pairs_are_a_t_test_of_differences() -> None:
    spread = math.sqrt(2 * (0.05 + 0.95 / 20) * (1 - 0.3))
    mine = solved("matched_pair", effect=0.3, clusters_per_arm=11, cluster_size=20, icc=0.05, r2=0.3).power
    assert mine == pytest.approx(TTestPower().power(0.3 / spread, 11, 0.05), abs=1e-10)


def test_the_size_of_a_cluster() -> None:
    """Hemming et al. (2011): with k clusters an arm, m = n(1 - icc)/(k - n·icc), n for a trial without clusters."""
    n, k, icc = 100.0, 10, 0.03
    m = n * (1 - icc) / (k - n * icc)
    power = solved("cluster", effect=0.4, clusters_per_arm=k, cluster_size=m, icc=icc).power
    found = solved("cluster", effect=0.4, power=power, clusters_per_arm=k, icc=icc).cluster_size
    assert found == pytest.approx(m, rel=1e-9)
    assert 2 / n == pytest.approx(2 * (1 + (m - 1) * icc) / (m * k))


def test_unequal_sizes_inflate_as_eldridge_says() -> None:
    """Eldridge, Ashby and Kerry (2006), 1 + ((cv² + 1) m - 1) icc."""
    made = answered(**known("cluster", cluster_size_cv=0.65))
    assert made.document()["design_effect"] == pytest.approx(1 + ((0.65**2 + 1) * 25 - 1) * 0.05)


@pytest.mark.parametrize(("steps", "each", "m", "icc"), [(4, 6, 20, 0.05), (3, 1, 50, 0.01), (8, 2, 5, 0.3)])
def test_stepped_wedge_is_hussey_and_hughes(steps: int, each: int, m: int, icc: float) -> None:
    """Hussey and Hughes (2007), equation 8, written out for any schedule."""
    schedule = np.repeat(np.triu(np.ones((steps, steps + 1)), 1), each, axis=0)
    n, periods = schedule.shape
    u, w, v = schedule.sum(), (schedule.sum(axis=0) ** 2).sum(), (schedule.sum(axis=1) ** 2).sum()
    sigma, tau = (1 - icc) / m, icc
    variance = n * sigma * (sigma + periods * tau)
    variance /= (n * u - w) * sigma + (u**2 + n * periods * u - periods * w - n * v) * tau
    design = solved("stepped_wedge", effect=0.3, clusters_per_arm=each, cluster_size=m, icc=icc, steps=steps)
    found = precision(design, 0.3)
    assert found.std_error**2 == pytest.approx(variance, rel=1e-10)
    assert found.df == n - 2


@pytest.mark.parametrize(("cac", "further"), [(0.7, None), (0.7, 1.0), (0.5, 0.9), (0.0, None)])
def test_stepped_wedge_with_decay_is_generalised_least_squares(cac: float, further: float | None) -> None:
    """All clusters and periods in one regression, as lme4 would weigh them for known variances."""
    steps, each, m, icc = 4, 3, 20, 0.08
    schedule = np.repeat(np.triu(np.ones((steps, steps + 1)), 1), each, axis=0)
    n, periods = schedule.shape
    own = np.empty((periods, periods))
    for s, t in itertools.product(range(periods), repeat=2):
        lag = abs(s - t)
        own[s, t] = icc if lag == 0 else icc * cac * (cac if further is None else further) ** (lag - 1)
    own += np.eye(periods) * (1 - icc) / m
    x = np.column_stack([np.tile(np.eye(periods), (n, 1)), schedule.ravel()])
    information = x.T @ np.kron(np.eye(n), np.linalg.inv(own)) @ x
    design = solved(
        "stepped_wedge",
        effect=0.3,
        clusters_per_arm=each,
        cluster_size=m,
        icc=icc,
        steps=steps,
        cac=cac,
        autocorrelation=further,
    )
    assert precision(design, 0.3).std_error ** 2 == pytest.approx(
        np.linalg.inv(information)[-1, -1], rel=1e-9
    )


@pytest.mark.parametrize(("periods", "rho"), [(2, 0.3), (12, 0.0), (12, 0.6), (9, -0.2)])
def test_did_is_burlig_preonas_and_woerman(periods: int, rho: float) -> None:
    """Their formula, with the mean covariances before, after and across counted pair by pair."""
    before = periods // 2
    after = periods - before
    pairs: dict[str, list[float]] = {"before": [0.0], "after": [0.0], "across": []}
    for s, t in itertools.product(range(periods), repeat=2):
        kind = "across" if (s < before) != (t < before) else "before" if s < before else "after"
        if s != t:
            pairs[kind].append(rho ** abs(s - t))
    mean = {
        "before": sum(pairs["before"]) / max(before * (before - 1), 1),
        "after": sum(pairs["after"]) / max(after * (after - 1), 1),
        "across": float(np.mean(pairs["across"])),
    }
    change = (before + after) / (before * after)
    change += (
        (before - 1) / before * mean["before"] + (after - 1) / after * mean["after"] - 2 * mean["across"]
    )
    units, share, sd = 60, 1 / 3, 4.0
    design = solved("did", effect=1, n_per_arm=40, ratio=0.5, sd=sd, periods=periods, autocorrelation=rho)
    found = precision(design, 1.0)
    assert found.std_error**2 == pytest.approx(sd**2 * change / (share * (1 - share) * units), rel=1e-10)
    assert found.df == units - 2


@pytest.mark.parametrize(("cv", "fall", "dispersion"), [(0.25, 0.5, 1.0), (0.0, 0.3, 1.0), (0.4, 0.4, 1.7)])
def test_counts_are_hayes_and_bennett(cv: float, fall: float, dispersion: float) -> None:
    """Hayes and Bennett (1999), whose normal quantiles and one cluster more stand for t."""
    before, exposure = 0.02, 500.0
    after = before * (1 - fall)
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    spread = dispersion * (before + after) / exposure + cv**2 * (before**2 + after**2)
    clusters = 1 + z**2 * spread / (before - after) ** 2
    share = cv**2 * before / (dispersion + cv**2 * before)
    found = solved(
        "poisson_cluster",
        effect=math.log(after / before),
        power=0.8,
        cluster_size=exposure,
        icc=share,
        baseline_rate=before,
        dispersion=dispersion,
    ).clusters_per_arm
    assert found == pytest.approx(clusters, abs=0.35)


def test_crossover_of_a_new_draw_every_day() -> None:
    """The variance of least squares with place and day effects, averaged over many draws of who is treated."""
    places, days, treated, rho = 12, 8, 4, 0.5
    design = solved(
        "crossover", effect=1, clusters_per_arm=8, ratio=0.5, periods=days, autocorrelation=rho, sd=2, icc=0.3
    )
    related = rho ** np.abs(np.subtract.outer(np.arange(days), np.arange(days)))
    rng = np.random.default_rng(5)
    meat, bread = 0.0, 0.0
    for _ in range(2000):
        z = (rng.random((places, days)).argsort(axis=0) < treated).astype(float)
        z -= z.mean(axis=0) + z.mean(axis=1, keepdims=True) - z.mean()
        meat += float(np.einsum("pt,tu,pu->", z, related, z))
        bread += float((z**2).sum())
    variance = 4 * 0.7 * (meat / 2000) / (bread / 2000) ** 2
    assert precision(design, 1.0).std_error ** 2 == pytest.approx(variance, rel=0.01)


def test_two_proportions_is_the_pooled_z_test() -> None:
    """Fleiss, Levin and Paik (2003), for arms of unequal size."""
    before, after, n, ratio = 0.3, 0.2, 150, 2
    pooled = (before + 2 * after) / 3
    null = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / (ratio * n)))
    error = math.sqrt(before * (1 - before) / n + after * (1 - after) / (ratio * n))
    limit = stats.norm.ppf(0.975) * null
    power = stats.norm.sf((limit - 0.1) / error) + stats.norm.cdf((-limit - 0.1) / error)
    mine = solved("two_proportions", effect=-0.1, n_per_arm=n, ratio=ratio, baseline_rate=before).power
    assert mine == pytest.approx(power, abs=1e-12)


def test_r_squared_takes_its_share_of_the_variance() -> None:
    plain: Any = solved("cluster", power=0.8, clusters_per_arm=20, cluster_size=30, icc=0.1).effect
    adjusted: Any = solved(
        "cluster", power=0.8, clusters_per_arm=20, cluster_size=30, icc=0.1, r2=0.75
    ).effect
    assert adjusted == pytest.approx(plain / 2)


def test_a_shift_for_which_the_noncentral_f_has_no_answer_has_a_power() -> None:
    """SciPy's `ncfdtr` gives NaN here; the integral agrees with it where it has an answer."""
    shift, df, limit = 0.9999546000702375 / 0.026852141412468267, 118.0, stats.t.ppf(0.975, 118)
    assert np.isnan(special.ncfdtr(1, df, shift**2, limit**2))
    assert power_of(Precision(shift, 1.0, df, 1.0), 0.05) == 1.0
    for df in (2.0, 12.0, 118.0):
        for shift in (0.1, 1.0, 2.8, 6.0):
            limit = stats.t.ppf(0.975, df)
            exact = special.ncfdtr(1, df, shift**2, limit**2)
            assert _missed(limit, df, shift) == pytest.approx(exact, abs=1e-9)
