"""What the public numbers say of each other: nothing true is called false, and a wrong number is seen."""

import random

import pytest

from experiments.disclosure import round_significant
from experiments.packages import arithmetic
from experiments.stats import plan as plans
from tests.unit.experiments.packages import made

PLAN = plans.parse(made.PLAN)


def test_every_number_of_a_true_release_agrees() -> None:
    found = arithmetic.findings(made.released(), PLAN)
    assert len(found) >= 20
    assert [one for one in found if not one.agrees] == []
    names = {one.pointer.rpartition("/")[2] for one in found}
    assert {
        "statistic",
        "mde",
        "conf_low",
        "conf_high",
        "p_value",
        "p_value_adjusted",
        "pct_change",
        "vi",
        "yi",
    } <= names


@pytest.mark.parametrize(
    ("place", "name", "factor"),
    [
        (0, "conf_low", 1.05),
        (0, "statistic", 1.05),
        (0, "p_value_adjusted", 3.0),
        (1, "pct_change", 1.05),
        (1, "vi", 1.05),
        (1, "p_value", 3.0),
        (2, "mde", 1.05),
    ],
)
def test_a_wrong_number_is_seen(place: int, name: str, factor: float) -> None:
    document = made.released()
    document["estimates"][place][name] *= factor
    wrong = [one.pointer for one in arithmetic.findings(document, PLAN) if not one.agrees]
    assert f"/estimates/{place}/{name}" in wrong


def test_a_number_lies_in_the_span_of_what_it_was_rounded_to() -> None:
    drawn = random.Random(5)
    for _ in range(2_000):
        value = drawn.uniform(-1, 1) * 10 ** drawn.randint(-12, 12)
        low, high = arithmetic.span(round_significant(value, 3), 3)
        assert low <= value <= high
    assert arithmetic.span(0.0, 3) == (0.0, 0.0)


def test_what_comes_of_draws_is_left_to_the_data() -> None:
    document = made.released()
    document["estimates"][0] |= {"mde": None, "p_value": 0.9}
    pointers = {one.pointer for one in arithmetic.findings(document, PLAN)}
    assert "/estimates/0/p_value" not in pointers
    assert "/estimates/1/p_value" in pointers
