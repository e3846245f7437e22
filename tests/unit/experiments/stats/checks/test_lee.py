"""Lee bounds: his printed variance, a linear programme, the normal's own bounds, invariances, coverage, refusals."""

import numpy as np
import pytest
from scipy import optimize, stats

from experiments.stats import lee_bounds
from experiments.stats.errors import NotEstimable


def sample(n: int = 600, seed: int = 1, *, counts: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """An outcome with a tenth lost under treatment and a quarter under control, and the treatment."""
    rng = np.random.default_rng(seed)
    z = (np.arange(n) % 2).astype(float)
    y = rng.poisson(3.0 + z).astype(float) if counts else rng.normal(size=n) + 0.3 * z
    y[rng.random(n) < np.where(z > 0, 0.1, 0.25)] = np.nan
    return y, z


def printed_variance(y: np.ndarray, z: np.ndarray) -> float:
    """Lee (2009), proposition 3, for the upper bound where the treated arm is trimmed, written out."""
    kept = np.isfinite(y)
    q1, q0, share = kept[z > 0].mean(), kept[z == 0].mean(), z.mean()
    p = 1 - q0 / q1
    values = np.sort(y[kept & (z > 0)])
    place = int(p * len(values))
    cut, weights = values[place], np.ones(len(values) - place)
    weights[0] = 1 - (p * len(values) - place)
    top = values[place:]
    mean = np.average(top, weights=weights)
    spread = np.average((top - mean) ** 2, weights=weights)
    both = (kept * z).mean() * (1 - p)
    of_p = (1 - p) ** 2 * ((1 - q1) / (share * q1) + (1 - q0) / ((1 - share) * q0))
    trimmed = spread / both + (cut - mean) ** 2 * p / both + ((cut - mean) / (1 - p)) ** 2 * of_p
    other = y[kept & (z == 0)]
    return float((trimmed + other.var() / (kept * (1 - z)).mean()) / len(y))


@pytest.mark.parametrize("counts", [False, True])
def test_the_error_is_that_of_the_printed_variance(counts: bool) -> None:
    y, z = sample(counts=counts)
    found = lee_bounds(y, z)
    assert found.upper_std_error == pytest.approx(np.sqrt(printed_variance(y, z)), rel=1e-10)
    assert found.lower_std_error == pytest.approx(np.sqrt(printed_variance(-y, z)), rel=1e-10)


@pytest.mark.parametrize("counts", [False, True])
def test_the_ends_are_those_of_a_linear_programme(counts: bool) -> None:
    """The largest mean of any part of the treated of the size of those who always stay; ties are split by it too."""
    y, z = sample(counts=counts)
    kept = np.isfinite(y)
    values, other = y[kept & (z > 0)], y[kept & (z == 0)].mean()
    left = kept[z == 0].mean() / kept[z > 0].mean() * len(values)
    ends = []
    for sign in (1.0, -1.0):
        solved = optimize.linprog(-sign * values, A_eq=np.ones((1, len(values))), b_eq=[left], bounds=(0, 1))
        ends.append(-sign * solved.fun / left - other)
    found = lee_bounds(y, z)
    assert [found.upper, found.lower] == pytest.approx(ends, rel=1e-8)


def test_a_normal_outcome_has_the_bounds_of_the_normal() -> None:
    """Treated at the quantiles of a standard normal and all kept, a fifth of control lost: ±φ(z₀.₂)/0.8."""
    quantiles = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    control = np.where(np.arange(20_000) % 5 == 0, np.nan, np.where(np.arange(20_000) % 2 == 0, 1.0, -1.0))
    found = lee_bounds(np.r_[quantiles, control], np.repeat([1.0, 0.0], 20_000))
    expected = stats.norm.pdf(stats.norm.ppf(0.2)) / 0.8
    assert (found.lower, found.upper) == pytest.approx((-expected, expected), abs=2e-4)
    assert found.trimmed == pytest.approx(0.2)


def test_the_interval_of_imbens_and_manski() -> None:
    """Far apart ends take one-sided quantiles, ends that meet two-sided ones; between them c solves the equation."""
    y, z = sample(6_000)
    wide = lee_bounds(y, z)
    c = (wide.conf_high - wide.upper) / wide.upper_std_error
    assert c == pytest.approx(stats.norm.ppf(0.95), abs=1e-3)
    y, z = sample(200)
    near = lee_bounds(y, z)
    c = (near.conf_high - near.upper) / near.upper_std_error
    gap = (near.upper - near.lower) / max(near.lower_std_error, near.upper_std_error)
    assert stats.norm.cdf(c + gap) - stats.norm.cdf(-c) == pytest.approx(0.95, abs=1e-10)
    whole = np.random.default_rng(3).normal(size=100)
    point = lee_bounds(whole, np.arange(100) % 2.0)
    assert point.lower == pytest.approx(point.upper)
    assert (point.conf_high - point.upper) / point.upper_std_error == pytest.approx(1.959964, abs=1e-6)
    arms = whole[1::2], whole[::2]
    assert point.upper == pytest.approx(arms[0].mean() - arms[1].mean())
    assert point.upper_std_error == pytest.approx(np.sqrt(sum(arm.var() / 50 for arm in arms)))


def test_invariances() -> None:
    y, z = sample()
    found, order = lee_bounds(y, z), np.random.default_rng(5).permutation(len(y))
    moved, turned, mirrored = lee_bounds(7 + 3 * y, z), lee_bounds(y, 1 - z), lee_bounds(-y, z)
    assert (moved.lower, moved.upper) == pytest.approx((3 * found.lower, 3 * found.upper))
    assert moved.upper_std_error == pytest.approx(3 * found.upper_std_error)
    for other in (turned, mirrored):
        assert (other.lower, other.upper) == pytest.approx((-found.upper, -found.lower))
        assert (other.conf_low, other.conf_high) == pytest.approx((-found.conf_high, -found.conf_low))
    shuffled = lee_bounds(y[order], z[order])
    assert (shuffled.lower, shuffled.upper_std_error) == pytest.approx((found.lower, found.upper_std_error))
    single = lee_bounds(y, z, clusters=np.arange(len(y)))
    assert single.upper_std_error == pytest.approx(found.upper_std_error)
    twice = lee_bounds(np.tile(y, 2), np.tile(z, 2), clusters=np.tile(np.arange(len(y)), 2))
    assert (twice.upper, twice.upper_std_error) == pytest.approx((found.upper, found.upper_std_error))


@pytest.mark.slow
def test_the_interval_covers_the_effect_at_either_end_and_the_errors_are_right() -> None:
    """Those lost are the worst of control in one world, the best in the other: the effect is an end of the bounds."""
    rng, reps, n = np.random.default_rng(11), 600, 400
    z = (np.arange(n) % 2).astype(float)
    for sign in (1.0, -1.0):
        covered, ends, errors = 0, [], []
        for _ in range(reps):
            base = rng.normal(size=n)
            # A tenth is never seen; of the rest the lowest fifth only under treatment.
            only_treated = sign * base < stats.norm.ppf(0.2)
            seen = (rng.random(n) > 0.1) & ((z > 0) | ~only_treated)
            found = lee_bounds(np.where(seen, base + 0.5 * z, np.nan), z)
            covered += found.conf_low <= 0.5 <= found.conf_high
            ends.append(found.upper if sign > 0 else found.lower)
            errors.append(found.upper_std_error if sign > 0 else found.lower_std_error)
        assert covered / reps > 0.95 - 4 * np.sqrt(0.95 * 0.05 / reps)
        assert np.mean(ends) == pytest.approx(0.5, abs=4 * np.std(ends) / np.sqrt(reps) + 0.01)
        assert np.mean(errors) == pytest.approx(np.std(ends), rel=0.1)


def test_refusals() -> None:
    y, z = sample(40)
    with pytest.raises(NotEstimable, match="the control arm has fewer than 2 units"):
        lee_bounds(np.where(z > 0, y, np.nan), z)
    with pytest.raises(NotEstimable, match="at least 6 clusters"):
        lee_bounds(y, z, clusters=np.arange(40) // 10)
    with pytest.raises(NotEstimable, match="does not vary enough"):
        lee_bounds(np.ones(40), z)
    with pytest.raises(NotEstimable, match="the strata were drawn in different shares"):
        lee_bounds(y, z, strata=(np.arange(40) >= 30).astype(int) * (z > 0))


def test_losses_that_went_both_ways_are_refused_and_odd_strata_are_not() -> None:
    """Two strata of 101: in one only control is lost, in the other only treatment."""
    z = np.r_[np.arange(101) % 2, np.arange(1, 102) % 2].astype(float)
    strata = np.repeat([0, 1], 101)
    y = np.random.default_rng(0).normal(size=202)
    assert lee_bounds(y, z, strata=strata).trimmed == 0
    y[(strata != z) & (np.arange(202) % 3 > 0)] = np.nan
    with pytest.raises(NotEstimable, match="did not move selection one way"):
        lee_bounds(y, z, strata=strata)
