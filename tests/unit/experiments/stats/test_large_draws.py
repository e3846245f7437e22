"""Ways to treat as many of many units: each has as many as were wanted, and no unit or pair is preferred.

And all the ways there are, where they are few.
"""

from itertools import permutations, product

import numpy as np
import pytest

from experiments.stats.draws import stream
from experiments.stats.regression.assignments import assignments
from experiments.stats.regression.large_draws import treated_by_chance

WAYS = 1_000


def ways(size: int, wanted: list[int], members: list[np.ndarray] | None = None, seed: int = 1) -> np.ndarray:
    table = np.empty((7, size))
    drawn = treated_by_chance(
        stream(seed, "H1", "assignment"), members or [np.arange(size)], wanted, WAYS, table
    )
    return np.concatenate([block.copy() for block in drawn])


@pytest.mark.parametrize("wanted", [0, 1, 10, 300, 833, 1_250, 2_400, 2_499, 2_500])
def test_as_many_are_treated_as_were_wanted(wanted: int) -> None:
    found = ways(2_500, [wanted])
    assert found.shape == (WAYS, 2_500)
    assert np.isin(found, (0.0, 1.0)).all()
    assert (found.sum(axis=1) == wanted).all()


def test_each_stratum_keeps_its_own_number() -> None:
    members = [np.arange(0, 2_501, 2), np.arange(1, 2_501, 2)]
    found = ways(2_501, [417, 1_100], members)
    assert [set(found[:, inside].sum(axis=1)) for inside in members] == [{417.0}, {1_100.0}]


@pytest.mark.parametrize(("size", "wanted"), [(2_500, 1_250), (2_501, 833), (2_560, 100)])
def test_units_and_neighbours_are_treated_as_often_as_any_others(size: int, wanted: int) -> None:
    found, share = ways(size, [wanted]), wanted / size
    z = (found.sum(axis=0) - WAYS * share) / np.sqrt(WAYS * share * (1 - share))
    # A sum of 2,500 nearly independent squares with mean 1 and standard deviation sqrt(2/2,500) = 0.03.
    assert abs((z**2).mean() - 1) < 0.12
    assert np.abs(z).max() < 5
    together = (found[:, 1:] * found[:, :-1]).mean()
    expected = share * (wanted - 1) / (size - 1)
    assert abs(together - expected) < 5 * expected / np.sqrt(WAYS * size * expected)


def test_the_ways_are_the_same_whatever_is_held_at_once() -> None:
    bits = [stream(3, "H1", "assignment") for _ in range(2)]
    found = [
        np.concatenate(
            [
                block.copy()
                for block in treated_by_chance(one, [np.arange(2_100)], [700], 50, np.empty((held, 2_100)))
            ]
        )
        for one, held in zip(bits, (3, 50), strict=True)
    ]
    assert np.array_equal(*found)


@pytest.mark.parametrize("labels", [[1, 1, 1, 0, 0, 0], [0, 1, 2, 1, 0, 2, 0], [1, 0, 0, 0, 0, 0, 0]])
def test_all_ways_are_every_order_of_the_labels_once(labels: list[float]) -> None:
    given = np.array(labels, dtype=float)
    every = assignments(given, np.zeros(len(given), dtype=np.intp), 99, 0.2, 1, "H1").table
    assert every[0].tolist() == labels
    assert sorted(map(tuple, every.tolist())) == sorted(set(permutations(given.tolist())))


def test_all_ways_keep_to_their_strata() -> None:
    given, block = np.array([1.0, 0, 0, 1, 1, 0, 1]), np.array([0, 1, 0, 1, 0, 1, 1])
    every = assignments(given, block, 99, 0.2, 1, "H1").table
    parts = [sorted(set(permutations(given[block == b].tolist()))) for b in (0, 1)]
    expected = []
    for one, other in product(*parts):
        way = np.empty(len(given))
        way[block == 0], way[block == 1] = one, other
        expected.append(tuple(way.tolist()))
    assert sorted(map(tuple, every.tolist())) == sorted(expected)
