"""A protocol that enrols cases one by one: complete as it stands, and each problem at its field."""

from fractions import Fraction
from typing import Any

import pytest

from experiments import protocol
from tests.unit.experiments.protocol.documents import TODAY, changed

REHEARSED: dict[str, Any] = {
    "eligibility__intake__dry_run_expected": 12,
    "eligibility__intake__dry_run_processed": 12,
}
SEX = {"name": "sex", "levels": ["female", "male"], "weight": None}
BLOCKS: dict[str, Any] = {
    **REHEARSED,
    "allocation__method": "permuted_blocks",
    "design__timing": "trickle",
    "allocation__block_sizes": [4, 6],
    "allocation__factors": [SEX],
}
MINIMISE: dict[str, Any] = {
    **BLOCKS,
    "allocation__method": "minimisation",
    "allocation__block_sizes": [],
    "allocation__coin_probability": 0.8,
    "allocation__imbalance": "variance",
}


def problems(**places: Any) -> dict[str, str]:
    read = protocol.from_json(changed(**places))
    return {one.pointer: one.message for one in protocol.problems(read, today=TODAY)}


@pytest.mark.parametrize(
    "places",
    [
        BLOCKS,
        MINIMISE,
        {"allocation__method": "trickle_simple", "design__timing": "trickle", **REHEARSED},
        {**BLOCKS, "allocation__factors": []},
    ],
)
def test_a_whole_plan_has_no_problem(places: dict[str, Any]) -> None:
    assert problems(**places) == {}


@pytest.mark.parametrize(
    ("base", "place", "value", "pointer", "message"),
    [
        (BLOCKS, "design__timing", "single_batch", "/design/timing", "cases that come one by one"),
        (BLOCKS, "design__design", "rct_place", "/allocation/method", "for a trial of people or cases"),
        (BLOCKS, "allocation__strata", ["force"], "/allocation/strata", "move the strata there"),
        (BLOCKS, "allocation__block_sizes", [4], "/allocation/block_sizes", "at least two block sizes"),
        (BLOCKS, "allocation__block_sizes", [4, 5], "/allocation/block_sizes/1", "must be a multiple of 2"),
        (
            BLOCKS,
            "allocation__ratio",
            [{"arm": "treatment", "share": 2}, {"arm": "control", "share": 1}],
            "/allocation/block_sizes/0",
            "must be a multiple of 3",
        ),
        (
            BLOCKS,
            "allocation__factors",
            [{**SEX, "levels": ["female"]}],
            "/allocation/factors/0/levels",
            "from 2 to 20 levels",
        ),
        (MINIMISE, "allocation__factors", [], "/allocation/factors", "Name the factors"),
        (
            MINIMISE,
            "allocation__coin_probability",
            None,
            "/allocation/coin_probability",
            "Enter the probability",
        ),
        (MINIMISE, "allocation__coin_probability", 1, "/allocation/coin_probability", "could be foretold"),
        (MINIMISE, "allocation__factors", [{**SEX, "weight": 0}], "/allocation/factors/0/weight", "above 0"),
    ],
)
def test_a_problem_names_its_field(
    base: dict[str, Any], place: str, value: Any, pointer: str, message: str
) -> None:
    found = problems(**{**base, place: value})
    assert message in found[pointer]


def test_decimals_are_taken_exactly() -> None:
    weighted = [{**SEX, "weight": 1.1}]
    scheme = protocol.scheme_of(protocol.from_json(changed(**{**MINIMISE, "allocation__factors": weighted})))
    assert (scheme.coin, scheme.factors[0].weight) == (Fraction(4, 5), Fraction(11, 10))
    assert scheme.imbalance == "variance"


def test_cases_one_by_one_need_a_rehearsal() -> None:
    found = problems(**BLOCKS | dict.fromkeys(REHEARSED))
    assert set(found) == {"/eligibility/intake/dry_run_expected", "/eligibility/intake/dry_run_processed"}
