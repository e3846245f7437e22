"""Counts with unit and period effects: R's numbers, the regression on dummies, and no rate without events."""

import json
import math
from typing import Any

import pandas as pd
import pytest
import statsmodels.api as sm

from experiments import stats
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, plan, row

PANEL = vectors.panel()
COUNT: dict[str, Any] = {"outcome": "count"}


@pytest.mark.parametrize(("kind", "std_error"), [("CR0", 0.0409969810), ("CR1", 0.0437458939)])
def test_vector_a(kind: str, std_error: float) -> None:
    """R fixest fepois and pyfixest, by cluster."""
    found = made(PANEL, "poisson_twfe", covariance=kind, columns={"cluster": "cluster"}, **COUNT)
    assert (found["estimate"], found["std_error"]) == pytest.approx((-0.1868757479, std_error), abs=6e-11)
    assert found["scale"] == "log_rate_ratio"
    assert found["pct_change"] == pytest.approx(100 * (math.exp(found["estimate"]) - 1), rel=1e-12)
    assert found["df"] == 11


@pytest.mark.parametrize("gap", [False, True], ids=["balanced", "with gaps"])
def test_it_is_the_poisson_regression_on_every_dummy(gap: bool) -> None:
    frame = PANEL.assign(people=50.0 + 3 * PANEL["unit"] + PANEL["period"], c=PANEL["x"] * PANEL["period"])
    frame = frame.drop(index=[5, 77, 130]).reset_index(drop=True) if gap else frame
    design = pd.concat(
        [
            frame[["treated", "c"]],
            pd.get_dummies(frame["unit"], prefix="u", dtype=float),
            pd.get_dummies(frame["period"], prefix="t", drop_first=True, dtype=float),
        ],
        axis=1,
    )
    model = sm.GLM(frame["count"], design, family=sm.families.Poisson(), exposure=frame["people"])
    clusters = {"groups": frame["unit"], "use_correction": False}
    expected = model.fit(cov_type="cluster", cov_kwds=clusters, tol=1e-14)
    found = made(
        frame, "poisson_twfe", covariance="CR0", covariates=["c"], options={"exposure": "people"}, **COUNT
    )
    assert found["estimate"] == pytest.approx(expected.params["treated"], rel=1e-8)
    assert found["std_error"] == pytest.approx(expected.bse["treated"], rel=1e-7)


def test_units_without_events_leave_and_are_counted() -> None:
    frame = PANEL.assign(count=PANEL["count"].where(PANEL["unit"] != 4, 0))
    document = stats.run(plan("poisson_twfe", **COUNT), frame).document()
    lost = {part["reason"]: part["count"] for part in document["data"]["rows_dropped"]}
    assert [count for reason, count in lost.items() if reason.startswith("no event")] == [8]
    without = made(PANEL[PANEL["unit"] != 4], "poisson_twfe", **COUNT)
    assert document["estimates"][0]["estimate"] == pytest.approx(without["estimate"], rel=1e-10)


def test_invariances() -> None:
    frame = PANEL.assign(people=50.0 + PANEL["unit"])
    exposed = {"options": {"exposure": "people"}, **COUNT}
    found = made(frame, "poisson_twfe", **exposed)
    # Exposure that is fixed in a unit is its effect's affair; so is the scale of the count.
    for other in (
        made(frame.assign(people=frame["people"] * 7), "poisson_twfe", **exposed),
        made(frame, "poisson_twfe", **COUNT),
        made(frame.assign(count=frame["count"] * 3), "poisson_twfe", **exposed),
        made(frame.assign(unit=[f"beat {u:02}" for u in frame["unit"]]), "poisson_twfe", **exposed),
    ):
        assert other["estimate"] == pytest.approx(found["estimate"], rel=1e-8)
        assert other["std_error"] == pytest.approx(found["std_error"], rel=1e-7)
    rows = [
        json.dumps(stats.run(plan("poisson_twfe", **exposed), given).document()["estimates"])
        for given in (frame, frame.sample(frac=1, random_state=2))
    ]
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (PANEL.assign(count=PANEL["count"] * (1 - PANEL["treated"])), "no events among the treated"),
        (PANEL.assign(count=PANEL["count"] * PANEL["treated"]), "no event"),
        (PANEL.assign(count=0.0), "the outcome is the same in every row"),
        (PANEL.assign(count=PANEL["count"] - 5), "negative values"),
        (PANEL[PANEL["first"] == 0], "no unit is treated"),
    ],
    ids=[
        "none among the treated",
        "none among the untreated",
        "none at all",
        "below nought",
        "nobody treated",
    ],
)
def test_what_has_no_rate(frame: pd.DataFrame, words: str) -> None:
    """[87]"""
    found = row(frame, "poisson_twfe", **COUNT)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]
    assert found["estimate"] is found["pct_change"] is None
