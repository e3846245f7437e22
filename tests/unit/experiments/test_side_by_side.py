"""Two protocols side by side: in words, rows matched by id, only what differs unless all is asked for."""

from copy import deepcopy
from typing import Any

from experiments.forms.side_by_side import NOT_ANSWERED, Pair, compared
from experiments.protocol import Protocol, from_json
from tests.unit.experiments.protocol.documents import COMPLETE, read


def pairs(first: Protocol, second: Protocol, **options: Any) -> dict[str, Pair]:
    return {
        pair.label: pair
        for chapter in compared((first, {}), (second, {}), **options)
        for pair in chapter.pairs
    }


def test_a_protocol_does_not_differ_from_itself() -> None:
    assert compared((read(), {}), (read(), {})) == []
    everything = pairs(read(), read(), with_same=True)
    assert everything["Title"].first == everything["Title"].second
    assert not any(pair.differs for pair in everything.values())
    assert all(pair.first != NOT_ANSWERED for pair in everything.values())


def test_only_what_differs_is_shown_in_words() -> None:
    other = read(
        design__unit_type="officer", sample_size__power=0.9, analysis_plan__estimates__0__estimator="poisson"
    )
    assert {label: (pair.first, pair.second) for label, pair in pairs(read(), other).items()} == {
        "Type of unit": ("Household", "Officer"),
        "Power": ("0.8", "0.9"),
        "Estimate H1: Estimator": ("Difference in means (Neyman)", "Rate ratio (Poisson regression)"),
    }


def test_rows_are_matched_by_their_id_whatever_their_order() -> None:
    document = deepcopy(COMPLETE)
    document["arms"].reverse()
    document["arms"][0]["label"] = "Usual service"
    found = pairs(read(), from_json(document))
    assert list(found) == ["Arm control: Name"]
    assert found["Arm control: Name"].second == "Usual service"


def test_a_row_of_one_protocol_only_stands_against_nothing() -> None:
    document = deepcopy(COMPLETE)
    document["arms"].append({"id": "letter", "label": "A letter", "role": "active_comparator"})
    found = pairs(read(), from_json(document))
    assert (found["Arm letter: Name"].first, found["Arm letter: Name"].second) == (NOT_ANSWERED, "A letter")


def test_lists_are_one_answer() -> None:
    other = read(eligibility__include=["One", "Two"])
    assert pairs(read(), other)["A unit is included if"].second == "One\nTwo"
