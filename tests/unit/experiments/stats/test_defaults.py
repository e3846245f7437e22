"""Where a plan names no covariance, few clusters are judged by draws and not by a formula that needs many."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.stats.simulate import staggered_panel
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, row

SWITCHED = "the plan names no covariance, and 'randomisation' is the default"


def forces(n_treated: int, n_forces: int = 20, n_periods: int = 8, *, start: int = 5) -> pd.DataFrame:
    """Return forces by months, of which some start together, in a fixed pattern of counts."""
    force, month = (part.ravel() for part in np.mgrid[0:n_forces, 1 : n_periods + 1])
    y = 20.0 + 3 * (force % 7) + month + (7 * force**2 + 11 * month * force + 3 * month**2) % 13
    first = np.where(force < n_treated, start, 0)
    return pd.DataFrame({"unit": force, "period": month, "first": first, "y": y})


@pytest.mark.parametrize("estimator", ["twfe", "two_by_two", "poisson_twfe"])
@pytest.mark.parametrize("n_treated", [1, 2, 5])
def test_few_treated_forces_get_a_placebo_test(estimator: str, n_treated: int) -> None:
    found = made(forces(n_treated), estimator)
    asked = made(forces(n_treated), estimator, covariance="randomisation")
    assert found["covariance"] == "randomisation"
    assert found["warnings"][0].startswith(SWITCHED)
    assert found["estimate"] == pytest.approx(asked["estimate"], rel=1e-9)
    assert all(found[key] == asked[key] for key in ("p_value", "conf_low", "conf_high"))
    assert (found["std_error"] is None) == (n_treated == 1)
    assert any("beside it: the standard error of" in words for words in found["warnings"]) == (
        n_treated > 1 or estimator == "poisson_twfe"
    )


@pytest.mark.parametrize(
    ("estimator", "treated", "own"),
    [
        ("twfe", 14, "CR2"),
        ("two_by_two", 14, "HC2"),
        ("poisson_twfe", 20, "CR1"),
    ],
)
def test_many_forces_keep_the_estimator_s_own(estimator: str, treated: int, own: str) -> None:
    found = made(forces(treated, 40), estimator)
    assert found["covariance"] == own
    assert not any(words.startswith(SWITCHED) for words in found["warnings"])


def test_rates_of_a_panel_need_twenty_since_they_have_no_cr2() -> None:
    found = made(forces(19, 40), "poisson_twfe")
    assert found["covariance"] == "randomisation"
    assert "19 clusters in the smaller arm" in found["warnings"][0]


@pytest.mark.parametrize("estimator", ["callaway_santanna", "imputation", "sun_abraham", "roth_santanna"])
def test_influence_functions_need_twenty(estimator: str) -> None:
    assert made(vectors.panel(), estimator)["covariance"] == "randomisation"
    many = staggered_panel(120, 6, n_cohorts=2, never_share=0.4, seed=3).rename(
        columns={"first_treated": "first"}
    )
    assert made(many, estimator)["covariance"] in {"analytic", "CR1"}


def test_a_named_covariance_stays() -> None:
    found = made(forces(2), "twfe", covariance="CR1")
    assert found["covariance"] == "CR1"
    assert any("rejects a true null too often: about 23.3 %" in words for words in found["warnings"])


def test_where_nothing_can_be_drawn_the_default_stands_and_says_why() -> None:
    frame = forces(4).assign(x=lambda rows: np.sin(rows["unit"] * rows["period"]))
    found = made(frame, "twfe", covariates=["x"])
    assert found["covariance"] == "CR2"
    assert (
        "cannot be judged by draws: starting dates can be redrawn without weights and covariates only"
        in (found["warnings"][0])
    )


def test_a_sandwich_that_rejects_far_too_often_is_refused_where_nothing_can_be_drawn() -> None:
    frame = forces(2).assign(x=lambda rows: np.sin(rows["unit"] * rows["period"]))
    found = row(frame, "poisson_twfe", covariates=["x"])
    assert found["status"] == "not_estimable"
    assert "CR1 would reject far too often" in found["reason"]


def test_forces_with_few_degrees_of_freedom_are_judged_by_draws() -> None:
    """Six of twelve treated, but nearly all beats in two forces: CR2 has less than four degrees of freedom."""
    frame = forces(6, 12)
    heavy = pd.concat(
        [frame, *(frame[frame["unit"] % 6 == 0].assign(unit=100 * k + frame["unit"]) for k in range(1, 60))]
    )
    heavy["force"] = heavy["unit"] % 100
    found = made(heavy, "twfe", columns={"cluster": "force"})
    assert found["covariance"] == "randomisation"
    assert "CR2 has" in found["warnings"][0]


@pytest.mark.parametrize("estimator", ["callaway_santanna", "imputation", "sun_abraham"])
def test_clusters_of_one_size_or_of_many_give_the_same_kind_of_test(estimator: str) -> None:
    """A cluster of two alike units is the unit: the fast form and the one for unequal sizes agree on the estimate."""
    frame = vectors.panel()
    twins = pd.concat([frame, frame.assign(unit=frame["unit"] + 100)]).assign(
        place=lambda rows: rows["unit"] % 100
    )
    uneven = pd.concat([frame, frame[frame["unit"] < 3].assign(unit=lambda rows: rows["unit"] + 100)])
    uneven["place"] = uneven["unit"] % 100
    one = made(frame, estimator, covariance="randomisation", options={"draws": 199})
    changes: dict[str, Any] = {
        "columns": {"cluster": "place"}, "covariance": "randomisation", "options": {"draws": 199}
    }  # fmt: skip
    two, other = made(twins, estimator, **changes), made(uneven, estimator, **changes)
    assert two["estimate"] == pytest.approx(one["estimate"], rel=1e-9)
    assert two["p_value"] == one["p_value"]
    assert 0 < other["p_value"] <= 1
    assert other["conf_low"] < other["estimate"] < other["conf_high"]


def test_a_cluster_with_two_dates_is_not_what_was_assigned() -> None:
    found = row(
        vectors.panel().assign(place=lambda rows: rows["unit"] // 2),
        "callaway_santanna",
        columns={"cluster": "place"},
        covariance="randomisation",
    )
    assert "the cluster is not what was assigned" in found["reason"]


@pytest.mark.slow
def test_dates_dealt_out_over_uneven_forces_reject_as_often_as_they_say() -> None:
    """Panels of 18 forces of one to six beats, four of them treated, without an effect."""
    rejected, count = 0, 60
    for seed in range(count):
        rng = np.random.default_rng(seed)
        beats = np.repeat(np.arange(18), 1 + np.arange(18) % 6)
        shock, path = rng.normal(size=(18, 6)), rng.normal(size=(len(beats), 6))
        first = np.where(np.isin(np.arange(18), rng.permutation(18)[:4]), 4, 0)[beats]
        frame = pd.DataFrame(
            {
                "unit": np.repeat(np.arange(len(beats)), 6),
                "force": np.repeat(beats, 6),
                "period": np.tile(np.arange(1, 7), len(beats)),
                "first": np.repeat(first, 6),
                "y": (shock[beats] + path).ravel(),
            }
        )
        found = made(
            frame,
            "imputation",
            columns={"cluster": "force"},
            covariance="randomisation",
            options={"draws": 99},
        )
        rejected += found["p_value"] <= 0.05
    assert rejected / count <= 0.05 + 3 * (0.05 * 0.95 / count) ** 0.5


def test_a_placebo_test_of_ratios_is_the_two_way_fit_of_every_assignment() -> None:
    """Ten forces, two treated: all 45 assignments, each fitted by the two-way Poisson model itself."""
    frame = forces(2, 10)
    found = made(frame, "poisson_twfe", covariance="randomisation")
    plain = made(frame, "poisson_twfe", covariance="CR1")
    assert found["estimate"] == pytest.approx(plain["estimate"], rel=1e-8)
    assert found["std_error"] == pytest.approx(plain["std_error"], rel=1e-8)
    reached = 0
    for one in range(10):
        for other in range(one):
            chosen = frame.assign(first=np.where(frame["unit"].isin([one, other]), 5, 0))
            again = made(chosen, "poisson_twfe", covariance="CR0")
            reached += abs(again["statistic"]) >= abs(plain["estimate"] / again_error(frame)) * (1 - 1e-9)
    assert found["p_value"] == reached / 45


def again_error(frame: pd.DataFrame) -> float:
    return float(made(frame, "poisson_twfe", covariance="CR0")["std_error"])


def test_a_ratio_s_interval_is_what_is_not_rejected_and_scales() -> None:
    frame = forces(3, 14)
    found = made(frame, "poisson_twfe", covariance="randomisation")
    scaled = made(frame.assign(y=7 * frame["y"]), "poisson_twfe", covariance="randomisation")
    assert scaled["p_value"] == found["p_value"]
    assert scaled["conf_low"] == pytest.approx(found["conf_low"], rel=1e-6)
    assert found["conf_low"] < found["estimate"] < found["conf_high"]
    for end, inwards in (("conf_low", 1), ("conf_high", -1)):
        for step, is_rejected in ((1e-4, False), (-1e-4, True)):
            effect = found[end] + inwards * step
            after = (frame["first"] > 0) & (frame["period"] >= 5)
            moved = frame.assign(y=frame["y"] * np.where(after, np.exp(-effect), 1.0))
            assert (made(moved, "poisson_twfe", covariance="randomisation")["p_value"] <= 0.05) == is_rejected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.assign(first=frame["first"].where(frame["unit"] > 0, 6)), "start at 2 dates"),
        (lambda frame: frame.iloc[1:], "without gaps"),
        (
            lambda frame: frame.assign(y=frame["y"].where((frame["unit"] > 2) | (frame["period"] < 5), 0)),
            "no events",
        ),
        (lambda frame: frame[frame["unit"] < 5], "too few to judge by redrawing"),
    ],
    ids=["two dates", "a gap", "no events after", "five forces"],
)
def test_ratios_that_cannot_be_redrawn(change: Any, words: str) -> None:
    found = row(change(forces(3)), "poisson_twfe", covariance="randomisation")
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]


def test_a_triple_difference_of_few_places_is_judged_by_draws() -> None:
    frame = forces(3, 12)
    both = pd.concat(
        [
            frame.assign(affected=1, place=frame["unit"]),
            frame.assign(
                affected=0,
                place=frame["unit"],
                unit=frame["unit"] + 100,
                first=0,
                y=frame["y"].sample(frac=1, random_state=3).to_numpy(),
            ),
        ]
    )
    found = made(both, "triple_difference", columns={"cluster": "place"}, options={"affected": "affected"})
    plain = made(
        both,
        "triple_difference",
        columns={"cluster": "place"},
        options={"affected": "affected"},
        covariance="HC2",
    )
    assert found["covariance"] == "randomisation"
    assert found["estimate"] == pytest.approx(plain["estimate"], rel=1e-9)
    assert "all 220 ways in which 3 of 12" in " ".join(found["warnings"])


def test_two_way_draws_of_few_forces_are_all_there_are() -> None:
    """One force of 43: its rank among all, not a sample of it; one of 15 can never reach 0.05 and is told so."""
    found = made(forces(1, 43), "twfe")
    assert found["p_value"] * 43 == pytest.approx(round(found["p_value"] * 43), abs=1e-9)
    assert "(all 43 ways)" in " ".join(found["warnings"])
    refused = row(forces(1, 15), "twfe", covariance="randomisation")
    assert "in 15 ways only" in refused["reason"]


def test_a_default_that_draws_cannot_help_says_what_was_tried() -> None:
    found = row(forces(1, 15), "two_by_two")
    assert "draws were tried too: the draw could have fallen in 15 ways only" in found["reason"]


def test_what_a_synthesis_takes_of_draws_is_their_interval() -> None:
    found = made(forces(3), "poisson_twfe")
    width = found["conf_high"] - found["conf_low"]
    assert found["vi"] == pytest.approx((width / (2 * 1.959963984540054)) ** 2, rel=1e-12)
    assert found["mde"] is None
    assert found["vi"] > found["std_error"] ** 2


def test_places_of_a_triple_difference_count_as_treated_whoever_is_in_them() -> None:
    """Three comparison places of fifteen: units that the tactic cannot affect are no comparison places of their own."""
    frame = forces(12, 15)
    both = pd.concat(
        [
            frame.assign(affected=1, place=frame["unit"]),
            frame.assign(
                affected=0, place=frame["unit"], unit=frame["unit"] + 100, first=0, y=frame["y"] % 7
            ),
        ]
    )
    found = made(both, "triple_difference", columns={"cluster": "place"}, options={"affected": "affected"})
    assert found["covariance"] == "randomisation"
    assert "3 clusters in the smaller arm" in found["warnings"][0]
