"""Design diagnosis: what is drawn has the stated shape, and what is found is what is known of the design."""

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from centre.canonical import canonical_json
from experiments.stats import plan as plans
from experiments.stats.diagnosis import (
    Design,
    OutcomeShape,
    draw,
    from_json,
    problems,
    replicates,
    summary,
    to_json,
)
from experiments.stats.diagnosis.summary import truth
from experiments.stats.figures.power_curve import power_curve
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.registered import DayRules
from tests.unit.experiments.stats.plans import estimate, plan

NORMAL = OutcomeShape("continuous", 0.0, 1.0, 0.5)


def planned(*estimates: dict[str, Any], **changes: Any) -> plans.Plan:
    return plans.parse(plan(*estimates, **{"columns": {"unit": "unit", "arm": "arm"}, **changes}))


def diagnosed(parsed: plans.Plan, design: Design, count: int, **more: Any) -> dict[str, Any]:
    return summary(parsed, design, replicates(parsed, design, seed=20, numbers=range(count), **more))


def near(found: dict[str, float], value: float, *, errors: float = 3.5) -> bool:
    return abs(found["value"] - value) <= errors * found["mcse"]


@pytest.mark.slow
def test_the_power_of_a_t_test_is_the_published_one() -> None:
    # Cohen (1988), table 2.4: d = 0.5 and 64 a group have power 0.80; statsmodels' TTestIndPower gives 0.8015.
    parsed = planned(estimate("difference_in_means"))
    found = diagnosed(parsed, Design({"y": NORMAL}, n_units=128), 250, factors=(0.0, 1.0))["estimates"][0]
    assert near(found["power"], 0.8015)
    assert near(found["size"], 0.05)
    assert near(found["coverage"], 0.95)
    assert near(found["bias"], 0.0)
    assert near(found["sd"], math.sqrt(2 / 64))
    assert found["truth"] == 0.5


@pytest.mark.slow
def test_the_spread_of_cluster_means_is_the_formula_s() -> None:
    # σ√(2(1 + (m − 1)ρ)/(mk)): Donner & Klar (2000); 10 clusters of 8 an arm, ICC 0.1.
    parsed = planned(estimate("cluster_means"), columns={"unit": "unit", "cluster": "cluster", "arm": "arm"})
    design = Design({"y": NORMAL}, n_units=160, n_clusters=20, icc=0.1)
    found = diagnosed(parsed, design, 200, factors=(0.0, 1.0))["estimates"][0]
    error = math.sqrt(2 * (1 + 7 * 0.1) / 80)
    assert near(found["sd"], error)
    ratio, t = 0.5 / error, stats.t(18)
    power = 1 - stats.nct(18, ratio).cdf(t.isf(0.025)) + stats.nct(18, ratio).cdf(-t.isf(0.025))
    assert near(found["power"], float(power))
    assert near(found["size"], 0.05)


def test_any_split_gives_the_same_bytes() -> None:
    parsed = planned(
        estimate("ancova", covariates=["x"]),
        estimate("poisson", id="H2", outcome="n", options={"exposure": "homes"}),
        seed=3,
    )
    shapes = {"y": NORMAL, "n": OutcomeShape("count", 4.0, 2.0, -0.2)}
    design = Design(shapes, n_units=40, attrition=0.1, r_squared=0.3)

    def parts(size: int, count: int = 50) -> bytes:
        runs: list[Any] = []
        for first in reversed(range(0, count, size)):
            numbers = range(first, min(first + size, count))
            runs += replicates(parsed, design, seed=9, numbers=numbers, factors=(0.0, 1.0))
        return canonical_json(summary(parsed, design, runs))

    assert parts(7) == parts(50)
    assert from_json(to_json(design)) == design


