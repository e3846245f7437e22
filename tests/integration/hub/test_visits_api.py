"""Visits, actions, scorecards and findings by API: what a force may see of its own, page by page."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from centre import tokens
from centre.hub.actions import quality_actions, visits
from centre.models import Force
from tests.integration.api.conftest import Caller
from tests.integration.hub.sent import content, kept
from tests.integration.hub.test_visits import agreed, planned, spoilt

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(tmp_path: Path, cast: SimpleNamespace, force: Force) -> Force:
    kept(tmp_path, content("2024-01") | spoilt(), cast.force_user)
    return force


def call_as(person: Any) -> Caller:
    return Caller(tokens.make(name="test", scope="read", days=1, by=person)[1])


def test_a_force_reads_its_own_visits_and_actions(sent: Force, cast: SimpleNamespace) -> None:
    visit = planned(sent, cast.analyst)
    visits.note(visit=visit, seen="An old extract.", said="", by=cast.analyst)
    action = agreed(sent, cast.analyst, visit=visit)
    own, other = call_as(cast.force_user), call_as(cast.other_force_user)
    (row,) = own.get("hub/visits/").json()["results"]
    assert (row["id"], row["force"], row["n_notes"], row["n_actions"]) == (str(visit.pk), "testshire", 1, 1)
    (noted,) = own.get(f"hub/visits/{visit.pk}/").json()["notes"]
    assert (noted["seen"], noted["said"]) == ("An old extract.", "")
    (row,) = own.get("hub/quality-actions/?is_open=true").json()["results"]
    assert (row["id"], row["visit_id"], row["check"], row["months"], row["is_overdue"]) == (
        str(action.pk),
        str(visit.pk),
        "blank_street",
        ["2024-02"],
        False,
    )
    assert [other.get(path).json()["results"] for path in ("hub/visits/", "hub/quality-actions/")] == [[], []]
    assert other.get(f"hub/visits/{visit.pk}/").status_code == 404
    quality_actions.end(action=action, outcome="done", words="Sent.", by=cast.force_user)
    assert own.get("hub/quality-actions/?is_open=true").json()["results"] == []
    (ended,) = own.get("hub/quality-actions/?outcome=done&force=testshire").json()["results"]
    assert ended["ended_words"] == "Sent."


def test_scorecards_and_findings_come_page_by_page(sent: Force, cast: SimpleNamespace) -> None:
    own = call_as(cast.force_user)
    first = own.get("hub/forces/testshire/scorecards/?page_size=1&count_total=true").json()
    assert ([one["month"] for one in first["results"]], first["total_count"]) == (["2024-01"], 2)
    token = first["next_page_token"]
    second = own.get(
        f"hub/forces/testshire/scorecards/?page_size=1&count_total=true&page_token={token}"
    ).json()
    assert [one["month"] for one in second["results"]] == ["2024-02"]
    assert "next_page_token" not in second
    found = own.get("hub/forces/testshire/findings/?fields=check,months").json()["results"]
    assert {"check": "blank_street", "months": ["2024-02"]} in found
    assert "blank_street" in own.get("hub/forces/testshire/findings/?format=csv").content.decode()
    for kind in ("scorecards", "findings"):
        assert call_as(cast.other_force_user).get(f"hub/forces/testshire/{kind}/").status_code == 404
        assert call_as(cast.other_force_user).get(f"hub/forces/otherton/{kind}/").json()["results"] == []
        assert call_as(cast.researcher).get(f"hub/forces/testshire/{kind}/").status_code == 403
