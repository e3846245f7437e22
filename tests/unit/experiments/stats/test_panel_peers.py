"""Panel estimators against other programs: dummies written out, linearmodels, and each other where they are one."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels import PanelOLS

from experiments import stats
from experiments.stats.simulate import confounded_panel, staggered_panel
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, plan, terms


def small(**changes: Any) -> pd.DataFrame:
    """Return a staggered panel of 60 units by 8 periods."""
    frame = staggered_panel(60, 8, n_cohorts=2, never_share=0.4, seed=5, **changes)
    return frame.rename(columns={"first_treated": "first"})


def dummies(frame: pd.DataFrame, regressors: pd.DataFrame, weights: Any = 1.0) -> Any:
    """Return least squares with every unit and period as a column, clustered by unit."""
    design = pd.concat(
        [
            regressors,
            pd.get_dummies(frame["unit"], prefix="u", dtype=float),
            pd.get_dummies(frame["period"], prefix="t", drop_first=True, dtype=float),
        ],
        axis=1,
    )
    return sm.WLS(frame["y"], design, weights).fit(
        cov_type="cluster", cov_kwds={"groups": frame["unit"], "use_correction": False}
    )


def test_two_way_is_the_regression_on_dummies() -> None:
    frame = small()
    treated = (frame["period"] >= frame["first"]) & (frame["first"] > 0)
    expected = dummies(frame, treated.astype(float).to_frame("treated"))
    found = made(frame, "twfe", covariance="CR0")
    assert found["estimate"] == pytest.approx(expected.params["treated"], rel=1e-10)
    assert found["std_error"] == pytest.approx(expected.bse["treated"], rel=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
def test_two_way_of_an_unbalanced_panel_with_a_covariate_and_weights(weighted: bool) -> None:
    """The estimate is that of linearmodels; the error that of the regression on dummies."""
    frame = small().sample(frac=0.8, random_state=3).reset_index(drop=True)
    frame["x"] = frame["x"] * frame["period"]
    frame["w"] = 1.0 + frame["unit"] % 3 if weighted else 1.0
    frame["treated"] = ((frame["period"] >= frame["first"]) & (frame["first"] > 0)).astype(float)
    indexed = frame.set_index(["unit", "period"])
    model = PanelOLS(
        indexed["y"], indexed[["treated", "x"]], weights=indexed["w"], entity_effects=True, time_effects=True
    )
    columns = {"weight": "w"} if weighted else {}
    found = made(frame, "twfe", covariates=["x"], covariance="CR0", columns=columns)
    assert found["estimate"] == pytest.approx(model.fit().params["treated"], rel=1e-7)
    expected = dummies(frame, frame[["treated", "x"]], frame["w"])
    assert found["estimate"] == pytest.approx(expected.params["treated"], rel=1e-7)
    assert found["std_error"] == pytest.approx(expected.bse["treated"], rel=1e-6)


def test_event_study_is_the_regression_on_dummies() -> None:
    frame = small()
    since = (frame["period"] - frame["first"]).where(frame["first"] > 0)
    kept = sorted(int(e) for e in since.dropna().unique() if e != -1)
    regressors = pd.DataFrame({f"event_time={e}": (since == e).astype(float) for e in kept})
    expected = dummies(frame, regressors)
    found = made(frame, "event_study", covariance="CR0")
    shown = terms(found)
    assert shown.pop("event_time=-1") == (0.0, None)
    for name, (estimate, std_error) in shown.items():
        assert estimate == pytest.approx(expected.params[name], rel=1e-9)
        assert std_error == pytest.approx(expected.bse[name], rel=1e-7)


def test_two_by_two_is_welch_s_test_of_the_changes() -> None:
    frame = vectors.panel()
    frame = frame[frame["first"].isin([0, 6])]
    wide = frame.assign(after=frame["period"] >= 6).pivot_table(index="unit", columns="after", values="y")
    change = wide[True] - wide[False]
    treated = frame.groupby("unit")["first"].first() > 0
    one, other = change[treated], change[~treated]
    found = made(frame, "two_by_two")
    assert found["estimate"] == pytest.approx(one.mean() - other.mean(), rel=1e-12)
    error = np.sqrt(one.var() / len(one) + other.var() / len(other))
    assert found["std_error"] == pytest.approx(error, rel=1e-12)


def test_two_periods_and_two_groups_are_one_question_to_every_estimator() -> None:
    frame = vectors.panel()
    frame = frame[frame["first"].isin([0, 6]) & frame["period"].isin([5, 6])]
    estimates = [
        made(frame, "two_by_two")["estimate"],
        made(frame, "twfe", covariance="CR1")["estimate"],
        made(frame, "event_study", covariance="CR1")["estimate"],
        made(frame, "callaway_santanna", options={"control_group": "never_treated"})["estimate"],
        made(frame, "callaway_santanna", options={"control_group": "not_yet_treated"})["estimate"],
    ]
    assert estimates == pytest.approx([estimates[0]] * 5, rel=1e-10)


def test_a_universal_base_moves_the_leads_and_nothing_else() -> None:
    frame = small()
    options = {"control_group": "never_treated", "aggregation": "dynamic"}
    varying = terms(made(frame, "callaway_santanna", options=options | {"base_period": "varying"}))
    universal = terms(made(frame, "callaway_santanna", options=options | {"base_period": "universal"}))
    for name, value in varying.items():
        if int(name.split("=")[1]) >= 0:
            assert universal[name] == pytest.approx(value, rel=1e-10)
    # A lead from a universal base is minus the sum of the changes between it and the base.
    steps = [varying[f"event_time={e}"][0] for e in (-1,)]
    assert universal["event_time=-2"][0] == pytest.approx(-sum(steps), rel=1e-9)


@pytest.mark.parametrize("estimation", ["dr", "reg", "ipw"])
def test_a_covariate_that_drives_adoption_and_trend_is_taken_out(estimation: str) -> None:
    frame = confounded_panel(3_000, 8, effect=0.5, seed=2).rename(columns={"first_treated": "first"})
    options = {"control_group": "never_treated", "aggregation": "simple"}
    naive = made(frame, "callaway_santanna", options=options)["estimate"]
    found = made(frame, "callaway_santanna", covariates=["x"], options=options | {"estimation": estimation})
    assert abs(naive - 0.5) > 0.3
    assert found["estimate"] == pytest.approx(0.5, abs=4 * found["std_error"])
    assert abs(found["estimate"] - 0.5) < 0.15


def test_the_check_of_leads_speaks_of_periods_and_not_of_terms() -> None:
    wanted = plan("callaway_santanna", options={"aggregation": "dynamic"}, checks=("pre_trends",))
    found = stats.run(wanted, vectors.panel()).document()["checks"]["pre_trends"]
    assert re.search(r"the effect \d periods? before adoption stands out most", found["explanation"])
    assert "event_time" not in found["explanation"]
    assert "Passing is not evidence that the trends were parallel" in found["explanation"]