@pytest.mark.parametrize(
    "shape",
    [
        OutcomeShape("continuous", 10.0, 3.0),
        OutcomeShape("count", 3.0, 2.0),
        OutcomeShape("count", 0.2, 1.0),
        OutcomeShape("count", 400.0, 8.0),
        OutcomeShape("binary", 0.1),
    ],
    ids=["normal", "overdispersed", "rare", "frequent", "binary"],
)
def test_outcomes_have_the_stated_mean_variance_and_icc(shape: OutcomeShape) -> None:
    parsed = planned(estimate("cluster_means"), columns={"unit": "unit", "cluster": "cluster", "arm": "arm"})
    pairs = 20_000
    design = Design({"y": shape}, n_units=2 * pairs, n_clusters=pairs, icc=0.2)
    values = draw(parsed, design, seed=4, number=0)["y"].to_numpy()
    standard = (values - shape.mean) / math.sqrt(shape.variance)
    assert abs(standard.mean()) < 4 * math.sqrt(1.2 / len(values))
    kurtosis = float((standard**4).mean())
    assert abs((standard**2).mean() - 1) < 4 * math.sqrt(1.2 * kurtosis / len(values))
    products = standard.reshape(-1, 2).prod(axis=1)
    assert abs(products.mean() - 0.2) < 4 * products.std() / math.sqrt(pairs)


def test_outcomes_are_as_alike_over_time_as_stated() -> None:
    parsed = plans.parse(
        {
            "plan_version": 1,
            "columns": {"unit": "u", "period": "t", "first_treated": "g"},
            "estimates": [estimate("callaway_santanna")],
        }
    )
    design = Design(
        {"y": OutcomeShape("count", 2.0, 1.5)}, n_units=6_000, n_periods=6, starts=(4,), autocorrelation=0.6
    )
    values = draw(parsed, design, seed=4, number=0)["y"].to_numpy().reshape(-1, 6)
    for lag, expected in ((1, 0.6), (2, 0.36), (3, 0.216)):
        found = np.mean([np.corrcoef(values[:, t], values[:, t + lag])[0, 1] for t in range(6 - lag)])
        assert abs(found - expected) < 0.02


def test_covariates_explain_the_stated_share() -> None:
    parsed = planned(estimate("ancova", covariates=["before", "age"]))
    design = Design({"y": NORMAL}, n_units=20_000, r_squared=0.4)
    table = draw(parsed, design, seed=1, number=0, factor=0.0).to_pandas()
    fitted = np.linalg.lstsq(
        np.column_stack([np.ones(len(table)), table["before"], table["age"]]), table["y"], rcond=None
    )
    assert abs(1 - fitted[1][0] / len(table) / table["y"].var() - 0.4) < 0.03


def test_arms_are_drawn_complete_within_strata_by_cluster() -> None:
    columns = {"unit": "unit", "cluster": "cluster", "arm": "arm", "stratum": "stratum"}
    parsed = planned(estimate("difference_in_means"), columns=columns)
    design = Design({"y": NORMAL}, n_units=300, n_clusters=24, cluster_cv=0.5, n_strata=3)
    table = draw(parsed, design, seed=1, number=5).to_pandas()
    clusters = table.drop_duplicates("cluster")
    assert (table.groupby("cluster")["arm"].nunique() == 1).all()
    assert (clusters.groupby(["stratum", "arm"]).size() == 4).all()
    sizes = table.groupby("cluster").size()
    assert sizes.sum() == 300
    assert 0.3 < sizes.std() / sizes.mean() < 0.6
    again = draw(parsed, design, seed=1, number=6).to_pandas().drop_duplicates("cluster")
    assert list(again["arm"]) != list(clusters["arm"])


