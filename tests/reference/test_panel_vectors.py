"""Vector A and the published panel: numbers that R and Python packages share, through the whole engine."""

from typing import Any

import pandas as pd
import pytest

from tests import shared_data
from tests.conftest import ROOT
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


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("estimation", ["", "reg", "ipw", "dr"])
def test_weights_and_clusters(panel: pd.DataFrame, control: str, estimation: str) -> None:
    """The weights 1 + (i mod 3)/2, the clusters, and both: csdid 0.4.3; moderndid 0.2.0 has the same estimates."""
    weighted = panel.assign(w=1 + (panel["unit"] % 3) / 2)
    known = pd.read_csv(ROOT / "tests/reference/panel_csdid.csv", keep_default_na=False)
    known = known[(known["control_group"] == control) & (known["estimation"] == estimation)]
    assert len(known) == 12
    for one in known.itertuples():
        columns = ({"weight": "w"} if one.weighted else {}) | (
            {"cluster": "cluster"} if one.clustered else {}
        )
        options = {
            "control_group": control,
            "estimation": estimation or "dr",
            "aggregation": one.aggregation,
        }
        found = made(
            weighted,
            "callaway_santanna",
            columns=columns,
            covariance="analytic",
            options=options,
            covariates=["x"] if estimation else [],
        )
        numbers = (found["estimate"], found["std_error"])
        assert numbers == pytest.approx((one.estimate, one.std_error), abs=1e-11)


ANTICIPATED = [
    ("never_treated", 1, "simple", 0.494055555556, 0.271734798148),
    ("never_treated", 1, "dynamic", 0.515, 0.299038602414),
    ("never_treated", 1, "group", 0.426611111111, 0.288739671716),
    ("never_treated", 1, "calendar", 0.556185185185, 0.257928715241),
    ("never_treated", 2, "simple", 0.306444444444, 0.183919395590),
    ("never_treated", 2, "dynamic", 0.255722222222, 0.191501493734),
    ("never_treated", 2, "group", 0.357722222222, 0.210046707932),
    ("never_treated", 2, "calendar", 0.296907407407, 0.213256070726),
    ("not_yet_treated", 1, "simple", 0.452768518519, 0.276400987009),
    ("not_yet_treated", 1, "dynamic", 0.487475308642, 0.298828060388),
    ("not_yet_treated", 1, "group", 0.399086419753, 0.294358459541),
    ("not_yet_treated", 1, "calendar", 0.473611111111, 0.261432633130),
    ("not_yet_treated", 2, "simple", 0.313527777778, 0.189575546279),
    ("not_yet_treated", 2, "dynamic", 0.260444444444, 0.193479025298),
    ("not_yet_treated", 2, "group", 0.362444444444, 0.217201742941),
    ("not_yet_treated", 2, "calendar", 0.311074074074, 0.212156681117),
]


@pytest.mark.parametrize("base", ["varying", "universal"])
@pytest.mark.parametrize(("control", "periods", "aggregation", "estimate", "std_error"), ANTICIPATED)
def test_anticipation(
    panel: pd.DataFrame,
    base: str,
    control: str,
    periods: int,
    aggregation: str,
    estimate: float,
    std_error: float,
) -> None:
    """csdid 0.4.3 and moderndid 0.2.0: effects after adoption are the same from either base."""
    options = {
        "control_group": control,
        "base_period": base,
        "anticipation": periods,
        "aggregation": aggregation,
    }
    found = made(panel, "callaway_santanna", covariance="analytic", options=options)
    assert (found["estimate"], found["std_error"]) == pytest.approx((estimate, std_error), abs=2e-12)


ANTICIPATED_CELLS = [
    ("never_treated", "varying", 1, "4,3", 0.919444444444, 0.456495924195),
    ("never_treated", "varying", 1, "6,4", -0.181111111111, 0.423982320658),
    ("never_treated", "varying", 1, "6,5", 0.492222222222, 0.386279206681),
    # moderndid 0.2.0, like did before August 2026, compares the next three with the period before them.
    ("never_treated", "varying", 2, "4,3", 0.492222222222, 0.530020769839),
    ("never_treated", "varying", 2, "6,5", 0.311111111111, 0.359172001622),
    ("not_yet_treated", "varying", 2, "4,3", 0.008518518519, 0.475926013995),
    ("never_treated", "varying", 2, "7,3", 1.075, 0.472071925973),
    ("never_treated", "universal", 1, "7,3", 0.543333333333, 0.398398284905),
    ("never_treated", "universal", 2, "4,3", 0.492222222222, 0.530020769839),
    ("never_treated", "universal", 2, "7,3", 0.945, 0.410395084662),
    ("not_yet_treated", "varying", 1, "6,4", 0.291388888889, 0.436525833417),
    ("not_yet_treated", "universal", 2, "6,5", 0.311111111111, 0.359172001622),
]


@pytest.mark.parametrize(("control", "base", "periods", "cell", "estimate", "std_error"), ANTICIPATED_CELLS)
def test_cells_before_adoption_under_anticipation(
    panel: pd.DataFrame,
    control: str,
    base: str,
    periods: int,
    cell: str,
    estimate: float,
    std_error: float,
) -> None:
    """csdid 0.4.3 throughout; moderndid 0.2.0 but where said."""
    options = {
        "control_group": control,
        "base_period": base,
        "anticipation": periods,
        "aggregation": "none",
    }
    cohort, period = cell.split(",")
    found = terms(made(panel, "callaway_santanna", covariance="analytic", options=options))[
        f"g={cohort},t={period}"
    ]
    assert found == pytest.approx((estimate, std_error), abs=2e-12)


def test_every_aggregation_is_a_weighted_mean_of_the_cells(panel: pd.DataFrame) -> None:
    """The sums by hand: simple weighs cells by cohort size, group by the cohorts' own means."""
    cells = terms(made(panel, "callaway_santanna", covariance="analytic", options={"aggregation": "none"}))
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
    simple = made(panel, "callaway_santanna", covariance="analytic", options={"aggregation": "simple"})
    assert simple["estimate"] == pytest.approx(sum(flat) / len(flat), rel=1e-12)
    group = made(panel, "callaway_santanna", covariance="analytic", options={"aggregation": "group"})
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
    simple = made(frame, "callaway_santanna", covariance="analytic", options=options)
    assert (simple["estimate"], simple["std_error"]) == pytest.approx((-0.005176818, 0.003924738), abs=6e-10)
    dynamic = made(frame, "callaway_santanna", options=options | {"aggregation": "dynamic"})
    assert (dynamic["estimate"], dynamic["std_error"]) == pytest.approx(
        (-0.0114014244, 0.0083105534), abs=6e-11
    )
    two_way = made(frame, "twfe", covariance="CR1")
    assert (two_way["estimate"], two_way["std_error"]) == pytest.approx(
        (9.037963e-05, 1.2465967e-03), rel=1e-7
    )
