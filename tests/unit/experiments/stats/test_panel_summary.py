"""What a panel of counts is like: known values, invariance, a simulation, and refusals."""

from dataclasses import astuple

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from centre.hub.archives import Archive
from centre.hub.areas import read as read_areas
from centre.hub.street.reading import read
from experiments import hub_counts
from experiments.stats.errors import NotEstimable
from experiments.stats.panel_summary import summarise
from tests import shared_data

RNG = np.random.default_rng(20261128)
PANEL = RNG.poisson(RNG.gamma(2.0, 1.0, size=(60, 1)), size=(60, 12))


def test_against_peers() -> None:
    found = summarise(PANEL)
    table = PANEL[PANEL.sum(axis=1) > 0]
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    assert found.phi == pytest.approx(chi2 / ((len(PANEL) - 1) * 11), rel=1e-12)
    f = stats.f_oneway(*PANEL).statistic
    assert found.icc == pytest.approx((f - 1) / (f + 11), rel=1e-12)
    halves = PANEL[:, :6].sum(axis=1), PANEL[:, 6:].sum(axis=1)
    assert found.correlation == pytest.approx(stats.pearsonr(*halves).statistic, rel=1e-12)
    assert (found.mean, found.variance_ratio) == pytest.approx(
        (PANEL.mean(), PANEL.var(ddof=1) / PANEL.mean())
    )


@pytest.mark.parametrize(
    ("measure", "mean", "ratio", "phi", "icc", "correlation", "top"),
    [
        ("burglary", 0.420, 1.53, 1.26, 0.087, 0.445, 0.148),
        ("violent-crime", 3.104, 4.13, 1.55, 0.559, 0.887, 0.186),
        ("shoplifting", 0.385, 5.54, 0.72, 0.635, 0.894, 0.558),
        ("anti-social-behaviour", 2.481, 4.60, 1.50, 0.557, 0.897, 0.216),
        ("all-crime", 7.876, 8.76, 1.80, 0.725, 0.951, 0.195),
    ],
)
@pytest.mark.slow
def test_published_values_of_surrey(
    measure: str, mean: float, ratio: float, phi: float, icc: float, correlation: float, top: float
) -> None:
    """The reference's table: eleven districts, 709 LSOAs, 25 months without 2022-07."""
    counts = hub_counts.count(_surrey(), measure)
    found = summarise(counts.values)
    assert (found.n_units, found.n_periods) == (709, 25)
    # The table's correlation is of the first twelve months and the next twelve, as ours is of 25.
    assert found.mean == pytest.approx(mean, abs=0.0006)
    assert found.variance_ratio == pytest.approx(ratio, abs=0.006)
    assert found.phi == pytest.approx(phi, abs=0.006)
    assert found.icc == pytest.approx(icc, abs=0.0006)
    assert found.correlation == pytest.approx(correlation, abs=0.0006)
    assert found.top_share == pytest.approx(top, abs=0.0006)


def _surrey() -> list[tuple[str, pa.Table]]:
    paths = [
        shared_data.find(name)
        for name in (
            "police_uk_surrey.tar.gz",
            "real/lsoa11_lsoa21_lad22_lookup.csv.gz",
            "recorded_crime_csp_ye_dec2024.csv",
        )
    ]
    if any(path is None for path in paths):
        pytest.skip("the real archive is not beside the checkout")
    archive, lookup, districts = (path for path in paths if path)
    areas = read_areas(lookup.read_bytes(), districts.read_bytes())
    found = []
    for member, content in Archive(archive):
        if member.month != "2022-07":
            table = read(content, month=member.month).table.select(["LSOA code", "Crime type"])
            codes = table.column("LSOA code").to_pylist()
            own = pa.array([areas.force_of(code) == "E23000031" for code in codes])
            found.append((member.month, table.filter(own)))
    return found


def test_the_order_of_units_changes_nothing() -> None:
    turned = summarise(PANEL[RNG.permutation(len(PANEL))])
    assert astuple(turned) == pytest.approx(astuple(summarise(PANEL)), rel=1e-12)


def test_counts_without_any_difference_between_units_have_no_more_spread_than_chance() -> None:
    many = [summarise(RNG.poisson(4.0, size=(50, 12))) for _ in range(200)]
    for name, expected in (("phi", 1.0), ("icc", 0.0), ("variance_ratio", 1.0)):
        values = np.array([getattr(one, name) for one in many])
        assert abs(values.mean() - expected) < 4 * values.std(ddof=1) / np.sqrt(len(values)), name


@pytest.mark.parametrize(
    ("panel", "said"),
    [
        (np.ones((1, 12), dtype=np.int64), "two units"),
        (np.ones((5, 3), dtype=np.int64), "four periods"),
        (np.zeros((5, 12), dtype=np.int64), "above 0"),
    ],
)
def test_what_cannot_be_described_says_why(panel: np.ndarray, said: str) -> None:
    with pytest.raises(NotEstimable, match=said):
        summarise(panel)


def test_a_half_that_does_not_vary_has_no_correlation() -> None:
    panel = np.ones((5, 6), dtype=np.int64)
    panel[:, 4] = [0, 1, 2, 3, 4]
    assert summarise(panel).correlation is None
