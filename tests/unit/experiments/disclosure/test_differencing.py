"""Who is counted: groups that two or more releases count apart."""

from __future__ import annotations

import pytest

from experiments.disclosure import Counted, check_groups, is_blocked

PEOPLE = {"calls": "person"}


def people(first: int, last: int) -> frozenset[str]:
    return frozenset(f"P-{number:03}" for number in range(first, last))


def counted(name: str, *units: frozenset[str]) -> Counted:
    arms = {f"arm {place}": one for place, one in enumerate(units)}
    return Counted(name, {"calls": arms})


def test_the_same_people_again_are_no_matter() -> None:
    assert check_groups(counted("new", people(0, 40)), [counted("old", people(0, 40))], subjects=PEOPLE) == []


@pytest.mark.parametrize(("later", "blocks"), [(41, True), (49, True), (50, False)])
def test_interim_against_final(later: int, blocks: bool) -> None:
    found = check_groups(
        counted("final", people(0, later)), [counted("the interim", people(0, 40))], subjects=PEOPLE
    )
    assert is_blocked(found) == blocks
    if blocks:
        assert found[0].where == "outcomes/calls"
        assert found[0].message == ("Fewer than 10 people in arm 0 are told apart by this and the interim")


def test_with_and_without_one_force() -> None:
    force = people(0, 6)
    rest = people(6, 60)
    for new, old in ((rest, force | rest), (force | rest, rest)):
        assert is_blocked(check_groups(counted("new", new), [counted("old", old)], subjects=PEOPLE))


def test_enough_in_all_and_few_in_one_arm() -> None:
    """Twelve more people, of whom three in the second arm."""
    old = counted("old", people(0, 40), people(100, 140))
    new = counted("new", people(0, 49), people(100, 143))
    messages = [found.message for found in check_groups(new, [old], subjects=PEOPLE)]
    assert ["arm 0" in messages[0], "arm 1" in messages[1]] == [True, True]
    assert check_groups(counted("new", people(0, 60), people(100, 140)), [old], subjects=PEOPLE) == []


def test_three_releases_that_are_safe_two_by_two() -> None:
    """A+B, B+C and A+B+C: any two differ by 30 or more, and together they count the 4 of B."""
    a, b, c = people(0, 30), people(30, 34), people(34, 70)
    earlier = [counted("first", a | b), counted("second", b | c)]
    new = counted("third", a | b | c)
    for one in earlier:
        assert check_groups(new, [one], subjects=PEOPLE) == []
    assert is_blocked(check_groups(new, earlier, subjects=PEOPLE))


def test_a_few_exchanged_for_as_many_cannot_be_pinned_down_by_counts() -> None:
    """Both releases count 40; how many are in both is nowhere told, so a person looks."""
    [found] = check_groups(counted("new", people(5, 45)), [counted("old", people(0, 40))], subjects=PEOPLE)
    assert (found.rule, found.blocks) == ("differencing-unseen", False)


def test_nobody_is_named_by_the_data() -> None:
    nobody: frozenset[str] = frozenset()
    assert check_groups(counted("new", nobody), [counted("old", nobody)], subjects=PEOPLE) == []


def test_places_and_other_outcomes_are_no_matter() -> None:
    few = check_groups(
        counted("n", people(0, 41)), [counted("o", people(0, 40))], subjects={"calls": "place"}
    )
    other = check_groups(
        counted("n", people(0, 41)), [Counted("o", {"x": {"arm 0": people(0, 40)}})], subjects=PEOPLE
    )
    assert few == other == []
