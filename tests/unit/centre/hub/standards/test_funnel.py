"""Funnel plots: against exact distributions and a hand-worked example, by invariance, by simulation, in refusal."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from centre.hub.standards import dispersion
from centre.hub.standards.families import Family, exact_limit, std_error, steady, unsteady
from centre.hub.standards.funnel import (
    FAR,
    USUAL,
    Figure,
    NotComparable,
    Spread,
    Standing,
    funnel,
    why_left_out,
)
from tests.unit.centre.hub.standards.made import figures, residents

COUNTS = [40, 55, 48, 61, 52, 47, 50, 95]
PEOPLE = [1000.0] * 8


def _interpolated(quantile: float, tail: object, n: float) -> float:
    """Work out Spiegelhalter's A.1.1 from a scipy distribution, count by count."""
    count = 0
    while tail.cdf(count) < quantile:  # type: ignore[attr-defined]
        count += 1
    above, below = tail.cdf(count), tail.cdf(count - 1) if count else 0.0  # type: ignore[attr-defined]
    return max(0.0, (count - (above - quantile) / (above - below)) / n)


@pytest.mark.parametrize("probability", [0.001, 0.025, 0.975, 0.999])
@pytest.mark.parametrize("n", [3.0, 40.0, 700.0])
def test_exact_limits_are_those_of_the_distributions(n: float, probability: float) -> None:
    share = 0.07
    poisson, binomial = stats.poisson(share * n), stats.binom(int(n), share)
    rate = exact_limit(Family.RATE, share, np.array([n]), probability)[0]
    proportion = exact_limit(Family.PROPORTION, share, np.array([n]), probability)[0]
    assert rate == pytest.approx(_interpolated(probability, poisson, n), abs=1e-12)
    assert proportion == pytest.approx(_interpolated(probability, binomial, n), abs=1e-12)


def test_an_exact_limit_by_hand() -> None:
    # 2 expected: P(R <= 0) = .135335, so that at .025 r is 0 and a = (.135335 - .025) / .135335 = .815273; the limit
    # (0 - a) / n is below 0. At .975: P(R <= 4) = .947347, P(R <= 5) = .983436, so r = 5, a = .008436 / .036089 =
    # .233758 and the limit 4.766242 / 100.
    lower, upper = (exact_limit(Family.RATE, 0.02, np.array([100.0]), p)[0] for p in (0.025, 0.975))
    assert lower == 0
    assert upper == pytest.approx(0.04766242, abs=1e-7)


def test_over_dispersion_by_hand() -> None:
    # Eight forces of 1,000: with equal weights w, sum w - sum w^2 / sum w is 7 w = 28,000 (w = 4 n).
    centre = sum(COUNTS) / 8000
    scores = 2 * (np.sqrt(COUNTS) - np.sqrt(1000 * centre))
    phi = float((scores**2).mean())  # of eight none is pulled in
    drawn = funnel(figures(COUNTS, PEOPLE), Family.RATE)
    assert drawn.centre == 0.056
    assert drawn.phi == pytest.approx(phi)
    assert drawn.tau_squared == pytest.approx((8 * phi - 7) / 28_000)
    last = drawn.placed[-1]
    assert last.score == pytest.approx(2 * (np.sqrt(95) - np.sqrt(56)))
    half = 1.959963984540054 * np.sqrt(1 / 4000 + drawn.tau_squared)
    assert last.usual == pytest.approx(((np.sqrt(0.056) - half) ** 2, (np.sqrt(0.056) + half) ** 2))
    wide = funnel(figures(COUNTS, PEOPLE), Family.RATE, Spread.MULTIPLICATIVE)
    assert wide.placed[-1].far[1] == pytest.approx(
        (np.sqrt(0.056) + 3.090232306167813 * np.sqrt(phi / 4000)) ** 2
    )


def test_tau_squared_is_dersimonian_and_lairds_where_nothing_is_pulled_in() -> None:
    statsmodels = pytest.importorskip("statsmodels.stats.meta_analysis")
    counts, n = (
        np.array([30, 80, 51, 200, 61, 90, 14, 170.0]),
        np.array([700, 900, 800, 3000, 950, 1100, 400, 2000.0]),
    )
    values, error = steady(Family.RATE, counts / n), std_error(n)
    # Theirs is about the mean weighted by 1 / variance, ours about the share of all together: the same by weights n,
    # but of roots. Give both the same middle.
    middle = float((values * n).sum() / n.sum())
    ours = dispersion.tau_squared((values - middle) / error, error)
    theirs = statsmodels.combine_effects(values, error**2, method_re="dl").tau2
    assert ours == pytest.approx(theirs, rel=1e-9)


