"""Where within a force it rises: a planted group is found, noise has none, and what is left out is counted."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from centre.hub.maps import Circle, of_clusters
from centre.hub.trends import within
from centre.hub.trends.within import Located, PlaceRules

RULES = PlaceRules(replications=199, circle=12)
MONTHS = tuple(dt.date(2025, month, 1) for month in range(1, 13))
AREAS = tuple(f"E010000{at:02d}" for at in range(40))
ROW = dict[str, str | float | None]


def given(**counts: NDArray[np.int64]) -> Located:
    """Return forty areas on a grid of eight by five, a kilometre or so apart, with counts of twelve months."""
    at = np.arange(40)
    return Located(AREAS, AREAS, MONTHS, -0.5 + at % 8 * 0.015, 51.2 + at // 8 * 0.01, counts, {})


def quiet(seed: int) -> NDArray[np.int64]:
    """Return counts in which busy areas and the season differ, and nothing else."""
    drawn = np.random.default_rng(seed)
    usual = drawn.uniform(1, 8, 40)[:, None] * (1 + 0.4 * np.sin(np.arange(12) / 12 * 2 * np.pi))
    return drawn.poisson(usual)


def test_a_planted_group_is_found_among_categories_and_nothing_else() -> None:
    risen = quiet(1)
    planted = [10, 11, 18, 19]
    risen[planted, -2:] += 12
    found = {
        one.measure: one
        for one in within.judge(given(burglary=risen, drugs=quiet(2), robbery=quiet(3)), RULES)
    }
    first, *others = found["burglary"].clusters
    assert first.is_found
    assert {AREAS[at] for at in planted} <= set(first.cluster.areas)
    assert (first.cluster.start, first.cluster.end) == (MONTHS[-2], MONTHS[-1])
    assert first.cluster.count > 2 * first.cluster.expected
    assert not any(one.is_found for one in others)
    assert not any(one.is_found for key in ("drugs", "robbery") for one in found[key].clusters)
    # One of three tests at p 1 of 200, so q is three times that.
    assert found["burglary"].q_value == pytest.approx(3 / 200)


def test_noise_has_no_group_beyond_the_rate() -> None:
    rules = PlaceRules(replications=99, circle=8)
    n_found = sum(
        one.is_found
        for seed in range(20)
        for category in within.judge(given(burglary=quiet(100 + seed), drugs=quiet(200 + seed)), rules)
        for one in category.clusters
    )
    # Every one is false, and a scan has any with a chance of .05: 5 or more scans of 20 with a chance of .003.
    assert n_found <= 4


def test_the_same_counts_give_the_same_figures_whatever_else_is_scanned_before() -> None:
    alone = within.judge(given(burglary=quiet(5)), RULES)[0]
    after = within.judge(given(drugs=quiet(6), burglary=quiet(5)), RULES)[1]
    assert [one.cluster for one in alone.clusters] == [one.cluster for one in after.clusters]


def test_too_few_counts_are_said_and_are_no_test() -> None:
    few = np.zeros((40, 12), dtype=np.int64)
    few[3, 3] = 5
    scanned, silent = within.judge(given(burglary=quiet(7), robbery=few), RULES)
    assert silent.reason == "5 were counted with a place; 20 are needed"
    assert silent.q_value is None
    assert scanned.q_value == scanned.clusters[0].cluster.p_value


def row(area: str, label: str = "Burglary", x: float | None = -0.5, y: float | None = 51.2) -> ROW:
    """Return one row of a street file."""
    return {
        "LSOA code": area,
        "LSOA name": f"Hereby {area}",
        "Crime type": label,
        "Longitude": x,
        "Latitude": y,
    }


def test_rows_are_counted_by_area_in_any_order_and_what_is_left_out_is_said() -> None:
    labels = {"burglary": frozenset({"Burglary"}), "drugs": frozenset({"Drugs"})}
    january = [
        row("A", x=-0.5),
        row("A", x=-0.25),
        row("A", "Drugs"),
        row("B", x=-0.1),
        row("", x=None, y=None),
    ]
    march = [row("A"), row("C", x=None, y=None), row("Z"), row("B", "Robbery", x=-0.3)]

    def of(*tables: list[ROW]) -> Located:
        months = (dt.date(2025, 1, 1), dt.date(2025, 3, 1))
        laid = [(month, pa.Table.from_pylist(rows)) for month, rows in zip(months, tables, strict=True)]
        return within.located(laid, labels, lambda area: area != "Z")

    found = of(january, march)
    assert found.areas == ("A", "B")
    assert found.names == ("Hereby A", "Hereby B")
    assert found.months == (dt.date(2025, 1, 1), dt.date(2025, 3, 1))
    assert found.counts["burglary"].tolist() == [[2, 1], [1, 0]]
    assert found.counts["drugs"].tolist() == [[1, 0], [0, 0]]
    assert found.longitude.tolist() == [pytest.approx(-0.4375), pytest.approx(-0.2)]
    assert found.left_out == {"without_place": 1, "foreign": 1, "without_point": 1}
    turned = of(january[::-1], march[::-1])
    assert turned.longitude.tolist() == found.longitude.tolist()
    assert turned.counts["burglary"].tolist() == found.counts["burglary"].tolist()


def test_the_map_has_every_area_a_numbered_circle_and_words() -> None:
    drawn = of_clusters(
        "map",
        "Where <it> rose",
        [-0.5, -0.4, -0.3],
        [51.2, 51.3, 51.2],
        [Circle("1", -0.4, 51.3, 0.0, frozenset({1}))],
    )
    assert drawn.count("h0") == 3
    assert 'r="7.0"' in drawn
    assert ">1</text>" in drawn
    assert "Where &lt;it&gt; rose" in drawn
    assert "3 areas as points, with 1 numbered circle around" in drawn
    with pytest.raises(ValueError, match="needs an area"):
        of_clusters("map", "Nothing", [], [], [])
