"""What registration freezes: one way to write it, one hash, and what a later version changes."""

import hashlib
import json
from itertools import pairwise
from typing import Any

import pytest

from experiments import protocol
from experiments.protocol.schema import Protocol
from tests.unit.experiments.protocol.documents import COMPLETE, read

BEFORE = read()


def changes(**places: Any) -> dict[str, tuple[Any, Any]]:
    return {change.pointer: (change.before, change.after) for change in protocol.diff(BEFORE, read(**places))}


def test_canonical_json_is_that_of_rfc_8785() -> None:
    """The examples of the standard: keys by UTF-16, numbers as ECMAScript writes them, no more escapes than needed."""
    value = {
        "€": '\u20ac$\u000f\nA\'B"\\\\"/',
        "a": [56.0, 1e30, 4.5, 2e-3, 1e-27],
        "\u000a": None,
        "1": True,
    }
    assert protocol.canonical_json(value) == (
        '{"\\n":null,"1":true,"a":[56,1e+30,4.5,0.002,1e-27],"€":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    )


def test_the_hash_covers_the_frozen_fields_and_nothing_else() -> None:
    assert (
        protocol.digest(BEFORE)
        == hashlib.sha256(protocol.canonical_json(protocol.frozen_part(BEFORE))).hexdigest()
    )
    assert protocol.digest(read(outcomes__0__name="Another name")) != protocol.digest(BEFORE)
    assert protocol.digest(read(dates__data_lock__date="2030-01-01")) == protocol.digest(BEFORE)


def test_the_order_of_keys_does_not_change_the_hash() -> None:
    turned = json.loads(json.dumps(dict(reversed(COMPLETE.items()))))
    assert protocol.digest(protocol.from_json(turned)) == protocol.digest(BEFORE)


def test_every_field_of_the_schema_has_its_class() -> None:
    def paths(value: Any, path: str) -> list[str]:
        if isinstance(value, dict) and value:
            return [
                one for key, part in value.items() for one in paths(part, f"{path}.{key}" if path else key)
            ]
        return [path]

    for path in paths(protocol.to_json(Protocol()), ""):
        assert protocol.freeze_of(path) in protocol.Freeze


def test_a_difference_names_the_field_and_both_values() -> None:
    assert changes() == {}
    assert changes(sample_size__power=0.9) == {"/sample_size/power": (COMPLETE["sample_size"]["power"], 0.9)}


def test_items_of_a_list_are_matched_by_their_id() -> None:
    first, second = COMPLETE["arms"]
    renamed = {**first, "label": "More visits"}
    assert list(changes(arms=[second, renamed])) == [f"/arms/{first['id']}/label"]
    gone = protocol.diff(BEFORE, read(outcomes=[]))
    assert [(change.pointer, change.after) for change in gone] == [("/outcomes/calls", None)]


@pytest.mark.parametrize(
    ("places", "is_major"),
    [
        ({}, False),
        ({"outcomes__0__definition": "Counted otherwise."}, True),
        ({"analysis_plan__alpha": 0.1}, True),
        ({"dates__data_lock__date": "2030-01-01"}, False),
    ],
)
def test_what_was_frozen_changes_by_a_major_amendment_only(places: dict[str, Any], is_major: bool) -> None:
    assert protocol.is_major(protocol.diff(BEFORE, read(**places))) is is_major


def test_trial_numbers_catch_one_wrong_digit_and_swapped_neighbours() -> None:
    number = protocol.trial_number(2026, 17)
    assert number.startswith("CPP-2026-0017-")
    digits = [place for place, char in enumerate(number) if char.isdigit()]
    for place in digits:
        for digit in "0123456789":
            wrong = number[:place] + digit + number[place + 1 :]
            assert protocol.is_trial_number(wrong) is (wrong == number)
    for one, other in pairwise(digits):
        if number[one] != number[other]:
            swapped = list(number)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            assert not protocol.is_trial_number("".join(swapped))


@pytest.mark.parametrize(("year", "serial"), [(26, 1), (2026, 0), (2026, -1), (20260, 1)])
def test_a_number_needs_a_year_and_a_serial(year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="four-digit year and a serial from 1"):
        protocol.trial_number(year, serial)