def test_by_chance_alone_phi_is_one() -> None:
    draw = np.random.default_rng(6)
    for n in (8, 43):
        found = [dispersion.phi(draw.standard_normal(n)) for _ in range(4000)]
        assert np.mean(found) == pytest.approx(1, abs=0.03)
    # A tenth of normal scores pulled in at each end: z = 1.281552, its density .175498.
    scores = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    assert float(np.mean(dispersion.winsorised(scores) ** 2)) == pytest.approx(
        0.8 - 2 * 1.281552 * 0.175498 + 0.2 * 1.281552**2, abs=1e-4
    )


def test_winsorising_pulls_in_a_tenth_at_each_end() -> None:
    scores = np.arange(20.0)
    assert dispersion.winsorised(scores).tolist() == [2, 2, *range(2, 18), 17, 17]
    assert dispersion.winsorised(scores[:9]).tolist() == list(range(9))


@pytest.mark.parametrize("family", list(Family))
def test_the_steady_scale_goes_back(family: Family) -> None:
    shares = np.array([0.0, 0.03, 0.5, 1.0])
    assert unsteady(family, steady(family, shares)) == pytest.approx(shares)
    assert unsteady(family, np.array([-0.4]))[0] == 0


@pytest.mark.parametrize("spread", list(Spread))
def test_the_order_of_forces_is_of_no_account(spread: Spread) -> None:
    given = figures(COUNTS, [900.0, 1000, 1100, 1200, 1300, 1400, 1500, 1600])
    there, back = funnel(given, Family.RATE, spread), funnel(given[::-1], Family.RATE, spread)
    assert back.tau_squared == pytest.approx(there.tau_squared)
    assert {one.key: one.standing for one in there.placed} == {one.key: one.standing for one in back.placed}


def test_the_unit_of_the_denominator_is_of_no_account() -> None:
    given = figures(COUNTS, [900.0, 1000, 1100, 1200, 1300, 1400, 1500, 1600])
    plain = funnel(given, Family.RATE)
    thousands = funnel([replace(one, denominator=one.denominator / 1000) for one in given], Family.RATE)
    assert thousands.phi == pytest.approx(plain.phi)
    assert [one.standing for one in thousands.placed] == [one.standing for one in plain.placed]
    assert thousands.placed[0].usual[1] == pytest.approx(1000 * plain.placed[0].usual[1])


def test_a_proportion_and_its_complement_mirror_each_other() -> None:
    n = [200.0, 250, 300, 350, 400, 450, 500, 550]
    taken = [60.0, 70, 125, 100, 190, 118, 160, 130]
    met = funnel(figures(taken, n), Family.PROPORTION, Spread.MULTIPLICATIVE)
    missed = funnel(
        figures([b - a for a, b in zip(taken, n, strict=True)], n), Family.PROPORTION, Spread.MULTIPLICATIVE
    )
    assert missed.phi == pytest.approx(met.phi)
    assert met.phi > 1
    for one, other in zip(met.placed, missed.placed, strict=True):
        assert one.usual[0] == pytest.approx(1 - other.usual[1])
        assert one.score == pytest.approx(-other.score)


def _outside(shares_of: object, seed: int, spread: Spread, level: float, times: int = 60) -> float:
    """Return the share of forces beyond the limits over simulated countries of 43."""
    draw, n, beyond = np.random.default_rng(seed), residents(), 0
    for _ in range(times):
        counts = draw.poisson(n * shares_of(draw, len(n)))  # type: ignore[operator]
        placed = funnel(figures(counts, n), Family.RATE, spread).placed
        limits = [one.usual if level is USUAL else one.far for one in placed]
        beyond += sum(not low <= one.share <= high for one, (low, high) in zip(placed, limits, strict=True))
    return beyond / (times * len(n))


def _alike(draw: np.random.Generator, n: int) -> np.ndarray:
    return np.full(n, 2e-4)


