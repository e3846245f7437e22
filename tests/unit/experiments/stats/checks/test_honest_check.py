"""The check on a whole plan: the event study it rests on, its verdict, and what it refuses."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import stats
from experiments.stats.simulate import staggered_panel
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, plan

PANEL = vectors.panel()


def simulated(effect: float, drift: float = 0.0) -> pd.DataFrame:
    frame = staggered_panel(400, 12, n_cohorts=1, never_share=0.5, effect=effect, growth=0.0, seed=5)
    frame = frame.rename(columns={"first_treated": "first"})
    bump = drift * (frame["period"] % 2) * (frame["first"] > 0)
    return frame.assign(y=frame["y"] + bump)


def checked(frame: pd.DataFrame, estimator: str, **changes: Any) -> dict[str, Any]:
    value = plan(estimator, checks=("honest_did",), **changes)
    found: dict[str, Any] = stats.run(value, frame).document()["checks"]["honest_did"]
    return found


@pytest.mark.parametrize(
    "estimator", ["twfe", "event_study", "callaway_santanna", "sun_abraham", "imputation"]
)
def test_one_start_gives_every_estimator_the_same_leads(estimator: str) -> None:
    found = checked(simulated(1.0), estimator)
    original = next(row for row in found["rows"] if row["m"] is None and row["target"] == "first")
    study = made(
        simulated(1.0), "callaway_santanna", options={"aggregation": "dynamic", "base_period": "universal"}
    )
    first = next(term for term in study["terms"] if term["term"] == "event_time=0")
    assert (original["conf_low"] + original["conf_high"]) / 2 == pytest.approx(first["estimate"], rel=1e-8)
    assert found["verdict"] == "ok"
    assert found["statistic"] > 1


@pytest.mark.parametrize("method", ["relative_magnitude", "smoothness"])
def test_the_rows_are_those_of_the_function_on_the_event_study(method: str) -> None:
    frame = simulated(1.0)
    first = frame.groupby("unit")["first"].first().replace(0, np.inf).to_numpy(np.float64)
    study = stats.event_study(
        frame["y"].to_numpy(),
        frame["unit"].to_numpy() - 1,
        frame["period"].to_numpy() - 1,
        first,
        np.arange(1.0, 13.0),
    )
    after = int((study.event_times >= 0).sum())
    expected = stats.honest_did(
        study.estimates,
        study.covariance,
        len(study.estimates) - after,
        after,
        method=method,  # type: ignore[arg-type]
        weights=np.full(after, 1 / after),
    )
    rows = checked(frame, "event_study")["rows"]
    shown = [row for row in rows if row["method"] == method and row["target"] == "mean"]
    for row, other in zip(shown[1:], expected.rows, strict=True):
        # Units are sorted as text there, which moves the last digit.
        for key, value in (("m", other.m), ("conf_low", other.conf_low), ("conf_high", other.conf_high)):
            assert row[key] == (None if value is None else pytest.approx(value, rel=1e-8))


def test_a_finding_no_larger_than_what_went_before_is_red() -> None:
    found = checked(simulated(1.0, drift=-0.6), "event_study")
    assert found["verdict"] == "red"
    assert found["statistic"] < 1
    assert "could explain the finding" in found["explanation"]


def test_without_a_finding_nothing_breaks() -> None:
    found = checked(simulated(0.0), "event_study")
    assert found["verdict"] == "ok"
    assert "no finding to break" in found["explanation"]


@pytest.mark.parametrize(
    ("frame", "estimator", "words"),
    [
        (PANEL[(PANEL["period"] > 4) & PANEL["first"].isin([0, 6])], "twfe", "no period before adoption"),
        (PANEL[PANEL["first"].isin([0, 6])], "synthetic_control", "does not rest on parallel trends"),
    ],
)
def test_what_it_refuses(frame: pd.DataFrame, estimator: str, words: str) -> None:
    found = checked(frame, estimator)
    assert found["verdict"] == "not_estimable"
    assert words in found["explanation"]
