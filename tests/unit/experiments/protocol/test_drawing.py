"""The registered draw of a whole list: what each method still needs, by its field, and what the engine is told."""

from typing import Any

import pytest

from experiments import protocol
from experiments.protocol.drawing import batch_scheme
from experiments.randomise import Arm, Constraint, Crossover, Factor, Scheme, Wedge
from tests.unit.experiments.protocol.documents import COMPLETE, TODAY, read

WEDGE = {
    "sequences": 4,
    "baseline_periods": 2,
    "step_periods": 3,
    "first_day": "2027-01-04",
    "period_days": 28,
    "transition_periods": 0,
}
DAYS = {"first_day": "2027-01-04", "days": 28, "block_days": 4, "max_run": 2, "washout_days": 1}
FACTORS = [{"id": "visit", "levels": ["v0", "v1"]}, {"id": "text", "levels": ["t0", "t1"]}]


def found(method: str, design: str = "rct_place", **places: Any) -> dict[str, str]:
    """Return the problems of the allocation and the arms by their place."""
    made = read(
        allocation__method=method,
        design__design=design,
        **{f"allocation__{place}": value for place, value in places.items()},
    )
    return {
        each.pointer: each.message
        for each in protocol.problems(made, today=TODAY)
        if each.pointer.startswith(("/allocation", "/arms"))
    }


@pytest.mark.parametrize(
    ("method", "design", "places"),
    [
        ("simple", "rct_place", {}),
        ("matched", "rct_matched_pair", {"balance": {"covariates": ["crime"]}}),
        ("matched", "rct_place", {"balance": {"covariates": ["crime"]}}),
        ("constrained", "rct_place", {"balance": {"covariates": ["crime"], "keep_percent": 10}}),
        ("stepped_wedge", "rct_stepped_wedge", {"wedge": WEDGE, "ratio": []}),
        ("crossover", "rct_crossover", {"crossover": DAYS}),
        ("external", "rct_place", {"external": {"source": "A statistician"}}),
        ("complete", "rct_place", {"seed_policy": "public_beacon"}),
    ],
)
def test_a_complete_draw_has_no_problem(method: str, design: str, places: dict[str, Any]) -> None:
    assert found(method, design, **places) == {}


@pytest.mark.parametrize(
    ("method", "design", "places", "pointer", "message"),
    [
        ("matched", "rct_place", {}, "balance/covariates", "Name the covariates that pairs are matched on"),
        ("constrained", "rct_place", {}, "balance/keep_percent", "Enter the share of allocations"),
        ("constrained", "rct_place", {"balance": {"covariates": ["x"], "keep_percent": 80}},
         "balance/keep_percent", "Keep from 1 to 50 per cent"),
        ("matched", "rct_place", {"balance": {"covariates": ["crime", "unit"]}},
         "balance/covariates/1", "“unit” is another column of the unit list"),
        ("matched", "rct_place", {"balance": {"covariates": ["x", "x"]}},
         "balance/covariates/1", "“x” is named twice"),
        ("matched", "rct_place", {"balance": {"covariates": [f"x{i}" for i in range(11)]}},
         "balance/covariates", "needs 1 to 10 covariates; 11 are named"),
        ("stepped_wedge", "rct_stepped_wedge", {}, "wedge/sequences", "Enter the number of sequences"),
        ("stepped_wedge", "rct_stepped_wedge", {"wedge": {**WEDGE, "sequences": 1}},
         "wedge/sequences", "A stepped wedge has from 2 to 60 sequences"),
        ("stepped_wedge", "rct_stepped_wedge", {"wedge": {**WEDGE, "step_periods": 0}},
         "wedge/baseline_periods", "from 1 to 100 periods"),
        ("crossover", "rct_crossover", {}, "crossover/first_day", "Enter the first day"),
        ("crossover", "rct_crossover", {"crossover": {**DAYS, "block_days": 5}},
         "crossover/block_days", "A block of 5 days cannot hold shares that add up to 2"),
        ("crossover", "rct_crossover", {"crossover": {**DAYS, "days": 30}},
         "crossover/days", "Days must be a whole number of blocks of 4"),
        ("crossover", "rct_crossover", {"crossover": {**DAYS, "max_run": 0}},
         "crossover/max_run", "The longest run has from 1 to 28 days"),
        ("factorial", "rct_factorial", {}, "crossed_factors", "Add at least two factors"),
        ("factorial", "rct_factorial", {"crossed_factors": FACTORS[:1]},
         "crossed_factors", "A factorial draw needs at least two factors"),
        ("external", "rct_place", {}, "external/source", "Say who drew the list, and how"),
        ("external", "rct_place", {"external": {"source": "A"}, "seed_policy": "public_beacon"},
         "seed_policy", "A list drawn elsewhere has no seed here"),
        ("complete", "rct_stepped_wedge", {}, "method",
         "This design is drawn by “Draw to the sequences of a stepped wedge”"),
        ("external", "rct_crossover", {"external": {"source": "A"}}, "method",
         "This design is drawn by “Draw of places and days”"),
        ("stepped_wedge", "rct_place", {"wedge": WEDGE}, "method",
         "This draw is for the design “Stepped-wedge randomised trial”"),
    ],
)  # fmt: skip
def test_each_problem_names_its_field(
    method: str, design: str, places: dict[str, Any], pointer: str, message: str
) -> None:
    problems = found(method, design, **places)
    assert f"/allocation/{pointer}" in problems, problems
    assert message in problems[f"/allocation/{pointer}"]


