"""Two documents beside each other: what counts as a difference, and where."""

import copy

import pytest

from experiments import disclosure
from experiments.packages import again
from experiments.packages.comparing import TOLERANCE, Difference, compare, is_same_image
from tests.unit.experiments.packages import made

DOCUMENT = {
    "estimates": [{"id": "H1", "estimate": 0.5, "n_obs": 100, "reason": None, "is": True}],
    "provenance": {"engine_version": "1", "seconds": 0.2, "seed": 7, "packages": {"numpy": "2"}},
}


def changed(pointer: str, value):
    document = copy.deepcopy(DOCUMENT)
    *way, last = [int(part) if part.isdigit() else part for part in pointer.strip("/").split("/")]
    place = document
    for part in way:
        place = place[part]
    place[last] = value
    return document


def test_a_document_is_like_itself_and_its_numbers_are_counted() -> None:
    found = compare(DOCUMENT, copy.deepcopy(DOCUMENT))
    assert found.differences == ()
    assert found.n_numbers == 3  # the estimate, the count, the seed


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/estimates/0/estimate", 0.5000000000000001),
        ("/estimates/0/n_obs", 101),
        ("/estimates/0/n_obs", None),
        ("/estimates/0/reason", "none"),
        ("/estimates/0/is", 1),
        ("/provenance/seed", 8),
    ],
)
def test_the_smallest_change_is_named_by_its_pointer(pointer: str, value) -> None:
    found = compare(DOCUMENT, changed(pointer, value))
    assert [one.pointer for one in found.differences] == [pointer]


def test_a_row_that_is_gone_or_new_is_a_difference() -> None:
    more = copy.deepcopy(DOCUMENT)
    more["estimates"].append({})
    assert [one.pointer for one in compare(DOCUMENT, more).differences] == ["/estimates/-"]
    assert "/estimates/0/estimate" in {
        one.pointer for one in compare(DOCUMENT, {**DOCUMENT, "estimates": []}).differences
    }


def test_what_is_told_of_the_machine_is_not_compared_but_decides_the_image() -> None:
    other = changed("/provenance/packages", {"numpy": "3"})
    assert compare(DOCUMENT, other).differences == ()
    assert not is_same_image(DOCUMENT, other)
    assert is_same_image(DOCUMENT, changed("/provenance/seconds", 9.0))


def test_between_machines_a_thousand_millionth_is_no_difference_and_more_is() -> None:
    assert not compare(
        DOCUMENT, changed("/estimates/0/estimate", 0.5 * (1 + 9e-10)), tolerance=TOLERANCE
    ).differences
    found = compare(DOCUMENT, changed("/estimates/0/estimate", 0.5 * (1 + 3e-9)), tolerance=TOLERANCE)
    assert found.differences[0].relative == pytest.approx(3e-9, rel=1e-3)


def test_a_number_on_the_edge_of_rounding_agrees_between_machines_and_not_on_one() -> None:
    published = made.released()
    exact = made.exact()
    rounded = again.rounding(made.SUBJECTS, {}, "Places are no people.")
    # The exact number is put a hair above the middle between two released ones; the other machine had it a hair below.
    exact["estimates"][0]["estimate"] = 2.5050000000001
    published["estimates"][0]["estimate"] = 2.50
    same = again.beside(published, exact, rounded)
    assert [one.pointer for one in same.comparison.differences] == ["/estimates/0/estimate"]
    exact["provenance"]["cpu"] = "another"
    assert again.beside(published, exact, rounded).comparison.differences == ()
    published["estimates"][0]["estimate"] = 2.49
    assert len(again.beside(published, exact, rounded).comparison.differences) == 1


def test_a_release_computed_again_is_the_same_and_a_changed_number_is_not() -> None:
    published = made.released()
    rounded = again.rounding(made.SUBJECTS, {}, "Places are no people.", again.policy_of(published))
    assert again.beside(published, made.exact(), rounded).comparison.differences == ()
    assert again.policy_of(published) == disclosure.DEFAULT
    published["estimates"][1]["conf_low"] += 0.001
    found = again.beside(published, made.exact(), rounded).comparison.differences
    assert [one.pointer for one in found] == ["/estimates/1/conf_low"]


@pytest.mark.parametrize(
    ("relative", "size"), [(None, None), (0.0, None), (0.33, 1.0), (0.1, 0.1), (3e-9, 1e-8), (1.0, 1.0)]
)
def test_everybody_is_told_no_more_than_the_power_of_ten(relative: float | None, size: float | None) -> None:
    told = Difference("/estimates/0/estimate", 0.5, 0.7, relative).told()
    assert told == {"pointer": "/estimates/0/estimate", "published": 0.5, "relative_at_most": size}


def test_words_count_only_where_the_same_engine_wrote_them() -> None:
    other = changed("/estimates/0/id", "H2")
    assert [one.pointer for one in compare(DOCUMENT, other).differences] == ["/estimates/0/id"]
    assert compare(DOCUMENT, other, words=False).differences == ()
    assert compare(DOCUMENT, changed("/estimates/0/id", None), words=False).differences != ()
    warned = changed("/estimates/0/warnings", ["Few clusters."])
    assert compare(changed("/estimates/0/warnings", []), warned, words=False).differences == ()
    assert compare(changed("/estimates/0/warnings", []), warned).differences != ()
    passed, failed = ({**DOCUMENT, "checks": {"dose": {"verdict": verdict}}} for verdict in ("ok", "fail"))
    assert compare(passed, failed, words=False).differences[0].pointer == "/checks/dose/verdict"
