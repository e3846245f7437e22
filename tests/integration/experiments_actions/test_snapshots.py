"""A snapshot holds what everybody may see, described, hashed, and the same bytes each time."""

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from centre import vault
from centre.models import Run
from experiments import analysis, protocol, snapshots
from experiments.actions import snapshots as acts
from experiments.models import Registration, ReleasedEstimate, Snapshot, Trial
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 1)


def quiet(fraction: float, message: str) -> None:
    assert 0 <= fraction <= 1
    assert message


@pytest.fixture
def release(cast: Any) -> Any:
    """A published release, and beside it a trial that nobody may know of."""
    stages.registered(SimpleNamespace(**vars(cast), embargo_until=dt.date.today() + dt.timedelta(days=90)))
    return stages.published(cast)


def opened(made: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(vault.read(made.sha256)))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))


def test_every_file_is_what_the_descriptor_says(release: Any) -> None:
    archive = opened(analysis.make_snapshot(DAY, quiet))
    described = json.loads(archive.read("datapackage.json"))
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
    names = {one["path"] for one in described["resources"]}
    assert names == {"estimates.csv", "protocols.jsonl", *(f"{one.name}.csv" for one in snapshots.TABLES)}
    assert {*archive.namelist()} == names | {"README.md", "datapackage.json", "SHA256SUMS"}
    for one in described["resources"]:
        content = archive.read(one["path"])
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert sums[one["path"]] == one["hash"].removeprefix("sha256:")
        assert one["bytes"] == len(content)
        if "schema" not in one:
            continue
        rows = table(archive, one["name"])
        fields = [field["name"] for field in one["schema"]["fields"]]
        assert content.decode().splitlines()[0].split(",") == fields
        assert len(rows) == one["rowCount"]
        keys = [tuple(row[name] for name in one["schema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys), one["name"]
        for field in one["schema"]["fields"]:
            values = {row[field["name"]] for row in rows}
            required = field.get("constraints", {}).get("required", False)
            assert not (required and "" in values), (one["name"], field["name"])
            if field["type"] == "boolean":
                assert values <= {"true", "false", ""}, (one["name"], field["name"])
            if field["type"] in ("integer", "number"):
                assert all(float(value) is not None for value in values - {""})


def test_it_holds_what_everybody_may_see_and_nothing_else(release: Any) -> None:
    archive = opened(analysis.make_snapshot(DAY, quiet))
    trial = release.trial
    assert [row["trial_id"] for row in table(archive, "trials")] == [trial.number]
    assert {row["release"] for row in table(archive, "release_files")} == {str(release.public_id)}
    rows = table(archive, "estimates")
    kept = ReleasedEstimate.objects.order_by("released_at", "pk")
    assert [float(row["estimate"]) for row in rows] == [one.estimate for one in kept]
    everything = b"".join(archive.read(name) for name in archive.namelist())
    hidden = Trial.objects.get(visibility="embargoed")
    # The number of the other trial may stand in the public one's protocol, whose author declared that they meet.
    assert str(hidden.number).encode() not in archive.read("versions.csv") + archive.read("sites.csv")
    for secret in (str(hidden.public_id), "test.example"):
        assert secret.encode() not in everything


def test_a_protocol_has_the_hash_that_it_was_registered_with(release: Any) -> None:
    archive = opened(analysis.make_snapshot(DAY, quiet))
    (line,) = archive.read("protocols.jsonl").splitlines()
    document = json.loads(line)
    version = Registration.objects.get(trial=release.trial)
    assert document["protocol"] == version.protocol
    again = Registration(protocol=document["protocol"]).frozen_protocol
    assert document["registration_hash"] == version.sha256 == protocol.digest(again)


def test_the_same_registry_gives_the_same_bytes(release: Any) -> None:
    first, again = (analysis.make_snapshot(DAY, quiet).sha256 for _ in range(2))
    assert first == again
    assert analysis.make_snapshot(DAY + dt.timedelta(days=1), quiet).sha256 != first


def test_an_empty_registry_has_its_headers(db: None) -> None:
    archive = opened(analysis.make_snapshot(DAY, quiet))
    assert table(archive, "trials") == []
    assert archive.read("estimates.csv").startswith(b"trial_id,protocol_version,")
    assert archive.read("protocols.jsonl") == b""


def test_it_is_asked_for_once_a_month_and_made_by_a_worker(
    release: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=False):
        run = acts.request_due()
        assert run is not None
        assert acts.request_due() is None  # it is being made
    analysis_run = Run.objects.get(pk=run.pk)
    assert (analysis_run.task, analysis_run.requested_by) == ("experiments.snapshot", None)
    from experiments.tasks import snapshot

    snapshot(str(run.pk))
    assert Run.objects.get(pk=run.pk).state == Run.State.DONE
    kept = Snapshot.objects.get()
    assert vault.exists(kept.sha256)
    assert acts.request_due() is None


def test_a_day_has_one_snapshot(release: Any, capsys: Any) -> None:
    call_command("make_snapshot")
    assert Snapshot.objects.get().sha256 in capsys.readouterr().out
    with pytest.raises(CommandError, match="never replaced"):
        call_command("make_snapshot")


def test_the_api_hands_it_out(client: Any, release: Any) -> None:
    assert client.get("/api/v1/snapshots/").json()["results"] == []
    call_command("make_snapshot")
    (listed,) = client.get("/api/v1/snapshots/").json()["results"]
    assert client.get(f"/api/v1/snapshots/{listed['date']}/").json()["parts"] == listed["parts"]
    answer = client.get(listed["url"])
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == listed["sha256"] == answer["ETag"].strip('"')
    assert len(content) == listed["size"] == int(answer["Content-Length"])
    same = client.get(listed["url"], headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304
    for missing in ("2020-01-01", "2026-13-45", "yesterday"):
        assert client.get(f"/api/v1/snapshots/{missing}/").status_code == 404
        assert client.get(f"/api/v1/snapshots/{missing}/registry.zip").status_code == 404
