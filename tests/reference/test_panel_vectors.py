"""Vector A and the published panel: numbers that R and Python packages share, through the whole engine."""

from typing import Any

import pandas as pd
import pytest

from tests import shared_data
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, terms

CLUSTER = {"columns": {"cluster": "cluster"}}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    frame = vectors.panel()
    assert frame.y.sum() == pytest.approx(437.48)
    assert (frame["count"].sum(), frame.treated.sum()) == (990, 60)
    return frame


@pytest.mark.parametrize(
    ("changes", "std_error", "df"),
    [
        ({"covariance": "CR1"}, 0.1654458520, 23),
        ({"covariance": "CR2"}, 0.1653531242, 21.61720502),
        ({"covariance": "CR1", **CLUSTER}, 0.1724194687, 11),
        ({"covariance": "CR2", **CLUSTER}, 0.1764091086, 10.15019483),
    ],
    ids=["unit, CR1", "unit, CR2", "cluster, CR1", "cluster, CR2"],
)
def test_two_way_fixed_effects(panel: pd.DataFrame, changes: Any, std_error: float, df: float) -> None:
    """R fixest, clubSandwich."""
    found = made(panel, "twfe", **changes)
    assert (found["estimate"], found["std_error"]) == pytest.approx((0.3071929825, std_error), abs=6e-11)
    assert found["df"] == pytest.approx(df, rel=1e-8)


@pytest.mark.parametrize(
    ("control", "aggregation", "changes", "estimate", "std_error"),
    [
        ("never_treated", "simple", {}, -0.1263333333, 0.2428768999),
        ("never_treated", "dynamic", {}, -0.1908333333, 0.2980922361),
        ("never_treated", "group", {}, -0.0656111111, 0.2437459135),
        ("never_treated", "calendar", {}, -0.1496481481, 0.2248716189),
        ("not_yet_treated", "simple", {}, -0.0603888889, 0.2490919568),
        ("not_yet_treated", "simple", CLUSTER, -0.0603888889, 0.2401377775),
        ("not_yet_treated", "dynamic", {}, -0.1388981481, 0.3015269913),
    ],
)
def test_callaway_santanna(
    panel: pd.DataFrame, control: str, aggregation: str, changes: Any, estimate: float, std_error: float
) -> None:
    """R did."""
    options = {"control_group": control, "aggregation": aggregation}
    found = made(panel, "callaway_santanna", covariance="analytic", options=options, **changes)
    assert (found["estimate"], found["std_error"]) == pytest.approx((estimate, std_error), abs=6e-11)


@pytest.mark.parametrize(
    ("control", "estimation", "estimate", "std_error"),
    [
        ("not_yet_treated", "dr", -0.0856104361, 0.2193161166),
        ("never_treated", "reg", -0.1501925466, 0.2124311852),
        ("never_treated", "ipw", -0.1525742713, 0.2110791402),
    ],
)
def test_callaway_santanna_with_a_covariate(
    panel: pd.DataFrame, control: str, estimation: str, estimate: float, std_error: float
) -> None:
    """R did, DRDID."""
    options = {"control_group": control, "aggregation": "simple", "estimation": estimation}
    found = made(panel, "callaway_santanna", covariates=["x"], covariance="analytic", options=options)
    assert (found["estimate"], found["std_error"]) == pytest.approx((estimate, std_error), abs=6e-10)


def test_every_aggregation_is_a_weighted_mean_of_the_cells(panel: pd.DataFrame) -> None:
    """The sums by hand: simple weighs cells by cohort size, group by the cohorts' own means."""
    cells = terms(made(panel, "callaway_santanna", options={"aggregation": "none"}))
    after = {
        name: value[0]
        for name, value in cells.items()
        if int(name.split("t=")[1]) >= int(name.split("g=")[1].split(",")[0])
    }
    by_cohort = {
        cohort: [value for name, value in after.items() if f"g={cohort}," in name] for cohort in (4, 6, 7)
    }
    # Six units in each cohort: every cell weighs the same.
    flat = [value for values in by_cohort.values() for value in values]
    simple = made(panel, "callaway_santanna", options={"aggregation": "simple"})
    assert simple["estimate"] == pytest.approx(sum(flat) / len(flat), rel=1e-12)
    group = made(panel, "callaway_santanna", options={"aggregation": "group"})
    means = [sum(values) / len(values) for values in by_cohort.values()]
    assert group["estimate"] == pytest.approx(sum(means) / 3, rel=1e-12)


@pytest.mark.skipif(
    shared_data.training_panel() is None, reason="the published panel is not beside the checkout"
)
def test_the_published_panel() -> None:
    """R did and csdid on 7,785 officers: simple and dynamic effects; fixest: two-way fixed effects."""
    path = shared_data.training_panel()
    frame = pd.read_csv(path, usecols=["uid", "period", "first_trained", "complaints"])  # type: ignore[arg-type]
    frame = frame.rename(columns={"uid": "unit", "first_trained": "first", "complaints": "y"})
    options = {"control_group": "not_yet_treated", "aggregation": "simple"}
    simple = made(frame, "callaway_santanna", options=options)
    assert (simple["estimate"], simple["std_error"]) == pytest.approx((-0.005176818, 0.003924738), abs=6e-10)
    dynamic = made(frame, "callaway_santanna", options=options | {"aggregation": "dynamic"})
    assert (dynamic["estimate"], dynamic["std_error"]) == pytest.approx(
        (-0.0114014244, 0.0083105534), abs=6e-11
    )
    two_way = made(frame, "twfe", covariance="CR1")
    assert (two_way["estimate"], two_way["std_error"]) == pytest.approx(
        (9.037963e-05, 1.2465967e-03), rel=1e-7
    )
