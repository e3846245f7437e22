"""Roth–Sant'Anna: published values, its relations to other estimators, what it refuses."""

import gzip
import json
import math

import numpy as np
import pandas as pd
import pytest

from experiments.stats.estimators.roth_santanna import roth_santanna
from experiments.stats.simulate import rollout_panel
from tests import shared_data
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, row, terms

PANEL = vectors.panel()


def test_vector_a() -> None:
    """R staggered: the refined and Neyman's error."""
    found = made(PANEL, "roth_santanna")
    assert (found["estimate"], found["std_error"]) == pytest.approx((0.0224388639, 0.2595678613), abs=6e-11)
    found = made(PANEL, "roth_santanna", options={"beta": "callaway_santanna"})
    peer = made(PANEL, "callaway_santanna", options={"control_group": "not_yet_treated"})
    assert found["estimate"] == pytest.approx(peer["estimate"], rel=1e-12)


def test_neyman_s_error_of_vector_a() -> None:
    wide = PANEL.pivot(index="unit", columns="period", values="y")
    first = PANEL.groupby("unit")["first"].first().replace(0, np.inf)
    found = roth_santanna(wide.to_numpy(), first.to_numpy(np.float64), wide.columns.to_numpy(np.float64))
    assert found.neyman == pytest.approx(0.2645281542, abs=6e-11)


@pytest.mark.skipif(
    shared_data.training_panel() is None, reason="the published panel is not beside the checkout"
)
def test_published_answers_of_the_training_panel() -> None:
    """The README of R staggered, with Neyman's errors of the same source."""
    path, answers = shared_data.training_panel(), shared_data.find("test_vectors.json")
    assert path is not None
    assert answers is not None
    published = json.loads(answers.read_text())["staggered_pj"]
    with gzip.open(path) as file:
        frame = pd.read_csv(file).sort_values(["uid", "period"])
    outcome = frame["complaints"].to_numpy(np.float64).reshape(-1, 72)
    first = frame["first_trained"].to_numpy(np.float64).reshape(-1, 72)[:, 0]
    periods = np.arange(1.0, 73.0)
    neyman = {"simple": 0.002119248, "cohort": 0.002264876, "calendar": 0.002561472}
    for how in ("simple", "cohort", "calendar"):
        found = roth_santanna(outcome, first, periods, aggregation=how)  # type: ignore[arg-type]
        assert (found.overall, found.std_error) == pytest.approx(published[f"efficient_{how}"], rel=1e-6)
        assert found.neyman == pytest.approx(neyman[how], rel=1e-6)
    for beta, key in (("callaway_santanna", "cs_simple"), ("sun_abraham", "sa_simple")):
        found = roth_santanna(outcome, first, periods, beta=beta)  # type: ignore[arg-type]
        assert (found.overall, found.std_error) == pytest.approx(published[key], rel=1e-6)
    events = roth_santanna(outcome, first, periods, aggregation="dynamic")
    assert events.estimates[:3] == pytest.approx(published["event0_2"], rel=1e-6)
    assert events.estimates[3:6] == pytest.approx([2.043434e-03, 2.977076e-03, 7.979656e-04], rel=1e-6)
    assert events.std_errors[:3] == pytest.approx([0.002645327, 0.002614563, 0.002622640], rel=1e-6)


@pytest.mark.slow
@pytest.mark.skipif(
    shared_data.training_panel() is None, reason="the published panel is not beside the checkout"
)
def test_published_permutation_test_of_the_training_panel() -> None:
    """0.642 came from 500 draws of an unknown seed: within Monte Carlo error of theirs and ours."""
    frame = pd.read_csv(str(shared_data.training_panel()))
    found = made(
        frame,
        "roth_santanna",
        outcome="complaints",
        covariance="randomisation",
        options={"draws": 999},
        columns={"unit": "uid", "first_treated": "first_trained"},
    )
    spread = math.sqrt(0.642 * 0.358 * (1 / 500 + 1 / 999))
    assert abs(found["p_value"] - 0.642) < 4 * spread
    assert found["conf_low"] < found["estimate"] < found["conf_high"]


def test_two_dates_and_two_periods_without_beta_are_the_change_of_changes() -> None:
    frame = PANEL[PANEL["first"].isin([0, 6]) & PANEL["period"].isin([5, 6])]
    found = made(frame, "roth_santanna", options={"beta": "callaway_santanna"})
    assert found["estimate"] == pytest.approx(made(frame, "two_by_two")["estimate"], rel=1e-12)


