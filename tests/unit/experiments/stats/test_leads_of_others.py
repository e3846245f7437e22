"""Leads of rate ratios and of triple differences, on the scale of the estimate itself."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from experiments import stats
from experiments.stats.checks.pre_trends import with_leads
from experiments.stats.draws import stream, uniforms
from experiments.stats.frame import Frame
from experiments.stats.plan import parse
from experiments.stats.sampling import build
from tests.reference import vectors
from tests.unit.experiments.stats.panels import plan


def counts(growth: float = 0.0) -> pd.DataFrame:
    """Return counts whose ratios move in parallel, at very different levels, unless the treated grow apart."""
    unit, period = (part.ravel() for part in np.mgrid[0:40, 1:9])
    treated = unit % 2 == 0
    mean = np.where(treated, 60.0, 6.0) * 1.15**period * np.exp(growth * period * treated)
    chance = uniforms(stream(5, "counts", "leads"), (len(unit),))
    y = np.floor(mean + np.sqrt(mean) * (chance - 0.5) * 2)
    return pd.DataFrame({"unit": unit, "period": period, "first": np.where(treated, 6, 0), "y": y})


def test_leads_of_ratios_are_a_poisson_regression_with_dummies() -> None:
    frame = counts().query("unit < 12")
    parsed = parse(plan("poisson_twfe", covariance="CR1"))
    fit, _ = with_leads(parsed.estimates[0], parsed, build(Frame(frame), parsed.estimates[0], parsed))
    wide = frame.assign(e=(frame["period"] - frame["first"]).where(frame["first"] > 0, -1).astype(int))
    names = [e for e in sorted(set(wide["e"])) if e != -1]
    for e in names:
        wide[f"e{e}".replace("-", "m")] = (wide["e"] == e).astype(float)
    columns = " + ".join(f"e{e}".replace("-", "m") for e in names)
    formula = f"y ~ {columns} + C(unit) + C(period)"
    expected = smf.glm(formula, wide, family=sm.families.Poisson()).fit(tol=1e-12, maxiter=100)
    found = {term.term: term.estimate for term in fit.terms}
    for e in names:
        assert found[f"event_time={e}"] == pytest.approx(expected.params[f"e{e}".replace("-", "m")], rel=1e-6)
    assert found["event_time=-1"] == 0.0


def test_parallel_ratios_pass_and_ratios_that_drift_do_not() -> None:
    """In counts the two groups move apart, in ratios they do not: it is the ratios that the estimate rests on."""
    found = stats.run(plan("poisson_twfe", checks=("pre_trends", "honest_did")), counts()).document()[
        "checks"
    ]
    assert found["pre_trends"]["verdict"] == "ok", found["pre_trends"]["explanation"]
    assert found["honest_did"]["verdict"] != "not_estimable", found["honest_did"]["explanation"]
    drifting = stats.run(plan("poisson_twfe", checks=("pre_trends",)), counts(0.08)).document()["checks"]
    assert drifting["pre_trends"]["verdict"] == "red"


def places() -> pd.DataFrame:
    """Return vector A twice, the second time as units that the tactic cannot affect, in the same places."""
    frame = vectors.panel()
    other = frame.assign(unit=frame["unit"] + 100, first=0, y=frame["y"].to_numpy()[::-1], affected=0)
    both = pd.concat([frame.assign(affected=1), other])
    return both.assign(place=both["unit"] % 100).query("place % 4 < 2")


def test_leads_of_a_triple_difference_are_those_of_the_difference() -> None:
    frame = places()
    asked = plan(
        "triple_difference",
        columns={"cluster": "place"},
        options={"affected": "affected"},
        covariance="CR1",
        checks=("pre_trends",),
    )
    found = stats.run(asked, frame).document()["checks"]["pre_trends"]
    wide = frame.pivot_table(index=["place", "period"], columns="affected", values="y").reset_index()
    wide["y"] = wide[1] - wide[0]
    wide["first"] = np.where(wide["place"] % 4 == 1, 4, 0)
    double = plan("event_study", columns={"unit": "place"}, covariance="CR1", checks=("pre_trends",))
    expected = stats.run(double, wide).document()["checks"]["pre_trends"]
    assert found["p_value"] == pytest.approx(expected["p_value"], rel=1e-9)


def test_a_place_without_one_of_the_groups_has_no_difference() -> None:
    asked = plan(
        "triple_difference",
        columns={"cluster": "place"},
        options={"affected": "affected"},
        covariance="HC2",
        checks=("pre_trends",),
    )
    found = stats.run(asked, places().query("unit != 104")).document()["checks"]["pre_trends"]
    assert found["verdict"] == "not_estimable"
    assert "no affected or no unaffected unit" in found["explanation"]


@pytest.mark.parametrize("covariance", ["CR0", "CR1", "CR2"])
def test_sandwiches_by_cluster_of_a_triple_difference_are_named_as_they_are(covariance: str) -> None:
    asked = plan(
        "triple_difference",
        columns={"cluster": "place"},
        options={"affected": "affected"},
        covariance=covariance,
    )
    found = stats.run(asked, places()).document()["estimates"][0]
    assert (found["status"], found["covariance"]) == ("ok", covariance)


@pytest.mark.parametrize("estimator", ["twfe"])
def test_a_covariate_that_cannot_be_told_from_the_effects_is_refused_by_the_bootstrap(estimator: str) -> None:
    frame = vectors.panel().assign(fixed=lambda rows: rows["unit"] % 3)
    asked = plan(estimator, covariance="wild_cluster_bootstrap", covariates=["fixed"])
    found = stats.run(asked, frame).document()["estimates"][0]
    assert "does not vary, or follows from the others" in found["reason"]


@pytest.mark.parametrize("estimator", ["two_by_two", "poisson_twfe", "imputation"])
def test_leads_of_very_few_treated_clusters_are_not_tested_together(estimator: str) -> None:
    frame = counts().assign(first=lambda rows: np.where(rows["unit"] < 4, 6, 0))
    found = stats.run(plan(estimator, checks=("pre_trends", "honest_did")), frame).document()["checks"]
    for check in ("pre_trends", "honest_did"):
        assert found[check]["verdict"] == "not_estimable"
        assert "4 clusters in the smaller arm are too few" in found[check]["explanation"]


@pytest.mark.slow
@pytest.mark.parametrize("treated", [6, 10, 20])
def test_leads_of_few_treated_forces_are_not_red_more_often_than_they_say(treated: int) -> None:
    red, count = 0, 200
    for seed in range(count):
        rng = np.random.default_rng(1_000 * treated + seed)
        unit, period = (part.ravel() for part in np.mgrid[0:43, 1:11])
        y = rng.normal(size=43)[unit] + rng.normal(size=10)[period - 1] + rng.normal(size=430)
        frame = pd.DataFrame(
            {"unit": unit, "period": period, "first": np.where(unit < treated, 7, 0), "y": y}
        )
        asked = plan("two_by_two", covariance="HC2", checks=("pre_trends",))
        red += stats.run(asked, frame).document()["checks"]["pre_trends"]["verdict"] == "red"
    assert red / count <= 0.05 + 3 * (0.05 * 0.95 / count) ** 0.5


def test_one_treated_force_can_be_left_out_among_others() -> None:
    frame = counts().assign(first=lambda rows: np.where(rows["unit"] == 3, 6, 0))
    found = stats.run(plan("two_by_two", checks=("leave_one_out", "placebo")), frame).document()["checks"]
    assert found["leave_one_out"]["verdict"] in {"ok", "red"}, found["leave_one_out"]["explanation"]
    space = next(row for row in found["placebo"]["rows"] if row["kind"] == "space")
    assert space["reason"] == "the estimate itself is judged by such placebos"
