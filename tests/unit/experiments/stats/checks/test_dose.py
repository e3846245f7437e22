"""Dose: scipy's distance, hand-made means, invariances, what is red, and refusals."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from experiments.stats import dose, run
from experiments.stats.errors import NotEstimable
from experiments.stats.registered import Registered
from tests.unit.experiments.stats import plans

RNG = np.random.default_rng(6)
Z = np.repeat([1.0, 0.0], 40)
D = np.r_[RNG.gamma(9, 1.5, 40), RNG.gamma(4, 1.0, 40)]


def test_overlap_is_one_less_scipys_distance() -> None:
    assert dose(D, Z).overlap == pytest.approx(1 - scipy.stats.ks_2samp(D[:40], D[40:]).statistic, rel=1e-12)


def test_shares_by_hand() -> None:
    found = dose(
        np.array([10.0, 5, 15, 10, 0, 0, 2, np.nan]), np.repeat([1.0, 0.0], 4), planned=16, floor=0.5
    )
    assert (found.treated, found.control) == (10.0, pytest.approx(2 / 3))
    assert found.delivered == pytest.approx(0.625)
    assert found.below_floor == 0.25
    assert found.crossed == pytest.approx(1 / 3)
    assert found.overlap == 0.0


def test_invariances() -> None:
    found, order = dose(D, Z, planned=12, floor=0.6), RNG.permutation(80)
    assert dose(D[order], Z[order], planned=12, floor=0.6) == found
    scaled = dose(60 * D, Z, planned=720, floor=0.6)
    assert (scaled.delivered, scaled.overlap) == pytest.approx((found.delivered, found.overlap))
    assert dose(D**2, Z).overlap == found.overlap


def test_alike_arms_overlap_wholly() -> None:
    same = np.tile(RNG.gamma(4, 1, 50), 2)
    assert dose(same, np.repeat([1.0, 0.0], 50)).overlap == 1.0


def test_arms_of_one_distribution_overlap_as_much_as_the_distance_says() -> None:
    """By chance alone the distance of two samples of 100 has a mean of about 0.8687·√(1/100 + 1/100)."""
    draws = [dose(RNG.gamma(4, 1, 200), np.repeat([1.0, 0.0], 100)).overlap for _ in range(400)]
    assert 1 - np.mean(draws) == pytest.approx(0.8687 * np.sqrt(0.02), abs=0.01)


def test_blocks_in_which_control_got_more_are_named() -> None:
    blocks = np.tile([0, 1], 40)
    turned = np.where(blocks == 1, D.max() - D, D)
    assert dose(turned, Z, blocks=blocks).reversed_blocks == (1,)
    assert dose(D, Z, blocks=blocks).reversed_blocks == ()


@pytest.mark.parametrize(
    ("delivered", "planned", "words"),
    [
        (np.where(Z > 0, np.nan, D), None, "an arm has no recorded dose"),
        (-D, None, "a dose is below 0"),
        (D, 0.0, "the planned dose of the treatment arm is not above 0"),
    ],
)
def test_refusals(delivered: np.ndarray, planned: float | None, words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        dose(delivered, Z, planned=planned)


def check(minutes: np.ndarray, registered: Registered | None = None, *, named: bool = True) -> dict[str, Any]:
    """The check of a trial of ten units an arm over three weeks."""
    arm = np.repeat(["treatment", "control"], 10)
    frame = pd.DataFrame(
        {
            "unit": np.tile([f"u{n:02d}" for n in range(20)], 3),
            "arm": np.tile(arm, 3),
            "minutes": np.tile(minutes, 3),
            "y": np.arange(60) ** 2 % 17,
        }
    )
    columns = {"unit": "unit", "arm": "arm"} | ({"dose": "minutes"} if named else {})
    plan = plans.plan(plans.estimate("difference_in_means"), columns=columns, checks=["dose"])
    found: dict[str, Any] = run(plan, frame, registered=registered).document()["checks"]["dose"]
    return found


@pytest.mark.parametrize(
    ("treated", "control", "planned", "verdict", "words"),
    [
        (12.0, 0.0, {"treatment": 15.0}, "ok", "80 % of the plan"),
        (6.0, 0.0, {"treatment": 15.0}, "red", "this is not a test of the tactic"),
        (12.0, 12.0, {"treatment": 15.0}, "red", "Control got as much as treatment, or more."),
        (12.0, 1.0, {"treatment": 15.0, "control": 0.0}, "red", "100 % of control units got some"),
        (12.0, 1.0, {"treatment": 15.0}, "ok", "control 1"),
        (12.0, 1.0, {}, "ok", "No planned dose is registered"),
    ],
)
def test_what_is_red(
    treated: float, control: float, planned: dict[str, float], verdict: str, words: str
) -> None:
    minutes = np.repeat([treated, control], 10)
    found = check(minutes, Registered(planned_dose=planned, integrity_floor=0.6))
    assert found["verdict"] == verdict
    assert words in found["explanation"]
    assert found["rows"][1]["delivered"] == (treated / 15 if planned else None)


def test_one_control_unit_in_fifty_that_got_some_is_a_caution() -> None:
    units, arm = [f"u{n:03d}" for n in range(100)], np.repeat(["treatment", "control"], 50)
    frame = pd.DataFrame({"unit": units, "arm": arm, "y": np.arange(100) % 7, "m": np.repeat([9.0, 0.0], 50)})
    frame.loc[99, "m"] = 1.0
    columns = {"unit": "unit", "arm": "arm", "dose": "m"}
    plan = plans.plan(plans.estimate("difference_in_means"), columns=columns, checks=["dose"])
    found = run(plan, frame, registered=Registered(planned_dose={"control": 0.0})).document()["checks"][
        "dose"
    ]
    assert found["verdict"] == "adjust"
    assert "2 % of control units got some, and were to get none" in found["explanation"]


def test_a_plan_without_a_dose_column_is_told() -> None:
    found = check(np.ones(20), named=False)
    assert found["explanation"] == "the plan names no column for the dose: name it in 'columns'"
