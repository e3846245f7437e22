"""Counts as crime analysts compare them: published vectors, identities, size of the E-test, refusals."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats as peers

from experiments import stats
from experiments.stats.counts import dispersion, e_test, harm_wdd, rirr, wdd, wdq
from experiments.stats.draws import stream, uniforms
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.poisson_twfe import poisson_twfe

TREATED, CONTROL = (207, 110), (308, 318)
ZONES = {"zone_treated": (178, 157), "zone_control": (150, 140)}


def test_displacement_difference_of_its_paper() -> None:
    """Wheeler & Ratcliffe 2018."""
    found = wdd(TREATED, CONTROL, **ZONES)  # type: ignore[arg-type]
    assert (found.estimate, found.std_error, found.z) == pytest.approx((-118, 39.5979797, -2.98), abs=5e-4)
    assert (found.conf_low, found.conf_high) == pytest.approx((-196, -40), abs=0.7)


def test_displacement_difference_with_weights() -> None:
    """The tests of R ptools."""
    found = wdd((80, 20), (100, 50), time_weights=(2, 1))
    assert (found.estimate, found.std_error) == pytest.approx((-20, 10.7238053), abs=6e-8)
    found = wdd(TREATED, CONTROL, area_weights=(1.2, 0.9, 1.5, 1.6), **ZONES)  # type: ignore[arg-type]
    assert (found.estimate, found.std_error) == pytest.approx((-99.69444444, 35.4280755), abs=6e-8)
    assert (found.z, found.conf_low, found.conf_high) == pytest.approx(
        (-2.813995483, -169.1321965, -30.25669241), abs=6e-8
    )


def test_harm_of_its_parts() -> None:
    """The tests of R ptools."""
    series = [
        ((130, 74), (133, 91)),
        ((327, 202), (388, 305)),
        ((398, 190), (148, 97)),
        ((144, 92), (86, 64)),
        ((183, 96), (94, 67)),
    ]
    found = harm_wdd([wdd(treated, control) for treated, control in series], [3, 2, 5, 7, 10])
    assert (found.estimate, found.std_error, found.z) == pytest.approx(
        (-1721.0, 304.10360077, -5.65925558), abs=6e-9
    )
    assert (found.conf_low, found.conf_high) == pytest.approx((-2317.03210507, -1124.96789493), abs=6e-9)


def test_no_local_effect_but_in_the_zone() -> None:
    local, zone = wdd((20, 10), (20, 20)), wdd((20, 10), (20, 20))
    whole = wdd((20, 10), (20, 20), zone_treated=(20, 10), zone_control=(20, 20))
    assert (local.estimate, zone.estimate, whole.estimate) == (-10, -10, -20)


@pytest.mark.parametrize(
    ("treated", "control", "log", "error", "low", "high"),
    [
        ((50, 30), (60, 55), -0.4238142467763609, 0.2969542358, 0.3657395, 1.1714067),
        ((88, 63), (64, 74), -0.4793840979, 0.2374345505, 0.3887778, 0.986077),
    ],
    ids=["Wheeler", "London Underground"],
)
def test_rate_ratios(
    treated: tuple[int, int], control: tuple[int, int], log: float, error: float, low: float, high: float
) -> None:
    found = rirr(treated, control)
    assert (found.log, found.std_error) == pytest.approx((log, error), abs=6e-11)
    assert (math.exp(found.conf_low), math.exp(found.conf_high)) == pytest.approx((low, high), abs=6e-7)


def test_rate_ratio_with_over_dispersion_and_prevented_crime() -> None:
    found = rirr((50, 30), (60, 55), dispersion=2)
    assert found.std_error == pytest.approx(0.4199567077, abs=6e-11)
    assert (math.exp(found.conf_low), math.exp(found.conf_high)) == pytest.approx(
        (0.2873902, 1.4907596), abs=6e-8
    )
    assert found.ratio == pytest.approx(0.6545454545, abs=6e-11)
    assert found.prevented == pytest.approx(15.83, abs=5e-3)


def test_the_rate_ratio_is_the_two_way_poisson_model_of_four_cells() -> None:
    cells = [("t", 1, 2, 50), ("t", 2, 2, 30), ("c", 1, 0, 60), ("c", 2, 0, 55)]
    frame = pd.DataFrame(cells, columns=["area", "period", "first", "y"])
    copies = pd.concat([frame.assign(unit=frame["area"] + str(copy)) for copy in range(3)])
    unit = np.unique(copies["unit"], return_inverse=True)[1]
    treated = ((copies["area"] == "t") & (copies["period"] == 2)).to_numpy(dtype=float)
    found = poisson_twfe(copies["y"].to_numpy(dtype=float), treated, unit, copies["period"].to_numpy() - 1)
    assert found.coefficients[0] == pytest.approx(rirr((50, 30), (60, 55)).log, rel=1e-9)


def test_a_zero_gets_a_half_everywhere_and_says_so() -> None:
    found = rirr((5, 0), (8, 9))
    assert found.is_corrected
    assert found.log == pytest.approx(math.log(0.5 / 5.5) - math.log(9.5 / 8.5))


def test_quotient_of_the_problem_oriented_policing_guide() -> None:
    found = wdq((207, 110), (178, 157), (308, 318))
    assert found.wdq == pytest.approx(0.2581856883, abs=6e-11)
    assert (found.gross, found.net, found.total_net) == pytest.approx((97, 0.3261659724, 130.5), abs=5e-3)


def test_a_quotient_needs_a_fall() -> None:
    assert wdq((100, 130), (50, 40), (100, 100)).wdq is None


@pytest.mark.parametrize(("first", "second", "p"), [(0, 3, 0.0884), (6, 2, 0.1749), (3, 0, 0.0884)])
def test_two_small_counts(first: int, second: int, p: float) -> None:
    """R ptools, Krishnamoorthy & Thomson."""
    assert e_test(first, second) == pytest.approx(p, abs=6e-5)


def test_the_e_test_is_its_sum_written_out() -> None:
    k, n = (4, 9), (1.0, 2.0)
    rate = 13 / 3
    observed = abs((4 - 9 / 2) / math.sqrt(4 + 9 / 4))
    total = 0.0
    for x in range(60):
        for y in range(90):
            spread = math.sqrt(x + y / 4)
            apart = abs(x - y / 2) / spread if spread else 0.0
            if apart >= observed * (1 - 1e-12):
                total += peers.poisson.pmf(x, rate) * peers.poisson.pmf(y, 2 * rate)
    assert e_test(*k, exposure=n) == pytest.approx(total, rel=1e-9)


def test_dispersion_is_that_of_a_quasi_poisson_regression() -> None:
    """statsmodels, with a dummy for each area and a change for each arm."""
    draws = uniforms(stream(1, "dispersion", "counts"), (12, 8))
    counts = np.floor(-8 * np.log(draws))
    treated, post = np.arange(12) < 5, np.arange(8) >= 5
    areas = np.kron(np.eye(12), np.ones((8, 1)))
    arms = np.column_stack([np.outer(treated, post).ravel(), np.outer(~treated, post).ravel()])
    fit = sm.GLM(counts.ravel(), np.column_stack([areas, arms]), family=sm.families.Poisson()).fit()
    assert dispersion(counts, treated, post) == pytest.approx(fit.pearson_chi2 / fit.df_resid, rel=1e-8)


def poisson(seed: int, mean: np.ndarray) -> np.ndarray:
    return np.asarray(peers.poisson.ppf(uniforms(stream(seed, "counts", "poisson"), mean.shape), mean))


@pytest.mark.slow
def test_the_e_test_keeps_its_size() -> None:
    small = poisson(2, np.full((1_500, 2), 4.0)).astype(int)
    rejected = np.mean([a + b > 0 and e_test(a, b) <= 0.05 for a, b in small])
    assert rejected < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1_500)


def test_scale_of_time_and_area() -> None:
    one, other = wdd((80, 20), (100, 50)), wdd((80, 20), (100, 50), time_weights=(3, 3))
    assert other.estimate == pytest.approx(one.estimate / 3)
    assert other.z == pytest.approx(one.z)
    assert rirr((50, 30), (60, 55)).log == -rirr((60, 55), (50, 30)).log


def test_what_cannot_be_compared() -> None:
    with pytest.raises(NotEstimable, match="no events before or after"):
        rirr((0, 0), (5, 6))
    with pytest.raises(NotEstimable, match="from 0 up"):
        rirr((-1, 2), (5, 6))
    with pytest.raises(NotEstimable, match="from 0 up"):
        wdd((math.nan, 2), (5, 6))
    with pytest.raises(NotEstimable, match="no events to compare"):
        wdd((0, 0), (0, 0))
    with pytest.raises(NotEstimable, match="above 0"):
        wdd((1, 2), (3, 4), time_weights=(0, 1))
    with pytest.raises(NotEstimable, match="as many harms"):
        harm_wdd([wdd((1, 2), (3, 4))], [1, 2])
    with pytest.raises(NotEstimable, match="control has no events"):
        wdq((5, 4), (3, 2), (0, 5))
    with pytest.raises(NotEstimable, match="cannot be told apart"):
        e_test(0, 0)
    with pytest.raises(NotEstimable, match="too few areas"):
        dispersion(np.ones((2, 2)), np.array([True, False]), np.array([False, True]))


def test_they_can_be_called_by_name() -> None:
    assert stats.rirr((50, 30), (60, 55)).log == rirr((50, 30), (60, 55)).log
    assert stats.e_test(0, 3) == e_test(0, 3)
