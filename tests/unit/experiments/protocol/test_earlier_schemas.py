"""A protocol registered under an earlier schema is still read, and still has the hash that it was registered with."""

import json
from copy import deepcopy
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from centre.errors import Invalid
from experiments import protocol
from experiments.protocol.schema import Protocol
from experiments.protocol.vocabulary import Issuer

# Written by the registry when its schema was version 1, with the hash that it gave.
FIRST: dict[str, Any] = json.loads((Path(__file__).parent / "registered" / "version_1.json").read_text())


def first() -> Protocol:
    return protocol.from_json(deepcopy(FIRST["protocol"]))


def added(kind: Any, path: str = "") -> list[str]:
    """Return the dotted path of each field that the first schema did not have."""
    found = []
    for one in fields(kind):
        inner = get_type_hints(kind)[one.name]
        inner = get_args(inner)[0] if get_origin(inner) is tuple else inner
        here = f"{path}.{one.name}".strip(".")
        if one.metadata.get("added"):
            found.append(here)
        elif is_dataclass(inner):
            found += added(inner, here)
    return found


def stored(document: Any, path: str) -> bool:
    """Return whether the stored document has a value at the path, in the first item of each list."""
    for name in path.split("."):
        document = document[0] if isinstance(document, list) and document else document
        if not isinstance(document, dict) or name not in document:
            return False
        document = document[name]
    return True


def test_what_was_registered_keeps_its_hash() -> None:
    assert FIRST["protocol"]["schema_version"] == 1
    assert protocol.digest(first()) == FIRST["sha256"]
    assert protocol.digest(protocol.from_json(protocol.to_json(first()))) == FIRST["sha256"]


def test_every_field_that_the_first_schema_did_not_have_is_marked_so() -> None:
    """Only a field that is marked is left out of the hash while it is blank."""
    assert added(Protocol)
    for path in added(Protocol):
        assert not stored(FIRST["protocol"], path)


@pytest.mark.parametrize(
    ("path", "value", "is_hashed"),
    [
        ("design.blinded", {"analyst": {"is_blinded": True}}, True),
        ("design.unblinding_procedure", {"text": "The custodian tells the analyst."}, True),
        ("design.concurrent_trials", ["CPP-2026-0001-9"], False),
        ("problem.follows_trials", ["CPP-2026-0001-9"], False),
        ("allocation.custodian", "The allocation officer", True),
        ("eligibility.intake", {"source": "The call log"}, True),
        ("qed.placebos", [{"kind": "other_outcome"}], True),
        ("qed.post_periods_n", 6, True),
        ("sample_size.icc_low", 0.01, True),
        ("decision.attrition_boundary", "cautious", True),
        ("data.licence", "cc0", False),
    ],
)
def test_an_answer_to_a_later_question_is_in_the_hash_as_its_class_says(
    path: str, value: Any, is_hashed: bool
) -> None:
    section, name = path.split(".")
    document = protocol.to_json(first())
    document[section][name] = value
    assert (protocol.digest(protocol.from_json(document)) != FIRST["sha256"]) is is_hashed


def test_an_answer_in_a_row_is_in_the_hash_too() -> None:
    document = protocol.to_json(first())
    document["outcomes"][0]["level"] = "cluster"
    assert protocol.digest(protocol.from_json(document)) != FIRST["sha256"]


def test_who_gave_a_number_is_found_in_the_list_or_kept_by_name() -> None:
    known, other = first().team.secondary_ids
    assert (known.issuer, known.name, known.value) == (Issuer.ISRCTN, "", "ISRCTN00000001")
    assert (other.issuer, other.name, other.value) == (Issuer.OTHER, "A grant funder", "G-1")


def test_nothing_differs_between_a_version_and_its_upgrade() -> None:
    assert protocol.diff(first(), protocol.from_json(protocol.to_json(first()))) == []


@pytest.mark.parametrize(
    "team", [None, "text", {"secondary_ids": 3}, {"secondary_ids": [None, {"issuer": 5}]}]
)
def test_an_upgrade_refuses_nothing_itself(team: Any) -> None:
    """What is wrong is refused where it is read, by its place."""
    with pytest.raises(Invalid):
        protocol.from_json({"schema_version": 1, "team": team})
