"""What is said of a scheme that cannot be drawn, whatever the list; and two corners of the engine."""

from dataclasses import replace
from fractions import Fraction

import pytest

from experiments.randomise import Arm, Constraint, Crossover, Factor, Scheme, Wedge, engine
from experiments.randomise.drawn import share_text
from experiments.randomise.scheme import MAX_RATIO, read, scheme_problems

TWO = (Arm("T"), Arm("C"))
LEVELS = (Arm("on"), Arm("off"))
MATCHED = Scheme("matched", TWO, ("crime",))
CONSTRAINED = Scheme("constrained", TWO, ("crime",), constraint=Constraint())
WEDGE = Scheme("stepped_wedge", TWO, wedge=Wedge(sequences=3))
CROSSOVER = Scheme("crossover", TWO, crossover=Crossover(n_days=28, block_days=4, max_run=4))
FACTORIAL = Scheme("factorial", factors=(Factor("a", LEVELS), Factor("b", LEVELS)))


def said(scheme: Scheme) -> list[str]:
    return [problem.message for problem in scheme_problems(scheme)]


def wedge(**changes: int) -> Scheme:
    assert WEDGE.wedge
    return replace(WEDGE, wedge=replace(WEDGE.wedge, **changes))


def crossover(**changes: object) -> Scheme:
    assert CROSSOVER.crossover
    return replace(CROSSOVER, crossover=replace(CROSSOVER.crossover, **changes))  # type: ignore[arg-type]


GOOD = [MATCHED, CONSTRAINED, WEDGE, CROSSOVER, FACTORIAL, Scheme("external", TWO, blocks=True)]


@pytest.mark.parametrize("scheme", GOOD, ids=lambda scheme: scheme.method)
def test_a_scheme_that_can_be_drawn_has_no_problem_and_survives_being_written(scheme: Scheme) -> None:
    assert said(scheme) == []
    assert read(scheme.method, scheme.parameters) == scheme


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        (replace(MATCHED, covariates=()), "A matched draw needs 1 to 10 covariates; 0 are named"),
        (
            replace(CONSTRAINED, covariates=tuple(map(str, range(11)))),
            "A constrained draw needs 1 to 10 covariates; 11 are named",
        ),
        (replace(MATCHED, covariates=("crime", "crime")), "A covariate is named twice"),
        (
            replace(CONSTRAINED, constraint=Constraint(keep_percent=0)),
            "Keep from 1 to 50 per cent of the allocations",
        ),
        (
            replace(CONSTRAINED, constraint=Constraint(keep_percent=51)),
            "Keep from 1 to 50 per cent of the allocations",
        ),
        (replace(CONSTRAINED, constraint=None), "Keep from 1 to 50 per cent of the allocations"),
        (replace(WEDGE, wedge=None), "A stepped wedge has from 2 to 60 sequences"),
        (wedge(sequences=1), "A stepped wedge has from 2 to 60 sequences"),
        (wedge(sequences=61), "A stepped wedge has from 2 to 60 sequences"),
        (
            wedge(baseline_periods=0),
            "A stepped wedge has from 1 to 100 periods before the first step and in each step",
        ),
        (
            wedge(step_periods=101),
            "A stepped wedge has from 1 to 100 periods before the first step and in each step",
        ),
        (
            replace(WEDGE, arms=(*TWO, Arm("D"))),
            "A stepped wedge has two arms: before the step and after it",
        ),
        (replace(CROSSOVER, crossover=None), "A crossover needs its days and its blocks"),
        (crossover(block_days=1), "A block has from 2 to 28 days"),
        (crossover(block_days=29), "A block has from 2 to 28 days"),
        (crossover(block_days=3), "A block of 3 days cannot hold shares that add up to 2"),
        (crossover(n_days=30), "Days must be a whole number of blocks of 4, at most 1,098 days"),
        (crossover(n_days=0), "Days must be a whole number of blocks of 4, at most 1,098 days"),
        (crossover(n_days=1100), "Days must be a whole number of blocks of 4, at most 1,098 days"),
        (crossover(max_run=0), "The longest run has from 1 to 28 days"),
        (crossover(max_run=29), "The longest run has from 1 to 28 days"),
        (crossover(washout_days=28, comparator="C"), "A washout has from 0 to 27 days"),
        (crossover(washout_days=1, comparator="X"), "A washout needs the arm that washes out"),
        (replace(FACTORIAL, factors=FACTORIAL.factors[:1]), "A factorial draw needs at least two factors"),
        (
            replace(FACTORIAL, factors=(Factor("a", LEVELS), Factor("a", LEVELS))),
            "Two factors have the same name",
        ),
        (replace(FACTORIAL, factors=(Factor(" ", LEVELS), Factor("b", LEVELS))), "Each factor needs a name"),
        (
            replace(FACTORIAL, factors=(Factor("a", (Arm("o+n"), Arm("off"))), Factor("b", LEVELS))),
            "The name of a level may not contain “+”: it joins the levels of a cell",
        ),
        (Scheme("simple", (Arm("T", MAX_RATIO + 1), Arm("C"))), "Each arm's share must be 1,000 or less"),
    ],
)
def test_what_cannot_be_drawn_is_named(scheme: Scheme, message: str) -> None:
    assert message in said(scheme)


@pytest.mark.parametrize(
    "scheme",
    [
        replace(MATCHED, covariates=tuple(map(str, range(10)))),
        replace(CONSTRAINED, constraint=Constraint(keep_percent=1)),
        replace(CONSTRAINED, constraint=Constraint(keep_percent=50)),
        wedge(sequences=2, baseline_periods=1, step_periods=1),
        wedge(sequences=60, baseline_periods=100, step_periods=100),
        crossover(block_days=2, n_days=2, max_run=1),
        crossover(block_days=28, n_days=28, max_run=28, washout_days=27, comparator="C"),
        crossover(block_days=18, n_days=1098),
        Scheme("simple", (Arm("T", MAX_RATIO), Arm("C" * 200))),
    ],
)
def test_numbers_at_the_end_of_their_range_are_taken(scheme: Scheme) -> None:
    assert said(scheme) == []


def test_a_list_made_elsewhere_brings_its_arms_and_where_it_says_so_its_blocks() -> None:
    assert Scheme("external", TWO).columns == ("arm",)
    assert Scheme("external", TWO, blocks=True).columns == ("arm", "block")
    assert MATCHED.columns == ("crime",)


def test_a_number_that_would_favour_some_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three answers the last of 2^256 numbers would make the first likelier: it is drawn again."""
    drawn = iter([f"{2**256 - 1:064x}", f"{7:064x}"])
    asked: list[tuple[str, ...]] = []

    def tag(_: bytes, *parts: str) -> str:
        asked.append(parts)
        return next(drawn)

    monkeypatch.setattr(engine, "tag", tag)
    assert engine.whole_number_below(3, b"key", "coin") == 7 % 3
    assert asked == [("coin", "0"), ("coin", "1")]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(1, 3), "1/3"),
        (Fraction(10**11, 10**12 - 1), f"{10**11}/{10**12 - 1}"),
        (Fraction(1, 3 * 10**12), "0.000000000000"),
        (Fraction(10**12 + 1, 2 * 10**12 + 1), "0.500000000000"),
    ],
)
def test_a_share_is_exact_up_to_twelve_digits(share: Fraction, text: str) -> None:
    assert share_text(share) == text