def _unlike(draw: np.random.Generator, n: int) -> np.ndarray:
    """Return rates whose roots differ by a tenth: several times what chance does."""
    return np.asarray((np.sqrt(2e-4) * (1 + 0.1 * draw.standard_normal(n))) ** 2)


def test_where_there_is_chance_alone_the_limits_hold_what_they_say() -> None:
    # 2,580 forces: .05 and .002 are to be expected, with standard errors of .0043 and .0009.
    assert _outside(_alike, 1, Spread.CHANCE, USUAL) == pytest.approx(0.05, abs=0.012)
    assert _outside(_alike, 1, Spread.CHANCE, FAR) == pytest.approx(0.002, abs=0.003)


@pytest.mark.parametrize("spread", [Spread.ADDITIVE, Spread.MULTIPLICATIVE])
def test_allowing_for_spread_costs_little_where_there_is_none(spread: Spread) -> None:
    assert 0.03 < _outside(_alike, 2, spread, USUAL) < 0.065


def test_forces_that_differ_as_forces_do_are_not_all_flagged() -> None:
    assert _outside(_unlike, 3, Spread.CHANCE, USUAL) > 0.4
    # As published, without the share that winsorising leaves of chance, it is one in seven.
    assert 0.03 < _outside(_unlike, 3, Spread.ADDITIVE, USUAL) < 0.1
    assert _outside(_unlike, 3, Spread.ADDITIVE, FAR) < 0.01


def test_one_force_far_out_is_found_among_forces_that_differ() -> None:
    draw, n = np.random.default_rng(4), residents()
    shares = _unlike(draw, len(n))
    shares[5] = 4e-4
    found = funnel(figures(draw.poisson(n * shares), n), Family.RATE).placed[5]
    assert found.standing is Standing.FAR_ABOVE


def test_every_standing_has_its_side() -> None:
    limits = {"usual": (0.4, 0.6), "far": (0.3, 0.7)}
    placed = funnel(figures(COUNTS, PEOPLE), Family.RATE).placed[0]
    standings = [replace(placed, share=share, **limits).standing for share in (0.2, 0.35, 0.5, 0.65, 0.8)]
    assert standings == list(Standing)
    assert replace(placed, share=0.6, **limits).standing is Standing.WITHIN


@pytest.mark.parametrize(
    ("given", "family", "said"),
    [
        (
            figures(COUNTS[:7], PEOPLE[:7]),
            Family.RATE,
            "7 forces can be compared: a comparison needs 8 or more",
        ),
        (figures(COUNTS[:1], PEOPLE[:1]), Family.RATE, "1 force can"),
        ([*figures(COUNTS, PEOPLE), Figure("f0", 1, 10)], Family.RATE, "twice"),
        (figures(COUNTS, [0.0, *PEOPLE[1:]]), Family.RATE, "f0: there is nothing to divide by"),
        (figures([40.5, *COUNTS[1:]], PEOPLE), Family.RATE, "40.5 is not a count"),
        (figures([float("nan"), *COUNTS[1:]], PEOPLE), Family.RATE, "not a count"),
        (figures([-1, *COUNTS[1:]], PEOPLE), Family.RATE, "-1 is not a count"),
        (figures([0] * 8, PEOPLE), Family.RATE, "nothing was counted"),
        (figures([1001, *COUNTS[1:]], PEOPLE), Family.PROPORTION, "1001 of 1000 is not a share"),
        (figures(COUNTS, [999.5, *PEOPLE[1:]]), Family.PROPORTION, "not a share of whole ones"),
        (figures([1000] * 8, PEOPLE), Family.PROPORTION, "every one was counted"),
    ],
)
def test_what_cannot_be_compared_is_refused(given: list[Figure], family: Family, said: str) -> None:
    with pytest.raises(NotComparable, match=said.replace(".", r"\.")):
        funnel(given, family)


def test_residents_that_say_little_give_no_rate() -> None:
    assert (
        why_left_out(13_500, is_residents=True) == "13,500 residents say little of the people who are there"
    )
    assert why_left_out(13_500, is_residents=False) == ""
    assert why_left_out(None, is_residents=True) == "what to divide by is not known"
    assert why_left_out(1_200_000, is_residents=True) == ""
