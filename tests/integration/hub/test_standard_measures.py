"""A standard names several measures of each kind: side by side everywhere, and never hours alone."""

import html
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from centre.hub.actions import measures, standards
from centre.hub.actions.standards import Outcome
from centre.models import FurtherMeasure, Measure, Standard
from tests.integration.hub.standing import (
    ACTIVITY,
    OUTCOME,
    SAID,
    forces,
    page_of,
    proposed,
    rows,
    sent,
)

pytestmark = pytest.mark.django_db
KEY = "files-right-first-time"
CHARGED = "files-charged"


@pytest.fixture
def wider(cast: SimpleNamespace, dictionary: None) -> Standard:
    """A proposal with two inputs and two outcomes."""
    measures.adopt(
        key="staff-hours",
        name="Staff hours",
        kind="input",
        unit="hours",
        direction="neither",
        by=cast.registrar,
        **SAID,
    )
    measures.adopt(
        key=CHARGED,
        name="Files charged",
        kind="outcome",
        unit="share",
        direction="higher_is_better",
        denominator="files that were sent",
        by=cast.registrar,
        **SAID,
    )
    return proposed(
        cast.registrar,
        inputs=("officer-hours", "staff-hours"),
        further=[Outcome(CHARGED, "higher", 50, "Another agreement")],
    )


def test_each_outcome_has_its_funnel_and_its_target(
    wider: Standard, cast: SimpleNamespace, sign_in: Any
) -> None:
    standards.adopt(standard=wider, by=cast.director)
    assert [one.key for one in wider.put_in] == ["officer-hours", "staff-hours"]
    assert [(one.measure.key, one.target) for one in wider.aims] == [(OUTCOME, 90), (CHARGED, 50)]
    lines = [line for at, one in enumerate(forces()) for line in rows(one.slug, 84 + at % 3)]
    charged = [line.replace(OUTCOME, CHARGED) for line in rows("testshire", 60)]
    hours = [f"testshire,staff-hours,2025-0{month},70,,counted" for month in range(6, 10)]
    sent(cast.registrar, *lines, *rows("testshire", 40), *charged, *hours)
    page = page_of(sign_in(cast.analyst), "hub-standard", KEY)
    assert "Files accepted at once: Of 9 forces compared" in page
    assert "Files charged: Not compared: 1 force can be compared" in page
    assert page.count(">Staff hours</th>") == 2  # a table for each outcome
    own = page_of(sign_in(cast.force_user), "hub-force-standards", "testshire")
    assert "Put in: staff hours" in own
    assert "All forces: files right first time" in own
    assert "Always missed" in own
    assert "Always met" in own
    seen = sign_in(cast.force_user).get(reverse("api-standard", args=[KEY])).json()
    assert (seen["inputs"], seen["further_inputs"], seen["further_activities"]) == (
        "officer-hours",
        ["staff-hours"],
        [],
    )
    (further,) = seen["further_outcomes"]
    assert (further["outcome"], further["target"], further["target_source"]) == (
        CHARGED,
        50,
        "Another agreement",
    )
    (mine,) = further["forces"]
    assert (mine["force"], mine["target"]) == ("testshire", "consistently meets the target")
    assert "testshire" in {one["force"] for one in seen["forces"]}


def test_a_page_proposes_them_without_a_script(wider: Standard, cast: SimpleNamespace, sign_in: Any) -> None:
    client, address = sign_in(cast.registrar), reverse("hub-standard-revise", args=[KEY])
    page = " ".join(html.unescape(client.get(address).content.decode()).split())
    assert page.count("checked") == 5  # three measures, two directions
    given = {
        "name": "Files",
        "good": "Nine in ten.",
        "inputs": ["officer-hours", "staff-hours"],
        "activity": [ACTIVITY],
        "outcome": OUTCOME,
        "direction": "higher",
        "target_2": "40",
        "valid_from_day": "1",
        "valid_from_month": "1",
        "valid_from_year": "2026",
        "reason": "More is known.",
    }
    refused = client.post(address, given)
    assert refused.status_code == 422
    said = html.unescape(refused.content.decode())
    assert 'href="#id_outcome_2"' in said
    assert 'value="40"' in said
    whole = {**given, "outcome_2": CHARGED, "direction_2": "lower", "target_source_2": "A list"}
    assert client.post(address, whole).status_code == 302
    made = Standard.objects.get(key=KEY, version=2)
    assert [(one.measure.key, one.direction) for one in made.aims] == [
        (OUTCOME, "higher"),
        (CHARGED, "lower"),
    ]
    assert len(made.put_in) == 2


def test_the_database_refuses_hours_alone_and_what_comes_late(wider: Standard, cast: SimpleNamespace) -> None:
    found = {one.key: one for one in Measure.objects.in_force()}
    plain = proposed(cast.registrar, key="plain", inputs=(), activity=())
    wrong = [
        (plain, "inputs", "officer-hours", "beside another of its kind"),
        (wider, "outcome", "staff-hours", "hours are no outcome"),
        (wider, "activity", CHARGED, "hours are no outcome, and a measure stands in the part of its kind"),
        (wider, "activity", ACTIVITY, "beside another of its kind"),
    ]
    for standard, part, key, words in wrong:
        with pytest.raises(DatabaseError, match=f"hub: .*{words}"), transaction.atomic():
            _beside(standard, part, found[key])
    standards.adopt(standard=plain, by=cast.director)
    with pytest.raises(DatabaseError, match="that is not adopted"), transaction.atomic():
        _beside(plain, "outcome", found[CHARGED])


def _beside(standard: Standard, part: str, measure: Measure) -> FurtherMeasure:
    direction = "higher" if part == "outcome" else ""
    made: FurtherMeasure = FurtherMeasure.objects.create(
        standard=standard, part=part, position=9, measure=measure, direction=direction
    )
    return made
