"""Size and coverage of risks, rates and the effect of receiving in trials of 6, 10, 20 and 40 clusters.

What is linear in sums by cluster is fitted to those sums, which changes no number and costs a row for each cluster.
"""

import math
from functools import cache

import numpy as np
import pytest

from experiments.stats import iv, logistic, poisson
from experiments.stats.estimators.rates_drawn import ratio_test
from experiments.stats.regression.assignments import assignments
from experiments.stats.regression.log_link import CountModel
from experiments.stats.regression.randomisation import randomisation_test
from tests.unit.experiments.stats.coverage.measure import (
    COUNT,
    HIGH,
    LOW,
    Found,
    Measured,
    chances,
    judged,
    keeps_its_size,
    measured,
    normals,
    sound,
)
from tests.unit.experiments.stats.coverage.test_counts import poisson as counts

pytestmark = pytest.mark.slow

CLUSTERS = (6, 10, 20, 40)
FEW = 6  # of like size: where they differ much, CR2 covers more often than it says


def arms(purpose: str, n_clusters: int, count: int) -> np.ndarray:
    """Return which half of the clusters was drawn, in each replicate."""
    order = np.argsort(np.argsort(chances(purpose, count, n_clusters), axis=1), axis=1)
    return (order < n_clusters // 2).astype(float)


def sizes(purpose: str, n_clusters: int, count: int) -> np.ndarray:
    """Return rows by cluster, from 3 to 60 and 10 in the middle; as many in each of six."""
    if n_clusters == FEW:
        return np.full((count, n_clusters), 12.0)
    return np.floor(np.clip(np.exp(2.3 + 0.6 * normals(purpose, count, n_clusters)), 3, 60))


@cache
def rates(n_clusters: int, effect: float) -> Measured:
    """Rates that differ by a third between clusters; ten events in the middle one."""
    time, z = (
        sizes(f"time {n_clusters}", n_clusters, COUNT),
        arms(f"rate arm {n_clusters}", n_clusters, COUNT),
    )
    own = 0.3 * normals(f"rate {n_clusters}", COUNT, n_clusters)
    events = counts(f"events {n_clusters} {effect}", time * np.exp(effect * z + own))

    def fit(r: int) -> dict[str, Found]:
        found = poisson(events[r], z[r], exposure=time[r], clusters=np.arange(n_clusters))
        return {"effect": (found.estimate, found.std_error or 0.0, found.df)}

    return measured(fit, {"effect": effect})["effect"]


@pytest.mark.parametrize("effect", [0.0, -0.4])
@pytest.mark.parametrize("n_clusters", CLUSTERS)
def test_poisson(n_clusters: int, effect: float) -> None:
    sound(rates(n_clusters, effect))


@cache
def risks(n_clusters: int, effect: float) -> Measured:
    """Shares of 30 % that differ by 9 points between clusters."""
    count = 1_000
    size, z = (
        sizes(f"people {n_clusters}", n_clusters, count),
        arms(f"risk arm {n_clusters}", n_clusters, count),
    )
    risk = np.clip(0.3 + effect * z + 0.09 * normals(f"risk {n_clusters}", count, n_clusters), 0.01, 0.97)

    def fit(r: int) -> dict[str, Found]:
        codes = np.repeat(np.arange(n_clusters), size[r].astype(int))
        y = (chances(f"people {n_clusters} {effect} {r}", len(codes)) < risk[r, codes]).astype(float)
        found = logistic(y, z[r, codes], clusters=codes)
        return {"effect": (found.estimate, found.std_error or 0.0, found.df)}

    return measured(fit, {"effect": effect}, count)["effect"]


@pytest.mark.parametrize(("n_clusters", "effect"), [(6, 0.0), *((number, 0.1) for number in CLUSTERS)])
def test_logistic(n_clusters: int, effect: float) -> None:
    sound(risks(n_clusters, effect))


@cache
def received(n_clusters: int, effect: float) -> tuple[Measured, float]:
    """A quarter refuse, more in some clusters, and differ. Second: how often Anderson and Rubin's interval covers."""
    size, z = sizes(f"iv {n_clusters}", n_clusters, COUNT), arms(f"iv arm {n_clusters}", n_clusters, COUNT)
    refuse = np.clip(0.25 + 0.1 * normals(f"refuse {n_clusters}", COUNT, n_clusters), 0, 1)
    taken = z * (1 - refuse)
    own = 0.4 * normals(f"iv own {n_clusters}", COUNT, n_clusters)
    own += normals(f"iv rows {n_clusters}", COUNT, n_clusters) / np.sqrt(size)
    outcome = own + refuse + effect * taken
    covered = []

    def fit(r: int) -> dict[str, Found]:
        found = iv(outcome[r], z[r], taken[r], clusters=np.arange(n_clusters), weights=size[r])
        ends = next(term for term in found.terms if term.term == "anderson_rubin")
        low, high = (ends.conf_low, ends.conf_high) if ends.note is None else (-math.inf, math.inf)
        covered.append(low <= effect <= high)  # type: ignore[operator]
        return {"effect": (found.estimate, found.std_error or 0.0, found.df)}

    return measured(fit, {"effect": effect})["effect"], float(np.mean(covered))


@pytest.mark.parametrize("n_clusters", CLUSTERS)
def test_iv(n_clusters: int) -> None:
    """With few clusters p and interval are Anderson and Rubin's: the ratio's own covers 93.3 % with ten."""
    two_stage, anderson_rubin = received(n_clusters, 0.5)
    judged("covered", anderson_rubin, LOW, HIGH, COUNT)
    judged("covered", two_stage.covered, 0.925 if n_clusters < 40 else LOW, HIGH, COUNT)


@pytest.mark.parametrize("effect", [0.0, -0.4])
def test_a_rate_ratio_judged_by_draws_in_ten_clusters_of_which_three_are_treated(effect: float) -> None:
    """At the ratio that is true, with a covariate: it is rejected as often as its level says. 120 ways, all used."""
    count, codes = 600, np.repeat(np.arange(10), 3)
    order = np.argsort(np.argsort(chances("three of ten", count, 10), axis=1), axis=1)
    z = (order < 3).astype(float)[:, codes]
    x, own = normals("x of ten", count, 30), 0.4 * normals("ten", count, 10)[:, codes]
    events = counts(f"ten {effect}", 6 * np.exp(effect * z + own + 0.3 * x))
    found = []
    for r in range(count):
        drawn = assignments(z[r, ::3], np.zeros(10, dtype=int), 999, 0.05, 1, "H1")
        without = CountModel(events[r], x[r][:, None], ("x",), np.zeros(30), np.ones(30))
        test = ratio_test(without, z[r], 0.0, drawn, codes, x[r][:, None])
        found.append(test(effect, "two_sided"))
    keeps_its_size(found)


def test_the_effect_of_receiving_judged_by_draws() -> None:
    """However weak the first stage: here hardly anybody of four treated clusters in nine takes it up."""
    count = 1_000
    z = (np.argsort(np.argsort(chances("four of nine", count, 9), axis=1), axis=1) < 4).astype(float)
    kind = normals("kind of nine", count, 9)
    taken = np.where(kind > 1, 1.0, 0.1) * z
    outcome = 0.5 * taken + kind + normals("nine", count, 9)
    keeps_its_size(
        [
            float(
                randomisation_test(outcome[r] - 0.5 * taken[r], z[r], received=taken[r]).resampled.p_value
                or 0
            )
            for r in range(count)
        ]
    )