def test_the_truth_is_on_the_estimate_s_scale() -> None:
    parsed = planned(estimate("difference_in_means"))
    spec = parsed.estimates[0]

    def true(shape: OutcomeShape, scale: str, uptake: float = 1.0) -> float | None:
        design = Design({"y": shape}, n_units=10, uptake=uptake)
        return truth(design, spec, scale, 1.0, has_uptake=True)

    count, share = OutcomeShape("count", 10.0, 1.0, -0.2), OutcomeShape("binary", 0.5, effect=0.25)
    assert true(count, "log_rate_ratio") == pytest.approx(math.log(0.8))
    assert true(count, "difference") == pytest.approx(-2.0)
    assert true(count, "log_rate_ratio", 0.5) == pytest.approx(math.log(0.9))
    assert true(share, "log_odds_ratio") == pytest.approx(math.log(3))
    assert true(share, "difference", 0.8) == pytest.approx(0.2)
    assert true(OutcomeShape("continuous", 0.0, 2.0, 1.0), "standardised") == pytest.approx(0.5)
    assert true(OutcomeShape("continuous", 0.0, 2.0, 1.0), "log_odds_ratio") is None


@pytest.mark.slow
def test_receiving_is_told_from_being_assigned() -> None:
    columns = {"unit": "unit", "arm": "arm", "received": "took"}
    parsed = planned(
        estimate("iv", estimand="CACE"), estimate("difference_in_means", id="H2"), columns=columns
    )
    design = Design({"y": OutcomeShape("continuous", 5.0, 1.0, 1.0)}, n_units=400, uptake=0.6)
    found = diagnosed(parsed, design, 60, factors=(1.0,))["estimates"]
    assert [one["truth"] for one in found] == pytest.approx([1.0, 0.6])
    assert all(near(one["bias"], 0.0) for one in found)


def test_what_cannot_be_estimated_is_counted_with_its_reason() -> None:
    parsed = planned(
        estimate("difference_in_means", covariance="CR2"),
        columns={"unit": "unit", "cluster": "cluster", "arm": "arm"},
    )
    design = Design({"y": NORMAL}, n_units=40, n_clusters=5)
    found = diagnosed(parsed, design, 20, factors=(1.0,))["estimates"][0]
    assert found["not_estimable"]["value"] == 1.0
    assert found["reasons"][0]["count"] == 20
    assert "5 clusters are too few for CR2" in found["reasons"][0]["reason"]
    assert found["power"] == {"value": None, "mcse": None}


@pytest.mark.parametrize("name", sorted(ESTIMATOR_RULES))
def test_every_estimator_can_be_drawn_for(name: str) -> None:
    rule = ESTIMATOR_RULES[name]
    columns = {part: f"the_{part}" for group in rule.requires for part in group[:1]} | {"unit": "u"}
    more: dict[str, Any] = {"estimand": rule.estimand}
    if "affected" in rule.options:
        more["options"] = {"affected": "group"}
    arms = {"arms": {"control": "c", "treatments": ["t"]}} if rule.randomised else {"arms": None}
    parsed = planned(estimate(name, **more), columns=columns, **arms)
    shape = (
        OutcomeShape("binary", 0.4)
        if name == "logistic"
        else OutcomeShape("count", 6.0, 1.5)
        if rule.scale == "log_rate_ratio"
        else NORMAL
    )
    is_over_time = "period" in parsed.roles().values()
    design = Design(
        {"y": shape},
        n_units=36,
        n_clusters=12 if "cluster" in columns else None,
        n_periods=9 if is_over_time else 1,
        starts=(7,) if is_over_time else (),
        never_share=0.7 if is_over_time else 0.0,
        uptake=0.8,
        days=DayRules(3) if name == "crossover" else None,
        shares={"c": 1.0, "t": 2.0} if name == "crossover" else {},
    )
    [found] = replicates(parsed, design, seed=1, numbers=[0], factors=(0.0,))
    assert "reason" not in found["estimates"][0], found


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"n_units": 1}, "n_units", "from 2 to 500,000"),
        ({"n_clusters": 50}, "n_clusters", "no more clusters than units"),
        ({"n_strata": 30}, "n_strata", "at least 2 to assign in each"),
        ({"n_periods": 4}, "starts", "in which periods treatment starts"),
        ({"n_periods": 4, "starts": (1,)}, "starts", "from 2 to 4"),
        ({"n_periods": 4, "starts": (2,), "r_squared": 0.2}, "r_squared", "must be 0"),
        ({"icc": 1.0}, "icc", "less than 1"),
        ({"uptake": 0.0}, "uptake", "above 0"),
        ({"outcomes": {"y": OutcomeShape("count", 0.0)}}, "mean__y", "above 0"),
        ({"outcomes": {"y": OutcomeShape("count", 1.0, 0.5)}}, "spread__y", "from 1"),
        ({"outcomes": {"y": OutcomeShape("count", 1.0, 1.0, -0.6)}}, "effect__y", "more than -0.5"),
        ({"outcomes": {"y": OutcomeShape("binary", 0.4, 1.0, 0.4)}}, "effect__y", "between 0 and 1"),
        ({"outcomes": {"y": OutcomeShape("continuous", 0.4, 0.0)}}, "spread__y", "above 0"),
    ],
)
def test_a_design_that_cannot_be_drawn_is_refused_in_words(
    changes: dict[str, Any], field: str, message: str
) -> None:
    found = {
        one.pointer: one.message
        for one in problems(Design(**{"outcomes": {"y": NORMAL}, "n_units": 20, **changes}))
    }
    assert message in found[field]


