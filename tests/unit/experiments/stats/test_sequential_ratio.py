"""The ratio of the arms, looked at after every case."""

import math

import numpy as np
import pytest
from scipy.stats import dirichlet_multinomial

from experiments.stats.errors import NotEstimable
from experiments.stats.sequential.ratio import sequential_ratio


def test_it_is_the_bayes_factor_of_a_dirichlet_multinomial() -> None:
    """The peer: SciPy's Dirichlet-multinomial, whose coefficient both sides share."""
    arms = np.array([0, 1, 1, 1, 2, 1, 1])
    shares, concentration = np.array([0.5, 0.25, 0.25]), 8.0
    smallest, seen = 1.0, []
    for n in range(1, len(arms) + 1):
        counts = np.bincount(arms[:n], minlength=3)
        ways = math.lgamma(n + 1) - sum(math.lgamma(count + 1) for count in counts)
        null = ways + float((counts * np.log(shares)).sum())
        factor = dirichlet_multinomial(concentration * shares, n).logpmf(counts) - null
        smallest = min(smallest, math.exp(-factor))
        seen.append(smallest)
    assert sequential_ratio(arms, shares, concentration=concentration) == pytest.approx(seen)


def test_names_and_the_sum_of_the_shares_change_nothing() -> None:
    arms = np.random.default_rng(1).integers(0, 2, 400)
    found = sequential_ratio(arms, (1, 1))
    assert sequential_ratio(1 - arms, (5, 5)) == pytest.approx(found)
    assert (np.diff(found) <= 0).all()


def test_looking_after_every_case_keeps_the_size_and_finds_a_bent_draw() -> None:
    """2,000 trials of 1,000 cases: read at every case, at most 5 % (four Monte-Carlo errors on top) fall below 0.05."""
    chance = np.random.default_rng(3)
    fair = chance.random((2_000, 1_000)) < 0.5
    false = np.mean([sequential_ratio(row.astype(int), (1, 1))[-1] < 0.05 for row in fair])
    assert false <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 2_000)
    bent = (chance.random(20_000) < 0.53).astype(int)
    assert sequential_ratio(bent, (1, 1))[-1] < 1e-6


@pytest.mark.parametrize(
    ("arms", "shares", "reason"),
    [([], (1, 1), "no case"), ([2], (1, 1), "no share"), ([0], (1, 0), "above 0"), ([0], (1,), "two arms")],
)
def test_what_it_refuses(arms: list[int], shares: tuple[float, ...], reason: str) -> None:
    with pytest.raises(NotEstimable, match=reason):
        sequential_ratio(np.array(arms, dtype=int), shares)
