"""Interim looks: printed boundaries, the multivariate normal, invariances, error rates by simulation, and refusals."""

import math

import numpy as np
import pytest
from scipy import integrate
from scipy import stats as scipy_stats

from experiments.stats import confidence_sequence, group_sequential, stage_wise
from experiments.stats.errors import NotEstimable

FIFTHS = [0.2, 0.4, 0.6, 0.8, 1.0]


def between(low: list[float], high: list[float], times: list[float], drift: float = 0.0) -> float:
    """P(low < Z < high at every look) by scipy's multivariate normal; the covariance of looks is √(s/t)."""
    t = np.array(times)
    covariance = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    limits = [np.where(np.isinf(side), np.sign(side) * 20, side) for side in (np.array(low), np.array(high))]
    return float(
        scipy_stats.multivariate_normal.cdf(
            limits[1],
            drift * np.sqrt(t),
            covariance,
            lower_limit=limits[0],
            abseps=1e-9,
            releps=1e-9,
            maxpts=2_000_000,
        )
    )


@pytest.mark.parametrize(
    ("spending", "printed"),
    [
        # Two-sided 0.05, five equal looks: Reboussin, DeMets, Kim & Lan (2000), R ldbounds.
        ("obrien_fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_printed_boundaries(spending: str, printed: list[float]) -> None:
    found = group_sequential(FIFTHS, spending=spending)  # type: ignore[arg-type]
    assert found.critical == pytest.approx(printed, abs=2e-4)
    assert found.spent[-1] == pytest.approx(0.05)


@pytest.mark.parametrize("spending", ["obrien_fleming", "pocock"])
@pytest.mark.parametrize("sides", [1, 2])
def test_the_multivariate_normal_spends_the_same(spending: str, sides: int) -> None:
    times = [0.3, 0.55, 1.0]
    found = group_sequential(times, alpha=0.05, sides=sides, spending=spending)  # type: ignore[arg-type]
    for looks in (1, 2, 3):
        high = found.critical[:looks].tolist()
        low = [-c for c in high] if sides == 2 else [-np.inf] * looks
        assert 1 - between(low, high, times[:looks]) == pytest.approx(found.spent[looks - 1], abs=2e-6)


def test_the_second_boundary_by_adaptive_quadrature() -> None:
    """The printed 3.3569 of a coarser grid is 3.35701 to more digits."""
    found = group_sequential(FIFTHS)

    def beyond(z: float) -> float:
        left = scipy_stats.norm.sf((found.critical[1] * np.sqrt(0.4) - z * np.sqrt(0.2)) / np.sqrt(0.2))
        return float(scipy_stats.norm.pdf(z) * left)

    c = float(found.critical[0])
    due = (found.spent[1] - found.spent[0]) / 2
    assert integrate.quad(beyond, -c, c, epsabs=1e-14, limit=200)[0] == pytest.approx(due, rel=1e-8)


def test_one_look_is_the_usual_test_and_a_very_early_one_cannot_stop() -> None:
    assert group_sequential([1.0]).critical == pytest.approx([1.959963985], abs=1e-8)
    early = group_sequential([0.0005, 1.0])
    assert math.isinf(early.critical[0])
    assert early.critical[1] == pytest.approx(1.959963985, abs=1e-6)


def test_an_extra_look_spends_at_its_own_time_and_leaves_the_earlier_ones() -> None:
    planned, extra = group_sequential([0.5, 1.0]), group_sequential([0.5, 0.7, 1.0])
    assert extra.critical[0] == planned.critical[0]
    assert extra.spent[[0, 2]] == pytest.approx(planned.spent)
    assert extra.critical[2] > planned.critical[1]


def test_two_sides_of_alpha_are_one_side_of_half() -> None:
    """But for the chance to cross one side after the other would have been crossed."""
    two, one = group_sequential(FIFTHS), group_sequential(FIFTHS, alpha=0.025, sides=1)
    assert two.critical == pytest.approx(one.critical, abs=2e-5)


def test_the_error_of_looks_together_is_alpha_by_simulation() -> None:
    rng = np.random.default_rng(1)
    steps = rng.normal(size=(200_000, 5)) * np.sqrt(0.2)
    z = np.cumsum(steps, axis=1) / np.sqrt(FIFTHS)
    for spending in ("obrien_fleming", "pocock"):
        found = group_sequential(FIFTHS, spending=spending)  # type: ignore[arg-type]
        stopped = (np.abs(z) >= found.critical).any(axis=1).mean()
        assert abs(stopped - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 200_000)


def test_final_inference_by_the_multivariate_normal() -> None:
    """Three looks, the last reached with z = 2.2: each solution gives back its share of more extreme results."""
    times = [0.4, 0.7, 1.0]
    design = group_sequential(times)
    found = stage_wise(design, 2.2 * 0.5, 0.5)
    c = design.critical.tolist()

    def as_extreme(effect: float) -> float:
        drift = effect / 0.5
        crossed = between([c[0]], [np.inf], times[:1], drift)
        crossed += between([-c[0], c[1]], [c[0], np.inf], times[:2], drift)
        return crossed + between([-c[0], -c[1], 2.2], [c[0], c[1], np.inf], times, drift)

    assert found.p_value == pytest.approx(2 * as_extreme(0.0), abs=1e-6)
    for effect, share in ((found.conf_low, 0.025), (found.estimate, 0.5), (found.conf_high, 0.975)):
        assert as_extreme(effect) == pytest.approx(share, abs=2e-6)


def test_without_looks_it_is_the_usual_interval_and_on_the_boundary_p_is_what_was_spent() -> None:
    plain = stage_wise(group_sequential([1.0]), 3.0, 1.2)
    assert (plain.conf_low, plain.estimate, plain.conf_high) == pytest.approx(
        (3 - 1.959963985 * 1.2, 3.0, 3 + 1.959963985 * 1.2), abs=1e-7
    )
    assert plain.p_value == pytest.approx(2 * scipy_stats.norm.sf(2.5), rel=1e-9)
    for looks in (1, 2, 3):
        design = group_sequential([0.5, 0.75, 1.0][:looks], spending="pocock")
        on_it = stage_wise(design, float(design.critical[-1]), 1.0)
        assert on_it.p_value == pytest.approx(design.spent[-1], abs=1e-8)


def test_final_inference_scales_and_mirrors() -> None:
    design = group_sequential([0.5, 1.0])
    found, scaled, mirrored = (stage_wise(design, e, s) for e, s in ((1.1, 0.5), (11.0, 5.0), (-1.1, 0.5)))
    assert (scaled.conf_low, scaled.estimate) == pytest.approx((10 * found.conf_low, 10 * found.estimate))
    assert scaled.p_value == pytest.approx(found.p_value, rel=1e-9)
    assert (mirrored.conf_low, mirrored.conf_high) == pytest.approx((-found.conf_high, -found.conf_low))
    assert mirrored.p_value == pytest.approx(found.p_value, rel=1e-6)


@pytest.mark.slow
def test_the_final_interval_covers_as_often_as_it_says() -> None:
    """400 trials of two looks with a real effect: those that stop early too."""
    rng, times, effect = np.random.default_rng(3), np.array([0.5, 1.0]), 2.5
    whole, half = (
        group_sequential(times.tolist(), spending="pocock"),
        group_sequential([0.5], spending="pocock"),
    )
    covered, above = 0, 0
    for _ in range(400):
        b = np.cumsum(rng.normal(effect * 0.5, np.sqrt(0.5), 2))
        z = b / np.sqrt(times)
        stops = abs(z[0]) >= half.critical[0]
        found = stage_wise(half, z[0] * np.sqrt(2), np.sqrt(2)) if stops else stage_wise(whole, z[1], 1.0)
        covered += found.conf_low <= effect <= found.conf_high
        above += found.estimate > effect
    assert abs(covered / 400 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)
    assert abs(above / 400 - 0.5) < 4 * np.sqrt(0.25 / 400)


def test_the_confidence_sequence_by_hand_and_its_price() -> None:
    """At the planned look the interval is 1.55 times the usual one."""
    found = confidence_sequence(np.array([0.0]), np.array([1.0]), np.array([1_000]), planned=1_000)
    rho2 = (-2 * math.log(0.05) + math.log(1 - 2 * math.log(0.05))) / 1_000
    grown = 1_000 * rho2 + 1
    half = math.sqrt(2 * grown / (1_000 * rho2) * math.log(math.sqrt(grown) / 0.05))
    assert found.conf_high == pytest.approx([half])
    assert half / 1.959964 == pytest.approx(1.55, abs=0.005)
    assert not found.is_approximate


@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
def test_p_is_the_alpha_at_which_zero_leaves_the_interval(alternative: str) -> None:
    """With ρ held: the interval at that α ends at 0."""
    sign = -1.0 if alternative == "less" else 1.0
    n, error, rho_alpha = np.array([400]), np.array([0.1]), 0.05
    estimate = sign * np.array([0.35])
    p = float(confidence_sequence(estimate, error, n, planned=400, alternative=alternative).p_value[0])
    rho2 = (-2 * math.log(rho_alpha) + math.log(1 - 2 * math.log(rho_alpha))) / 400
    grown = 400 * rho2 + 1
    log = (
        math.log(math.sqrt(grown) / p)
        if alternative == "two_sided"
        else math.log1p(math.sqrt(grown) / (2 * p))
    )
    assert 0.1 * math.sqrt(2 * grown / (400 * rho2) * log) == pytest.approx(0.35)


def test_a_sequence_scales_mirrors_and_never_takes_a_p_back() -> None:
    n, errors = np.array([100, 200, 300]), np.array([0.5, 0.4, 0.3])
    estimates = np.array([1.9, 1.0, 0.2])
    found = confidence_sequence(estimates, errors, n, planned=200)
    scaled = confidence_sequence(10 * estimates, 10 * errors, n, planned=200)
    assert scaled.conf_low == pytest.approx(10 * found.conf_low)
    assert scaled.p_value == pytest.approx(found.p_value)
    assert (np.diff(found.p_value) <= 0).all()
    less = confidence_sequence(-estimates, errors, n, planned=200, alternative="less")
    greater = confidence_sequence(estimates, errors, n, planned=200, alternative="greater")
    assert less.conf_high == pytest.approx(-greater.conf_low)
    assert less.p_value == pytest.approx(greater.p_value)
    assert np.isinf(less.conf_low).all()
    assert (greater.conf_low > found.conf_low).all()


@pytest.mark.slow
@pytest.mark.parametrize("alternative", ["two_sided", "less", "greater"])
def test_a_sequence_that_is_watched_all_the_time_misses_seldom(alternative: str) -> None:
    """2,000 streams of skewed outcomes, looked at after each of 100 to 1,500 units: at most 5 % ever miss."""
    rng, reps, n = np.random.default_rng(4), 2_000, 1_500
    looks = np.arange(100, n + 1)
    missed = 0
    for _ in range(reps):
        y = rng.exponential(size=n) - 1
        means = np.cumsum(y)[99:] / looks
        errors = np.sqrt((np.cumsum(y**2)[99:] / looks - means**2) / looks)
        found = confidence_sequence(means, errors, looks, planned=800, alternative=alternative)
        missed += bool(((found.conf_low > 0) | (found.conf_high < 0)).any())
    assert missed / reps < 0.05 + 4 * np.sqrt(0.05 * 0.95 / reps)


@pytest.mark.parametrize(
    ("fractions", "changes", "words"),
    [
        ([0.5, 0.4], {}, "must rise"),
        ([0.5, 1.2], {}, "must rise"),
        ([], {}, "must rise"),
        ([0.5, 0.5001], {}, "two looks are closer than 0.005"),
        ([1.0], {"alpha": 0.0}, "alpha must lie between 0 and 1"),
        ([1.0], {"sides": 3}, "sides be 1 or 2"),
        ([1.0], {"spending": "haybittle"}, "not a way of spending"),
    ],
)
def test_looks_that_cannot_be_made(fractions: list[float], changes: dict[str, float], words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        group_sequential(fractions, **changes)  # type: ignore[arg-type]


def test_what_no_sequence_or_final_interval_can_be_made_of() -> None:
    with pytest.raises(NotEstimable, match="standard error above 0"):
        stage_wise(group_sequential([1.0]), 1.0, 0.0)
    one = np.array([1.0])
    for arguments, words in (
        ((one, -one, np.array([100])), "standard error above 0"),
        ((np.ones(2), np.ones(2), np.array([200, 100])), "must rise from look to look"),
        ((np.ones(2), one, np.array([100])), "each look needs"),
    ):
        with pytest.raises(NotEstimable, match=words):
            confidence_sequence(*arguments, planned=100)
    with pytest.raises(NotEstimable, match="the alternative be"):
        confidence_sequence(one, one, np.array([100]), planned=100, alternative="up")
    assert confidence_sequence(one, one, np.array([50]), planned=100).is_approximate
