"""Access to restricted data by a researcher's program."""

import base64
import hashlib
from typing import Any

import pytest

from experiments.actions import access_applications
from experiments.models import AccessApplication, Release
from tests.integration.access.asked import PURPOSE, applied, data, day, ended, granted, revoked
from tests.integration.access.asked import answers as said
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(cast: Any) -> Release:
    return stages.published(cast)


def body(release: Release, **changes: Any) -> dict[str, Any]:
    whole = {**said(), "dataset": str(data(release).public_id), **changes}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in whole.items()
    }


def test_ask_and_see_what_came_of_it(cast: Any, call_as: Any, release: Release) -> None:
    caller = call_as(cast.researcher)
    answer = caller.post("access/", body(release))
    assert answer.status_code == 201, answer.content
    asked = AccessApplication.objects.get()
    assert answer["Location"] == f"/api/v1/access/{asked.public_id}/"
    assert answer.json()["state"] == "waiting"
    assert {name: answer.json()[name] for name in ("purpose", "file", "url", "reason")} == {
        "purpose": None, "file": None, "url": None, "reason": None,
    }  # fmt: skip
    for who in (cast.researcher, cast.registrar):
        assert [one["id"] for one in call_as(who).get("access/").json()["results"]] == [str(asked.public_id)]
    assert call_as(cast.publisher).get("access/").json()["results"] == []
    assert caller.get(f"access/{asked.public_id}/data.csv").status_code == 404
    assert caller.post("access/", body(release)).status_code == 409


def test_a_token_that_only_reads_does_not_ask(cast: Any, call_as: Any, release: Release) -> None:
    assert call_as(cast.researcher, scope="read").post("access/", body(release)).status_code == 403
    assert call_as(cast.analyst).post("access/", body(release)).status_code == 403
    assert not AccessApplication.objects.exists()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"question": "\u200b"}, "/question"),
        ({"ends_on": "2026-02-31"}, "/ends_on"),
        ({"ends_on": day(400)}, "/ends_on"),
        ({"accepts_terms": False}, "/accepts_terms"),
        ({"dataset": "00000000-0000-4000-8000-000000000000"}, "/dataset"),
        ({"state": "open"}, "/state"),
    ],
)
def test_what_is_no_application(
    cast: Any, call_as: Any, release: Release, changes: dict[str, Any], pointer: str
) -> None:
    answer = call_as(cast.researcher).post("access/", body(release, **changes))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_data_under_embargo_are_as_data_that_do_not_exist(cast: Any, call_as: Any) -> None:
    cast.embargo_until = day(90)
    hidden = stages.cleared(cast)
    caller = call_as(cast.researcher)
    nowhere = caller.post("access/", body(hidden, dataset="00000000-0000-4000-8000-000000000000"))
    assert caller.post("access/", body(hidden)).content == nowhere.content


def test_the_file_and_its_log(cast: Any, call_as: Any, release: Release) -> None:
    asked = granted(cast, release)
    caller = call_as(cast.researcher, scope="read")
    told = caller.get(f"access/{asked.public_id}/").json()
    assert (told["state"], told["purpose"], told["granted_until"]) == ("open", PURPOSE, day(30).isoformat())
    assert [one["name"] for one in told["file"]["columns"]] == ["unit", "arm", "calls"]
    answer = caller.get(told["url"].removeprefix("/api/v1/"))
    content = b"".join(answer.streaming_content)
    sha256 = hashlib.sha256(content)
    assert sha256.hexdigest() == told["file"]["sha256"]
    assert answer["ETag"] == f'"{sha256.hexdigest()}"'
    assert answer["Digest"] == f"sha-256={base64.b64encode(sha256.digest()).decode()}"
    assert answer["Cache-Control"] == "private, no-store"
    known = caller.get(f"access/{asked.public_id}/data.csv", If_None_Match=answer["ETag"])
    assert known.status_code == 304
    for who in (cast.researcher, cast.director):
        reads = call_as(who).get(f"access/{asked.public_id}/reads/").json()["results"]
        assert [(one["outcome"], one["via"], one["who"]) for one in reads] == [
            ("sent", "api", cast.researcher.name)
        ] * 2
        assert {one["file_sha256"] for one in reads} == {sha256.hexdigest()}
    for who in (cast.registrar, cast.publisher):
        assert call_as(who).get(f"access/{asked.public_id}/data.csv").status_code == 404
    assert call_as(cast.publisher).get(f"access/{asked.public_id}/reads/").status_code == 404


def test_after_revocation_and_after_the_last_day(cast: Any, call_as: Any, release: Release) -> None:
    asked = revoked(cast, granted(cast, release))
    old = ended(cast, asked)
    caller = call_as(cast.researcher)
    for one, state in ((asked, "revoked"), (old, "expired")):
        gone = caller.get(f"access/{one.public_id}/data.csv")
        assert (gone.status_code, gone["Content-Type"]) == (410, "application/problem+json")
        assert gone.json()["type"] == "urn:tactic-registry:problem:gone"
        assert caller.get(f"access/{one.public_id}/").json()["state"] == state
        reads = caller.get(f"access/{one.public_id}/reads/").json()["results"]
        assert [(read["outcome"], read["because"]) for read in reads] == [("refused", gone.json()["detail"])]


def test_a_decision_changes_when_the_list_changed(cast: Any, call_as: Any, release: Release) -> None:
    asked = applied(cast, release)
    caller = call_as(cast.researcher)
    before = caller.get("access/")["ETag"]
    access_applications.refuse(application=asked, reason="The files are enough.", by=cast.director)
    after = caller.get("access/")
    assert after["ETag"] != before
    assert after.json()["results"][0]["reason"] == "The files are enough."


def test_the_schema_says_when_the_file_is_gone(public: Any) -> None:
    read = public.client.get("/api/schema/").json()["paths"]["/api/v1/access/{application_id}/data.csv"][
        "get"
    ]
    assert {"200", "304", "401", "404", "409", "410"} <= set(read["responses"])