def test_the_arms_of_a_factorial_trial_are_its_cells() -> None:
    problems = found("factorial", "rct_factorial", crossed_factors=FACTORS, ratio=[])
    assert problems["/arms"].startswith("Add an arm with the code “v")
    assert "is not a combination of the factors' levels" in problems["/arms/0/id"]


def test_a_stepped_wedge_has_one_arm_before_and_one_after() -> None:
    three = [*COMPLETE["arms"], {**COMPLETE["arms"][0], "id": "other"}]
    made = read(
        arms=three,
        allocation__method="stepped_wedge",
        allocation__wedge=WEDGE,
        design__design="rct_stepped_wedge",
    )
    messages = [each.message for each in protocol.problems(made, today=TODAY) if each.pointer == "/arms"]
    assert messages == ["A stepped wedge has one treatment arm, and one arm for the time before it"]


ARMS = (Arm("treatment"), Arm("control"))


@pytest.mark.parametrize(
    ("places", "scheme"),
    [
        ({"method": "complete"}, Scheme("complete", ARMS)),
        ({"method": "matched", "balance": {"covariates": ["x"]}}, Scheme("matched", ARMS, ("x",))),
        (
            {"method": "constrained", "balance": {"covariates": ["x"], "keep_percent": 20}},
            Scheme("constrained", ARMS, ("x",), Constraint(20)),
        ),
        (
            {"method": "stepped_wedge", "wedge": WEDGE},
            Scheme("stepped_wedge", (Arm("control"), Arm("treatment")), wedge=Wedge(4, 2, 3)),
        ),
        (
            {"method": "crossover", "crossover": DAYS},
            Scheme("crossover", ARMS, crossover=Crossover(28, 4, 2, 1, "control")),
        ),
        (
            {"method": "factorial", "crossed_factors": FACTORS},
            Scheme(
                "factorial",
                factors=(
                    Factor("visit", (Arm("v0"), Arm("v1"))),
                    Factor("text", (Arm("t0"), Arm("t1"))),
                ),
            ),
        ),
        (
            {"method": "external", "external": {"source": "A", "has_blocks": True}},
            Scheme("external", ARMS, blocks=True),
        ),
    ],
)
def test_the_engine_is_told_what_is_registered(places: dict[str, Any], scheme: Scheme) -> None:
    assert batch_scheme(read(**{f"allocation__{name}": value for name, value in places.items()})) == scheme


def test_parameters_of_the_draw_are_fixed_at_randomisation() -> None:
    for path in ("allocation.balance.covariates", "allocation.wedge.sequences", "allocation.seed_policy"):
        assert protocol.freeze_of(path) is protocol.Freeze.RANDOMISED


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ({"method": "external", "external": {"source": "A"}}, "How this list was drawn is not known here"),
    ],
)
def test_a_plan_is_warned_of_redraws_that_are_not_its_draw(places: dict[str, Any], message: str) -> None:
    allocation = {f"allocation__{name}": value for name, value in places.items()}
    pointer = "/analysis_plan/estimates/0/covariance"
    warned = {each.pointer: each.message for each in protocol.warnings(read(**allocation), today=TODAY)}
    assert message in warned[pointer]
    named = {**COMPLETE["analysis_plan"]["estimates"][0], "covariance": "HC2"}
    settled = read(**allocation, analysis_plan__estimates__0=named)
    assert pointer not in {each.pointer for each in protocol.warnings(settled, today=TODAY)}