def test_the_power_curve_is_shapes_and_says_its_numbers() -> None:
    unknown = {"value": None, "mcse": None}
    row = {
        "id": "H1 <b>",
        "curve": [
            {"effect": effect, "power": {"value": power, "mcse": 0.02}, "power_adjusted": unknown}
            for effect, power in ((0.0, 0.05), (-0.1, 0.4), (-0.2, 0.8))
        ],
    }
    drawn = power_curve(row, "Power of H1", wanted=0.8)
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 3
    assert "−0.2: 80 %; −0.1: 40 %; 0: 5 %" in drawn
    assert not re.search(r"style=|class=|<script|href|\son\w+=|nan", drawn)
    flat = {**row, "curve": [{**row["curve"][0], "power": unknown}]}
    assert power_curve(flat, "Power of H1") == ""


DAYS = DayRules(6, 4, 1, "control")
BY_DAY = Design({"y": NORMAL}, n_units=14, shares={"control": 2.0, "treatment": 1.0}, n_periods=30, days=DAYS)


def by_day(**changes: Any) -> plans.Plan:
    columns = {"unit": "unit", "arm": "arm", "period": "day"}
    return planned(estimate("crossover", **changes), columns=columns)


def test_days_are_drawn_as_a_crossover_is() -> None:
    table = draw(by_day(), BY_DAY, seed=3, number=0).to_pandas()
    arms = table["arm"].to_numpy().reshape(14, 5, 6)
    assert ((arms == "treatment").sum(axis=2) == 2).all()
    assert (table["arm"].to_numpy().reshape(14, 30)[0] != table["arm"].to_numpy().reshape(14, 30)[1]).any()
    assert problems(BY_DAY) == []
    assert from_json(to_json(BY_DAY)) == BY_DAY
    odd = replace(BY_DAY, n_periods=31)
    assert [found.message for found in problems(odd)] == ["Days must be a whole number of blocks of 6"]
    strict = replace(BY_DAY, days=replace(DAYS, longest_run=1))
    assert "The days cannot be drawn: no order of a block keeps" in problems(strict)[0].message


@pytest.mark.slow
def test_a_crossover_is_diagnosed_under_its_own_draw() -> None:
    """No formula has its power exactly; bias, size and coverage are known."""
    found = diagnosed(by_day(covariance="CR2"), BY_DAY, 120, factors=(0.0, 1.0))["estimates"][0]
    assert found["truth"] == 0.5
    assert near(found["bias"], 0)
    assert near(found["size"], 0.05)
    assert near(found["coverage"], 0.95)
    drawn = diagnosed(by_day(covariance="randomisation", options={"draws": 99}), BY_DAY, 25, factors=(0.0,))
    assert drawn["estimates"][0]["not_estimable"]["value"] == 0
    assert near(drawn["estimates"][0]["size"], 0.05)
