"""The tables of sizes in docs/statistics: how often a true null is rejected at a nominal 5 per cent.

`python -m tests.unit.experiments.stats.coverage.sizes [PAGE ...]` prints those of the pages named, or of all, from
2,000 trials a cell (half a point of Monte Carlo error), or fewer where a fit is dear. The tests beside this file watch
the same kinds of trial.
"""

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from experiments.stats import difference_in_means, logistic, mixed, poisson
from experiments.stats.effects import Effect
from experiments.stats.errors import NotEstimable
from tests.unit.experiments.stats.coverage.measure import COUNT, Found, Measured, chances, measured, normals
from tests.unit.experiments.stats.coverage.test_counts import poisson as counts
from tests.unit.experiments.stats.coverage.test_random_wedges import wedges
from tests.unit.experiments.stats.coverage.test_spread_rates import spread_rates

CLUSTERS = (6, 10, 20, 40)
OF_RISKS = 1_000  # trials a cell of a model that takes its time
LIKE = 10.0  # rows in each cluster where they are of like size, and in the middle one where they are not
Row = tuple[str, ...]


def arms(purpose: str, n_clusters: int, treated: int, count: int) -> np.ndarray:
    """Return which clusters were drawn (R, G)."""
    order = np.argsort(np.argsort(chances(purpose, count, n_clusters), axis=1), axis=1)
    return (order < treated).astype(float)


def sizes(purpose: str, n_clusters: int, count: int, *, alike: bool) -> np.ndarray:
    """Return rows by cluster (R, G), from 3 to 60 where they are not alike."""
    if alike:
        return np.full((count, n_clusters), LIKE)
    return np.floor(np.clip(np.exp(2.3 + 0.6 * normals(purpose, count, n_clusters)), 3, 60))


def nulls(fit: Callable[[int], Effect], count: int) -> Measured:
    """Every replicate's estimate of an effect that is 0; one that is refused rejects nothing."""

    def found(r: int) -> dict[str, Found]:
        try:
            effect = fit(r)
        except NotEstimable:
            return {"effect": (0.0, 1.0, None)}
        return {"effect": (effect.estimate, effect.std_error or 0.0, effect.df)}

    return measured(found, {"effect": 0.0}, count)["effect"]


def of_rows(found: Effect, rows: float, fitted: int) -> Effect:
    """CR1 of so many rows, from a fit of two columns to their sums: the factor of CR1 counts rows."""
    if found.covariance != "CR1":
        return found
    factor = (rows - 1) / (rows - 2) * (fitted - 2) / (fitted - 1)
    return replace(found, std_error=(found.std_error or 0.0) * math.sqrt(factor))


def rejected(found: Measured) -> str:
    return f"{100 * (1 - found.covered):.1f}"


