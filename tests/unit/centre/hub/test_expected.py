"""What is known of each month's file."""

from centre.hub.expected import State, of_kind
from centre.hub.months import stretches

MONTHS = ("2023-11", "2023-12", "2024-01", "2024-02")


def test_a_kept_file_stands_whatever_was_stated_and_the_rest_is_not_received() -> None:
    found = of_kind("street", MONTHS, {"2023-12"}, {"2023-11", "2023-12"})
    assert list(found.states.values()) == [
        State.ABSENT,
        State.KEPT,
        State.NOT_RECEIVED,
        State.NOT_RECEIVED,
    ]
    assert (found.absent, found.stretches_not_received) == (("2023-11",), [["2024-01", "2024-02"]])


def test_months_that_follow_each_other_are_one_stretch() -> None:
    assert stretches(["2023-12", "2024-01", "2024-03"]) == [["2023-12", "2024-01"], ["2024-03"]]
    assert stretches([]) == []
