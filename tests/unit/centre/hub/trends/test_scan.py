"""The space-time scan: a known value, a seeded cluster, chance, what must not matter, what is refused."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.scan import Options, Places, log_likelihood_ratio, scan

QUICK = Options(replications=99)


def grid(seed: int, *, side: int = 6, steps: int = 8, mean: float = 3.0, extra: float = 0.0) -> Places:
    """Return counts on a grid of places 1 km apart, with `extra` more in one corner in the last two steps."""
    drawn = np.random.default_rng(seed)
    counts = drawn.poisson(mean, (side * side, steps))
    corner = [0, 1, side, side + 1]
    counts[corner, -2:] += drawn.poisson(extra, (4, 2))
    rows, columns = np.divmod(np.arange(side * side), side)
    return Places(
        names=tuple(f"p{at:02d}" for at in range(side * side)),
        dates=tuple(dt.date(2024, 1 + at, 1) for at in range(steps)),
        counts=counts,
        longitude=-0.5 + columns / 69.0,
        latitude=51.2 + rows / 111.2,
        population=np.full((side * side, steps), 1500.0),
    )


def test_log_likelihood_ratio() -> None:
    found = log_likelihood_ratio(np.array([12.0, 5.0, 3.0]), np.array([5.0, 5.0, 5.0]), 40.0)
    assert found[0] == pytest.approx(4.257605, abs=5e-7)
    assert list(found[1:]) == [0.0, 0.0]


@pytest.mark.parametrize("model", ["permutation", "poisson"])
def test_a_seeded_cluster_is_found(model: str) -> None:
    found = scan(grid(1, extra=8.0), replace(QUICK, model=model))  # type: ignore[arg-type]
    first = found[0]
    assert {"p00", "p01", "p06", "p07"} <= set(first.areas)
    assert len(first.areas) <= 9
    assert first.start in (dt.date(2024, 7, 1), dt.date(2024, 8, 1))
    assert (first.p_value, first.recurrence) == (0.01, 100.0)
    assert first.count > first.expected


def test_clusters_share_no_place() -> None:
    found = scan(grid(2), QUICK)
    areas = [area for cluster in found for area in cluster.areas]
    assert len(areas) == len(set(areas))
    assert [one.statistic for one in found] == sorted((one.statistic for one in found), reverse=True)


def test_by_hand_on_three_places() -> None:
    """Every cylinder of three places and two steps, one by one."""
    places = Places(
        ("a", "b", "c"),
        (dt.date(2024, 1, 1), dt.date(2024, 2, 1)),
        np.array([[2, 9], [3, 4], [5, 3]]),
        np.array([0.0, 0.01, 0.03]),
        np.zeros(3),
    )
    total = 26
    best = 0.0
    for members in ([0], [1], [2], [0, 1]):
        expected = places.counts[members].sum() * places.counts[:, 1].sum() / total
        count = places.counts[members, 1].sum()
        share = places.counts[members].sum() / total
        if share <= 0.5:
            value = log_likelihood_ratio(np.array([count]), np.array([expected]), total)[0]
            best = max(best, float(value))
    found = scan(places, replace(QUICK, max_time_share=0.5))
    assert found[0].statistic == pytest.approx(best)
    assert found[0].areas == ("a",)


def test_the_same_bytes_again_and_in_any_order_of_places() -> None:
    places = grid(3, extra=3.0)
    assert scan(places, QUICK) == scan(places, QUICK)
    assert scan(places, replace(QUICK, seed=1))[0].statistic == scan(places, QUICK)[0].statistic


@pytest.mark.slow
def test_chance_is_seldom_called_a_cluster() -> None:
    small = replace(QUICK, replications=39)
    p = [scan(grid(seed, side=4, steps=4), small)[0].p_value for seed in range(100, 240)]
    assert np.mean(np.array(p) <= 0.05) <= 0.11  # 5 % of 140, and three standard errors
    assert np.mean(p) == pytest.approx(0.5, abs=0.1)


def test_progress_is_told() -> None:
    told: list[float] = []
    scan(grid(4), QUICK, lambda fraction, _: told.append(fraction))
    assert told == [0.0, 50 / 99]


def test_refusals() -> None:
    places = grid(5)
    with pytest.raises(NotEstimable, match="two places"):
        scan(replace(places, names=("p00",)), QUICK)
    with pytest.raises(NotEstimable, match="two counted events"):
        scan(replace(places, counts=np.zeros_like(places.counts)), QUICK)
    with pytest.raises(NotEstimable, match="column population"):
        scan(replace(places, population=None), replace(QUICK, model="poisson"))
