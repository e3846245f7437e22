"""Archives by the API: sent, followed, listed, and each force its own."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from centre import runs
from centre.hub import receiving
from centre.models import Run, Submission
from tests.integration.hub.sent import content, kept, other_kinds
from tests.unit.centre.hub import invented

pytestmark = pytest.mark.django_db
URL = "/api/v1/hub/submissions/"


def test_an_archive_is_sent_followed_and_listed(tmp_path: Path, cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.force_user)
    archive = invented.tar(tmp_path / "a.tar.gz", content("2024-01", "2024-02")).read_bytes()
    sent = {"file": SimpleUploadedFile("a.tar.gz", archive), "source": "Our own system"}
    answer = client.post(URL, sent)
    assert answer.status_code == 202
    runs.execute(answer.json()["id"], receiving.receive, on_failed=receiving.discard_staged)
    followed = client.get(answer["Location"]).json()
    assert followed["state"] == Run.State.DONE
    (one,) = client.get(URL).json()["results"]
    assert (one["id"], one["n_files"], one["n_rows"], one["source"]) == (
        str(Submission.objects.get().pk),
        2,
        80,
        "Our own system",
    )
    assert followed["links"]["submission"] == f"{URL}{one['id']}/"
    assert client.get(f"{URL}{one['id']}/").json()["sha256"] == one["sha256"]
    files = client.get("/api/v1/hub/files/?month=2024-02-01").json()["results"]
    assert [(file["force"], file["month"], file["version"]) for file in files] == [
        ("testshire", "2024-02-01", 1)
    ]
    assert files[0]["profile"]["rows"] == 40


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [({"source": "x"}, "file"), ({"file": b"x"}, "source"), ({"file": b"x", "source": " "}, "source")],
)
def test_what_is_missing_is_named_and_nothing_is_staged(
    cast: SimpleNamespace, sign_in: Any, sent: dict[str, Any], pointer: str
) -> None:
    if "file" in sent:
        sent = {**sent, "file": SimpleUploadedFile("a.tar.gz", sent["file"])}
    answer = sign_in(cast.force_user).post(URL, sent)
    assert answer.status_code == 400
    assert pointer in json.dumps(answer.json())
    assert not Run.objects.exists()


def test_a_force_lists_its_own_and_who_has_no_part_in_it_nothing(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    submission = kept(tmp_path, content("2024-01"), cast.force_user)
    other = sign_in(cast.other_force_user)
    assert other.get(URL).json()["results"] == []
    assert other.get("/api/v1/hub/files/").json()["results"] == []
    assert other.get(f"{URL}{submission.pk}/").status_code == 404
    assert sign_in(cast.researcher).get(URL).status_code == 403
    assert len(sign_in(cast.analyst).get(URL).json()["results"]) == 1


def test_small_counts_of_people_are_not_told(tmp_path: Path, cast: SimpleNamespace, sign_in: Any) -> None:
    kept(tmp_path, other_kinds("2024-02", n=40), cast.force_user)
    client = sign_in(cast.force_user)
    (searched,) = client.get("/api/v1/hub/files/?kind=stop-and-search").json()["results"]
    assert (searched["rows"], searched["profile"]["no_location"]) == (40, None)
    assert searched["profile"]["outcomes"] == {"A no further action disposal": 30, "Arrest": None}
    (of_crimes,) = client.get("/api/v1/hub/files/?kind=outcomes").json()["results"]
    assert of_crimes["profile"]["outcomes"]["Unable to prosecute suspect"] == 20
