"""What a protocol's own answers say about threats to the trial."""

from typing import Any

import pytest

from experiments import protocol
from experiments.analysis import threats
from tests.unit.experiments.protocol.documents import read


def levels(document: dict[str, Any]) -> list[str]:
    made = protocol.from_json(document)
    found = [*threats._concurrent(made, []), *threats._measurement(made, made.outcomes[0])]
    return [threat.id for threat in found]


@pytest.mark.parametrize(
    ("recipient", "before", "is_a_threat"),
    [
        ({"is_blinded": True, "how": "Nobody tells them."}, "", False),
        ({"is_blinded": False}, "Nobody knows.", True),
        ({"is_blinded": None}, "Nobody knows.", False),
        ({"is_blinded": None}, "", True),
    ],
)
def test_self_report_is_judged_by_whether_the_recipients_know(
    recipient: dict[str, Any], before: str, is_a_threat: bool
) -> None:
    """Protocols of the first schema said who is blinded in one text."""
    document = protocol.to_json(read(outcomes__0__recorded_by="self_report"))
    document["design"]["blinded"]["recipient"] = recipient
    document["design"]["blinding"] = {"text": before}
    assert levels(document) == (["T6"] if is_a_threat else [])


def test_registered_trials_in_the_same_places_are_a_threat_like_other_operations() -> None:
    document = protocol.to_json(read())
    document["design"]["concurrent_trials"] = ["CPP-2026-0001-9"]
    assert levels(document) == ["T2"]
