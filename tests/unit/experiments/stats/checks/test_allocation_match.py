"""Allocation match: every pair of arms counted by hand and by pandas, order and labels, a planted error, refusals."""

import numpy as np
import pandas as pd
import pytest

from experiments.stats import allocation_match, run
from experiments.stats.errors import NotEstimable
from experiments.stats.registered import Registered
from tests.reference import vectors
from tests.unit.experiments.stats import plans

UNITS = ["a", "a", "b", "c", "c", "x"]
ARMS = ["t", "t", "c", "t", "", "c"]
LIST = {"a": "t", "b": "c", "c": "c", "d": "t"}


def test_counts_by_hand() -> None:
    found = allocation_match(UNITS, ARMS, LIST)
    assert found.rows == {("c", "c"): 1, ("c", "t"): 1, ("t", "t"): 2}
    assert found.units == {("c", "c"): 1, ("c", "t"): 1, ("t", "t"): 1}
    assert (found.unlisted, found.absent, found.without_arm, found.is_match) == (1, 1, 1, False)


def test_counts_of_pandas() -> None:
    rng = np.random.default_rng(4)
    units = rng.integers(0, 50, 2_000).astype(str)
    arms = rng.choice(["c", "t", "u"], 2_000)
    drawn = {str(number): "ctu"[number % 3] for number in range(50)}
    found = allocation_match(units.astype(object), arms.astype(object), drawn)
    expected = pd.crosstab(pd.Series([drawn[unit] for unit in units]), pd.Series(arms))
    assert found.rows == {(one, other): expected.loc[one, other] for one in "ctu" for other in "ctu"}


def test_order_and_the_way_a_number_is_written_do_not_matter() -> None:
    order = [3, 0, 5, 2, 4, 1]
    shuffled = allocation_match([UNITS[i] for i in order], [ARMS[i] for i in order], LIST)
    assert shuffled == allocation_match(UNITS, ARMS, LIST)
    assert allocation_match(["a", "b"], ["1.0", "0"], {"a": "1", "b": "0.0"}).is_match


def test_one_row_in_the_other_arm_is_found_among_many() -> None:
    units = [str(number) for number in range(10_000)]
    drawn = {unit: "ct"[number % 2] for number, unit in enumerate(units)}
    arms = list(drawn.values())
    assert allocation_match(units, arms, drawn).is_match
    arms[6_543] = "c"
    assert allocation_match(units, arms, drawn).rows["t", "c"] == 1


@pytest.mark.parametrize(
    ("units", "arms", "drawn", "words"),
    [
        (["a"], ["t"], {}, "no assignment is registered"),
        ([], [], LIST, "there are no rows to compare"),
        (["a"], [""], LIST, "no row has an arm"),
    ],
)
def test_refusals(units: list[str], arms: list[str], drawn: dict[str, str], words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        allocation_match(units, arms, drawn)


def test_without_a_registration_it_cannot_be_made_and_says_why() -> None:
    found = _check(None)
    assert found["verdict"] == "not_estimable"
    assert "run the analysis in the registry" in found["explanation"]


def test_a_changed_arm_is_red_and_the_words_carry_no_count() -> None:
    frame = vectors.clusters()
    drawn = dict(zip(frame["unit"], frame["arm"], strict=True))
    assert _check(Registered(assignment=drawn))["verdict"] == "ok"
    found = _check(Registered(assignment=drawn | {"0-0": "control"}))
    assert found["verdict"] == "red"
    assert not any(letter.isdigit() for letter in found["explanation"])
    assert {"registered": "control", "analysed": "treatment", "n_obs": 1, "n_units": 1} in found["rows"]


def _check(registered: Registered | None) -> dict[str, object]:
    plan = plans.plan(plans.estimate("difference_in_means"), checks=["allocation_match"])
    found: dict[str, object] = run(plan, vectors.clusters(), registered=registered).document()["checks"][
        "allocation_match"
    ]
    return found
