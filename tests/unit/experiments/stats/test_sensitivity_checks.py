"""Leave-one-out, placebo and displacement: written-out values, invariance, size, refusals."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import stats
from experiments.stats.checks.displacement import displacement
from experiments.stats.checks.leave_one_out import leave_one_out
from experiments.stats.checks.placebo import LEAST_DRAWS, placebo
from experiments.stats.draws import standard_normals, stream
from experiments.stats.errors import NotEstimable
from experiments.stats.simulate import staggered_panel
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, plan

PANEL = vectors.panel()
TWO = PANEL[PANEL["first"].isin([0, 6])]
NOT_YET = {"options": {"control_group": "not_yet_treated"}}


def checked(
    frame: pd.DataFrame, check: str, estimator: str = "callaway_santanna", **changes: Any
) -> dict[str, Any]:
    found: dict[str, Any] = stats.run(plan(estimator, checks=(check,), **changes), frame).document()[
        "checks"
    ][check]
    return found


@pytest.mark.parametrize("estimator", ["callaway_santanna", "twfe", "imputation"])
def test_every_estimate_without_a_cluster_is_the_estimate_of_the_other_rows(estimator: str) -> None:
    found = checked(PANEL, "leave_one_out", estimator, columns={"cluster": "cluster"})
    assert len(found["rows"]) == 12
    for row in found["rows"]:
        rest = PANEL[PANEL["cluster"] != int(row["cluster"])]
        expected = made(rest, estimator, columns={"cluster": "cluster"})["estimate"]
        assert row["estimate"] == pytest.approx(expected, rel=1e-9)
    whole = made(PANEL, estimator, columns={"cluster": "cluster"})
    most = max(abs(row["estimate"] - whole["estimate"]) for row in found["rows"])
    assert found["statistic"] == pytest.approx(most / whole["std_error"], rel=1e-9)


def test_one_cluster_that_carries_the_sign_is_named() -> None:
    frame = TWO.assign(y=TWO["y"] - 0.9 * TWO["treated"])
    frame["y"] += 30 * ((frame["unit"] == 2) & (frame["period"] >= 6))
    found = checked(frame, "leave_one_out")
    assert found["verdict"] == "red"
    assert "'2' moves it most" in found["explanation"]
    assert "the sign turns round" in found["explanation"]


def test_leaving_out_is_indifferent_to_order_and_scale() -> None:
    one = checked(PANEL, "leave_one_out")
    other = checked(PANEL.assign(y=3 - 2 * PANEL["y"]).sample(frac=1, random_state=4), "leave_one_out")
    assert [row["cluster"] for row in other["rows"]] == [row["cluster"] for row in one["rows"]]
    assert other["statistic"] == pytest.approx(one["statistic"], rel=1e-9)


@pytest.mark.slow
def test_what_is_left_out_moves_a_mean_by_its_distance() -> None:
    """The jackknife of a mean: the spread of its values is the standard error."""
    y = standard_normals(stream(1, "jackknife", "mean"), (200,))
    found = leave_one_out(lambda rows: float(y[rows].mean()), np.arange(200))
    spread = found.estimates - found.estimates.mean()
    assert math.sqrt(199 / 200 * (spread**2).sum()) == pytest.approx(
        y.std(ddof=1) / math.sqrt(200), rel=1e-10
    )
    assert found.largest == int(np.argmax(np.abs(y - y.mean())))


def test_a_cluster_without_which_nothing_can_be_estimated_is_said() -> None:
    def needs_first(rows: np.ndarray) -> float:
        if not rows[0]:
            raise NotEstimable("nobody treated")
        return 1.0

    found = leave_one_out(needs_first, np.arange(3))
    assert found.reasons == ("nobody treated", "", "")
    with pytest.raises(NotEstimable, match="too few to leave one out"):
        leave_one_out(needs_first, np.arange(2))


def test_thousands_of_clusters_are_not_left_out_in_turn() -> None:
    frame = staggered_panel(600, 6, n_cohorts=2).rename(columns={"first_treated": "first"})
    found = checked(frame, "leave_one_out")
    assert found["verdict"] == "not_estimable"
    assert "600 clusters are too many" in found["explanation"]


def test_a_placebo_in_time_is_the_estimate_of_the_periods_before() -> None:
    """Five periods before the start at 6, so a start pretended two earlier, at 4, on periods 1 to 5."""
    found = checked(TWO, "placebo", "two_by_two")
    row = next(row for row in found["rows"] if row["kind"] == "time")
    early = TWO[TWO["period"] < 6]
    expected = made(early.assign(first=early["first"].where(early["first"] == 0, 4)), "two_by_two")
    assert row["shift"] == 2
    for key in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        assert row[key] == pytest.approx(expected[key], rel=1e-9)


def test_groups_that_moved_apart_before_are_red() -> None:
    frame = TWO.assign(y=TWO["y"] + 3.0 * TWO["period"] * (TWO["first"] > 0))
    found = checked(frame, "placebo", "two_by_two")
    assert found["verdict"] == "red"
    assert "moved apart before the tactic" in found["explanation"]


def test_staggered_starts_are_pretended_before_the_first_of_them() -> None:
    frame = staggered_panel(80, 20, n_cohorts=3, never_share=0.4, seed=3).rename(
        columns={"first_treated": "first"}
    )
    found = checked(frame, "placebo")
    time, space = found["rows"]
    assert time["p_value"] is not None
    assert time["verdict"] == "ok"
    assert space["draws"] == 199
    assert 1 / 200 <= space["p_value"] <= 1


@pytest.mark.slow
def test_placebos_in_time_and_space_reject_as_often_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    # A rank among 39 is as uniform as one among 199, and costs a fifth.
    monkeypatch.setattr("experiments.stats.checks.placebo.DRAWS", LEAST_DRAWS)
    rejected, ranks, count = 0, [], 300
    for seed in range(count):
        frame = staggered_panel(40, 10, n_cohorts=1, never_share=0.5, effect=0.0, seed=seed)
        found = checked(frame.rename(columns={"first_treated": "first"}), "placebo", "two_by_two")
        rejected += found["rows"][0].get("p_value", 1) < 0.05
        ranks.append(found["rows"][1]["p_value"])
    assert abs(rejected / count - 0.05) < 4 * math.sqrt(0.05 * 0.95 / count)
    assert abs(float(np.mean(ranks)) - 0.5) < 4 * math.sqrt(1 / 12 / count)


def test_the_rank_among_placebos() -> None:
    assert placebo(3.0, np.arange(-9.0, 10.0)) == 15 / 20
    assert placebo(-3.0, np.arange(-9.0, 10.0)) == 15 / 20
    with pytest.raises(NotEstimable, match="at least 19"):
        placebo(1.0, np.arange(5.0))


@pytest.mark.parametrize(
    ("frame", "estimator", "words"),
    [
        (PANEL[PANEL["period"] > 2], "twfe", "too few to pretend an earlier one"),
        (PANEL[PANEL["first"] > 0], "roth_santanna", "3 periods before the first start"),
    ],
)
def test_placebos_that_cannot_be_made_say_why(frame: pd.DataFrame, estimator: str, words: str) -> None:
    assert words in checked(frame, "placebo", estimator)["explanation"]


def displaced(shift: float) -> pd.DataFrame:
    counts = TWO.assign(crime=20 + TWO["count"] - 3 * TWO["treated"])
    return counts.assign(
        crime_buffer=15 + (counts["unit"] + counts["period"]) % 3 + shift * counts["treated"]
    )


def with_buffer(frame: pd.DataFrame, buffer: str = "crime_buffer") -> dict[str, Any]:
    value = plan("two_by_two", checks=("displacement",), outcome="crime")
    value["estimates"].append({**value["estimates"][0], "id": "B1", "role": "harm", "outcome": buffer})
    found: dict[str, Any] = stats.run(value, frame).document()
    return found


def test_displacement_is_the_buffer_s_estimate_and_the_counts_added_up() -> None:
    frame = displaced(0.0)
    document = with_buffer(frame)
    check, buffer = document["checks"]["displacement"], document["estimates"][1]
    (row,) = check["rows"]
    assert (row["buffer_estimate"], row["buffer_conf_low"]) == (buffer["estimate"], buffer["conf_low"])
    post, treated = frame["period"] >= 6, frame["first"] > 0
    means = {
        (name, arm, side): frame[(treated == arm) & (post == side)][name].sum() / (3 if side else 5) / 6
        for name in ("crime", "crime_buffer")
        for arm in (True, False)
        for side in (True, False)
    }
    for key, name in (("wdd_local", "crime"), ("wdd_zone", "crime_buffer")):
        change = [means[name, arm, True] - means[name, arm, False] for arm in (True, False)]
        assert row[key] == pytest.approx(change[0] - change[1], rel=1e-10)
    assert row["wdd_total"] == pytest.approx(row["wdd_local"] + row["wdd_zone"], rel=1e-10)
    assert check["verdict"] == "ok"


def test_crime_that_moved_is_red_and_the_quotient_says_so() -> None:
    document = with_buffer(displaced(4.0))
    check = document["checks"]["displacement"]
    assert check["verdict"] == "red"
    assert check["statistic"] < 0
    assert "may have moved" in check["explanation"]


def test_displacement_of_the_paper() -> None:
    found = displacement((207, 110), (178, 157), (308, 318), (150, 140))
    assert (found.total.estimate, found.total.std_error) == pytest.approx((-118, 39.5979797), abs=6e-8)
    assert found.quotient is not None
    assert found.quotient.wdq == pytest.approx(0.2581856883, abs=6e-11)
    doubled = displacement((414, 220), (356, 314), (616, 636), (300, 280), area_weights=(2, 2))
    assert doubled.total.estimate == pytest.approx(-118)


@pytest.mark.slow
def test_the_total_covers_what_really_changed() -> None:
    count, covered = 2_000, 0
    bits = stream(1, "displacement", "counts")
    means = np.array([200.0, 140, 120, 140, 300, 300, 150, 150])
    cells = np.maximum(0, np.round(means + np.sqrt(means) * standard_normals(bits, (count, 8))))
    for a, b, c, d, e, f, g, h in cells:
        total = displacement((a, b), (c, d), (e, f), (g, h)).total
        covered += total.conf_low <= -40 <= total.conf_high
    assert 0.935 <= covered / count <= 0.965


def test_without_a_buffer_the_check_says_how_to_name_one() -> None:
    check = with_buffer(displaced(0.0), buffer="count")["checks"]["displacement"]
    assert check["verdict"] == "not_estimable"
    assert "'_buffer' at its end" in check["explanation"]


def test_staggered_counts_have_the_buffer_s_estimate_alone() -> None:
    frame = PANEL.assign(crime=PANEL["count"], crime_buffer=PANEL["count"] + PANEL["unit"] % 2)
    value = plan("callaway_santanna", checks=("displacement",), outcome="crime")
    value["estimates"].append({**value["estimates"][0], "id": "B1", "outcome": "crime_buffer"})
    (row,) = stats.run(value, frame).document()["checks"]["displacement"]["rows"]
    assert "need one start" in row["reason"]
    assert row["buffer_estimate"] is not None
