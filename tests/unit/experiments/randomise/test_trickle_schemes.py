"""Schemes of cases one by one: what is refused, in full, and what at the end of its range is taken."""

from fractions import Fraction
from typing import Any

import pytest

from experiments.randomise import Arm, DrawRefused
from experiments.randomise.trickle import (
    Factor,
    Past,
    TrickleScheme,
    allot,
    level_problems,
    scheme_problems,
)
from experiments.randomise.trickle.allotting import picked
from tests.unit.experiments.randomise.test_trickle import BLOCKS, KEY, MINIMISE, SEX, SIMPLE

TWO_SIZES = "Give at least two block sizes, so that nobody can tell where a block ends"
COIN = "The probability of the preferred arm is from 0.6 to 0.95"


def factors(n: int, levels: str = "ab") -> tuple[Factor, ...]:
    return tuple(Factor(f"x{place}", tuple(levels)) for place in range(n))


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "field", "message"),
        [
            (
                {"method": "coin"},
                "method",
                "Unknown method 'coin'; choose one of trickle_simple, permuted_blocks, minimisation",
            ),
            ({"arms": (Arm("T"),)}, "ratio", "Add at least two arms"),
            ({"block_sizes": ()}, "block_sizes", TWO_SIZES),
            ({"block_sizes": (4,)}, "block_sizes", TWO_SIZES),
            ({"block_sizes": (4, 5)}, "block_sizes/1", "Block size must be a multiple of 2"),
            ({"block_sizes": (4, 6, 4)}, "block_sizes/2", "The block size 4 is given twice"),
            ({"block_sizes": (4, 101)}, "block_sizes/1", "A block has from 2 to 100 cases"),
            ({"block_sizes": (4, 1)}, "block_sizes/1", "A block has from 2 to 100 cases"),
            (
                {"arms": (Arm("T", 2), Arm("C")), "block_sizes": (3, 4)},
                "block_sizes/1",
                "Block size must be a multiple of 3",
            ),
            ({"factors": (SEX, SEX)}, "factors/0/name", "Two factors are called “sex”"),
            ({"factors": (Factor("", ("a", "b")),)}, "factors/0/name", "Name the factor"),
            (
                {"factors": (Factor(" x", ("a", "b")),)},
                "factors/0/name",
                "The name of the factor has a space before or after it",
            ),
            (
                {"factors": factors(5)},
                "factors",
                "Blocks take at most 4 factors; use minimisation for more",
            ),
            (
                {"factors": factors(9)},
                "factors",
                "At most 8 factors are possible",
            ),
            ({"factors": (Factor("x", ("a",)),)}, "factors/0/levels", "A factor has from 2 to 20 levels"),
            (
                {"factors": factors(1, "abcdefghijklmnopqrstu")},
                "factors/0/levels",
                "A factor has from 2 to 20 levels",
            ),
            ({"factors": (Factor("x", ("a", " ")),)}, "factors/0/levels", "A level of the factor is blank"),
            ({"factors": (Factor("x", ("a", "a")),)}, "factors/0/levels", "The level “a” is given twice"),
            (
                {"factors": (Factor("x", ("a", " b")),)},
                "factors/0/levels",
                "A level of the factor has a space before or after it",
            ),
            (
                {"factors": (Factor("x", ("a", "b" * 41)),)},
                "factors/0/levels",
                "A level has at most 40 characters",
            ),
            (
                {"factors": (Factor("x", ("a", "b"), Fraction(0)),)},
                "factors/0/weight",
                "The weight of a factor is above 0",
            ),
            (
                {"factors": factors(4, "abcd")},
                "factors",
                "256 strata would leave most blocks unfinished; use at most 100, or minimisation",
            ),
            (
                {"method": "trickle_simple"},
                "factors",
                "A simple draw ignores factors; leave them out or change method",
            ),
            (
                {"method": "minimisation", "factors": ()},
                "factors",
                "Name the factors that minimisation balances",
            ),
            (
                {"method": "minimisation"},
                "coin_probability",
                "Enter the probability of the preferred arm, such as 0.8",
            ),
            (
                {"method": "minimisation", "coin": Fraction(1)},
                "coin_probability",
                "With probability 1 the next arm could be foretold; use 0.95 or less",
            ),
            ({"method": "minimisation", "coin": Fraction(59, 100)}, "coin_probability", COIN),
            ({"method": "minimisation", "coin": Fraction(96, 100)}, "coin_probability", COIN),
            (
                {"method": "minimisation", "imbalance": "sum"},
                "imbalance",
                "Choose one of: range, standard_deviation, variance",
            ),
        ],
    )
    def test_a_problem_names_its_field(self, change: dict[str, Any], field: str, message: str) -> None:
        parts = {name: getattr(BLOCKS, name) for name in BLOCKS.__slots__}
        found = [(one.field, one.message) for one in scheme_problems(TrickleScheme(**{**parts, **change}))]
        assert (field, message) in found

    @pytest.mark.parametrize("scheme", [BLOCKS, SIMPLE, MINIMISE])
    def test_a_good_scheme_has_no_problem_and_comes_back_from_json(self, scheme: TrickleScheme) -> None:
        assert scheme_problems(scheme) == []
        assert TrickleScheme.from_json(scheme.as_json()) == scheme

    @pytest.mark.parametrize(
        "change",
        [
            {"block_sizes": (2, 100)},
            {"factors": factors(4)},
            {"factors": (*factors(2, "abcde"), *factors(3)[2:], Factor("y", ("a", "b")))},  # 100 strata
            {"factors": factors(1, "abcdefghijklmnopqrst")},
            {"factors": (Factor("x", ("a", "b" * 40)),)},
            {"method": "minimisation", "factors": factors(8), "coin": Fraction(6, 10)},
            {"method": "minimisation", "coin": Fraction(95, 100), "imbalance": "variance"},
        ],
    )
    def test_what_lies_at_the_end_of_its_range_is_taken(self, change: dict[str, Any]) -> None:
        parts = {name: getattr(BLOCKS, name) for name in BLOCKS.__slots__}
        assert scheme_problems(TrickleScheme(**{**parts, **change})) == []

    @pytest.mark.parametrize(
        ("levels", "message"),
        [
            ({"sex": "female"}, "Choose the level of “area”"),
            ({"sex": "female", "area": "east"}, "“area” is one of: north, south"),
            ({"sex": "female", "area": "north", "age": "9"}, "“age” is not a factor of this trial"),
        ],
    )
    def test_levels(self, levels: dict[str, str], message: str) -> None:
        assert [problem.message for problem in level_problems(BLOCKS, levels)] == [message]
        with pytest.raises(DrawRefused, match="^" + message):
            allot(BLOCKS, KEY, levels, Past())

    def test_shares_that_leave_a_gap_pick_nothing(self) -> None:
        with pytest.raises(ValueError, match=r"^the probabilities do not sum to 1$"):
            picked("f" * 64, {"T": Fraction(1, 2), "C": Fraction(1, 4)})