def test_the_efficient_weight_leaves_the_least_neyman_variance() -> None:
    wide = PANEL.pivot(index="unit", columns="period", values="y").to_numpy()
    first = PANEL.groupby("unit")["first"].first().replace(0, np.inf).to_numpy(np.float64)
    periods = np.arange(1.0, 9.0)
    for how in ("simple", "cohort", "calendar", "dynamic"):
        best = roth_santanna(wide, first, periods, aggregation=how)  # type: ignore[arg-type]
        whole = roth_santanna(wide, first, periods, aggregation=how, beta="callaway_santanna")  # type: ignore[arg-type]
        assert best.neyman < whole.neyman


def test_every_aggregation_has_its_terms() -> None:
    names = {
        "simple": [],
        "cohort": ["g=4", "g=6", "g=7"],
        "calendar": ["t=4", "t=5", "t=6", "t=7", "t=8"],
        "dynamic": [f"event_time={e}" for e in range(5)],
    }
    for how, expected in names.items():
        assert list(terms(made(PANEL, "roth_santanna", options={"aggregation": how}))) == expected


def test_an_outcome_scaled_and_shifted_scales_everything() -> None:
    options = {"aggregation": "dynamic", "draws": 199}
    plain = made(PANEL, "roth_santanna", options=options, covariance="randomisation")
    moved = made(
        PANEL.assign(y=3 - 4 * PANEL["y"]), "roth_santanna", options=options, covariance="randomisation"
    )
    assert moved["estimate"] == pytest.approx(-4 * plain["estimate"], rel=1e-9)
    assert moved["std_error"] == pytest.approx(4 * plain["std_error"], rel=1e-9)
    assert moved["p_value"] == plain["p_value"]
    assert moved["conf_low"] == pytest.approx(-4 * plain["conf_high"], rel=1e-6)
    assert moved["conf_high"] == pytest.approx(-4 * plain["conf_low"], rel=1e-6)


def test_clusters_that_were_drawn_are_compared_by_their_means() -> None:
    frame = PANEL.assign(force=PANEL["unit"] % 12 + 12 * (PANEL["unit"] >= 24))
    assert frame.groupby("force")["first"].nunique().max() == 1
    found = made(frame, "roth_santanna", columns={"cluster": "force"})
    means = frame.groupby(["force", "period", "first"], as_index=False)["y"].mean()
    alone = made(means, "roth_santanna", columns={"unit": "force"})
    assert (found["estimate"], found["std_error"]) == pytest.approx(
        (alone["estimate"], alone["std_error"]), rel=1e-12
    )
    assert found["n_clusters"] == 12
    assert found["n_units"] == 24
    assert any("12 clusters were drawn" in words for words in found["warnings"])


def drawn(seed: int, effect: float) -> pd.DataFrame:
    frame = rollout_panel(60, 10, n_cohorts=3, log_ratio=0.0, seed=seed)
    frame = frame.rename(columns={"uid": "unit", "first_trained": "first"})
    treated = frame["period"] >= frame["first"]
    return frame.assign(y=frame["complaints"] + frame["force"] + effect * treated)


def test_the_test_s_direction() -> None:
    frame = drawn(1, 0.1)
    p = {
        way: made(frame, "roth_santanna", covariance="randomisation", alternative=way)["p_value"]
        for way in ("two_sided", "less", "greater")
    }
    assert p["greater"] < p["two_sided"] < 0.05 < 0.9 < p["less"]


@pytest.mark.parametrize(
    ("frame", "columns", "words"),
    [
        (PANEL[PANEL["first"] == 6], {}, "nobody to compare with"),
        (PANEL[PANEL["first"] == 0], {}, "nobody to compare with"),
        (PANEL[(PANEL["first"] == 0) | (PANEL["unit"] == 1)], {}, "one unit only"),
        (PANEL.assign(first=PANEL["first"].where(PANEL["first"] == 0, 1)), {}, "no period before treatment"),
        (PANEL[PANEL["period"] == 6], {}, "one period only"),
        (PANEL.assign(y=1.0), {}, "standard error is zero"),
        (PANEL.assign(s=PANEL["unit"] % 2), {"stratum": "s"}, "within strata"),
        (PANEL.assign(w=1 + PANEL["unit"]), {"weight": "w"}, "takes no weights"),
        (PANEL.assign(c=PANEL["unit"] % 3), {"cluster": "c"}, "start at different dates"),
    ],
    ids=[
        "one date",
        "nobody",
        "lone unit",
        "no before",
        "one period",
        "flat",
        "strata",
        "weights",
        "cluster",
    ],
)
def test_what_it_refuses(frame: pd.DataFrame, columns: dict[str, str], words: str) -> None:
    found = row(frame, "roth_santanna", columns=columns)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]
    assert found["estimate"] is found["p_value"] is None
