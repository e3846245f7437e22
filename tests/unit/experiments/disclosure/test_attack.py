"""An attacker with a linear programme over all releases of a trial together recovers no small count.

Recovered is a count below 10 whose interval, given everything released, is narrower than 10. The attacker of our
releases sees exact counts, which is more than anybody outside does; those of the naive releasers see rounded ones.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.experiments.disclosure.attacker import (
    Case,
    each_table_alone,
    hiding_small_counts_only,
    histories,
    protected,
    recovered,
)

pytestmark = pytest.mark.slow


def test_no_small_count_is_recovered_from_any_history() -> None:
    caught, total = recovered(histories(80, seed=20261127), protected)
    assert total > 1000
    assert caught == 0


@pytest.mark.bench
def test_no_small_count_is_recovered_from_a_thousand_histories() -> None:
    caught, total = recovered(histories(1000, seed=7), protected)
    assert total > 10000
    assert caught == 0


@pytest.mark.parametrize("naive", [hiding_small_counts_only, each_table_alone])
def test_the_same_attacker_breaks_naive_releasers(naive: object) -> None:
    caught, total = recovered(histories(24, seed=20261127), naive)  # type: ignore[arg-type]
    assert caught > total / 5


def test_the_attacker_subtracts() -> None:
    """40, 25 and their total of 70 are shown; with rounding by up to 2 each the third is 0 to 11, without it is 5."""
    case = Case({"A": np.array([5, 40, 25])}, [frozenset("A")])
    assert recovered([case], hiding_small_counts_only) == (0, 1)
    assert recovered(
        [case], lambda one: [(s, s @ one.truth, s @ one.truth) for s in one.sums(frozenset("A"))][1:]
    ) == (1, 1)