def rates(n_clusters: int, *, alike: bool, kind: str = "CR2", middle: float = 4.0) -> Measured:
    """Rates that differ by 30 per cent, and so many events in the middle cluster; sums by cluster are enough."""
    name = f"size of rates {n_clusters}"
    time = sizes(f"{name} time", n_clusters, COUNT, alike=alike)
    z = arms(f"{name} arm", n_clusters, n_clusters // 2, COUNT)
    own = 0.3 * normals(f"{name} own", COUNT, n_clusters)
    events = counts(f"{name} events {alike} {middle}", middle / LIKE * time * np.exp(own))

    def fit(r: int) -> Effect:
        found = poisson(events[r], z[r], exposure=time[r], clusters=np.arange(n_clusters), kind=kind)
        return of_rows(found, time[r].sum(), n_clusters)

    return nulls(fit, COUNT)


def risks(n_clusters: int, *, alike: bool, kind: str = "CR2") -> Measured:
    """Shares of 30 per cent that differ by 9 points; those with and those without are one row of their weight."""
    name = f"size of risks {n_clusters}"
    people = sizes(f"{name} people", n_clusters, OF_RISKS, alike=alike)
    z = arms(f"{name} arm", n_clusters, n_clusters // 2, OF_RISKS)
    risk = np.clip(0.3 + 0.09 * normals(f"{name} own", OF_RISKS, n_clusters), 0.01, 0.97)
    drawn = chances(f"{name} who", OF_RISKS, n_clusters, int(people.max()))
    had = ((drawn < risk[:, :, None]) & (np.arange(drawn.shape[2]) < people[:, :, None])).sum(axis=2)
    outcome, codes = np.tile([1.0, 0.0], n_clusters), np.repeat(np.arange(n_clusters), 2)

    def fit(r: int) -> Effect:
        weight = np.stack([had[r], people[r] - had[r]], axis=1).ravel()
        some = weight > 0
        found = logistic(
            outcome[some], z[r, codes[some]], clusters=codes[some], weights=weight[some], kind=kind
        )
        return of_rows(found, people[r].sum(), int(some.sum()))

    return nulls(fit, OF_RISKS)


def levels(n_clusters: int, icc: float) -> Measured:
    """3 to 60 rows by cluster, which share so much of a variance of 1."""
    name = f"size of levels {n_clusters}"
    rows = sizes(f"{name} rows", n_clusters, COUNT, alike=False).astype(int)
    z = arms(f"{name} arm", n_clusters, n_clusters // 2, COUNT)
    own = np.sqrt(icc) * normals(f"{name} own", COUNT, n_clusters)
    noise = np.sqrt(1 - icc) * normals(f"{name} noise", COUNT, int(rows.sum(axis=1).max()))

    def fit(r: int) -> Effect:
        codes = np.repeat(np.arange(n_clusters), rows[r])
        return mixed(own[r, codes] + noise[r, : len(codes)], z[r, codes], codes)

    return nulls(fit, COUNT)


def forces(treated: int, kind: str) -> Measured:
    """Changes of 43 forces whose spreads differ, log-normal by 0.5."""
    y = normals("sizes of forces", COUNT, 43) * np.exp(0.5 * normals("spreads of forces", COUNT, 43))
    z, codes = arms("treated forces", 43, treated, COUNT), np.arange(43)
    return nulls(lambda r: difference_in_means(y[r], z[r], clusters=codes, kind=kind), COUNT)


def errors_page() -> Iterator[Row]:
    yield "clusters in the smaller arm", "CR1", "CR2"
    for treated in (1, 2, 3, 5, 10, 20):
        bell = rejected(forces(treated, "CR2")) if treated > 1 else "not defined"
        yield str(treated), rejected(forces(treated, "CR1")), bell


def poisson_page() -> Iterator[Row]:
    yield "clusters in both arms", "of like size", "from 3 to 60 rows", "CR1, t(G − 1), from 3 to 60 rows"
    for n in CLUSTERS:
        plain = [rates(n, alike=False, kind=kind) for kind in ("CR2", "CR1")]
        yield str(n), *map(rejected, (rates(n, alike=True), *plain))
    yield "6, 12 events in each", rejected(rates(6, alike=True, middle=12.0)), "", ""


def logistic_page() -> Iterator[Row]:
    yield "clusters in both arms", "of like size", "from 3 to 60 rows", "CR1, t(G − 1), from 3 to 60 rows"
    for n in CLUSTERS:
        plain = [risks(n, alike=False, kind=kind) for kind in ("CR2", "CR1")]
        yield str(n), *map(rejected, (risks(n, alike=True), *plain))


def negative_binomial_page() -> Iterator[Row]:
    yield "clusters in both arms", "rejected"
    for n in CLUSTERS:
        yield str(n), rejected(spread_rates(n, 0.0, COUNT))


def mixed_page() -> Iterator[Row]:
    yield "groups in both arms", "0", "5 per cent", "20 per cent"
    for n in CLUSTERS:
        yield str(n), *(rejected(levels(n, icc)) for icc in (0.0, 0.05, 0.2))


def stepped_wedge_page() -> Iterator[Row]:
    yield "clusters", "2 and 0 per cent", "8 and 2 per cent", "0 and 10 per cent, near periods alike"
    for n in CLUSTERS:
        found = (
            wedges(n, between=0.02, by_period=0.0, count=COUNT),
            wedges(n, count=COUNT),
            wedges(n, between=0.0, by_period=0.1, memory=0.7, count=COUNT),
        )
        yield str(n), *map(rejected, found)


PAGES = {
    "errors": errors_page,
    "logistic": logistic_page,
    "mixed": mixed_page,
    "negative_binomial": negative_binomial_page,
    "poisson": poisson_page,
    "stepped_wedge": stepped_wedge_page,
}

if __name__ == "__main__":
    for page in sys.argv[1:] or PAGES:
        print(f"{page}:")
        for row in PAGES[page]():
            print(f"| {' | '.join(row)} |", flush=True)
